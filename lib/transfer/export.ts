/** From a snapshot of the database to the document that a user keeps (document.ts). */
import { withoutMedia } from '../core/media.ts';
import type { StoredState } from '../core/session.ts';
import type { LedgerRecord, Snapshot } from '../ports/transfer.ts';
import { FORMAT, VERSION } from './document.ts';

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null || !Number.isFinite(at) ? null : iso(at));

/** As JSON, without a user's name or a key in it. */
export function documentOf(snapshot: Snapshot): Record<string, unknown> {
  const { facts, iteration, cost, memory, rows, inbox, journal, desired } = snapshot;
  return {
    format: FORMAT,
    version: VERSION,
    exported_at: iso(snapshot.at),
    session: factsOf(facts),
    state: stateOf(snapshot.state),
    desired,
    iteration,
    cost_microdollars: Number(cost),
    checkpoint: withoutServers(memory),
    messages: rows.map(({ n, at, role, content }) => ({ n, at: iso(at), role, content: withoutMedia(content) })),
    tool_calls: snapshot.calls.map(({ id, name, messageN, position, started, doneAt }) => ({
      ...{ id, name, message_n: messageN, position, started, done_at: isoOrNull(doneAt) },
    })),
    inbox: inbox.map(({ at, content }) => ({ at: iso(at), content })),
    received: snapshot.received.map(({ path, bytes }) => ({ path, bytes })),
    journal: journal.map(({ at, ...entry }) => ({ ...entry, at: iso(at) })),
    files: snapshot.files.map(({ path, mode, updatedAt, content }) => ({
      ...{ path, mode, updated_at: iso(updatedAt) },
      content: Buffer.from(content).toString('base64'),
    })),
    ledger: snapshot.ledger.map(ledgerOf),
  };
}

const factsOf = (facts: Snapshot['facts']) => ({
  id: facts.id,
  goal: facts.goal,
  agent: facts.agent,
  model: facts.model,
  tier: facts.tier,
  system: facts.system,
  on_end_turn: facts.onEndTurn,
  max_iterations: facts.maxIterations,
  max_cost_microdollars: facts.maxCost === null ? null : Number(facts.maxCost),
  daily_share_percent: facts.share,
  model_ladder: facts.ladder,
  effort: facts.effort,
  max_output_tokens: facts.maxOutputTokens,
  tools: facts.tools,
  web: facts.web && {
    allow: facts.web.allow,
    deny: facts.web.deny,
    searches_per_day: facts.web.searchesPerDay ?? null,
    ...(facts.web.shell && { shell: facts.web.shell }),
    ...(facts.web.git && { git: facts.web.git }),
  },
  mcp: facts.mcp ?? null,
  memory: facts.memoryName ?? null,
  approvals: facts.approvals ?? null,
  result_schema: facts.resultSchema ?? null,
  offer_choices: facts.offerChoices ?? false,
  metadata: facts.metadata,
  created_at: iso(facts.createdAt),
});

/** Where it stands with its MCP servers is of no use elsewhere: who knows a session of theirs could go on with it. */
const withoutServers = (memory: unknown): unknown =>
  typeof memory === 'object' && memory !== null && 'mcp' in memory ? { ...memory, mcp: {} } : memory;

const stateOf = (state: StoredState) => ('until' in state ? { ...state, until: isoOrNull(state.until) } : state);

const ledgerOf = ({ at, day, iteration, model, kind, class: outcome, cost, usage }: LedgerRecord) => ({
  ...{ at: iso(at), day, iteration, model, kind, class: outcome },
  cost_microdollars: Number(cost),
  usage,
});
