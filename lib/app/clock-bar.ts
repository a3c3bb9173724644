/** On a local system alone: the clock, which can be moved on. */
import { Failure, useAction } from './action.ts';
import { now, setNow } from './api.ts';
import { refresh } from './data.ts';
import { html } from './html.ts';
import { type Shared, useNow, useShared } from './store.ts';
import { DAY, dated } from './text.ts';
import { Time } from './times.ts';

const isLocal = (of: Shared) => of.isLocal;
function nextWake({ sessions }: Shared): number | null {
  const times = (sessions ?? []).flatMap(({ status, wake_at }) =>
    status === 'sleeping' && wake_at ? [Date.parse(wake_at)] : [],
  );
  return times.length > 0 ? Math.min(...times) : null;
}
const HOUR = 3_600_000;

export function ClockBar() {
  const local = useShared(isLocal);
  const next = useShared(nextWake);
  const at = useNow();
  const action = useAction();
  if (!local) return null;
  const move = (to: number) => () =>
    action.run(async () => {
      const answer = await fetch('/local/clock', {
        method: 'POST',
        body: JSON.stringify({ now: new Date(to).toISOString() }),
      });
      const body = (await answer.json()) as { now?: string; detail?: string };
      if (!answer.ok || !body.now) throw new Error(body.detail ?? 'The clock could not be moved.');
      setNow(Date.parse(body.now));
      await refresh();
    });
  return html`<section class="clockbar" aria-label="Clock of this local system">
    <span><b><${Time} at=${at} as=${dated} /></b> · local system, whose clock you can move on</span>
    <button type="button" disabled=${action.busy} onClick=${() => move(now() + HOUR)()}>+1 hour</button>
    <button type="button" disabled=${action.busy} onClick=${() => move(now() + DAY)()}>+1 day</button>
    ${next !== null && html`<button type="button" disabled=${action.busy} onClick=${move(Math.max(next, at))}>To the next waking</button>`}
    ${action.busy && html`<span role="status">Moving; what became due is taken up…</span>`}
    <${Failure} error=${action.error} />
  </section>`;
}
