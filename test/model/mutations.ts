/** The faults that test/model/mutants.ts plants, one at a time. */

/** `from` stands once in `file`; `to` takes its place. `noticedBy`: a file and a name in it, of what the model runs do not play. */
export type Mutant = { name: string; file: string; from: string; to: string; noticedBy?: [file: string, test: string] };

const CLAIM = 'schema/functions/claim.sql';
const SESSIONS = 'test/kit/memory/sessions.ts';
const APPROVALS = 'test/engine/approvals.test.ts';
const SEARCHES = 'test/engine/searches.test.ts';
const STORE = 'test/kit/memory/store.ts';

export const MUTANTS: Mutant[] = [
  {
    name: 'sql: save does not look at commands',
    file: 'schema/functions/save.sql',
    from: "v_suspends := json_typeof(p_save -> 'suspension') = 'object' and s.command_seq = s.command_seen;",
    to: "v_suspends := json_typeof(p_save -> 'suspension') = 'object';",
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
  },
  {
    name: 'sql: a repeated settle keeps its reply again',
    file: 'schema/functions/settle.sql',
    from: 'if v_cost is not null then',
    to: 'if true then v_cost := coalesce(v_cost, 0);',
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
    from: '  if (before?.savedFence !== fence) commit(',
    to: '  for (const file of files) before?.files.set(file.path.concat(".new"), { ...copy(file), updatedAt: store.now });\n  if (before?.savedFence !== fence) commit(',
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
    from: " : 'begun';",
    to: " : 'run';",
  },
  {
    name: 'drive: the stop is not looked for after the mark',
    file: 'lib/engine/perform.ts',
    from: '  if (meanwhile) return meanwhile;\n',
    to: '',
  },
  {
    name: 'drive: nobody tells the recovery cron before the claim',
    file: 'lib/engine/wake.ts',
    from: "if (cron === 'recovery' && (await world.live.idle(now())) === true) return",
    to: "if (cron === 'recovery') return",
  },
  {
    name: 'approvals: the original runs after an edit',
    file: 'lib/core/gate.ts',
    from: '(call.approval ? { ...call, input: call.approval.input } : call)',
    to: 'call',
    noticedBy: [APPROVALS, 'first edit, then any other act'],
  },
  {
    name: 'approvals: expired counts as approved',
    file: 'lib/core/gate.ts',
    from: "else if (approval.decision !== 'approve' && approval.decision !== 'edit')",
    to: "else if (approval.decision !== 'approve' && approval.decision !== 'edit' && approval.decision !== 'expired')",
    noticedBy: [APPROVALS, 'first expiry, then any other act'],
  },
  {
    name: 'approvals: an approval counts for a tool that has changed',
    file: 'lib/core/gate.ts',
    from: 'shaOf(tool, hash) !== toolSha;',
    to: 'shaOf(tool, hash) === null;',
    noticedBy: [APPROVALS, 'is asked about again where a deployment changed the tool'],
  },
  {
    name: 'approvals: an answer is not bound to its arguments',
    file: 'schema/functions/approvals.sql',
    from: "if p_reply ->> 'argsSha' <> a.args_sha then",
    to: 'if false then',
    noticedBy: ['test/postgres/embedded.test.ts', 'takes one decision, makes the session due'],
  },
  {
    name: 'approvals: the free calls are run again with the approved one',
    file: SESSIONS,
    from: 'call.done ||= !save.open?.includes(call.id);',
    to: 'call.done ||= save.open === undefined;',
    noticedBy: [APPROVALS, 'runs its free calls at once, saves them'],
  },
  {
    name: 'web: searches are counted in the history that a summary cuts',
    file: 'test/kit/memory/reserve.ts',
    from: '  row.searched?.date === dateOf(store.now) ? row.searched.count : 0;',
    to: `  row.rows
    .filter(({ n }) => n >= ((row.memory as { context?: { from: number } }).context?.from ?? 1))
    .flatMap(({ content }) => content as { id: string; name?: string }[])
    .filter(({ id, name }) => name === 'web_search' && !row.calls.some((call) => call.id === id && !call.done && !call.counted)).length;`,
    noticedBy: [SEARCHES, 'is not reset by a summary, which takes the searches out of its prompt'],
  },
  {
    name: 'web: a search is made without its hold',
    file: 'lib/engine/perform.ts',
    from: 'most: price ?? 0n };',
    to: 'most: 0n };',
    noticedBy: [SEARCHES, 'searches as often as it may'],
  },
  {
    name: 'web: a search is made without being counted',
    file: 'lib/engine/perform.ts',
    from: 'const answer = await (call.name === WEB_SEARCH',
    to: 'const answer = await (call.name === WEB_SEARCH && price === null',
    noticedBy: [SEARCHES, 'a crash at every port call'],
  },
  {
    name: 'web: where a redirect of a page leads is not checked',
    file: 'lib/tools/web-fetch.ts',
    from: '    judge(to, web.access, address);\n',
    to: '',
    noticedBy: ['test/web/fetch.test.ts', 'is judged anew behind each redirect'],
  },
  {
    name: 'web: the key of a search service goes where a redirect leads',
    file: 'lib/adapters/search/index.ts',
    from: ", redirect: 'manual' },",
    to: ' },',
    noticedBy: ['test/adapters/search.test.ts', 'takes no redirect for an answer'],
  },
  {
    name: 'web: an address becomes known by standing in a query',
    file: 'lib/web/known.ts',
    from: '.filter((address) => !asked.has(address))',
    to: '',
    noticedBy: ['test/web/search.test.ts', 'are known addresses afterwards, but for those that the query had'],
  },
  {
    name: 'shell: a credential reaches the process in an answer',
    file: 'lib/tools/shell-web.ts',
    from: 'return given(answer, method, maxBytes, redact);',
    to: 'return given(answer, method, maxBytes, (text) => text);',
    noticedBy: ['test/tools/shell-web.test.ts', 'is put in on the way, over whatever the script sends'],
  },
  {
    name: 'shell: where a redirect leads is not checked',
    file: 'lib/tools/shell-web.ts',
    from: 'timeoutMs, redirect, judge } as const;',
    to: 'timeoutMs, redirect, judge: (to: string, by: HttpMethod) => (hops === 0 ? judge(to, by) : {}) } as const;',
    noticedBy: ['test/tools/shell-web.test.ts', 'is judged anew at each redirect'],
  },
  {
    name: 'shell: a script that sent a request is run again after a crash',
    file: 'lib/engine/perform.ts',
    from: ' || (call.startedBy ?? 0) > 0;',
    to: ';',
    noticedBy: ['test/engine/once-within.test.ts', 'it took effect'],
  },
];
