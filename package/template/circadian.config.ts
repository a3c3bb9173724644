/** What this project has beside the agents and tools that are shipped. `npm run dev` and `npm run deploy` read it. */
import { defineConfig } from 'circadian';
import { editor } from './agents/editor.ts';
import { wordCount } from './tools/word-count.ts';

export default defineConfig({ agents: [editor], tools: [wordCount] });
