/** The agent of one session: with the tools that it may use and can pay for today, and with the controls as it has them (PURE). */
import { withChoices } from './controls.ts';
import { withTools } from './offered.ts';
import { withResult } from './result-schema.ts';
import { searchesLeft, withSearch } from './searches.ts';
import type { AgentSpec, SessionConfig } from './session.ts';

type Shapes = Pick<SessionConfig, 'tools' | 'resultSchema' | 'offerChoices' | 'web'>;

/** `agent`: as deployed. `searches`: made today. */
export const shapedAgent = (agent: AgentSpec, session: Shapes, searches: number): AgentSpec =>
  withSearch(
    withChoices(withResult(withTools(agent, session.tools), session.resultSchema), session.offerChoices),
    searchesLeft(session, searches),
  );
