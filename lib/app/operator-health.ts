/** Whether the whole system works, for the operator: in one line. */
import { useState } from 'preact/hooks';
import { now } from './api.ts';
import { type Line, lineOf, type Silence } from './health-line.ts';
import { html } from './html.ts';
import type { MarkOf } from './marks.ts';
import type { Operator } from './operator.ts';
import { useLook } from './operator-look.ts';
import { Time } from './times.ts';
import type { SystemHealth } from './types.ts';

type Found = Line & { at: number };

/** `mark`: that of the states. It is handed in, since an import of it from here would make the first screen take more requests. */
type Props = { operator: Operator; version: number; mark: MarkOf };

/** Both questions at once: the one is answered by what the recovery cron saw, the other by the parts themselves. */
export function Health({ operator, version, mark }: Props) {
  const [found, setFound] = useState<Found | null>(null);
  const { again } = useLook(
    async (signal) => {
      const [work, parts] = await Promise.allSettled([
        operator.get<SystemHealth>('/healthz', signal),
        operator.get('/v1/admin/health', signal),
      ]);
      if (signal.aborted) return;
      const failed = [work, parts].find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
      const known: SystemHealth = work.status === 'fulfilled' ? work.value : { status: 'ok' };
      setFound({ ...lineOf(known, failed ? (failed.reason as Silence) : null), at: now() });
    },
    [operator, version],
  );
  return html`<section class="card row" aria-label="Health">
    <p class="facts text" role="status">${found ? html`<${Shown} ...${found} mark=${mark} />` : 'Looking whether work goes on…'}</p>
    ${found && found.state !== 'done' && html`<button type="button" class="push" onClick=${again}>Look again</button>`}
  </section>`;
}

/** Without a time where all is well: what is read again and is the same is not said again to those who hear it. */
const Shown = ({ state, word, says, at, mark }: Found & { mark: MarkOf }) =>
  html`<span class=${`chip ${state}`}><${mark} state=${state} /><b>${word}</b><span class="say">${says}${state !== 'done' && html` As of <${Time} at=${at} />.`}
    ${state === 'late' && html` Unless all agents are held, see <a href="/docs/operations#after-an-outage" target="_blank">what to do</a>.`}</span></span>`;
