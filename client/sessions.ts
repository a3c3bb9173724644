import { type CallOptions, got, headers, type ListOptions, pages, type Signalled, type TypedApi } from './call.ts';
import type { components } from './contract.ts';
import { BEYOND, type EventsOptions, follow, type JournalEvent, type SessionEvent } from './events.ts';
import type { Transport } from './transport.ts';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type SessionStatus = Session['status'];
export type NewSession = Schemas['NewSession'];
export type SessionChange = Schemas['SessionChange'];
export type SessionFile = Schemas['SessionFile'];
export type Message = Schemas['Message'];
export type Attachment = NonNullable<Schemas['NewMessage']['attachments']>[number];
export type ApprovalDecision = Schemas['ApprovalDecision'];

const ENDED: readonly SessionStatus[] = ['completed', 'failed', 'cancelled'];
/** Events after which a session has another status. */
const TURNS =
  /^agent\.(resync|started|resumed|waking|message_received|approval_decided|sleeping|paused|waiting_for_input|budget_exceeded|completed|failed|cancelled)$/;

export type WaitOptions = {
  /** Statuses that are enough; an end always is. By default the end, and what a person must see to. */
  until?: SessionStatus[];
  signal?: AbortSignal;
};

type Command = '/v1/sessions/{id}/pause' | '/v1/sessions/{id}/resume' | '/v1/sessions/{id}/cancel';

/** Agents at work. */
export function sessionsOf(api: TypedApi, transport: Transport) {
  const command =
    (path: Command | '/v1/sessions/{id}/wake') =>
    (id: string, options: CallOptions = {}): Promise<Session> =>
      got(api.POST(path, { params: { path: { id }, header: headers(options) }, signal: options.signal }));

  const get = (id: string, { signal }: Signalled = {}): Promise<Session> =>
    got(api.GET('/v1/sessions/{id}', { params: { path: { id } }, signal }));

  return {
    /** Starts an agent on a goal. Its first step is taken at once if today's allowance has room for it. */
    create: (session: NewSession, options: CallOptions = {}): Promise<Session> =>
      got(api.POST('/v1/sessions', { params: { header: headers(options) }, body: session, signal: options.signal })),

    /** All of them, newest first, or those that the filter lets through. */
    list: ({ signal, ...query }: ListOptions<'listSessions'> = {}): AsyncGenerator<Session> =>
      pages((cursor) => got(api.GET('/v1/sessions', { params: { query: { limit: 100, ...query, cursor } }, signal }))),

    /** How many have each status. */
    counts: ({ signal }: Signalled = {}) => got(api.GET('/v1/sessions/counts', { signal })),

    get,

    /** Changes settings of a session that has not ended; what is left out stays. */
    update: (id: string, body: SessionChange, options: CallOptions = {}): Promise<Session> =>
      got(
        api.PATCH('/v1/sessions/{id}', {
          params: { path: { id }, header: headers(options) },
          body,
          signal: options.signal,
        }),
      ),

    pause: command('/v1/sessions/{id}/pause'),
    resume: command('/v1/sessions/{id}/resume'),
    /** Goes on before its time, if today's allowance has room. */
    wake: command('/v1/sessions/{id}/wake'),
    /** Ends it. What it has made stays. */
    cancel: command('/v1/sessions/{id}/cancel'),

    /** Cancels it and deletes its messages and files. What was spent stays in the usage. */
    delete: async (id: string, { signal }: Signalled = {}): Promise<void> =>
      void (await got(api.DELETE('/v1/sessions/{id}', { params: { path: { id } }, signal }))),

    /** Tells it something, or answers its question. */
    say: (
      id: string,
      content: string,
      { attachments, ...options }: CallOptions & { attachments?: Attachment[] } = {},
    ): Promise<Session> =>
      got(
        api.POST('/v1/sessions/{id}/messages', {
          params: { path: { id }, header: headers(options) },
          body: { content, ...(attachments && { attachments }) },
          signal: options.signal,
        }),
      ),

    /** What was said, as the model was given it. */
    messages: (id: string, { signal, ...query }: ListOptions<'listMessages'> = {}): AsyncGenerator<Message> =>
      pages((cursor) =>
        got(api.GET('/v1/sessions/{id}/messages', { params: { path: { id }, query: { ...query, cursor } }, signal })),
      ),

    /** Decides about a call that waits for a person. The hashes of `session.waiting` hold the decision to what was seen. */
    approve: (id: string, callId: string, decision: ApprovalDecision, options: CallOptions = {}): Promise<Session> =>
      got(
        api.POST('/v1/sessions/{id}/approvals/{call_id}', {
          params: { path: { id, call_id: callId }, header: headers(options) },
          body: decision,
          signal: options.signal,
        }),
      ),

    /** The journal as it is by now, from its beginning or after a number. */
    journal: (
      id: string,
      { after = 0, signal }: { after?: number; signal?: AbortSignal } = {},
    ): AsyncGenerator<JournalEvent> =>
      pages((cursor) => {
        const query = { after: Number(cursor ?? after), limit: 500 };
        return got(api.GET('/v1/sessions/{id}/events', { params: { path: { id }, query }, signal }));
      }),

    /** The journal, then what comes, until the session has ended: each event once, over as many connections as it takes. */
    events: (id: string, options: EventsOptions = {}): AsyncGenerator<SessionEvent> => follow(transport, id, options),

    /** Waits for an end or one of these statuses, through sleep of days if need be. Rejects with the signal's reason. */
    async wait(
      id: string,
      { until = ['waiting_for_input', 'paused', 'budget_exceeded'], signal }: WaitOptions = {},
    ): Promise<Session> {
      const isEnough = ({ status }: Session) => ENDED.includes(status) || until.includes(status);
      let session = await get(id, { signal });
      if (isEnough(session)) return session;
      for await (const { type } of follow(transport, id, { after: BEYOND, signal })) {
        if (!TURNS.test(type)) continue;
        session = await get(id, { signal });
        if (isEnough(session)) return session;
      }
      signal?.throwIfAborted();
      return await get(id, { signal });
    },

    /** A session with all that belongs to it, to be imported elsewhere. */
    export: (id: string, { signal }: Signalled = {}): Promise<SessionFile> =>
      got(api.GET('/v1/sessions/{id}/export', { params: { path: { id } }, signal })),

    /** Begins paused, with a new id. */
    import: (file: SessionFile, options: CallOptions = {}): Promise<Session> =>
      got(
        api.POST('/v1/sessions/import', { params: { header: headers(options) }, body: file, signal: options.signal }),
      ),
  };
}
