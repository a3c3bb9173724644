/** The protocol keeps its contracts on the embedded Postgres. */
import { postgresContracts } from './contracts.ts';

postgresContracts('embedded Postgres', 'embedded');
