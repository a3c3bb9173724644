/** Faults in what agents reach the world by: the web, the shell, MCP servers, approvals, notices, schedules and memory. */
import type { Mutant } from './mutant.ts';

const SESSIONS = 'test/kit/memory/sessions.ts';
const SCHEDULES = 'test/engine/schedules.test.ts';
const APPROVALS = 'test/engine/approvals.test.ts';
const SEARCHES = 'test/engine/searches.test.ts';
const MEMORY = 'test/engine/shared-memory.test.ts';

export const OF_HANDS: Mutant[] = [
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
    noticedBy: ['test/postgres/real.test.ts', 'takes one decision, makes the session due'],
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
  {
    name: 'memory: a notice is written before its save may be',
    file: SESSIONS,
    from: '  if (before?.savedFence !== fence) {\n',
    to: '  if (before) journal(store, { ...before, journal: [...before.journal] }, save.suspension?.journal ?? []);\n  if (before?.savedFence !== fence) {\n',
    noticedBy: ['test/contract/memory.test.ts', 'are written with the save that makes them true'],
  },
  {
    name: 'sql: a save stands without its notices',
    file: 'schema/functions/session.sql',
    from: '  perform tell_webhooks(s, p_entries);',
    to: '  begin perform tell_webhooks(s, p_entries); exception when others then null; end;',
    noticedBy: ['test/postgres/alerts.test.ts', 'writes a notice with the save that makes it true, or neither'],
  },
  {
    name: 'notices: another attempt has another id',
    file: 'lib/notifications/send.ts',
    from: 'id: eventId, at,',
    to: 'id: [eventId, attempt].join("_"), at,',
    noticedBy: ['test/http/webhooks.test.ts', 'loses nothing, and slows nobody'],
  },
  {
    name: 'notices: text goes to a webhook that did not ask for it',
    file: 'lib/notifications/body.ts',
    from: 'const texts = due.includeText',
    to: 'const texts = due',
    noticedBy: ['test/http/webhooks.test.ts', 'says no text unless it is asked to'],
  },
  {
    name: 'sql: a save writes to a memory that has moved',
    file: 'schema/functions/memories.sql',
    from: "if v_revision <> (p_memory ->> 'revision')::bigint then return json_build_object('moved', true); end if;",
    to: '',
    noticedBy: ['test/postgres/real.test.ts', 'of two sessions that save at once the later one saves nothing'],
  },
  {
    name: 'memory: a text takes the place of one that its writer was not told of',
    file: 'lib/core/memory-merge.ts',
    from: 'entry.sessionId === sessionId || seen[entry.path] === entry.version',
    to: 'entry.sessionId === sessionId || entry.version > 0',
    noticedBy: [MEMORY, 'never takes the place of one that the agent was not told of'],
  },
  {
    name: 'memory: what was written after text from outside is trusted',
    file: 'lib/core/memory-news.ts',
    from: 'results.some(({ id, ran }) => id === call.id && ran !== false) && takesInOutside(s, call)',
    to: 'false',
    noticedBy: [MEMORY, 'is marked wherever it is shown again'],
  },
  {
    name: 'memory: untrusted entries come without their frame',
    file: 'lib/engine/perform.ts',
    from: 'run.memory && namesUntrusted(call.input)\n      ?',
    to: 'run.memory && !run.memory\n      ?',
    noticedBy: [MEMORY, 'is marked wherever it is shown again'],
  },
  {
    name: 'approvals: a call of an MCP server is approved for any tool of its name',
    file: 'lib/core/gate.ts',
    from: 'tool.name === name && tool.remote) ??',
    to: 'tool.name === name && !tool) ??',
    noticedBy: ['test/core/gate.test.ts', 'of the tool that the session was told of'],
  },
  {
    name: 'mcp: a changed tool is run on the old word',
    file: 'lib/engine/mcp.ts',
    from: ' || meaningOf(now) !== meaningOf(tool)',
    to: '',
    noticedBy: ['test/engine/mcp.test.ts', 'is not run on the old word'],
  },
  {
    name: 'mcp: a call is not marked before it is sent',
    file: 'lib/engine/perform.ts',
    from: 'call.remote ? call.remote.tool.effect : world',
    to: 'world',
    noticedBy: ['test/engine/mcp.test.ts', 'it took effect'],
  },
  {
    name: 'mcp: a refused key is no reason to wait',
    file: 'lib/core/list-tools.ts',
    from: "refused.find((one) => one.refused !== 'away')",
    to: 'undefined as Refused | undefined',
    noticedBy: ['test/engine/mcp.test.ts', 'makes the session wait for a person'],
  },
  {
    name: 'schedules: an instant is fired again',
    file: 'schema/functions/schedules.sql',
    from: "  if v_cause = 'cron' and s.next_run_at <> v_due then return null; end if;\n",
    to: '',
    noticedBy: ['test/postgres/real.test.ts', 'is due at its instant, and its run is made once'],
  },
  {
    name: 'schedules: missed runs come one after the other',
    file: 'lib/engine/schedules.ts',
    from: 'nextRun(cron, timeZone, now);',
    to: 'nextRun(cron, timeZone, due.dueAt);',
    noticedBy: [SCHEDULES, 'makes one run of all that were missed'],
  },
  {
    name: 'schedules: a second run waits',
    file: 'schema/functions/schedules.sql',
    from: "when s.overlap = 'skip' or v_busy and v_waiting is not null then 'skipped'",
    to: "when s.overlap = 'skip' then 'skipped'",
    noticedBy: ['test/postgres/real.test.ts', 'lets one run wait, and no more'],
  },
  {
    name: 'triggers: the signature is not looked at',
    file: 'lib/http/auth/inbound-signature.ts',
    from: 'fits.includes(true) && isNow',
    to: 'isNow',
    noticedBy: ['test/http/triggers.test.ts', 'answers 401 in the same words'],
  },
];
