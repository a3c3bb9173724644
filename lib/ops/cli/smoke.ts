/** `npm run smoke -- URL KEY [MODEL]`: status 0 if the deployment behind URL works for the user of KEY. */
import { smoke } from '../smoke.ts';

const [url, key, model] = process.argv.slice(2);
const show = (line: string): void => void process.stdout.write(`${line}\n`);

if (!url || !URL.canParse(url) || !key) {
  show(
    'Usage: npm run smoke -- URL KEY [MODEL]     the URL of a deployment, and the API key of a user who has a budget',
  );
  process.exit(2);
}
try {
  await smoke({ url, key, ...(model && { model }), show });
} catch (error) {
  show(`Not well: ${(error as Error).message}`);
  process.exit(1);
}
