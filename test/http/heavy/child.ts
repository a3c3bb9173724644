/**
 * An API in a process with little memory, to which bodies are sent that describe millions of values in a few thousand bytes. While each is
 * answered another user keeps asking. Prints one line of JSON: what was answered, and how long the other one waited.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createGzip } from 'node:zlib';
import { jwtVerifier } from '../../../lib/http/auth/jwt.ts';
import { ADMIN, api } from '../kit.ts';
import { routesOf } from '../routes.ts';

type Raw = string | Uint8Array<ArrayBuffer>;
type Attack = {
  name: string;
  method?: string;
  path: string;
  raw?: Raw | (() => Promise<Raw>);
  as?: string;
  headers?: object;
};

const SECRET = 'whsec_of-the-tests-and-long-enough';
const identity = { jwksUrl: 'http://127.0.0.1:9/', issuer: 'x', audience: 'x', algorithms: ['RS256'] };
const stage = api(() => ({ jwt: jwtVerifier(identity), stripe: { secrets: [SECRET], livemode: true, plans: {} } }));
const key = await stage.user('ada');
const other = await stage.user('bob');
const id = await stage.start(key);
await stage.asleep(id);
const file = (await stage.call('GET', `/v1/sessions/${id}/export`, { key })).json;

/** With gzip, piece by piece: the attacker's memory is not to be counted. `repeated`: a thousand at a time. */
async function packed(
  before: string,
  repeated: string,
  thousands: number,
  after = '',
): Promise<Uint8Array<ArrayBuffer>> {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk) => chunks.push(chunk));
  const piece = repeated.repeat(1_000);
  for (const text of [before, ...Array(thousands).fill(piece), after]) if (!gzip.write(text)) await once(gzip, 'drain');
  gzip.end();
  await once(gzip, 'end');
  return Uint8Array.from(Buffer.concat(chunks));
}
/** A good file with 99,000 more elements in the place of `at`, in which the first stays. */
const grown = (at: string, element: string) => () => {
  const [before = '', after = ''] = JSON.stringify(file).split(at);
  return packed(`${before}${at}`, `${element},`, 99, after.startsWith(']') ? `${element}${after}` : after);
};

const unknown = `{${Array.from({ length: 95_000 }, (_, i) => `"f${i}":0`).join()}}`;
const nested = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

const imports: Attack[] = (
  [
    ['four hundred thousand rows', () => packed('{"journal":[', '{},', 400, '{}]}')],
    ['five million rows', () => packed('{"journal":[', '{},', 5_000, '{}]}')],
    ['unknown fields', () => packed(unknown, ' ', 1)],
    ['nesting', () => packed('', '[', 5_000)],
    ['lists of lists', () => packed('[', `[${'[],'.repeat(20)}[]],`, 100, '[]]')],
    ['blanks', () => packed('', ' ', 64_000)],
    ['as many faulty rows as a list may have', grown('"journal":[', '{}')],
    ['as many faulty turns', grown('"messages":[', '{}')],
    ['as many faulty blocks', grown('"content":[', '{}')],
    ['as many faulty calls', grown('"tool_calls":[', '7')],
    ['as many faulty files', grown('"files":[', '7')],
    ['as many faulty models', grown('"model_ladder":[', '7')],
    ['as many errors in the checkpoint', grown('"errors":[', '{}')],
    [
      'as many turns of one side',
      grown('"messages":[', '{"n":1,"at":"2026-11-10T08:00:00Z","role":"user","content":[{"type":"text","text":"x"}]}'),
    ],
  ] as const
).map(([name, raw]) => ({ name: `import of ${name}`, path: '/v1/sessions/import', raw }));

const bodies = {
  'unknown fields': unknown,
  rows: `{"goal":[${'{},'.repeat(300_000)}{}]}`,
  'rows within metadata': `{"goal":"x","metadata":{"a":[${'[],'.repeat(300_000)}[]]}}`,
  nesting: nested(450_000),
  'nesting that does not end': '['.repeat(1_000_000),
};
const signature = (raw: string) => {
  const seconds = Math.floor(stage.world.store.real / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', SECRET).update(`${seconds}.${raw}`).digest('hex')}`;
};
// Files are bytes, and what a trigger takes is a text, neither of which a route reads as JSON; archives have attacks of their own.
const routes = (await routesOf(stage.hono, { id, user_id: 'ada' })).filter(
  ({ method, path, template }) =>
    /POST|PUT/.test(method) && path !== '/v1/sessions/import' && !/\/files|\{trigger\}/.test(template),
);
const everywhere: Attack[] = routes.flatMap(({ method, path, template, admin, keyed }) =>
  Object.entries(bodies).map(([name, whole]) => {
    const raw = keyed ? whole : whole.slice(0, 65_000);
    const headers = keyed ? {} : { 'stripe-signature': signature(raw) };
    return { name: `${method} ${template} with ${name}`, method, path, raw, as: admin ? ADMIN : key, headers };
  }),
);

const part = (text: string) => Buffer.from(text).toString('base64url');
const tokens: Attack[] = ['['.repeat(2_000), `{"alg":"RS256","crit":[${'0,'.repeat(1_500)}0]}`].map((head, i) => ({
  ...{ name: `token ${i}`, method: 'GET', path: '/v1/sessions', as: `${part(head)}.${part('[[[[')}.x` },
}));

const answers = [];
for (const { name, method = 'POST', path, raw: made, as = key, headers } of [...imports, ...everywhere, ...tokens]) {
  const raw = typeof made === 'function' ? await made() : made;
  let answered = false;
  let others = 0;
  let longest = 0;
  const asking = async () => {
    for (let last = performance.now(); !answered || others === 0; others++) {
      const { status } = await stage.call('GET', '/v1/budget', { key: other });
      if (status !== 200) throw new Error(`the other one got ${status}`);
      await new Promise((resolve) => setImmediate(resolve));
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
  };
  const meanwhile = asking();
  const began = performance.now();
  const answer = await stage.call(method, path, { key: as, ...(raw && { raw }), headers: { ...headers } });
  const ms = performance.now() - began;
  answered = true;
  await meanwhile;
  const { code, errors = [], detail } = answer.json;
  answers.push({
    name,
    status: answer.status,
    code,
    detail,
    errors: errors.length,
    ms,
    longest,
    others,
    bytes: raw?.length,
  });
}
const peak = process.resourceUsage().maxRSS / 1_024;
process.stdout.write(JSON.stringify({ answers, peak }), () => process.exit(0));
