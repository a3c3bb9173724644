/** A session as a test sees it. */
import type { Client, JournalEvent, Session } from '../../client/index.ts';

export type TestSession = {
  readonly id: string;
  /** As the API shows it, when something last ran. */
  readonly view: Session;
  readonly status: Session['status'];
  /** Its result once it has completed, else null. */
  readonly result: string | null;
  /** Microdollars, all in all. */
  readonly cost: number;
  /** Tells it something, or answers its question; it reads it with the next run. */
  say(content: string): Promise<void>;
  /** Approves the call that waits for a person, or denies it with a reason. Throws where none waits. */
  decide(decision: 'approve' | 'deny', reason?: string): Promise<void>;
  /** The whole journal. */
  events(): Promise<JournalEvent[]>;
  /** The text of a file of its workspace. Throws where there is none. */
  file(path: string): Promise<string>;
  /** Reads `view` anew. */
  refresh(): Promise<void>;
};

export function sessionOf(client: Client, first: Session): TestSession {
  let view = first;
  const { id } = first;
  return {
    id,
    get view() {
      return view;
    },
    get status() {
      return view.status;
    },
    get result() {
      return view.result ?? null;
    },
    get cost() {
      return view.cost_microdollars;
    },
    async say(content) {
      view = await client.sessions.say(id, content);
    },
    async decide(decision, reason) {
      const [call] = view.waiting?.approvals ?? [];
      if (!call) throw new Error(`No call of ${id} waits for a decision: it is ${view.status}.`);
      view = await client.sessions.approve(id, call.call_id, { decision, reason });
    },
    async events() {
      const all: JournalEvent[] = [];
      for await (const event of client.sessions.journal(id)) all.push(event);
      return all;
    },
    file: (path) => client.files.text(id, path),
    async refresh() {
      view = await client.sessions.get(id);
    },
  };
}
