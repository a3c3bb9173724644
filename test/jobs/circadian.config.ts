/** What the operator of these jobs has set: one credential for git. */
import { defineConfig } from 'circadian';

export default defineConfig({ credentials: [{ secret: 'GIT_TOKEN', hosts: ['127.0.0.1'] }] });
