import { processes } from '../../lib/tools/processes.ts';
import { sandboxContract } from '../contract/sandbox.ts';

sandboxContract('processes of this machine', async () => ({ sandbox: processes, close: async () => {} }));
