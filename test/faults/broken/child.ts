/** Plays one scenario of whole iterations in a process whose product is broken by hook.ts: DATABASE URL, NAME of the scenario. */

import * as agents from './scenarios/agents.ts';
import * as views from './scenarios/views.ts';
import { playOn } from './trial.ts';

const [url = '', name = ''] = process.argv.slice(2);
const scenario = { ...agents, ...views }[name as keyof typeof agents];
if (!scenario) throw new Error(`there is no scenario ${name}`);
const played = await playOn(url, scenario);
process.stdout.write(JSON.stringify(played), () => process.exit(0));
