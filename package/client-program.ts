/** What a program of a user's does with `circadian/client`. try.ts copies it into the project that it makes, where it is compiled and run. */
import { createClient, dollars } from 'circadian/client';

const { CIRCADIAN_URL: url = '', CIRCADIAN_API_KEY: key = '' } = process.env;
const circadian = createClient({ url, key });
const { id } = await circadian.sessions.create({ goal: process.argv[2] ?? '', agent: 'editor' });
let events = 0;
for await (const { type } of circadian.sessions.events(id)) if (type !== 'agent.delta') events += 1;
const { status, cost_microdollars: cost } = await circadian.sessions.wait(id);
const poem = await circadian.files.text(id, '/poem.md');
process.stdout.write(`${status} after ${events} events at ${dollars(cost)}: ${poem}\n`);
