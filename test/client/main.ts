/** `npm run client:types`: writes client/contract.ts anew, after the contract has changed. */
import { writeFileSync } from 'node:fs';
import { api } from '../http/kit.ts';
import { typesOf } from './generate.ts';

const contract = await (await api().hono.request('/openapi.json')).text();
writeFileSync(new URL('../../client/contract.ts', import.meta.url), await typesOf(contract));
