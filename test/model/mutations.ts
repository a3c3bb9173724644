/** The faults that test/model/mutants.ts plants, one at a time. */
import type { Mutant } from './mutant.ts';
import { OF_FACES } from './mutations-of-faces.ts';
import { OF_HANDS } from './mutations-of-hands.ts';

const CLAIM = 'schema/functions/claim.sql';
const SESSIONS = 'lib/testing/memory/sessions.ts';
const STORE = 'lib/testing/memory/store.ts';

export const MUTANTS: Mutant[] = [
  {
    name: 'sql: save does not look at commands',
    file: 'schema/functions/save.sql',
    from: "v_suspends := json_typeof(p_save -> 'suspension') = 'object' and s.command_seq = s.command_seen;",
    to: "v_suspends := json_typeof(p_save -> 'suspension') = 'object';",
    foundBy: 15,
  },
  {
    name: 'sql: claim does not raise the fence',
    file: CLAIM,
    from: 'set fence = fence + 1, claimed_by',
    to: 'set fence = greatest(1, fence), saved_fence = 0, claimed_by',
  },
  {
    name: 'sql: claim takes from a living owner',
    file: CLAIM,
    from: 'if s.lease_until > clock_timestamp() then',
    to: 'if false then',
    foundBy: 9,
  },
  {
    name: 'sql: a message is taken twice',
    file: 'schema/functions/settle.sql',
    from: "inbox_taken = greatest(inbox_taken, (p_settlement ->> 'inboxTaken')::int),",
    to: '',
  },
  {
    name: 'sql: claim releases the hold of a dead owner',
    file: CLAIM,
    from: "close_hold(p_session, h.fence, h.n, null, 'unknown')",
    to: "close_hold(p_session, h.fence, h.n, 0, 'unknown')",
    foundBy: 22,
  },
  {
    name: 'sql: a repeated settle keeps its reply again',
    file: 'schema/functions/settle.sql',
    from: 'if v_cost is not null then',
    to: 'if true then v_cost := coalesce(v_cost, 0);',
    foundBy: 19,
  },
  {
    name: 'sql: a command is done again when it is repeated',
    file: 'schema/functions/commands.sql',
    from: 'if not v_first or s.state',
    to: 'if s.state',
  },
  {
    name: 'sql: the sweep leaves alone what was owned',
    file: 'schema/functions/sweep.sql',
    from: 'and (lease_until is null or lease_until <= v_real) as ripe',
    to: 'and lease_until is null as ripe',
    noticedBy: ['test/postgres/real.test.ts', 'finds a dead owner at once'],
  },
  {
    name: 'memory: an old owner may write',
    file: STORE,
    from: 'if (!row || row.fence !== fence || row.savedFence >= fence) {',
    to: 'if (!row) {',
  },
  {
    name: 'memory: the reply is kept, but its tool calls are not',
    file: SESSIONS,
    from: 'row.calls.push(...settlement.calls.map((call) => copy({ ...call, startedBy: null, done: false })));',
    to: '',
  },
  {
    name: 'memory: files are saved before the save',
    file: SESSIONS,
    from: '  if (before?.savedFence !== fence) {',
    to: '  for (const file of files) before?.files.set(file.path.concat(".new"), { ...copy(file), updatedAt: store.now });\n  if (before?.savedFence !== fence) {',
  },
  {
    name: 'memory: a wish does not make a session due',
    file: STORE,
    from: '  row.due = Math.min(row.due, store.now);\n',
    to: '',
  },
  {
    name: 'memory: a claim forgets what a sweep has hinted only when it saves',
    file: SESSIONS,
    from: '  row.hintAt = Number.NEGATIVE_INFINITY;\n  row.attempts += 1;',
    to: '  row.attempts += 1;',
    foundBy: 931,
  },
  {
    name: 'core: a call of unknown outcome is made again for nothing',
    file: 'lib/core/failed.ts',
    from: 'const cost = cut ? cutCost(s, cut.model, cut.usage, at) : null;',
    to: 'const cost = cut ? cutCost(s, cut.model, cut.usage, at) : 0n;',
  },
  {
    name: 'core: finish ends it over a message that was not told',
    file: 'lib/core/observed.ts',
    from: 'return hasUnread(s.pending) && ownAccord ? null : suspension;',
    to: 'return suspension;',
    foundBy: 3_001,
  },
  {
    name: 'core: a cancel is overlooked by the claim',
    file: 'lib/core/claimed.ts',
    from: "if (s.pending.desired === 'cancel') {",
    to: "if (s.pending.desired === 'cancel' && s.open.length > 0) {",
  },
  {
    name: 'drive: an interrupted tool is run again',
    file: 'lib/engine/perform.ts',
    from: "const answer = begun ? 'begun' :",
    to: "const answer = begun ? 'run' :",
    foundBy: 106,
  },
  {
    name: 'drive: the stop is not looked for after the mark',
    file: 'lib/engine/perform.ts',
    from: '  if (meanwhile) return meanwhile;\n',
    to: '',
    foundBy: 89,
  },
  {
    name: 'drive: nobody tells the recovery cron before the claim',
    file: 'lib/engine/wake.ts',
    from: "if (cron === 'recovery' && (await world.live.idle(now())) === true) return",
    to: "if (cron === 'recovery') return",
  },
  ...OF_HANDS,
  ...OF_FACES,
];
