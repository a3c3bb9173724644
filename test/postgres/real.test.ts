/** The protocol keeps its contracts on a real PostgreSQL, where requests truly run side by side. */
import { describe } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { postgresContracts } from './contracts.ts';

describe.skipIf(!hasPostgres)('PostgreSQL', () => postgresContracts('real PostgreSQL', 'real'));
