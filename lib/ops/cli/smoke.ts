/**
 * `npm run smoke [-- MODEL]` and `circadian smoke`: status 0 if the deployment at CIRCADIAN_URL works for the user of CIRCADIAN_API_KEY. A key is never
 * an argument, since other users of the machine see arguments.
 */
import { smoke } from '../smoke.ts';

const { CIRCADIAN_URL: url, CIRCADIAN_API_KEY: key } = process.env;
const [model, ...more] = process.argv.slice(2);
const show = (line: string): void => void process.stdout.write(`${line}\n`);

if (!url || !URL.canParse(url) || !key || more.length > 0) {
  show(
    'Usage: npm run smoke [-- MODEL]     CIRCADIAN_URL: the URL of a deployment; CIRCADIAN_API_KEY: the key of a user who has a budget',
  );
  process.exit(2);
}
try {
  await smoke({ url, key, ...(model && { model }), show });
} catch (error) {
  show(`Not well: ${(error as Error).message}`);
  process.exit(1);
}
