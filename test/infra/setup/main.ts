/** `npm run setup` with vendors on loopback: what the tests start, in a terminal and without one. */
import { command } from '../../../lib/infra/setup/command.ts';

const { SETUP_TEST_ROOT: root = '', SETUP_TEST_ADDRESSES: addresses = '' } = process.env;
process.exitCode = await command(process.argv.slice(2), { root, addresses: JSON.parse(addresses), pollMs: 1 });
