/** The agents, tools and tiers of this deployment beside those that are shipped. docs/tools.md says how to write them. */
import { defineConfig } from 'circadian';

export default defineConfig({});
