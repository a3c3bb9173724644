/**
 * For the operator: the health of the system, the emergency stop, all users, their plans and keys. The key of the operator is asked for here and kept
 * nowhere.
 */
import { useState } from 'preact/hooks';
import { Failure, useAction } from './action.ts';
import { html } from './html.ts';
import type { MarkOf } from './marks.ts';
import { type Operator, operatorOf } from './operator.ts';
import { Health } from './operator-health.ts';
import { UserList } from './operator-list.ts';
import { NewUser } from './operator-plan.ts';
import { EmergencyStop } from './operator-stop.ts';
import { OneUser } from './operator-user.ts';
import type { Stop } from './types.ts';

type Session = { operator: Operator; stop: Stop };

export function Users({ mark }: { mark: MarkOf }) {
  const action = useAction();
  const [opened, setOpened] = useState<Session | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const operator = operatorOf(String(new FormData(event.target as HTMLFormElement).get('key') ?? '').trim());
    void action.run(async () => {
      const stop = await operator.get<Stop>('/v1/admin/emergency-stop');
      setOpened({ operator, stop });
    });
  };
  if (opened) return html`<${Opened} ...${opened} mark=${mark} onForget=${() => setOpened(null)} />`;
  return html`<h1>Users</h1>
    <form class="card" onSubmit=${submit}>
      <label>Operator’s key<span class="hint">It belongs to no user, so it cannot open the rest of this page. It is kept nowhere, and forgotten when you leave.</span><input name="key" type="password" autocomplete="off" required /></label>
      <${Failure} error=${action.error} />
      <p class="row"><button class="primary" disabled=${action.busy}>Open</button></p>
    </form>`;
}

/** Back from one user, the list is read anew: as many pages of the same filter. */
function Opened({ operator, stop, mark, onForget }: Session & { mark: MarkOf; onForget: () => void }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [making, setMaking] = useState(false);
  const [version, setVersion] = useState(0);
  const [seen, setSeen] = useState<string | null>(null);
  const choose = (id: string) => {
    setMaking(false);
    setSeen(id);
    setChosen(id);
  };
  const back = () => {
    setChosen(null);
    setVersion(version + 1);
  };
  return html`<div class="head"><h1>Users</h1><button type="button" onClick=${onForget}>Forget the key</button></div>
    <${Health} operator=${operator} version=${version} mark=${mark} />
    <${EmergencyStop} operator=${operator} stop=${stop} version=${version} />
    <div hidden=${chosen !== null}><div class="stack">
      <p><button type="button" class="primary" aria-expanded=${making} onClick=${() => setMaking(!making)}>New user</button></p>
      ${making && html`<${NewUser} operator=${operator} onDone=${choose} />`}
      <${UserList} operator=${operator} version=${version} seen=${seen} onChoose=${choose} />
    </div></div>
    ${chosen !== null && html`<${OneUser} key=${chosen} operator=${operator} id=${chosen} onBack=${back} />`}`;
}
