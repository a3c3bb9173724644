/** Made from the contract by `npm run client:types`, and held by test/client: do not edit it. */
export interface paths {
    "/v1/hooks/stripe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What Stripe tells of payments: in any order, and as often as it likes
         * @description For the endpoint of a Stripe account, signed with `STRIPE_WEBHOOK_SECRET` over the raw body. Stripe sends again whatever is not answered with 200. 404 where the secret is not set. Events of other types and of connected accounts are ignored; those of Stripe's other mode are refused.
         */
        post: operations["receiveStripeEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hooks/{trigger}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a session, or tell one, by a signed message: once by its `webhook-id`, however often it is sent
         * @description Signed as Standard Webhooks describe it, with the secret of the trigger, at most five minutes ago. The body is any text of at most 64 KiB. The agent is shown it as written by others.
         */
        post: operations["receiveMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your sessions, newest first
         * @description All of them, those that have ended included.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Start an agent on a goal
         * @description Its first step is taken at once if today's allowance has room for it; else the session sleeps until it has. Send an Idempotency-Key: without one, a request repeated after a lost answer starts a second session.
         */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many of your sessions have each status
         * @description Those that have ended included. A status that none has is 0.
         */
        get: operations["countSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One session
         * @description Its amounts are as they are now. `/v1/sessions/{id}/live` is cheaper for frequent polling.
         */
        get: operations["getSession"];
        put?: never;
        post?: never;
        /**
         * Cancel a session and delete its checkpoint, messages and files; the ledger stays
         * @description A model call under way is cut and charged. What was spent stays in the usage.
         */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        /**
         * Change a session's limits, ladder, effort, web or metadata
         * @description What is left out stays; null takes a limit away. `web` is taken whole. It holds from the next model call on; a sleeper takes it up when it wakes. Of a session that has ended only `metadata` can be changed.
         */
        patch: operations["changeSession"];
        trace?: never;
    };
    "/v1/sessions/{id}/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Session status for frequent polling: the database is asked once a minute at most while nothing works
         * @description While nothing of yours works, the database is asked once a minute at most.
         */
        get: operations["getSessionStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop at the next safe point until resumed; running model calls are cut
         * @description What a cut call has cost is charged. Nothing is lost: the session goes on from its last save.
         */
        post: operations["pauseSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on after a pause
         * @description Also where an error paused it. A session that is not paused stays as it is.
         */
        post: operations["resumeSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End it for good; what it wrote stays readable
         * @description A call under way is cut and charged. The session cannot go on after this.
         */
        post: operations["cancelSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/wake": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Move now instead of at wake_at; refused while the allowance has nothing left for a step
         * @description A session that works already stays as it is. `allowance_used` says what is needed and what is available.
         */
        post: operations["wakeSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The history in Messages API form, oldest first; what was compacted away is still here
         * @description A page ends early where more than 4 MB would follow. All pages together are the whole history; each begins where the role changes.
         */
        get: operations["listMessages"];
        put?: never;
        /**
         * Answer the agent's question, or steer it at its next safe point
         * @description Taken at the next safe point, and kept until then. A sleeper wakes for it only if the allowance has room for a step. Its attachments are files of the workspace; message and files are taken together or not at all.
         */
        post: operations["postMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/approvals/{call_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve, deny or edit a tool call that waits for you
         * @description Decided once: an equal answer changes nothing, another one is `approval_closed`. The call runs with the arguments of the question, or with yours, and with no others. A message to the session withdraws its questions.
         */
        post: operations["decideApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All that waits for you: questions and approvals of all your sessions
         * @description Sessions that wait, by since when they do. Those that are paused are not among them. Of long arguments `input_preview` shows the beginning; the session has them whole.
         */
        get: operations["listInbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The journal
         * @description Oldest first. `/v1/sessions/{id}/events/stream` gives the same entries as they come.
         */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The journal as a live stream of server-sent events
         * @description Every entry after `Last-Event-ID` (or `after`), then the new ones as they come, with `id:` = `seq`, `event:` = `type` and the entry as `data:`. The reply being written comes as `agent.delta`, without an id, as `{iteration, kind, offset, text}`: put `text` at `offset` of what you have of that kind, `text` or `thought`. A number beyond the end is answered with `agent.resync`, as `{seq, after}`: this journal has not given it, so read the session and its events anew; the stream goes on after `seq`. The stream ends after the last entry of an ended session, with `retry: 3600000`; before the server must; and when the key is revoked or the token expires (looked at once a minute); come back with the last id and get exactly the rest. Hanging up never cancels a session.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The journals of all your sessions as one live stream of server-sent events
         * @description Every entry after `Last-Event-ID` (or `after`), then the new ones as they come; without one, from now on. `event:` is the `type`, the entry is the `data:`, and `id:` is opaque: come back with the last one and get exactly the rest. `session_id` and `seq` name an entry, should one come twice: that can be with more than 120 sessions that move within two minutes. A frame without `data:` says where the stream begins or ends. A place of more than a day ago, or of a database that was restored since, is answered with `agent.resync`: read your sessions anew; the stream goes on. Replies being written are only in the stream of their session. Entries later than a day after the end of a session are only in its own journal. While nothing happens, no database is asked. The stream ends before the server must, and when the key is revoked.
         */
        get: operations["streamAllEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The agent's workspace
         * @description As it was when the last step was saved, and what you have put since: a step under way may have written more.
         */
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/files/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One file, as raw bytes
         * @description The rest of the address is the path in the workspace; slashes may be sent as they are.
         */
        get: operations["readFile"];
        /**
         * Put a file into the workspace
         * @description The body is the file, whatever its content type: at most 5000000 bytes, and 4500000 on AWS where it is no text. Every reader sees it at once. The agent gets it with its next step, after all that it saved before, and is told; a sleeper sleeps on, so send a message to wake it. If the agent wrote the same file in a step under way, yours stands. A file that is there already, byte for byte, answers 200 whatever the conditions. A repeat of the same request is harmless.
         */
        put: operations["putFile"];
        post?: never;
        /**
         * Remove a file from the workspace
         * @description Every reader sees it at once. The agent gets it with its next step, after all that it saved before, and is told; a sleeper sleeps on, so send a message to wake it. The versions before it stay for a month.
         */
        delete: operations["deleteFile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/files:archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The whole workspace as a .tar.gz
         * @description Written while it is read: a step that is saved meanwhile may show in the files that come after it. An export is one snapshot.
         */
        get: operations["downloadFiles"];
        put?: never;
        /**
         * Put the files of an archive into the workspace, all of them or none
         * @description A .tar.gz, .tar or .zip: at most 4500000 bytes as sent, 12000000 unpacked, 10000 entries, 2000 files, 5000000 bytes a file. Files that are there are replaced, others stay; folders come with their files. Links, devices, encrypted files, double names and paths that climb or begin with a slash are refused. Each file counts as if it had been put by itself; the agent is told of those that are new or have changed.
         */
        post: operations["uploadFiles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * An address at which the workspace can be looked at as a website, for ten minutes
         * @description Put a path of the workspace behind `url`, and show it in a frame: its scripts run in an origin of their own, without a key, storage or network. Whoever has the address may read the files of this session until then.
         */
        post: operations["createPreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What your sessions remember together
         * @description A memory is there from its first entry on. Sessions that were started with its name as `memory` read and write it.
         */
        get: operations["listMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories/{name}/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The entries of a memory
         * @description All of them, in the order of their paths.
         */
        get: operations["listMemoryEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a memory with all its entries
         * @description For good. Sessions that name it go on with an empty one.
         */
        delete: operations["deleteMemory"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/memories/{name}/entries/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One entry, as raw bytes
         * @description The rest of the address is the path in the memory.
         */
        get: operations["readMemoryEntry"];
        /**
         * Put an entry into a memory
         * @description The body is the entry, whatever its content type. The memory is made by its first entry. Sessions have it with their next step, and their agents are told; no sleeper is woken. Yours is trusted, so no path below `untrusted/` is taken. An entry that is there already, byte for byte, answers 200 whatever the conditions. A repeat of the same request is harmless.
         */
        put: operations["putMemoryEntry"];
        post?: never;
        /**
         * Remove an entry from a memory
         * @description For good: no version of it is kept.
         */
        delete: operations["deleteMemoryEntry"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One session as a JSON file, to keep or to import elsewhere
         * @description One snapshot. Compressed where the caller takes gzip. `payload_too_large` when it holds more than 16777216 bytes.
         */
        get: operations["exportSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A new session of yours from an exported file
         * @description The file as it is, or compressed with gzip (at most 4500000 bytes as sent, 16777216 unpacked). Same history, memory and files, a new id, nothing charged. One whose model is retired is taken once its `session.model` names another. What worked, slept or was paused is paused until you resume it.
         */
        post: operations["importSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What may be spent today, and what was
         * @description While no session of yours works, the database is asked once a minute at most.
         */
        get: operations["getBudget"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budget/top-ups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Money that was added, by requests and by payments, the newest first
         * @description A top-up counts once, under its key. One for `today` is spent today alone; one for `cycle` is shared out over the days that are left.
         */
        get: operations["listTopUps"];
        put?: never;
        /**
         * Add money; sleepers that can use it wake at once
         * @description Send an Idempotency-Key: without one, a request repeated after a lost answer adds the money twice.
         */
        post: operations["topUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budget/days": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each day was allowed, and what it spent, the newest first
         * @description A day is there once a call or a question opened it. Nothing was spent on a day that is missing.
         */
        get: operations["listBudgetDays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budget/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When thresholds of the budget were passed
         * @description Once per UTC day and threshold. The newest day first, of each day the gravest first.
         */
        get: operations["listBudgetAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your webhooks, the oldest first
         * @description All of them, without their secrets. One may be of the operator.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Be told at an address of yours; its secret is shown this once
         * @description Notices that come true from now on are sent there within about a minute, at least once, signed as Standard Webhooks describe it.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One webhook
         * @description Without its secret.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Remove a webhook and its log
         * @description Nothing more is sent there, but for an attempt that is under way.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change its address, filter or format; enable or disable it
         * @description What is left out stays. Enabling sends what was put aside, as far as it is not older than 30 days.
         */
        patch: operations["changeWebhook"];
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Another secret; it is shown this once
         * @description For a day the secret before signs along, so that no message fails to verify while you replace it. Of secrets that were replaced within a day the last four do.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a test sent, on the way that all notices go
         * @description It is sent within about a minute, whatever the filter; the log says how it went. One test waits at a time.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was sent there and what waits, the newest first
         * @description Of the last 30 days. Those of a session go with it.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{webhook_id}/deliveries/{event_id}/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a notice sent again, under the id it has
         * @description It is sent within about a minute, whatever became of it before, and tried as often as a new one.
         */
        post: operations["redeliverWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your schedules, newest first
         * @description Paused ones, too. `next_run_at` is null where nothing comes next.
         */
        get: operations["listSchedules"];
        put?: never;
        /**
         * Start a session from a template, again and again
         * @description Each due instant becomes one run. Runs that were missed, as in an outage, become one. The template is checked now as well as at each run.
         */
        post: operations["createSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One schedule, with its next instants
         * @description The instants are by its pattern in its time zone, in UTC. A change of clocks is already in them.
         */
        get: operations["getSchedule"];
        put?: never;
        post?: never;
        /**
         * Delete it and the list of its runs; its sessions stay and go on
         * @description Nothing is started any more. What its sessions cost stays in the usage.
         */
        delete: operations["deleteSchedule"];
        options?: never;
        head?: never;
        /**
         * Change its terms; sessions that have begun keep theirs
         * @description Only what is given changes. A new template replaces the old one as a whole.
         */
        patch: operations["changeSchedule"];
        trace?: never;
    };
    "/v1/schedules/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start nothing until resumed
         * @description A run that waits is given up. Sessions go on.
         */
        post: operations["pauseSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with the next instant
         * @description What would have been due meanwhile is not made up for.
         */
        post: operations["resumeSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A run now, beside the pattern and under the same rule of overlap
         * @description Also of a paused schedule. Its `status` says whether a session was started.
         */
        post: operations["runSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of each due instant, newest first
         * @description For 400 days.
         */
        get: operations["listScheduleRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/triggers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your triggers, newest first
         * @description Without their secrets, which nobody can read again.
         */
        get: operations["listTriggers"];
        put?: never;
        /**
         * Let another system start a session, or speak to one, by signed messages
         * @description With a template and its limit of cost, or with the id of a session.
         */
        post: operations["createTrigger"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/triggers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One trigger, without its secret
         * @description `last_used_at` tells when a genuine message last came.
         */
        get: operations["getTrigger"];
        put?: never;
        post?: never;
        /**
         * Delete it: its messages are refused from now on; its sessions go on
         * @description The sender then gets the same 401 as for a wrong signature.
         */
        delete: operations["deleteTrigger"];
        options?: never;
        head?: never;
        /**
         * Change its name, or what its messages do
         * @description Only what is given changes; a template comes with its limit of cost.
         */
        patch: operations["changeTrigger"];
        trace?: never;
    };
    "/v1/triggers/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make another secret; the one before counts for 24 hours more
         * @description The new secret is shown this once. Replace it in the other system within the day. Of secrets that were replaced within a day the last four count.
         */
        post: operations["rotateTriggerSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was spent, from the ledger
         * @description With `Accept: text/csv` all rows as CSV, for spreadsheets; one that breaks off was cut by a fault and is not whole.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The models that sessions may name, with their prices and ends
         * @description Retired models are left out.
         */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The agents that sessions may name, with their tools and what you get by default
         * @description A session that names no agent gets the `assistant`.
         */
        get: operations["listAgents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The tools that agents have, and the agents that have each
         * @description A session may name those of its agent that it allows (`tools`). Controls are left out: every agent has them.
         */
        get: operations["listTools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The user of this key
         * @description The plan and the settings, as the operator made them.
         */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One user
         * @description Their plan and settings, without anything of their sessions.
         */
        get: operations["getUser"];
        /**
         * Create or change a user; a raise wakes its sleepers
         * @description Only what is given changes. Payments of Stripe that waited for this user count at once. While a subscription at Stripe pays the plan, its next event sets tier, budget and renewal date again.
         */
        put: operations["putUser"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{user_id}/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A user's API keys without their secrets, the oldest first; revoked ones too
         * @description With when each was used last, to a minute or so.
         */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * A new API key; it is shown this once
         * @description It works at once. A user may have several, each with a name.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users/{user_id}/api-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key; sessions started with it go on
         * @description Requests with it are refused from now on; an open stream ends within a minute.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All users by id, with what each may spend today and has spent
         * @description With a filter a page looks at 10,000 users. It may show fewer than `limit`, or none, and still have a `next_cursor`.
         */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/emergency-stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Are all agents held?
         * @description Reads one row, and wakes an idle database.
         */
        get: operations["getEmergencyStop"];
        /**
         * Hold every agent of the deployment
         * @description From now on none is taken up or woken. A call that is under way is paid for and saved, and its iteration ends. Nothing is lost: all go on within a minute after the stop was removed. Users whose sessions would move are alerted, without the reason. May be repeated.
         */
        put: operations["startEmergencyStop"];
        post?: never;
        /**
         * Let all agents go on
         * @description What is due moves within a minute. May be repeated.
         */
        delete: operations["endEmergencyStop"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Circadian as an MCP server: start, watch, say, answer, budget
         * @description Streamable HTTP without sessions and without streams, for the key of a user. Each tool is a request to the route of this API that does the same.
         */
        post: operations["mcp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the API up, and does work go on? Asks the live view alone, so that a probe does not keep an idle database awake
         * @description Asks the live view alone, so that a probe does not keep an idle database awake.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/admin/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Do Postgres and the live view answer?
         * @description Asks both. Not for frequent probes: it wakes an idle database.
         */
        get: operations["getDeepHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        StripeEventTaken: {
            /**
             * @description Names it.
             * @example evt_1SFq2eLkdIwHu7ixY6d0Zp3C
             */
            id: string;
            /**
             * @description `counted`: budget and top-ups of the user are what Stripe told by now, by this event and all before. `waiting`: kept, until its user is known and made. `refused`: paid, but it cannot be counted. `ignored`: it moves no money.
             * @enum {string}
             */
            effect: "counted" | "waiting" | "refused" | "ignored";
            /** @description A sentence for the person who looks at the delivery at Stripe. */
            detail: string;
        };
        /** @description RFC 9457. Branch on `code`; it is stable. */
        Problem: {
            /**
             * @description Where this deployment says what the `code` means.
             * @example /docs/errors#not_found
             */
            type: string;
            /** @description What the `code` means: the same for all such problems. */
            title: string;
            /**
             * @description The status of the answer.
             * @example 404
             */
            status: number;
            /**
             * @description Stable: programs branch on it.
             * @enum {string}
             */
            code: "invalid_json" | "unauthorized" | "bad_signature" | "forbidden" | "no_budget" | "not_found" | "method_not_allowed" | "allowance_used" | "session_ended" | "too_many_sessions" | "too_many_webhooks" | "webhook_disabled" | "too_many_schedules" | "inbox_full" | "approval_closed" | "approval_changed" | "file_clash" | "workspace_full" | "memory_full" | "idempotency_conflict" | "precondition_failed" | "payload_too_large" | "invalid_archive" | "invalid_request" | "unknown_model" | "retired_model" | "unknown_tier" | "unknown_agent" | "rate_limited" | "internal_error" | "unavailable";
            /** @description What happened, what it means for money and work, and what to do. */
            detail: string;
            /** @description Names this request in the logs. */
            instance: string;
            /** @description Of `invalid_request`: the fields that were refused, the first 20 of them. */
            errors?: {
                /** @description As in `metadata.a.0`; empty: the whole body. */
                path: string;
                /** @description What must be. */
                message: string;
            }[];
        };
        /** @description An event of a Stripe account, as Stripe signs it. Fields that are not named here are ignored. */
        StripeEvent: {
            /** @description Names it. */
            id: string;
            /** @description Which kind it is. */
            type: string;
            /** @description When Stripe made it, in seconds. */
            created: number;
            /** @description Whether it is of real money. */
            livemode: boolean;
            /** @description The connected account that it is of; its events are ignored. */
            account?: string | null;
            /** @description What it is about. */
            data: {
                /** @description The checkout session, invoice, subscription or customer as it was then. */
                object: {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        MessageTaken: {
            /** @description The session that was started or told; the same for each repeat. */
            session_id: string;
        };
        Session: {
            /**
             * @description Names it.
             * @example ses_01k9w3x8c2m4n6p8q0r2s4t6v8
             */
            id: string;
            /** @description The user whose it is. */
            user_id: string;
            /** @description What the agent is to reach, in your words. */
            goal: string;
            /** @description Added to the agent's own system prompt; null: nothing. */
            system: string | null;
            /** @description The agent by its name; `GET /v1/agents` lists them. */
            agent: string;
            /** @description The named plan: model, budget of new users, most sessions. */
            tier: string;
            /** @description The model by its id. */
            model: string;
            /**
             * Format: date-time
             * @description The announced end of its model: from then on its ladder serves it, or it pauses until you resume it with the successor.
             */
            model_retires_at: string | null;
            /** @description Cheaper models to go down to as the day's money runs short, in that order. */
            model_ladder: string[];
            /** @description The most of each day's allowance that the session may use; null: all of it. */
            daily_share_percent: number | null;
            /**
             * @description As it was asked for; null: the agent's, else the tier's. `agent.thinking` says what each call has.
             * @enum {string|null}
             */
            effort: "low" | "medium" | "high" | "xhigh" | "max" | null;
            /** @description The longest reply; null: the default. */
            max_output_tokens: number | null;
            /** @description The only tools of its agent that it may use; null: all of them. */
            tools: string[] | null;
            web: components["schemas"]["Web"];
            /** @description The MCP servers whose tools it has, by name; null: those of its agent. */
            mcp: string[] | null;
            /** @description The memory that it shares with your other sessions of it; null: none. */
            memory: string | null;
            /** @description Searches of the web that are left of this UTC day; null: no limit but its money. */
            searches_left_today: number | null;
            /** @description Tools whose calls you must approve, besides those of which the deployment says so; null: none. */
            approvals: string[] | null;
            /** @description JSON Schema of its result; null: a text. */
            result_schema: {
                [key: string]: unknown;
            } | null;
            /** @description Whether its agent may propose answers to its questions. */
            offer_choices: boolean;
            /**
             * @description What a reply without a tool call means. `complete`: the goal is reached. `wait`: it waits for a message.
             * @enum {string}
             */
            on_end_turn: "complete" | "wait";
            /** @description The most replies of the model that it may have. The session fails when it needs more. */
            max_iterations: number;
            /**
             * Format: int64
             * @description The most that this session may ever cost; null: no limit of its own.
             */
            max_cost_microdollars: number | null;
            /**
             * @description What it does. `completed`, `failed` and `cancelled` are ends; the others go on, by themselves or by you.
             * @enum {string}
             */
            status: "working" | "sleeping" | "waiting_for_input" | "paused" | "budget_exceeded" | "completed" | "failed" | "cancelled";
            /**
             * @description Where a working session is in its iteration; null: it does not work.
             * @enum {string|null}
             */
            step: "load" | "think" | "act" | null;
            /** @description What a working session does; null: it does not work. */
            activity: {
                /**
                 * @description `queued`: due, and taken up in a moment. `late`: due for more than two minutes. `loading`, `thinking`, `acting`: within an iteration. `silent`: its worker is not heard of; another one takes it up from its last save.
                 * @enum {string}
                 */
                state: "queued" | "late" | "loading" | "thinking" | "acting" | "silent";
                /**
                 * Format: date-time
                 * @description Since when it does this.
                 */
                since: string;
                /**
                 * Format: date-time
                 * @description When it must next move; null: only a user can move it.
                 */
                due_at: string | null;
                /**
                 * Format: date-time
                 * @description When its worker was last heard of; null: it has none.
                 */
                heartbeat_at: string | null;
                /** @description Times it was taken up since it last got anywhere; the sixth in vain ends it. */
                attempts: number;
                /**
                 * Format: int64
                 * @description Reserved for its model call under way, at the worst case.
                 */
                held_microdollars: number;
            } | null;
            /** @description Replies of the model so far. */
            iteration_number: number;
            /** @description What the agent calls that which it is at; null: it has not said. */
            current_phase: string | null;
            /**
             * Format: int64
             * @description What this session has cost so far.
             */
            cost_microdollars: number;
            /**
             * Format: int64
             * @description The user's allowance of today, shared by all sessions.
             */
            daily_budget_microdollars: number;
            /** @description Whether the day's money is nearly spent and the agent prepares to sleep. */
            winding_down: boolean;
            /**
             * Format: date-time
             * @description When it wakes by itself; null: only a user wakes it.
             */
            wake_at: string | null;
            /**
             * @description Why it sleeps; null: it does not.
             * @example allowance
             */
            sleep_reason: string | null;
            /** @description Why it sleeps, in amounts as they are now; null: it does not sleep. */
            sleep: {
                /** @description Why. */
                reason: string;
                /**
                 * Format: date-time
                 * @description When it wakes by itself; null: only a user wakes it.
                 */
                wakes_at: string | null;
                /** @description In it the session goes on: alarms are of whole minutes, and a lost one is made good in another. */
                wake_window: {
                    /**
                     * Format: date-time
                     * @description The earliest moment.
                     */
                    from: string;
                    /**
                     * Format: date-time
                     * @description The latest moment.
                     */
                    to: string;
                } | null;
                /**
                 * @description For want of money: `cycle`, the cycle has nothing left or is not paid, so it goes on with a renewal or a top-up; `wind_down`, 90 % of the allowance is spent; `next_step`, the next call does not fit in what is available, some of which is kept for the hand-offs of your other sessions; `share`, the day has room for it, but its own share of the day has not.
                 * @enum {string|null}
                 */
                limit: "cycle" | "wind_down" | "next_step" | "share" | null;
                /**
                 * Format: int64
                 * @description What the next call asks for at least; null: no money is wanting.
                 */
                needed_microdollars: number | null;
                /**
                 * Format: int64
                 * @description Of today's ceiling, neither spent nor held.
                 */
                available_microdollars: number | null;
                /**
                 * Format: int64
                 * @description Of what is available, kept so that your sessions that still work today can hand off.
                 */
                kept_for_hand_offs_microdollars: number | null;
                /**
                 * Format: int64
                 * @description The least top-up for today with which it goes on; null: no money is wanting, or it has a share of its own.
                 */
                top_up_to_wake_microdollars: number | null;
                /**
                 * Format: int64
                 * @description For reading its context anew when it wakes, since the provider's cache has forgotten it by then; null: not known.
                 */
                resume_cost_microdollars: number | null;
                /** @description What its agent left for its next day. */
                note: string | null;
            } | null;
            /** @description What is asked of you; null: nothing. */
            question: string | null;
            /** @description What it waits for, of you; null: it does not. */
            waiting: {
                /**
                 * @description Which of them it is.
                 * @enum {string}
                 */
                kind: "question" | "approval";
                /** @description What is asked of you; null: nothing. */
                question: string | null;
                /** @description Answers that the question offers; others are taken, too. */
                choices: string[] | null;
                /**
                 * Format: date-time
                 * @description Since when.
                 */
                since: string;
                /**
                 * Format: int64
                 * @description For reading its context anew when it goes on, if the provider's cache has forgotten it by then; null: not known.
                 */
                resume_cost_microdollars: number | null;
                /** @description Of `approval`: the calls that wait for your decision. */
                approvals: components["schemas"]["Approval"][];
            } | null;
            /** @description What the agent finished with; null: nothing yet. */
            result: string | null;
            /** @description The result in the shape of `result_schema`; null: it has none, or has not finished by it. */
            result_json: {
                [key: string]: unknown;
            } | null;
            /** @description Why it stopped; null: no error. */
            error: {
                /** @description Stable: programs branch on it. */
                code: string;
                /** @description What happened, for people. */
                message: string;
            } | null;
            /**
             * @description How it ended; null: it has not.
             * @example completed
             */
            outcome: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updated_at: string;
            /**
             * Format: date-time
             * @description When it was last saved; null: not yet.
             */
            last_checkpoint_at: string | null;
            /**
             * Format: date-time
             * @description When it ended; null: it has not.
             */
            completed_at: string | null;
            /** @description The caller's own; never shown to the model. */
            metadata: {
                [key: string]: unknown;
            };
        };
        /** @description What it may ask of the web; null: only addresses that others have named. */
        Web: {
            /** @description The only hosts that the session may fetch from, each with all below it and with or without the beginning of a path. null: no list; then it fetches only addresses that the goal, a message or a page or search result before named, letter for letter. */
            allow: string[] | null;
            /** @description Hosts, or parts of them, that it never fetches from. Counts more than `allow`. */
            deny: string[];
            /** @description The most searches of the web in one UTC day. They are counted in the session, also over restarts and summaries; a search that fails counts. null: as many as its money allows. */
            searches_per_day: number | null;
            /** @description What curl and JavaScript in the shell may ask of hosts, each with all below it. Left out or empty: the shell has no network. The first rule that fits a request counts; `deny` counts more. */
            shell: {
                /** @description The host, with all below it. */
                host: string;
                /** @description What may be asked of the host. */
                methods: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE")[];
                /** @description The name of the secret that is put into the requests; null: none. */
                secret: string | null;
            }[];
            /** @description Which repositories the tools git and git_push may take, by https. Left out or empty: the session has no such tools. */
            git: {
                /** @description The host, with all below it. */
                host: string;
                /** @description Whether the session may push there. */
                push: boolean;
                /** @description The name of the secret that is put into the requests; null: none. */
                secret: string | null;
            }[];
        } | null;
        Approval: {
            /** @description The tool call that waits. */
            call_id: string;
            /** @description The tool by its name. */
            tool: string;
            /** @description The arguments that run if you approve it. In lists absent where they are long. */
            input?: {
                [key: string]: unknown;
            };
            /** @description In lists, the beginning of long arguments as JSON. */
            input_preview?: string;
            /** @description The arguments are yours: you approved them before a deployment changed the tool. */
            edited: boolean;
            /** @description SHA-256 of tool and arguments as JSON with sorted keys. */
            args_sha: string;
            /** @description SHA-256 of the tool's description, schema and effect as JSON with sorted keys. */
            tool_sha: string;
            /**
             * Format: date-time
             * @description When it was asked.
             */
            asked_at: string;
            /**
             * Format: date-time
             * @description From then on the call does not run, and its agent is told that nobody decided.
             */
            expires_at: string;
        };
        NewSession: {
            /**
             * @description What the agent is to reach, in your words.
             * @example Write a short guide to the moons of Jupiter in guide.md.
             */
            goal: string;
            /**
             * @description The agent by its name; `GET /v1/agents` lists them.
             * @default assistant
             */
            agent?: string;
            /** @description By default the agent's, else the model of the user's tier. */
            model?: string;
            /** @description Added to the agent's own system prompt. */
            system?: string | null;
            /**
             * @description What a reply without a tool call means. `complete`: the goal is reached. `wait`: it waits for a message.
             * @default complete
             * @enum {string}
             */
            on_end_turn?: "complete" | "wait";
            /**
             * @description The most replies of the model that it may have. The session fails when it needs more.
             * @default 150
             */
            max_iterations?: number;
            /** @description The most that the session may ever cost; null: no limit of its own. */
            max_cost_microdollars?: number | null;
            /** @description The most of each day's allowance that this session may use; the rest is left to your others. */
            daily_share_percent?: number | null;
            /**
             * @description Cheaper models to go down to as the day's money runs short, in that order, instead of sleeping early.
             * @default []
             * @example [
             *       "claude-haiku-5-5"
             *     ]
             */
            model_ladder?: string[];
            /**
             * @description How much the model puts into its replies, and so what they cost; by default the agent's, else the tier's. As the day's money runs short it goes down before the model does.
             * @enum {string|null}
             */
            effort?: "low" | "medium" | "high" | "xhigh" | "max" | null;
            /** @description The most tokens of one reply, thinking included; at most what the model can. All of them are held before each call. */
            max_output_tokens?: number | null;
            /**
             * @description The only tools of its agent that this session may use, for its whole life; by default all of them. Tools of MCP servers are named as the model knows them, such as `mcp__mail__send`. The controls by which an agent sleeps, asks, tells and finishes always stay.
             * @example [
             *       "read_file",
             *       "write_file"
             *     ]
             */
            tools?: string[] | null;
            /**
             * @description Tools whose calls you must approve before they run, besides those of which the deployment says so.
             * @example [
             *       "web_search"
             *     ]
             */
            approvals?: string[] | null;
            /** @description JSON Schema of the result, whose `type` is `object`: the agent must hand over a result of this shape, which `result_json` then has. */
            result_schema?: {
                [key: string]: unknown;
            };
            /**
             * @description Its questions may offer answers to choose from.
             * @default false
             */
            offer_choices?: boolean;
            /** @description What the session may ask of the web. By default it fetches only addresses that the goal, a message or a page or search result before named. */
            web?: {
                /**
                 * @description The only hosts that the session may fetch from, each with all below it and with or without the beginning of a path. null: no list; then it fetches only addresses that the goal, a message or a page or search result before named, letter for letter.
                 * @default null
                 * @example [
                 *       "example.com",
                 *       "docs.example.org/v2"
                 *     ]
                 */
                allow?: string[] | null;
                /**
                 * @description Hosts, or parts of them, that it never fetches from. Counts more than `allow`.
                 * @default []
                 */
                deny?: string[];
                /**
                 * @description The most searches of the web in one UTC day. They are counted in the session, also over restarts and summaries; a search that fails counts. null: as many as its money allows.
                 * @default null
                 * @example 20
                 */
                searches_per_day?: number | null;
                /**
                 * @description What curl and JavaScript in the shell may ask of hosts, each with all below it. Left out or empty: the shell has no network. The first rule that fits a request counts; `deny` counts more.
                 * @default []
                 */
                shell?: {
                    /**
                     * @description As in `allow`.
                     * @example api.github.com
                     */
                    host: string;
                    /**
                     * @description A script that sent another method than GET and HEAD is not run again after a crash.
                     * @default [
                     *       "GET",
                     *       "HEAD"
                     *     ]
                     */
                    methods?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE")[];
                    /**
                     * @description The name of a credential of the deployment, whose value the runtime adds to these requests where it is for the host. The shell never sees it.
                     * @default null
                     */
                    secret?: string | null;
                }[];
                /**
                 * @description Which repositories the tools git and git_push may take, by https. Left out or empty: the session has no such tools.
                 * @default []
                 */
                git?: {
                    /**
                     * @description As in `allow`.
                     * @example github.com/me/site
                     */
                    host: string;
                    /**
                     * @description Whether the session may push there.
                     * @default false
                     */
                    push?: boolean;
                    /**
                     * @description As in `shell`; git signs in with it.
                     * @default null
                     */
                    secret?: string | null;
                }[];
            } | null;
            /** @description The MCP servers of this deployment whose tools it has, for its whole life; by default those of its agent. `agent.mcp_tools_taken` says which tools it got. */
            mcp?: string[] | null;
            /**
             * @description The memory that this session shares with your other sessions of it, for its whole life: a folder memory/ of its workspace. Made with its first entry. By default it has none.
             * @example team
             */
            memory?: string | null;
            /** @description The caller's own; never shown to the model. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description Files that the workspace begins with; the agent is told of them with its goal. All of the body has at most 1 MiB: put larger ones afterwards. */
            files?: {
                /**
                 * @description The path in the workspace.
                 * @example data/sales.csv
                 */
                path: string;
                /** @description The text. */
                content: string;
                /**
                 * @description How `content` stands for the bytes.
                 * @default text
                 * @enum {string}
                 */
                encoding?: "text" | "base64";
            }[];
        };
        SessionList: {
            /** @description The items of this page. */
            data: components["schemas"]["Session"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        /** @description How many sessions have each status. */
        SessionCounts: {
            /** @description How many sessions have it. */
            working: number;
            /** @description How many sessions have it. */
            sleeping: number;
            /** @description How many sessions have it. */
            waiting_for_input: number;
            /** @description How many sessions have it. */
            paused: number;
            /** @description How many sessions have it. */
            budget_exceeded: number;
            /** @description How many sessions have it. */
            completed: number;
            /** @description How many sessions have it. */
            failed: number;
            /** @description How many sessions have it. */
            cancelled: number;
        };
        SessionChange: {
            /** @description The caller's own; never shown to the model. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description The most replies of the model that it may have. The session fails when it needs more. */
            max_iterations?: number;
            /** @description The most that the session may ever cost; null: no limit of its own. */
            max_cost_microdollars?: number | null;
            /** @description The most of each day's allowance that the session may use; null: all of it. */
            daily_share_percent?: number | null;
            /** @description Cheaper models to go down to as the day's money runs short, in that order. */
            model_ladder?: string[];
            /**
             * @description How much the model puts into its replies; null: the default of the agent or the tier.
             * @enum {string|null}
             */
            effort?: "low" | "medium" | "high" | "xhigh" | "max" | null;
            /** @description The longest reply; null: the default. */
            max_output_tokens?: number | null;
            web?: components["schemas"]["WantedWeb"];
        };
        WantedWeb: {
            /**
             * @description The only hosts that the session may fetch from, each with all below it and with or without the beginning of a path. null: no list; then it fetches only addresses that the goal, a message or a page or search result before named, letter for letter.
             * @default null
             * @example [
             *       "example.com",
             *       "docs.example.org/v2"
             *     ]
             */
            allow?: string[] | null;
            /**
             * @description Hosts, or parts of them, that it never fetches from. Counts more than `allow`.
             * @default []
             */
            deny?: string[];
            /**
             * @description The most searches of the web in one UTC day. They are counted in the session, also over restarts and summaries; a search that fails counts. null: as many as its money allows.
             * @default null
             * @example 20
             */
            searches_per_day?: number | null;
            /**
             * @description What curl and JavaScript in the shell may ask of hosts, each with all below it. Left out or empty: the shell has no network. The first rule that fits a request counts; `deny` counts more.
             * @default []
             */
            shell?: {
                /**
                 * @description As in `allow`.
                 * @example api.github.com
                 */
                host: string;
                /**
                 * @description A script that sent another method than GET and HEAD is not run again after a crash.
                 * @default [
                 *       "GET",
                 *       "HEAD"
                 *     ]
                 */
                methods?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE")[];
                /**
                 * @description The name of a credential of the deployment, whose value the runtime adds to these requests where it is for the host. The shell never sees it.
                 * @default null
                 */
                secret?: string | null;
            }[];
            /**
             * @description Which repositories the tools git and git_push may take, by https. Left out or empty: the session has no such tools.
             * @default []
             */
            git?: {
                /**
                 * @description As in `allow`.
                 * @example github.com/me/site
                 */
                host: string;
                /**
                 * @description Whether the session may push there.
                 * @default false
                 */
                push?: boolean;
                /**
                 * @description As in `shell`; git signs in with it.
                 * @default null
                 */
                secret?: string | null;
            }[];
        } | null;
        SessionStatus: {
            /** @description The session. */
            id: string;
            /**
             * @description As the session has it.
             * @enum {string}
             */
            status: "working" | "sleeping" | "waiting_for_input" | "paused" | "budget_exceeded" | "completed" | "failed" | "cancelled";
            /**
             * Format: date-time
             * @description When a sleeper wakes by itself; null: it does not.
             */
            wake_at: string | null;
            /**
             * Format: int64
             * @description What this session has cost so far.
             */
            cost_microdollars: number;
            /** @description Per cent of the day's allowance that all your sessions have spent, to two digits; null without one. */
            budget_pct: number | null;
            /**
             * Format: date-time
             * @description When the database was asked, by its own clock: at most a minute ago.
             */
            as_of: string;
        };
        NewMessage: {
            /** @description The text. */
            content: string;
            /** @description Files of the workspace that go with the message. The agent is told their paths. All of the body has at most 1 MiB: put larger files first, and name them here by their path alone. */
            attachments?: {
                /**
                 * @description The path in the workspace.
                 * @example data/sales.csv
                 */
                path: string;
                /** @description Left out: the file is there already. */
                content?: string;
                /**
                 * @description How `content` stands for the bytes.
                 * @default text
                 * @enum {string}
                 */
                encoding?: "text" | "base64";
            }[];
        };
        ApprovalDecision: {
            /**
             * @description `edit`: run it with `input` in place of its own arguments.
             * @enum {string}
             */
            decision: "approve" | "deny" | "edit";
            /** @description Of `edit`, and of nothing else: all arguments of the call. */
            input?: {
                [key: string]: unknown;
            };
            /** @description Told to the agent of a call that is denied. */
            reason?: string;
            /** @description The `args_sha` of the question that is answered: one about anything else is not. */
            args_sha?: string;
            /** @description The `tool_sha` of the question that is answered: one about anything else is not. */
            tool_sha?: string;
        };
        MessageList: {
            /** @description The items of this page. */
            data: components["schemas"]["Message"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        Message: {
            /**
             * @description What the runtime itself says has the role `system`.
             * @enum {string}
             */
            role: "user" | "assistant" | "system";
            /** @description Content blocks of the Messages API: text, tool_use, tool_result and others. In place of an image or PDF that the agent was shown stands a text with its path, type and size. */
            content: ({
                /** @description Which kind it is. */
                type: string;
            } & {
                [key: string]: unknown;
            })[];
        };
        EventList: {
            /** @description The items of this page. */
            data: components["schemas"]["Event"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        /** @description An entry of the journal; `type` tells which. */
        Event: components["schemas"]["AgentStartedEvent"] | components["schemas"]["AgentMessageReceivedEvent"] | components["schemas"]["AgentFilesReceivedEvent"] | components["schemas"]["AgentMemorySavedEvent"] | components["schemas"]["AgentSettingsChangedEvent"] | components["schemas"]["AgentResumedEvent"] | components["schemas"]["AgentWakingEvent"] | components["schemas"]["AgentThinkingEvent"] | components["schemas"]["AgentModelChangedEvent"] | components["schemas"]["AgentEffortChangedEvent"] | components["schemas"]["AgentHeadChangedEvent"] | components["schemas"]["AgentMcpToolsTakenEvent"] | components["schemas"]["AgentModelCalledEvent"] | components["schemas"]["AgentBillInDoubtEvent"] | components["schemas"]["AgentCostCorrectedEvent"] | components["schemas"]["AgentRetryingEvent"] | components["schemas"]["AgentRefusedEvent"] | components["schemas"]["AgentThinkingDroppedEvent"] | components["schemas"]["AgentModelRetiringEvent"] | components["schemas"]["AgentCompactedEvent"] | components["schemas"]["AgentThoughtEvent"] | components["schemas"]["AgentTextEvent"] | components["schemas"]["AgentToolCalledEvent"] | components["schemas"]["AgentToolResultEvent"] | components["schemas"]["AgentEscalatedEvent"] | components["schemas"]["AgentPhaseStartedEvent"] | components["schemas"]["AgentPhaseCompletedEvent"] | components["schemas"]["AgentBudgetUpdatedEvent"] | components["schemas"]["AgentWindingDownEvent"] | components["schemas"]["AgentSleepingEvent"] | components["schemas"]["AgentBudgetExceededEvent"] | components["schemas"]["AgentApprovalRequestedEvent"] | components["schemas"]["AgentApprovalDecidedEvent"] | components["schemas"]["AgentWaitingForInputEvent"] | components["schemas"]["AgentPausedEvent"] | components["schemas"]["AgentCompletedEvent"] | components["schemas"]["AgentFailedEvent"] | components["schemas"]["AgentCancelledEvent"];
        /** @description The session was made, or imported. */
        AgentStartedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.started";
            /** @description The agent by its name; `GET /v1/agents` lists them. */
            agent: string;
            /** @description The model by its id. */
            model: string;
            /** @description The named plan: model, budget of new users, most sessions. */
            tier: string;
            /** @description Of a session that was imported. */
            imported_from?: {
                /** @description The session. */
                session_id: string;
                /**
                 * Format: date-time
                 * @description When the file was written.
                 */
                exported_at: string;
            };
        };
        /** @description A message of a user or a trigger was taken in. The next call of the model has it. */
        AgentMessageReceivedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.message_received";
            /** @description The text. */
            content: string;
        };
        /** @description Files that a user wrote or removed have come into the workspace. */
        AgentFilesReceivedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.files_received";
            /** @description Those that were written, the first of them. */
            files: {
                /** @description The path in the workspace, or in the memory. */
                path: string;
                /** @description The size. */
                bytes: number;
            }[];
            /** @description Those that are gone. */
            removed: string[];
            /** @description How many others there are that are not listed. */
            more: number;
        };
        /** @description What the agent wrote into the shared memory was saved there. */
        AgentMemorySavedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.memory_saved";
            /** @description Entries that were written, the first of them. */
            written: {
                /** @description The path in the workspace, or in the memory. */
                path: string;
                /** @description The size. */
                bytes: number;
                /** @description Written after the session had read text from outside. */
                untrusted: boolean;
            }[];
            /** @description Those that are gone. */
            removed: string[];
            /** @description Had no room in the memory: files of the workspace now. */
            unsaved: string[];
            /** @description How many others there are that are not listed. */
            more: number;
        };
        /** @description A user has changed settings. Each field that is there has a new value, from the next call of the model on. */
        AgentSettingsChangedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.settings_changed";
            /** @description The most replies of the model that it may have. The session fails when it needs more. */
            max_iterations?: number;
            /** @description The most that the session may ever cost; null: no limit of its own. */
            max_cost_microdollars?: number | null;
            /** @description Cheaper models to go down to as the day's money runs short, in that order. */
            model_ladder?: string[];
            /** @description The most of each day's allowance that the session may use; null: all of it. */
            daily_share_percent?: number | null;
            /**
             * @description How much the model puts into its replies; null: the default of the agent or the tier.
             * @enum {string|null}
             */
            effort?: "low" | "medium" | "high" | "xhigh" | "max" | null;
            /** @description The longest reply; null: the default. */
            max_output_tokens?: number | null;
            /**
             * @description Its rules of the web have changed.
             * @enum {string}
             */
            web?: "changed";
            /**
             * @description The metadata has changed.
             * @enum {string}
             */
            metadata?: "changed";
        };
        /** @description It goes on after a pause. */
        AgentResumedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.resumed";
        };
        /** @description It goes on after a sleep. */
        AgentWakingEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.waking";
            /**
             * @description Why.
             * @enum {string}
             */
            reason: "allowance" | "rate_limit" | "overloaded" | "server_away" | "agent" | "session_cap" | "claim_limit" | "budget_exceeded";
            /** @description Before its time: by a top-up, a message or a request. */
            early: boolean;
        };
        /** @description A call of the model begins. Its worst case is held. */
        AgentThinkingEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.thinking";
            /** @description The model by its id. */
            model: string;
            /**
             * @description How much the model puts into its replies; null: the default of the agent or the tier.
             * @enum {string}
             */
            effort?: "low" | "medium" | "high" | "xhigh" | "max";
            /**
             * @description The call writes a summary that replaces older messages.
             * @enum {boolean}
             */
            compacting?: true;
        };
        /** @description Another model serves it: a rung of its ladder, because the day's money runs short, or a successor. */
        AgentModelChangedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.model_changed";
            /** @description What it was before; null: nothing, or not known. */
            from: string;
            /** @description What it is now; null: not known. */
            to: string;
            /**
             * @description Why.
             * @enum {string}
             */
            reason?: "retired";
        };
        /** @description The model puts more or less into its replies, as the money of the day allows. */
        AgentEffortChangedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.effort_changed";
            /**
             * @description What it was before; null: nothing, or not known.
             * @enum {string}
             */
            from: "low" | "medium" | "high" | "xhigh" | "max";
            /**
             * @description What it is now; null: not known.
             * @enum {string}
             */
            to: "low" | "medium" | "high" | "xhigh" | "max";
            /** @description What is spent of the allowance of the day. */
            budget_pct: number;
        };
        /** @description A deployment or a setting has changed its prompt or tools, and it has taken them over. */
        AgentHeadChangedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.head_changed";
            /** @description The agent by its name; `GET /v1/agents` lists them. */
            agent: string;
            /** @description Hash of the prompt and tools before; null: none yet. */
            from: string | null;
            /** @description Hash of the prompt and tools from now on. */
            to: string | null;
        };
        /** @description The tools of an MCP server, as its prompts have them from now on. */
        AgentMcpToolsTakenEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.mcp_tools_taken";
            /** @description The MCP server by its name. */
            server: string;
            /** @description SHA-256 of the tools as the session has them. */
            pin: string;
            /** @description The pin before; null: its first list. */
            previous: string | null;
            /** @description How many it offers. */
            tools: number;
            /** @description Tools that it did not have before. */
            added: string[];
            /** @description Tools that it has no more. */
            removed: string[];
            /** @description Tools with another description, other arguments or another effect under the same name. */
            changed: string[];
            /** @description Tools that are not offered. */
            left_out: {
                /** @description The name. */
                name: string;
                /** @description Why. */
                reason: string;
            }[];
        };
        /** @description A call of the model that may have been billed, with its cost. Tokens are of this one call. */
        AgentModelCalledEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.model_called";
            /** @description The model by its id. */
            model: string;
            /**
             * @description `think`: a reply. `compact`: a summary. Null: its worker died, and only the hold is known.
             * @enum {string|null}
             */
            kind: "think" | "compact" | null;
            /** @description What it cost. */
            cost_microdollars: number;
            /**
             * @description `settled`: the exact cost. `unknown`: it could not be proved, and the worst case is charged.
             * @enum {string}
             */
            charge: "settled" | "unknown";
            /** @description Of the prompt, neither read from nor written to the cache; null: not told. */
            input_tokens: number | null;
            /** @description Of the reply, thinking included; null: not told. */
            output_tokens: number | null;
            /** @description Of the prompt, written to the cache for five minutes; null: not told. */
            cache_write_5m_tokens: number | null;
            /** @description Of the prompt, written to the cache for an hour; null: not told. */
            cache_write_1h_tokens: number | null;
            /** @description Of the prompt, read from the cache; null: not told. */
            cache_read_tokens: number | null;
            /** @description How long it took. */
            duration_ms: number;
        };
        /** @description The provider told too little to work out the cost of a call. The worst case was charged. */
        AgentBillInDoubtEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.bill_in_doubt";
            /** @description What happened, for people. */
            message: string;
            /** @description What was charged for the call in doubt. */
            charged_microdollars: number;
        };
        /** @description The provider's usage report has shown a lower cost for a call in doubt. The difference was given back. */
        AgentCostCorrectedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.cost_corrected";
            /**
             * @description Why.
             * @enum {string}
             */
            reason: "provider_report";
            /** @description What was charged for the call in doubt. */
            charged_microdollars: number;
            /** @description What it cost. */
            cost_microdollars: number;
        };
        /** @description Something failed that may pass: the provider, a server, or a worker that died. It tries again by itself, and nothing is lost. */
        AgentRetryingEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.retrying";
            /** @description Why. */
            reason?: string;
            /** @description The provider's HTTP status; null: no answer came. */
            status?: number | null;
            /** @description What happened, for people. */
            message?: string;
            /** @description Which try in a row has failed, from 1. */
            attempt?: number;
            /** @description What is charged for the outcome that nobody knows. */
            cost_microdollars?: number;
            /** @description How often the session was taken up on this day. */
            claims?: number;
            /**
             * Format: date-time
             * @description When it wakes by itself; null: only a user wakes it.
             */
            wake_at?: string | null;
        };
        /** @description The model refused to go on. What the provider billed for that is charged. */
        AgentRefusedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.refused";
            /** @description The model by its id. */
            model: string;
            /** @description The provider's name for why it refused; null: it gave none. */
            category: string | null;
            /** @description The text, as a preview. */
            text: string;
        };
        /** @description The provider did not take back earlier thinking. It was left out, and the call is made anew. */
        AgentThinkingDroppedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.thinking_dropped";
            /** @description What happened, for people. */
            message: string;
        };
        /** @description The end of its model is announced. */
        AgentModelRetiringEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.model_retiring";
            /** @description The model by its id. */
            model: string;
            /**
             * Format: date-time
             * @description The announced end.
             */
            retires_at: string;
            /** @description The model to take instead; null: none is announced. */
            successor: string | null;
        };
        /** @description A summary has taken the place of older messages in the prompt. The messages can still be read. */
        AgentCompactedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.compacted";
            /** @description Length of the prompt before. */
            tokens_before: number;
            /** @description Length of the summary. */
            summary_characters: number;
            /**
             * @description The summary reached the limit of its length.
             * @enum {boolean}
             */
            cut?: true;
        };
        /** @description What the model thought, as a preview. */
        AgentThoughtEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.thought";
            /** @description The text, as a preview. */
            text: string;
        };
        /** @description What the model said, as a preview. */
        AgentTextEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.text";
            /** @description The text, as a preview. */
            text: string;
        };
        /** @description The model calls a tool. */
        AgentToolCalledEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.tool.called";
            /** @description The id of the call, as in the conversation. */
            tool_use_id: string;
            /** @description The name. */
            name: string;
            /** @description The arguments. */
            input?: {
                [key: string]: unknown;
            };
            /** @description The beginning of arguments that are too long to be shown. */
            input_preview?: string;
        };
        /** @description What came of a tool call. */
        AgentToolResultEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.tool.result";
            /** @description The id of the call, as in the conversation. */
            tool_use_id: string;
            /** @description The tool; null: the call could not be read. */
            name: string | null;
            /** @description Whether the tool failed. The agent is told, and goes on. */
            is_error: boolean;
            /** @description Length of the whole result. */
            characters: number;
            /** @description The text. */
            content: string;
            /** @description How long it took. */
            duration_ms?: number;
            /** @description Of a paid tool. Null: not known, and all that was held for it is charged. */
            cost_microdollars?: number | null;
        };
        /** @description One tool failed with the same error in three different tries, and the agent asks for help. */
        AgentEscalatedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.escalated";
            /** @description The tool by its name. */
            tool: string;
            /** @description What the tool said, as a preview. */
            error: string;
            /** @description How often it has happened in this session; the fifth ends it. */
            escalations: number;
        };
        /** @description The agent says what it begins. */
        AgentPhaseStartedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.phase.started";
            /** @description What the agent calls it. */
            phase_name: string;
            /** @description The text, as a preview. */
            text: string;
            /**
             * @description The phase that was under way goes on.
             * @enum {boolean}
             */
            continued?: true;
        };
        /** @description The agent says what it has finished. */
        AgentPhaseCompletedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.phase.completed";
            /** @description What the agent calls it. */
            phase_name: string;
        };
        /** @description The money of the day after a reply, and once more after tools that cost some, and the session's own cost. */
        AgentBudgetUpdatedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.budget_updated";
            /** @description What is spent of the allowance of the day. */
            budget_pct: number;
            /** @description What was spent. */
            spent_microdollars: number;
            /** @description The allowance of the day. */
            daily_budget_microdollars: number;
            /** @description What it cost. */
            cost_microdollars: number;
        };
        /** @description The money of the day runs short. The agent is told to finish its task and to leave a note. */
        AgentWindingDownEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.winding_down";
            /** @description What is spent of the allowance of the day. */
            budget_pct: number;
            /**
             * @description Why.
             * @enum {string}
             */
            reason: "allowance" | "share" | "next_step";
            /**
             * Format: date-time
             * @description When the next day begins.
             */
            resets_at: string;
        };
        /** @description It sleeps. Everything is kept, and nothing is spent until it wakes. */
        AgentSleepingEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.sleeping";
            /**
             * @description Why.
             * @enum {string}
             */
            reason: "allowance" | "rate_limit" | "overloaded" | "server_away" | "agent" | "session_cap" | "claim_limit";
            /**
             * Format: date-time
             * @description When it wakes by itself; null: only a user wakes it.
             */
            wake_at: string | null;
            /**
             * @description For want of money, the limit that was reached: see `sleep.limit` of the session.
             * @enum {string}
             */
            limit?: "cycle" | "wind_down" | "next_step" | "share";
            /** @description What the next call asks for at least. */
            needed_microdollars?: number;
            /** @description Of today's ceiling, or of its share of that, neither spent nor held. */
            available_microdollars?: number;
            /** @description For reading the context anew, since the provider's cache forgets it meanwhile. */
            resume_cost_microdollars?: number;
            /** @description What the agent left for its next day. */
            note?: string;
        };
        /** @description More is spent than the ceiling of the day allows, by a bill above its hold or a lowered plan. It stops until the next day. */
        AgentBudgetExceededEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.budget_exceeded";
            /** @description What was spent. */
            spent_microdollars: number;
            /** @description What no admitted call passes: 110 % of the allowance, or what the cycle has left. */
            hard_ceiling_microdollars: number;
            /**
             * Format: date-time
             * @description When it wakes by itself; null: only a user wakes it.
             */
            wake_at: string | null;
        };
        /** @description A tool call waits for a decision. Nothing is spent meanwhile. */
        AgentApprovalRequestedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.approval_requested";
            /** @description The id of the call, as in the conversation. */
            tool_use_id: string;
            /** @description The name. */
            name: string;
            /** @description The arguments. */
            input?: {
                [key: string]: unknown;
            };
            /** @description The beginning of arguments that are too long to be shown. */
            input_preview?: string;
            /** @description SHA-256 of the arguments. Send it with the decision, so that it is about these. */
            args_sha: string;
            /** @description SHA-256 of the tool as it was asked about. Send it with the decision. */
            tool_sha: string;
            /**
             * Format: date-time
             * @description Until when it holds.
             */
            expires_at: string;
            /**
             * @description The arguments are those of a person.
             * @enum {boolean}
             */
            edited?: true;
            /**
             * @description `tool_changed`: it was asked and decided before, about the tool as it was before a deployment.
             * @enum {string}
             */
            again?: "tool_changed";
        };
        /** @description A waiting tool call was decided, has expired, or was withdrawn. */
        AgentApprovalDecidedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.approval_decided";
            /** @description The id of the call, as in the conversation. */
            tool_use_id: string;
            /** @description The name. */
            name: string;
            /**
             * @description What became of the question.
             * @enum {string}
             */
            decision: "approve" | "deny" | "edit" | "expired" | "withdrawn";
            /** @description The arguments. */
            input?: {
                [key: string]: unknown;
            };
            /** @description Why. */
            reason?: string;
        };
        /** @description It waits for you. Nothing is spent meanwhile. */
        AgentWaitingForInputEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.waiting_for_input";
            /** @description What is asked of you; null: nothing. */
            question: string | null;
            /**
             * @description Left out: `question`.
             * @enum {string}
             */
            kind?: "question" | "approval";
            /** @description Answers that the agent proposes. */
            choices?: string[];
            /**
             * Format: date-time
             * @description Until when it holds.
             */
            expires_at?: string;
            /** @description For reading the context anew, since the provider's cache forgets it meanwhile. */
            resume_cost_microdollars?: number;
        };
        /** @description A user has paused it, or an error needs a person. */
        AgentPausedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.paused";
            /** @description Why it stopped, where that was an error. */
            error?: {
                /** @description Stable: programs branch on it. */
                code: string;
                /** @description What happened, for people. */
                message: string;
            };
        };
        /** @description The goal is reached. It will not move or spend again. */
        AgentCompletedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.completed";
            /**
             * @description How it ended; null: it has not.
             * @enum {string}
             */
            outcome: "completed" | "iteration_limit_reached" | "repetition_detected" | "escalation_threshold_exceeded" | "cost_cap_reached" | "refused" | "api_error" | "cancelled" | "failed";
            /** @description What the agent finished with. */
            result?: string;
            /** @description Why it stopped, where that was an error. */
            error?: {
                /** @description Stable: programs branch on it. */
                code: string;
                /** @description What happened, for people. */
                message: string;
            };
            /** @description Replies of the model in all. */
            iterations: number;
        };
        /** @description It ended without reaching its goal. It will not move or spend again. */
        AgentFailedEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.failed";
            /**
             * @description How it ended; null: it has not.
             * @enum {string}
             */
            outcome: "completed" | "iteration_limit_reached" | "repetition_detected" | "escalation_threshold_exceeded" | "cost_cap_reached" | "refused" | "api_error" | "cancelled" | "failed";
            /** @description What the agent finished with. */
            result?: string;
            /** @description Why it stopped, where that was an error. */
            error?: {
                /** @description Stable: programs branch on it. */
                code: string;
                /** @description What happened, for people. */
                message: string;
            };
            /** @description Replies of the model in all. */
            iterations: number;
        };
        /** @description A user has ended it. It will not move or spend again. */
        AgentCancelledEvent: {
            /** @description Rises by one per session, without a gap. */
            seq: number;
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string;
            /** @description The reply that it belongs to, or the last one saved before it. */
            iteration: number;
            /**
             * @description Which kind it is. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            type: "agent.cancelled";
            /**
             * @description How it ended; null: it has not.
             * @enum {string}
             */
            outcome: "completed" | "iteration_limit_reached" | "repetition_detected" | "escalation_threshold_exceeded" | "cost_cap_reached" | "refused" | "api_error" | "cancelled" | "failed";
            /** @description What the agent finished with. */
            result?: string;
            /** @description Why it stopped, where that was an error. */
            error?: {
                /** @description Stable: programs branch on it. */
                code: string;
                /** @description What happened, for people. */
                message: string;
            };
            /** @description Replies of the model in all. */
            iterations: number;
        };
        FileList: {
            /** @description The items of this page. */
            data: components["schemas"]["File"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        File: {
            /**
             * @description From the root of the workspace.
             * @example /guide.md
             */
            path: string;
            /** @description Its length. */
            bytes: number;
            /** @description As in stat, e.g. 33188 or 420. */
            mode: number;
            /**
             * Format: date-time
             * @description When it was written last.
             */
            updated_at: string;
        };
        UnpackedArchive: {
            /** @description How many the archive has. */
            files: number;
            /** @description Their length together. */
            bytes: number;
        };
        Preview: {
            /** @description A path of this API, with a slash at its end. */
            url: string;
            /**
             * Format: date-time
             * @description Until when it holds.
             */
            expires_at: string;
        };
        MemoryList: {
            /** @description The items of this page. */
            data: components["schemas"]["Memory"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        Memory: {
            /** @description The name. */
            name: string;
            /** @description How many it has. */
            entries: number;
            /** @description Of all entries together; at most 200000. */
            bytes: number;
            /**
             * Format: date-time
             * @description When one of them was written or removed last.
             */
            updated_at: string;
        };
        MemoryEntryList: {
            /** @description The items of this page. */
            data: components["schemas"]["MemoryEntry"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        MemoryEntry: {
            /**
             * @description In the memory; agents have it below memory/.
             * @example rules.md
             */
            path: string;
            /** @description The size. */
            bytes: number;
            /**
             * @description Who wrote it: a person; an agent; or an agent whose session had read text from outside, such as a page of the web. The last ones, and no others, lie below `untrusted/`.
             * @enum {string}
             */
            source: "person" | "agent" | "untrusted";
            /** @description The session that wrote it, which may be gone; null: a person did. */
            session_id: string | null;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updated_at: string;
        };
        /** @description A session as a file: facts, state, checkpoint, messages, tool calls, inbox, journal, files (base64), and the ledger for information. No user, no key. */
        SessionFile: {
            /**
             * @description Names the form of this file.
             * @enum {string}
             */
            format: "circadian.session";
            /**
             * @description The version of the form.
             * @enum {number}
             */
            version: 1;
        } & {
            [key: string]: unknown;
        };
        Budget: {
            /**
             * Format: date
             * @description The UTC day.
             */
            date: string;
            /**
             * Format: int64
             * @description The allowance of this UTC day.
             */
            daily_budget_microdollars: number;
            /**
             * Format: int64
             * @description What was spent today.
             */
            spent_microdollars: number;
            /**
             * Format: int64
             * @description Reserved for calls of models and paid tools under way, at their worst case.
             */
            held_microdollars: number;
            /**
             * Format: int64
             * @description Allowance less spent and held, at least 0.
             */
            remaining_microdollars: number;
            /** @description 100 × spent / allowance, to two digits; null without an allowance. */
            percentage: number | null;
            /**
             * Format: int64
             * @description From here on agents wind down (90 %).
             */
            graceful_threshold_microdollars: number;
            /**
             * Format: int64
             * @description Never passed (110 %, or what is left of the subscription).
             */
            hard_ceiling_microdollars: number;
            /**
             * Format: date-time
             * @description When the next day begins.
             */
            resets_at: string;
            /** @description The money of the cycle. */
            subscription: {
                /**
                 * Format: int64
                 * @description The plan, what was carried over, and the top-ups of this cycle.
                 */
                budget_microdollars: number;
                /**
                 * Format: int64
                 * @description What was spent.
                 */
                spent_microdollars: number;
                /**
                 * Format: int64
                 * @description What is left.
                 */
                remaining_microdollars: number;
                /**
                 * Format: int64
                 * @description Of the budget: topped up before this cycle, and not used then.
                 */
                carried_over_microdollars: number;
                /**
                 * Format: int64
                 * @description Topped up and not used yet. It is used before the plan, and carries over the renewal.
                 */
                topped_up_left_microdollars: number;
                /** @description Days to the renewal, this one included. */
                days_left: number;
                /**
                 * Format: date
                 * @description When the next cycle begins; null: nothing renews.
                 */
                renewal_date: string | null;
            };
            /** @description Thresholds passed today, oldest first; all of them at `/v1/budget/alerts`. */
            alerts: {
                /**
                 * @description Which one was passed.
                 * @enum {string}
                 */
                threshold: "pace" | "graceful" | "ceiling" | "breaker";
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                at: string;
            }[];
            /** @description If spending goes on at its present pace: a guess, on which nothing depends. Where no session works before the day ends, the day ends at what is spent and held. */
            forecast: {
                /**
                 * Format: int64
                 * @description What this day will end at, at most its hard ceiling.
                 */
                day_microdollars: number;
                /**
                 * Format: date-time
                 * @description When 90 % of the allowance will be spent; null: not today.
                 */
                winds_down_at: string | null;
                /**
                 * Format: int64
                 * @description What the subscription will end at on its renewal date; null without one.
                 */
                cycle_microdollars: number | null;
                /**
                 * Format: int64
                 * @description What of the subscription will be left by then.
                 */
                unused_microdollars: number | null;
            };
        };
        NewTopUp: {
            /** @description What is added. */
            amount_microdollars: number;
            /**
             * @description `today`: all of it counts today. `cycle`: it is spread over the days left to the renewal.
             * @default cycle
             * @enum {string}
             */
            spread?: "today" | "cycle";
        };
        TopUpList: {
            /** @description The items of this page. */
            data: components["schemas"]["TopUp"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        TopUp: {
            /**
             * @description Names it.
             * @example tup_5b0c…
             */
            id: string;
            /**
             * Format: date
             * @description The UTC day that it counts on.
             */
            date: string;
            /**
             * Format: int64
             * @description What is added.
             */
            amount_microdollars: number;
            /**
             * @description `today`: all of it counted on its day. `cycle`: it is spread over the days to the renewal.
             * @enum {string}
             */
            spread: "today" | "cycle";
            /**
             * @description `request`: a user asked for it. `payment`: a payment system told of it.
             * @enum {string}
             */
            source: "request" | "payment";
            /** @description The Idempotency-Key of the request, made up where it had none (`op_…`); or the id of the payment: of its checkout session at Stripe. */
            reference: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
        };
        BudgetDayList: {
            /** @description The items of this page. */
            data: components["schemas"]["BudgetDay"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        BudgetDay: {
            /**
             * Format: date
             * @description The UTC day.
             */
            date: string;
            /**
             * Format: int64
             * @description The allowance of this UTC day.
             */
            daily_budget_microdollars: number;
            /**
             * Format: int64
             * @description Never passed (110 %, or what was left of the subscription).
             */
            hard_ceiling_microdollars: number;
            /**
             * Format: int64
             * @description The sum of its calls in the ledger.
             */
            spent_microdollars: number;
            /**
             * Format: int64
             * @description Reserved for calls whose cost is not known yet.
             */
            held_microdollars: number;
            /**
             * Format: int64
             * @description Spent or held by calls of wind-downs, part of the two above. Null: more than 92 days ago, and no longer known.
             */
            handed_off_microdollars: number | null;
            /**
             * Format: int64
             * @description Allowance less spent and held, at least 0.
             */
            remaining_microdollars: number;
            /** @description 100 × spent / allowance, to two digits; null without an allowance. */
            percentage: number | null;
            /**
             * Format: int64
             * @description What the subscription had left before this day; on a renewal date the plan and what was carried over. Null: not known.
             */
            carried_in_microdollars: number | null;
            /**
             * Format: int64
             * @description Added on this day.
             */
            topped_up_microdollars: number;
            /**
             * Format: int64
             * @description Carried in and topped up, less spent and held, at least 0: what the next day begins with. They differ where a call was settled later, or the plan changed.
             */
            carried_out_microdollars: number | null;
        };
        BudgetAlertList: {
            /** @description The items of this page. */
            data: components["schemas"]["BudgetAlert"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        BudgetAlert: {
            /**
             * @description The same in what is sent (`webhook-id`).
             * @example alr_5b0c…
             */
            id: string;
            /**
             * Format: date
             * @description The UTC day that it is about.
             */
            date: string;
            /**
             * @description `pace`: half is spent, and the day's money will be gone before 18:00 UTC. `graceful`: 90 %. `ceiling`: all of it, or what is left is too little. `breaker`: more than the hard ceiling, or the operator has stopped everything.
             * @enum {string}
             */
            threshold: "pace" | "graceful" | "ceiling" | "breaker";
            /**
             * @description Of `ceiling`: `spent` or `asleep` (for want of money). Of `breaker`: `exceeded` or `stopped`.
             * @enum {string|null}
             */
            reason: "spent" | "asleep" | "exceeded" | "stopped" | null;
            /**
             * Format: date-time
             * @description When it was raised: a minute or two after it came to pass.
             */
            at: string;
            /** @description The same as a sentence. */
            message: string;
            /**
             * Format: int64
             * @description As it was then; likewise the others.
             */
            daily_budget_microdollars: number;
            /**
             * Format: int64
             * @description What was spent.
             */
            spent_microdollars: number;
            /**
             * Format: int64
             * @description Reserved for calls under way, at their worst case.
             */
            held_microdollars: number;
            /**
             * Format: int64
             * @description What no admitted call passes: 110 % of the allowance, or what the cycle has left.
             */
            hard_ceiling_microdollars: number;
            /** @description How telling it goes; null: nobody is told. */
            delivery: {
                /**
                 * @description Over all webhooks that were told of it. `none`: there was none, or 30 days have passed. `given_up`: nobody took it.
                 * @enum {string}
                 */
                status: "none" | "pending" | "delivered" | "given_up";
                /** @description Tries so far. */
                attempts: number;
                /**
                 * Format: date-time
                 * @description When it is tried next; null: not again.
                 */
                next_attempt_at: string | null;
                /**
                 * Format: date-time
                 * @description When it was taken; null: not yet.
                 */
                delivered_at: string | null;
                /** @description How the last attempt failed. */
                error: string | null;
            };
        };
        WebhookWithSecret: components["schemas"]["Webhook"] & {
            /** @description What signs the messages (`whsec_…`). Shown this once: a repeat under the same key has none. Rotate it to get another. */
            secret?: string;
        };
        Webhook: {
            /**
             * @description Names it.
             * @example whk_01k9w3x8c2m4n6p8q0r2s4t6v8
             */
            id: string;
            /**
             * @description A public https address on port 443. It is asked directly: no redirect is followed.
             * @example https://hooks.example.com/circadian
             */
            url: string;
            /** @description Only these notices are sent. Null: all of them, also those that come to exist later. */
            events: ("session.question" | "session.approval" | "session.completed" | "session.failed" | "session.cancelled" | "session.sleeping" | "session.waking" | "session.paused" | "session.budget_exceeded" | "budget.pace" | "budget.graceful" | "budget.ceiling" | "budget.breaker")[] | null;
            /**
             * @description `standard`: JSON as /docs/webhooks describes it. `slack`: a message for Slack's incoming webhooks.
             * @enum {string}
             */
            format: "standard" | "slack";
            /** @description Whether texts are sent: the goal, and previews of questions, results, notes and errors. */
            include_text: boolean;
            /** @description The caller's own words. */
            description: string | null;
            /** @description A disabled webhook is told of nothing new, and what waits for it is put aside until it is enabled. */
            enabled: boolean;
            /**
             * @description `operator`: the user's `notify_url`, which only the operator can change.
             * @enum {string}
             */
            managed_by: "user" | "operator";
            /** @description A sentence, where it was disabled by itself. */
            disabled_reason: string | null;
            /**
             * Format: date-time
             * @description No attempt has been a success since. Null: the last was.
             */
            failing_since: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updated_at: string;
        };
        /** @description A user has at most 10 of their own. */
        NewWebhook: {
            /**
             * @description A public https address on port 443. It is asked directly: no redirect is followed.
             * @example https://hooks.example.com/circadian
             */
            url: string;
            /**
             * @description Only these notices are sent. Null: all of them, also those that come to exist later.
             * @default null
             */
            events?: ("session.question" | "session.approval" | "session.completed" | "session.failed" | "session.cancelled" | "session.sleeping" | "session.waking" | "session.paused" | "session.budget_exceeded" | "budget.pace" | "budget.graceful" | "budget.ceiling" | "budget.breaker")[] | null;
            /**
             * @description `standard`: JSON as /docs/webhooks describes it. `slack`: a message for Slack's incoming webhooks.
             * @default standard
             * @enum {string}
             */
            format?: "standard" | "slack";
            /**
             * @description Whether texts are sent: the goal, and previews of questions, results, notes and errors.
             * @default false
             */
            include_text?: boolean;
            /**
             * @description The caller's own words.
             * @default null
             */
            description?: string | null;
            /**
             * @description A disabled webhook is told of nothing new, and what waits for it is put aside until it is enabled.
             * @default true
             */
            enabled?: boolean;
        };
        WebhookList: {
            /** @description The items of this page. */
            data: components["schemas"]["Webhook"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        WebhookChange: {
            /**
             * @description A public https address on port 443. It is asked directly: no redirect is followed.
             * @example https://hooks.example.com/circadian
             */
            url?: string;
            /** @description Only these notices are sent. Null: all of them, also those that come to exist later. */
            events?: ("session.question" | "session.approval" | "session.completed" | "session.failed" | "session.cancelled" | "session.sleeping" | "session.waking" | "session.paused" | "session.budget_exceeded" | "budget.pace" | "budget.graceful" | "budget.ceiling" | "budget.breaker")[] | null;
            /**
             * @description `standard`: JSON as /docs/webhooks describes it. `slack`: a message for Slack's incoming webhooks.
             * @enum {string}
             */
            format?: "standard" | "slack";
            /** @description Whether texts are sent: the goal, and previews of questions, results, notes and errors. */
            include_text?: boolean;
            /** @description The caller's own words. */
            description?: string | null;
            /** @description A disabled webhook is told of nothing new, and what waits for it is put aside until it is enabled. */
            enabled?: boolean;
        };
        WebhookDelivery: {
            /**
             * @description Names the notice: the `webhook-id` of each attempt, here and at other webhooks.
             * @example evt_5b0c8f2e6a7d4c1b9e3f5a6d7c8e9f0a
             */
            event_id: string;
            /**
             * @description Which kind it is.
             * @enum {string}
             */
            type: "session.question" | "session.approval" | "session.completed" | "session.failed" | "session.cancelled" | "session.sleeping" | "session.waking" | "session.paused" | "session.budget_exceeded" | "budget.pace" | "budget.graceful" | "budget.ceiling" | "budget.breaker" | "webhook.test";
            /**
             * Format: date-time
             * @description When it happened.
             */
            at: string;
            /** @description The session. */
            session_id: string | null;
            /**
             * @description `held`: the webhook is disabled. `given_up`: nobody took it in eighteen attempts within three days.
             * @enum {string}
             */
            status: "pending" | "held" | "delivered" | "given_up";
            /** @description Since it was made, or last asked for. */
            attempts: number;
            /**
             * Format: date-time
             * @description The last try; null: none yet.
             */
            attempted_at: string | null;
            /**
             * Format: date-time
             * @description When it is tried next; null: not again.
             */
            next_attempt_at: string | null;
            /**
             * Format: date-time
             * @description When it was taken; null: not yet.
             */
            delivered_at: string | null;
            /** @description What the last attempt was answered; null: nothing. */
            status_code: number | null;
            /** @description How the last attempt failed. */
            error: string | null;
        };
        WebhookDeliveryList: {
            /** @description The items of this page. */
            data: components["schemas"]["WebhookDelivery"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        Schedule: {
            /**
             * @description Names it.
             * @example sch_01k9w3x8c2m4n6p8q0r2s4t6v8
             */
            id: string;
            /** @description The name. */
            name: string;
            /** @description The pattern of its instants: minute, hour, day, month, weekday. */
            cron: string;
            /** @description Where the pattern counts, by the IANA database. */
            time_zone: string;
            /**
             * @description While the last session has not ended: `skip` starts nothing, `queue` lets one run wait.
             * @enum {string}
             */
            overlap: "skip" | "queue";
            /**
             * Format: int64
             * @description The most that the session may ever cost; null: no limit of its own.
             */
            max_cost_microdollars: number;
            /** @description As it was sent. */
            template: {
                [key: string]: unknown;
            };
            /** @description False: paused, until it is resumed. */
            enabled: boolean;
            /**
             * Format: date-time
             * @description The next instant; its session starts within about a minute. Null: paused.
             */
            next_run_at: string | null;
            /** @description The next five instants. */
            next_runs: string[];
            /**
             * Format: date-time
             * @description Since when a run waits for the last session to end.
             */
            waiting_since: string | null;
            /** @description The session that it started last; null: none yet. */
            last_session_id: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updated_at: string;
        };
        NewSchedule: {
            /** @description The name. */
            name: string;
            /**
             * @description Five fields: minute, hour, day, month, weekday; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. A day or a weekday is enough where both are named. At most 288 instants a day.
             * @example 30 8 * * 1-5
             */
            cron: string;
            /**
             * @description A name of the IANA database.
             * @example Europe/Berlin
             */
            time_zone: string;
            /**
             * @description While the last session has not ended: `skip` starts nothing; `queue` lets one run wait for the end, and no more than one.
             * @default skip
             * @enum {string}
             */
            overlap?: "skip" | "queue";
            /**
             * Format: int64
             * @description The most that each session may ever cost.
             */
            max_cost_microdollars: number;
            template: components["schemas"]["SessionTemplate"];
        };
        /** @description The body of `POST /v1/sessions`, of at most 64 KiB. Read anew at each start: what it leaves out is as this deployment has it then. */
        SessionTemplate: {
            /**
             * @description What the agent is to reach, in your words.
             * @example Write a short guide to the moons of Jupiter in guide.md.
             */
            goal: string;
            /**
             * @description The agent by its name; `GET /v1/agents` lists them.
             * @default assistant
             */
            agent?: string;
            /** @description By default the agent's, else the model of the user's tier. */
            model?: string;
            /** @description Added to the agent's own system prompt. */
            system?: string | null;
            /**
             * @description What a reply without a tool call means. `complete`: the goal is reached. `wait`: it waits for a message.
             * @default complete
             * @enum {string}
             */
            on_end_turn?: "complete" | "wait";
            /**
             * @description The most replies of the model that it may have. The session fails when it needs more.
             * @default 150
             */
            max_iterations?: number;
            /** @description The most of each day's allowance that this session may use; the rest is left to your others. */
            daily_share_percent?: number | null;
            /**
             * @description Cheaper models to go down to as the day's money runs short, in that order, instead of sleeping early.
             * @default []
             * @example [
             *       "claude-haiku-5-5"
             *     ]
             */
            model_ladder?: string[];
            /**
             * @description How much the model puts into its replies, and so what they cost; by default the agent's, else the tier's. As the day's money runs short it goes down before the model does.
             * @enum {string|null}
             */
            effort?: "low" | "medium" | "high" | "xhigh" | "max" | null;
            /** @description The most tokens of one reply, thinking included; at most what the model can. All of them are held before each call. */
            max_output_tokens?: number | null;
            /**
             * @description The only tools of its agent that this session may use, for its whole life; by default all of them. Tools of MCP servers are named as the model knows them, such as `mcp__mail__send`. The controls by which an agent sleeps, asks, tells and finishes always stay.
             * @example [
             *       "read_file",
             *       "write_file"
             *     ]
             */
            tools?: string[] | null;
            /**
             * @description Tools whose calls you must approve before they run, besides those of which the deployment says so.
             * @example [
             *       "web_search"
             *     ]
             */
            approvals?: string[] | null;
            /** @description JSON Schema of the result, whose `type` is `object`: the agent must hand over a result of this shape, which `result_json` then has. */
            result_schema?: {
                [key: string]: unknown;
            };
            /**
             * @description Its questions may offer answers to choose from.
             * @default false
             */
            offer_choices?: boolean;
            /** @description What the session may ask of the web. By default it fetches only addresses that the goal, a message or a page or search result before named. */
            web?: {
                /**
                 * @description The only hosts that the session may fetch from, each with all below it and with or without the beginning of a path. null: no list; then it fetches only addresses that the goal, a message or a page or search result before named, letter for letter.
                 * @default null
                 * @example [
                 *       "example.com",
                 *       "docs.example.org/v2"
                 *     ]
                 */
                allow?: string[] | null;
                /**
                 * @description Hosts, or parts of them, that it never fetches from. Counts more than `allow`.
                 * @default []
                 */
                deny?: string[];
                /**
                 * @description The most searches of the web in one UTC day. They are counted in the session, also over restarts and summaries; a search that fails counts. null: as many as its money allows.
                 * @default null
                 * @example 20
                 */
                searches_per_day?: number | null;
                /**
                 * @description What curl and JavaScript in the shell may ask of hosts, each with all below it. Left out or empty: the shell has no network. The first rule that fits a request counts; `deny` counts more.
                 * @default []
                 */
                shell?: {
                    /**
                     * @description As in `allow`.
                     * @example api.github.com
                     */
                    host: string;
                    /**
                     * @description A script that sent another method than GET and HEAD is not run again after a crash.
                     * @default [
                     *       "GET",
                     *       "HEAD"
                     *     ]
                     */
                    methods?: ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE")[];
                    /**
                     * @description The name of a credential of the deployment, whose value the runtime adds to these requests where it is for the host. The shell never sees it.
                     * @default null
                     */
                    secret?: string | null;
                }[];
                /**
                 * @description Which repositories the tools git and git_push may take, by https. Left out or empty: the session has no such tools.
                 * @default []
                 */
                git?: {
                    /**
                     * @description As in `allow`.
                     * @example github.com/me/site
                     */
                    host: string;
                    /**
                     * @description Whether the session may push there.
                     * @default false
                     */
                    push?: boolean;
                    /**
                     * @description As in `shell`; git signs in with it.
                     * @default null
                     */
                    secret?: string | null;
                }[];
            } | null;
            /** @description The MCP servers of this deployment whose tools it has, for its whole life; by default those of its agent. `agent.mcp_tools_taken` says which tools it got. */
            mcp?: string[] | null;
            /**
             * @description The memory that this session shares with your other sessions of it, for its whole life: a folder memory/ of its workspace. Made with its first entry. By default it has none.
             * @example team
             */
            memory?: string | null;
            /** @description The caller's own; never shown to the model. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description Files that the workspace begins with; the agent is told of them with its goal. All of the body has at most 1 MiB: put larger ones afterwards. */
            files?: {
                /**
                 * @description The path in the workspace.
                 * @example data/sales.csv
                 */
                path: string;
                /** @description The text. */
                content: string;
                /**
                 * @description How `content` stands for the bytes.
                 * @default text
                 * @enum {string}
                 */
                encoding?: "text" | "base64";
            }[];
        };
        ScheduleList: {
            /** @description The items of this page. */
            data: components["schemas"]["Schedule"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        ScheduleChange: {
            /** @description The name. */
            name?: string;
            /**
             * @description Five fields: minute, hour, day, month, weekday; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. A day or a weekday is enough where both are named. At most 288 instants a day.
             * @example 30 8 * * 1-5
             */
            cron?: string;
            /**
             * @description A name of the IANA database.
             * @example Europe/Berlin
             */
            time_zone?: string;
            /**
             * @description While the last session has not ended: `skip` starts nothing; `queue` lets one run wait for the end, and no more than one.
             * @enum {string}
             */
            overlap?: "skip" | "queue";
            /**
             * Format: int64
             * @description The most that each session may ever cost.
             */
            max_cost_microdollars?: number;
            template?: components["schemas"]["SessionTemplate"];
        };
        ScheduleRun: {
            /** @description Names it. */
            id: string;
            /**
             * Format: date-time
             * @description The instant of the pattern that it is for, or that of the request.
             */
            due_at: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            at: string;
            /**
             * @description `cron`: its pattern. `request`: somebody asked for it.
             * @enum {string}
             */
            cause: "cron" | "request";
            /**
             * @description `started`: it has a session. `waiting`: for the last session to end. `skipped`: that had not ended. `refused`: no session could be had.
             * @enum {string}
             */
            status: "started" | "waiting" | "skipped" | "refused";
            /** @description Why no session was started. */
            reason: string | null;
            /** @description The session. */
            session_id: string | null;
            /** @description As it is now. Null: there is no session. */
            session_status: string | null;
            /**
             * Format: int64
             * @description What its session has cost so far.
             */
            cost_microdollars: number;
        };
        ScheduleRunList: {
            /** @description The items of this page. */
            data: components["schemas"]["ScheduleRun"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
            /**
             * Format: int64
             * @description What the sessions of all runs of the last 30 days have cost so far.
             */
            cost_30_days_microdollars: number;
        };
        TriggerWithSecret: components["schemas"]["Trigger"] & {
            /**
             * @description What signs the messages (`whsec_…`). Shown this once: a repeat under the same key has none. Rotate it to get another.
             * @example whsec_…
             */
            secret?: string;
        };
        Trigger: {
            /**
             * @description Names it.
             * @example trg_01k9w3x8c2m4n6p8q0r2s4t6v8
             */
            id: string;
            /** @description The name. */
            name: string;
            /** @description Where messages go: a path of this API. */
            url: string;
            /** @description As it was sent. */
            template: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: int64
             * @description The most that the session may ever cost; null: no limit of its own.
             */
            max_cost_microdollars: number | null;
            /** @description The session. */
            session_id: string | null;
            /**
             * Format: date-time
             * @description Of the last genuine message, to a minute.
             */
            last_used_at: string | null;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it last changed.
             */
            updated_at: string;
        };
        /**
         * @example {
         *       "name": "Mail",
         *       "template": {
         *         "goal": "Answer the message."
         *       },
         *       "max_cost_microdollars": 500000
         *     }
         */
        NewTrigger: {
            /** @description The agent is told it beside the message. */
            name: string;
            template?: components["schemas"]["SessionTemplate"] & unknown;
            /**
             * Format: int64
             * @description The most that each session may ever cost.
             */
            max_cost_microdollars?: number;
            /**
             * @description In place of a template: a genuine message is said to this session.
             * @example ses_01k9w3x8c2m4n6p8q0r2s4t6v8
             */
            session_id?: string;
        };
        TriggerList: {
            /** @description The items of this page. */
            data: components["schemas"]["Trigger"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        TriggerChange: {
            /** @description The agent is told it beside the message. */
            name?: string;
            template?: components["schemas"]["SessionTemplate"] & unknown;
            /**
             * Format: int64
             * @description The most that each session may ever cost.
             */
            max_cost_microdollars?: number;
            /**
             * @description In place of a template: a genuine message is said to this session.
             * @example ses_01k9w3x8c2m4n6p8q0r2s4t6v8
             */
            session_id?: string;
        };
        UsageList: {
            /** @description The items of this page. */
            data: components["schemas"]["Usage"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        Usage: {
            /** @description The day, the hour's beginning, the session, model, tool, or `session:iteration`. */
            key: string;
            /** @description By `tool`: tool calls. */
            calls: number;
            /**
             * Format: int64
             * @description What it cost.
             */
            cost_microdollars: number;
            /**
             * Format: int64
             * @description The part of the cost charged for calls whose outcome is not known.
             */
            unknown_microdollars: number;
            /** @description Neither read from the cache nor written to it. */
            input_tokens: number;
            /** @description Written to the cache for five minutes. */
            cache_write_5m_tokens: number;
            /** @description Written to the cache for an hour. */
            cache_write_1h_tokens: number;
            /** @description Read from the cache. */
            cache_read_tokens: number;
            /** @description Thinking included. */
            output_tokens: number;
        };
        ModelList: {
            /** @description The items of this page. */
            data: components["schemas"]["Model"][];
        };
        Model: {
            /**
             * @description Names it.
             * @example claude-haiku-5-5
             */
            id: string;
            /** @description Microdollars for a million tokens. */
            prices: {
                /**
                 * Format: int64
                 * @description Microdollars per million input tokens.
                 */
                input: number;
                /**
                 * Format: int64
                 * @description Microdollars per million output tokens, thinking included.
                 */
                output: number;
                /**
                 * Format: int64
                 * @description Microdollars per million tokens written to the cache for five minutes.
                 */
                cache_write_5m: number;
                /**
                 * Format: int64
                 * @description Microdollars per million tokens written to the cache for an hour.
                 */
                cache_write_1h: number;
                /**
                 * Format: int64
                 * @description Microdollars per million tokens read from the cache.
                 */
                cache_read: number;
            };
            /** @description The prices of a whole call whose prompt has more tokens; null: the same. */
            long_prompts: {
                /** @description From this length of the prompt on the other prices count. */
                above_tokens: number;
                /** @description Microdollars for a million tokens. */
                prices: {
                    /**
                     * Format: int64
                     * @description Microdollars per million input tokens.
                     */
                    input: number;
                    /**
                     * Format: int64
                     * @description Microdollars per million output tokens, thinking included.
                     */
                    output: number;
                    /**
                     * Format: int64
                     * @description Microdollars per million tokens written to the cache for five minutes.
                     */
                    cache_write_5m: number;
                    /**
                     * Format: int64
                     * @description Microdollars per million tokens written to the cache for an hour.
                     */
                    cache_write_1h: number;
                    /**
                     * Format: int64
                     * @description Microdollars per million tokens read from the cache.
                     */
                    cache_read: number;
                };
            } | null;
            /** @description Tokens of a prompt and its reply. */
            context_window: number;
            /** @description The longest reply that it can give. */
            max_output_tokens: number;
            /** @description What `effort` may be; empty: nothing. */
            efforts: ("low" | "medium" | "high" | "xhigh" | "max")[];
            /**
             * Format: date-time
             * @description The announced end; null: none is announced.
             */
            retires_at: string | null;
            /** @description What takes the place of one that ends. */
            successor: string | null;
            /** @description The tiers whose sessions get it when they name none. */
            default_of_tiers: string[];
        };
        AgentList: {
            /** @description The items of this page. */
            data: components["schemas"]["Agent"][];
        };
        Agent: {
            /**
             * @description As `agent` of a new session names it.
             * @example assistant
             */
            name: string;
            /** @description What it is for. */
            description: string;
            /** @description What it can do besides steering itself: sleep, ask, tell, finish. */
            tools: {
                /** @description The name. */
                name: string;
                /** @description As the model reads it. */
                description: string;
                /**
                 * @description How often its effect may happen: `pure` may be repeated freely, `idempotent` with the same key, and `once` is never repeated after a crash.
                 * @enum {string}
                 */
                effect: "pure" | "idempotent" | "once";
                /**
                 * Format: int64
                 * @description The most that one call can cost, beside the model. So much is held before it runs.
                 */
                price_microdollars: number | null;
            }[];
            /** @description What a session of yours gets that names no model: the agent's own, else the model of your tier. Null: it must name one. */
            default_model: string | null;
            /**
             * @description What a session of yours gets that names none; null: the default model takes none.
             * @enum {string|null}
             */
            default_effort: "low" | "medium" | "high" | "xhigh" | "max" | null;
            /** @description The most tokens of a reply where a session names no number; at most what its model can. */
            default_max_output_tokens: number;
        };
        ToolList: {
            /** @description The items of this page. */
            data: components["schemas"]["Tool"][];
        };
        Tool: {
            /** @description The name. */
            name: string;
            /** @description As the model reads it. */
            description: string;
            /**
             * @description How often its effect may happen: `pure` may be repeated freely, `idempotent` with the same key, and `once` is never repeated after a crash.
             * @enum {string}
             */
            effect: "pure" | "idempotent" | "once";
            /**
             * Format: int64
             * @description The most that one call can cost, beside the model. So much is held before it runs.
             */
            price_microdollars: number | null;
            /** @description The agents that have it. */
            agents: string[];
        };
        Me: {
            /** @description Names it. */
            id: string;
            /** @description The named plan: model, budget of new users, most sessions. */
            tier: string;
            /**
             * Format: int64
             * @description The plan: what each cycle has.
             */
            subscription_budget_microdollars: number;
            /**
             * Format: date
             * @description The first UTC day of the next cycle; null: nothing renews.
             */
            subscription_renewal_date: string | null;
            /**
             * @description `auto`: sleepers wake when there is money again. `manual`: only on request.
             * @enum {string}
             */
            wake_policy: "auto" | "manual";
            /** @description The most of an even day that one day may get; null: no limit. */
            max_daily_multiple: number | null;
            /** @description Only in the answer to the request that made it. */
            notify_secret?: string;
        };
        ChangedUser: components["schemas"]["User"] & {
            /** @description What the terms mean that may not be meant, in amounts: such as a renewal so near that one day may spend it all. */
            warnings: string[];
        };
        User: {
            /** @description Names it. */
            id: string;
            /** @description The named plan: model, budget of new users, most sessions. */
            tier: string;
            /**
             * Format: int64
             * @description The plan: what each cycle has.
             */
            subscription_budget_microdollars: number;
            /**
             * Format: date
             * @description The first UTC day of the next cycle; null: nothing renews.
             */
            subscription_renewal_date: string | null;
            /**
             * @description `auto`: sleepers wake when there is money again. `manual`: only on request.
             * @enum {string}
             */
            wake_policy: "auto" | "manual";
            /** @description The most of an even day that one day may get; null: no limit. */
            max_daily_multiple: number | null;
            /** @description Where the operator has alerts of this user posted; null: nowhere. */
            notify_url: string | null;
            /** @description Only in the answer to the request that made it. */
            notify_secret?: string;
        };
        /** @description Only what is given changes. A new user has the tier `standard`, and the budget of that tier, if the deployment sets one; else none. */
        UserChange: {
            /** @description The named plan: model, budget of new users, most sessions. */
            tier?: string;
            /** @description The plan: what each cycle has. */
            subscription_budget_microdollars?: number;
            /** @description The first UTC day of the next cycle. An instant stands for the UTC day that it lies in, and the new cycle begins at 00:00 UTC of it. One that has passed stands for its next monthly return. Null: nothing renews, and each day gets a thirtieth of what is left. */
            subscription_renewal_date?: string | null;
            /**
             * @description `auto`: sleepers wake when there is money again. `manual`: only on request.
             * @enum {string}
             */
            wake_policy?: "auto" | "manual";
            /** @description No day gets more than so many times an even part of the subscription, so that money left over does not flood the last days. Null: no limit. */
            max_daily_multiple?: number | null;
            /**
             * @description Where alerts are posted, signed as Standard Webhooks describe it: a public https address on port 443. Null: nowhere.
             * @example https://hooks.example.com/circadian
             */
            notify_url?: string | null;
            /** @description What signs them. Left out, one is made with the first `notify_url`; null: another is made. The answer shows a new one this once. */
            notify_secret?: string | null;
        };
        ApiKey: {
            /** @description Names it. */
            id: string;
            /** @description The key. It is shown this once. */
            key: string;
        };
        NewApiKey: {
            /** @description The name. */
            name?: string | null;
        };
        ApiKeyList: {
            /** @description The items of this page. */
            data: components["schemas"]["ApiKeyView"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        ApiKeyView: {
            /** @description Names it. */
            id: string;
            /** @description The name. */
            name: string | null;
            /** @description How the key begins; nothing else of it is known here. */
            prefix: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description To five minutes; null: never.
             */
            last_used_at: string | null;
            /**
             * Format: date-time
             * @description From when on it is refused; null: it counts.
             */
            revoked_at: string | null;
        };
        UserList: {
            /** @description The items of this page. */
            data: components["schemas"]["ListedUser"][];
            /** @description Send it as `cursor` for the next page; null: this is the last one. */
            next_cursor: string | null;
        };
        ListedUser: {
            /** @description Names it. */
            id: string;
            /** @description The named plan: model, budget of new users, most sessions. */
            tier: string;
            /**
             * Format: int64
             * @description The plan: what each cycle has.
             */
            subscription_budget_microdollars: number;
            /**
             * Format: date
             * @description The first UTC day of the next cycle; null: nothing renews.
             */
            subscription_renewal_date: string | null;
            /**
             * @description `auto`: sleepers wake when there is money again. `manual`: only on request.
             * @enum {string}
             */
            wake_policy: "auto" | "manual";
            /** @description The most of an even day that one day may get; null: no limit. */
            max_daily_multiple: number | null;
            /** @description Only in the answer to the request that made it. */
            notify_secret?: string;
            /**
             * @description `no_budget`: no subscription budget, so nothing can be started. Else `active`: a session has not ended. Else `idle`.
             * @enum {string}
             */
            status: "no_budget" | "active" | "idle";
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description As it is, or as it would open: to look at it opens no day. */
            today: {
                /**
                 * Format: date
                 * @description The UTC day.
                 */
                date: string;
                /**
                 * Format: int64
                 * @description The allowance of this UTC day.
                 */
                daily_budget_microdollars: number;
                /**
                 * Format: int64
                 * @description What was spent.
                 */
                spent_microdollars: number;
                /**
                 * Format: int64
                 * @description Reserved for calls of models and paid tools under way, at their worst case.
                 */
                held_microdollars: number;
                /**
                 * Format: int64
                 * @description Allowance less spent and held, at least 0.
                 */
                remaining_microdollars: number;
                /** @description 100 × spent / allowance, to two digits; null without an allowance. */
                percentage: number | null;
            };
            /**
             * Format: int64
             * @description Of the money of this cycle, top-ups included, neither spent nor held. Null: not known.
             */
            subscription_left_microdollars: number | null;
            /** @description To the renewal, today included. Null: not known. */
            days_left: number | null;
        };
        EmergencyStop: {
            /** @description Whether agents are held: none is taken up or woken. */
            stopped: boolean;
            /** @description What the operator gave, for other operators. Null: none. */
            reason: string | null;
        };
        NewEmergencyStop: {
            /**
             * @description For other operators.
             * @example A price is wrong. Agents go on when it is mended.
             */
            reason: string;
        };
        McpAnswer: {
            /**
             * @description The version of JSON-RPC.
             * @enum {string}
             */
            jsonrpc: "2.0";
        } & {
            [key: string]: unknown;
        };
        /**
         * @description A JSON-RPC message of the Model Context Protocol.
         * @example {
         *       "jsonrpc": "2.0",
         *       "id": 1,
         *       "method": "tools/list"
         *     }
         */
        McpMessage: {
            /**
             * @description The version of JSON-RPC.
             * @enum {string}
             */
            jsonrpc: "2.0";
            /** @description The method of the protocol. */
            method: string;
        } & {
            [key: string]: unknown;
        };
        SystemHealth: {
            /**
             * @description Where it stands.
             * @enum {string}
             */
            status: "ok" | "degraded";
            /** @description With `degraded`: for how long the most overdue session has not moved, by the last look of the recovery cron. */
            overdue_seconds?: number;
        };
        DeepHealth: {
            /**
             * @description Where it stands.
             * @enum {string}
             */
            status: "ok";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description Names this request in the logs. */
        "x-request-id": string;
        /** @description How many requests (`q`) this key has in a window of so many seconds (`w`). Absent while requests cannot be counted: then none is refused. */
        "RateLimit-Policy": string;
        /** @description How many requests are left (`r`), and after how many seconds there are more (`t`). Absent like its policy. */
        RateLimit: string;
        /** @description Seconds until another try is worth it. */
        "Retry-After": string;
        /** @description How to send a key. */
        "WWW-Authenticate": string;
        /** @description The address of what was made. */
        Location: string;
        /** @description `true`: an earlier request with this key made it. Else absent. */
        "Idempotent-Replayed": string;
        /** @description A hash of the body, for `If-None-Match`. */
        ETag: string;
        /** @description Keep it if you like, and ask each time whether it still holds. */
        "Cache-Control": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    receiveStripeEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StripeEvent"];
            };
        };
        responses: {
            /** @description Taken. It need not be sent again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StripeEventTaken"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receiveMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The trigger, as `POST /v1/triggers` named it. */
                trigger: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Taken, now or by an earlier request. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageTaken"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
                /** @description Repeat it for several. */
                status?: ("working" | "sleeping" | "waiting_for_input" | "paused" | "budget_exceeded" | "completed" | "failed" | "cancelled") | ("working" | "sleeping" | "waiting_for_input" | "paused" | "budget_exceeded" | "completed" | "failed" | "cancelled")[];
                /** @description Only sessions of this agent. */
                agent?: string;
                /** @description Only sessions that were created after this. */
                created_after?: string;
                /** @description Only sessions that were created before this. */
                created_before?: string;
                /** @description As `metadata[team]=red`: an entry of the metadata that is this text. Several must all be there. */
                metadata?: {
                    [key: string]: string;
                };
            };
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSession"];
            };
        };
        responses: {
            /** @description The session, queued. `Location` is its address. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    countSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every status, also those that no session has. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionCounts"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionChange"];
            };
        };
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSessionStatus: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its status. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionStatus"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    wakeSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description Turns as they were stored: those of one role that follow each other are one message. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMessage"];
            };
        };
        responses: {
            /** @description Taken. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decideApproval: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
                /** @description The `call_id` of a question. */
                call_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalDecision"];
            };
        };
        responses: {
            /** @description Taken. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listInbox: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
                /** @description Which come first. */
                order?: "newest" | "oldest";
                /** @description Only sessions that wait for this. */
                kind?: "question" | "approval";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description Exclusive: the last `seq` that you have. */
                after?: number;
                /** @description The `next_cursor` of the page before; not beside `after`. */
                cursor?: number;
                /** @description The most that one page has. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Exclusive: the last `seq` that you have; `Last-Event-ID`, where it is sent, counts instead. */
                after?: number;
            };
            header?: {
                /** @description The last `id:` that you have. */
                "Last-Event-ID"?: number;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    streamAllEvents: {
        parameters: {
            query?: {
                /** @description The last `id:` that you have; `Last-Event-ID`, where it is sent, counts instead. */
                after?: string;
            };
            header?: {
                /** @description The last `id:` that you have. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listFiles: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, in the order of their paths. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
                /** @description A path of the list, without its first slash. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes, to be saved and never shown as a page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/octet-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the file as you know it: a file that has changed since is not touched. `*`: only a file that is there. */
                "If-Match"?: string;
                /** @description `*`: only if there is no such file. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
                /** @description The path in the workspace; slashes may be sent as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description It took the place of another file, or was there already. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description It is a new file. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the file as you know it: a file that has changed since is not touched. `*`: only a file that is there. */
                "If-Match"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
                /** @description The path in the workspace; slashes may be sent as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadFiles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The archive, in the order of the paths. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/gzip": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    uploadFiles: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description All of it is in the workspace. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnpackedArchive"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createPreview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The address. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMemories: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, in the order of their names. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listMemoryEntries: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The name of the memory. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entries, without their texts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryEntryList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the memory. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readMemoryEntry: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The name of the memory. */
                name: string;
                /** @description The path in the memory; slashes may be sent as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes, to be saved and never shown as a page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                    "application/octet-stream": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putMemoryEntry: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the file as you know it: a file that has changed since is not touched. `*`: only a file that is there. */
                "If-Match"?: string;
                /** @description `*`: only if there is no such file. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The name of the memory. */
                name: string;
                /** @description The path in the memory; slashes may be sent as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description It took the place of another entry, or was there already. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryEntry"];
                };
            };
            /** @description It is a new entry. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryEntry"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteMemoryEntry: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the file as you know it: a file that has changed since is not touched. `*`: only a file that is there. */
                "If-Match"?: string;
            };
            path: {
                /** @description The name of the memory. */
                name: string;
                /** @description The path in the memory; slashes may be sent as they are. */
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    exportSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a session. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionFile"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    importSession: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionFile"];
            };
        };
        responses: {
            /** @description The session, at rest. `Location` is its address. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getBudget: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Today, in UTC. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTopUps: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopUpList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    topUp: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTopUp"];
            };
        };
        responses: {
            /** @description The budget with the money in it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBudgetDays: {
        parameters: {
            query?: {
                /** @description First UTC day. By default all that there are. */
                from?: string;
                /** @description Last UTC day, included. */
                to?: string;
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BudgetDayList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listBudgetAlerts: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BudgetAlertList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description The webhook, with its secret. `Location` is its address. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a webhook. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a webhook. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook is removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a webhook. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookChange"];
            };
        };
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a webhook. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook, with its new secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a webhook. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It waits to be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The `id` of a webhook. */
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveryList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redeliverWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a webhook. */
                webhook_id: string;
                /** @description The `event_id` of a delivery. */
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It waits to be sent. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listSchedules: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSchedule"];
            };
        };
        responses: {
            /** @description The schedule. `Location` is its address. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a schedule. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a schedule. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a schedule. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleChange"];
            };
        };
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauseSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a schedule. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    resumeSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a schedule. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The schedule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a schedule. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run. `Location` is the address of its session, if it has one. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleRun"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listScheduleRuns: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The `id` of a schedule. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleRunList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTriggers: {
        parameters: {
            query?: {
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createTrigger: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTrigger"];
            };
        };
        responses: {
            /** @description The trigger, with its secret. `Location` is its address. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerWithSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTrigger: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a trigger. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The trigger. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trigger"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteTrigger: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a trigger. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeTrigger: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `id` of a trigger. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TriggerChange"];
            };
        };
        responses: {
            /** @description The trigger. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trigger"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotateTriggerSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeat with the same key and body does nothing more: it answers with what the first request made, as that stands now, and where something was created it says `Idempotent-Replayed: true`. Another body is a conflict. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The `id` of a trigger. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The trigger, with its new secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriggerWithSecret"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description First UTC day. By default all that there is. */
                from?: string;
                /** @description Last UTC day, included. */
                to?: string;
                /** @description What one row sums up. By `hour` at most 31 days. A call counts in the hour in which it began. */
                group_by?: "day" | "hour" | "session" | "model" | "tool" | "iteration";
                /** @description JSON only: CSV has all rows. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
                /** @description Only the calls of this session. */
                session_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, by key, in order. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageList"];
                    "text/csv": string;
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listAgents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each tool once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Your own name of the user. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Your own name of the user. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedUser"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listApiKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Your own name of the user. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Your own name of the user. */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            /** @description The key. Only its hash is kept. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Your own name of the user. */
                user_id: string;
                /** @description The `id` of a key, not the key itself. */
                key_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description Only users of this tier. */
                tier?: string;
                /** @description Only users of this status. */
                status?: "no_budget" | "active" | "idle";
                /** @description Only users whose id, which you gave them, begins so. */
                id_prefix?: string;
                /** @description The most that one page has. */
                limit?: number;
                /** @description The `next_cursor` of the page before; absent: the first page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEmergencyStop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmergencyStop"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    startEmergencyStop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEmergencyStop"];
            };
        };
        responses: {
            /** @description All are held. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmergencyStop"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endEmergencyStop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description None is held. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmergencyStop"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mcp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["McpMessage"];
            };
        };
        responses: {
            /** @description The answer. What a tool refuses is an answer, too, with `isError`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpAnswer"];
                };
            };
            /** @description A notification was taken. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                    "application/json": components["schemas"]["McpAnswer"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. `degraded`: sessions that are due do not move. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemHealth"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    getDeepHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeepHealth"];
                };
            };
            /** @description A problem. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
