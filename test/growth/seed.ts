/**
 * A database as years leave it behind, made by `generate_series`: one user, `big`, with a twentieth of all sessions, one session with a long
 * history and one with many versions of its files. Foreign keys are not checked, or a million rows would take minutes.
 */
import pg from 'pg';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { startPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';

/** What the measured clock says, and the sessions that the queries of queries.ts name. */
export const NOW = '2026-11-10T08:00:00Z';
export const BIG = 'big';
export const SMALL = 'u1';
export const LONG = 'ses_long';
export const FILES = 'ses_files';
export const SCHEDULE = 'sch_big_1';
/** Days since `big` came, each with a row in budget_days. */
const AGE = 1_095;

/** `sessions`: of all users. The same number of messages, journal entries, ledger rows and holds comes with them. */
export type Scale = { sessions: number; history: number; versions: number };

/** The states of a hundred sessions in turn: 70 ended, 25 asleep until midnight, 3 waiting for a user, 2 asleep because of a 429. */
const STATE = `case when i % 100 < 70 then 'ended' when i % 100 < 95 then 'sleeping' when i % 100 < 98 then 'waiting' else 'sleeping' end`;
const REASON = `case when i % 100 between 70 and 94 then 'allowance' when i % 100 > 97 then 'rate_limit' end`;
const AT = `timestamptz '${NOW}'`;
const MIDNIGHT = `timestamptz '2026-11-11T00:00:00Z'`;
const UNTIL = `${MIDNIGHT} + i % 900 * interval '1 s'`;

const user = (sessions: number) =>
  `case when i % 20 = 0 then '${BIG}' else 'u' || (i % ${usersOf(sessions) - 1} + 1) end`;
const day = `date '2026-11-10' - (i % ${AGE})`;
/** Of holds, which are kept for three months. */
const heldDay = `date '2026-11-10' - (i % 90)`;
const TEXT = `json '[{"type":"text","text":"Write a poem."}]'`;
const id = `'ses_' || lpad(i::text, 9, '0')`;
/** How many users so many sessions have: twenty each, and `big`. */
export const usersOf = (sessions: number): number => Math.max(1, sessions / 20) + 1;
const series = (n: number) => `generate_series(1, ${n}) i`;

export async function migrated(url: string): Promise<void> {
  const local = await startPostgres({ dataDir: 'memory', databaseUrl: url });
  await migrateUp(connect(local.url).sql);
  await local.close();
}

export async function seeded(url: string, { sessions, history, versions }: Scale): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const run = (text: string) => client.query(text);
  const who = user(sessions);
  try {
    await run(`update app_clock set shift = ${AT} - clock_timestamp()`);
    await run(`insert into user_settings (user_id, tier, subscription_budget_microdollars, cycle_start, wake_policy, subscription_renewal_date, renewal_anchor_day, created_at, updated_at)
      select u, 'standard', 100000000000, '2026-11-01', 'auto', '2026-12-01', 1, ${AT}, ${AT}
      from (select '${BIG}' as u union all select 'u' || i from ${series(usersOf(sessions) - 1)}) x`);
    await run(`insert into agent_sessions (id, user_id, created_at, state, fence, saved_fence, due_at, hint_at, seq, msg_n, iteration,
        cost_microdollars, least_microdollars, updated_at, last_checkpoint_at, completed_at, sleep_until, sleep_reason, outcome, agent, tier, model,
        on_end_turn, max_iterations, metadata, goal)
      select ${id}, ${who}, ${AT} - i * interval '1 minute', ${STATE}, 1, 1,
        case when i % 100 < 70 then null when i % 100 between 95 and 97 then 'infinity' else ${UNTIL} end, '-infinity', 1, 1, 1,
        1000, 500, ${AT}, ${AT}, case when i % 100 < 70 then ${AT} - interval '2 days' - i * interval '1 second' end,
        case when ${STATE} = 'sleeping' then ${UNTIL} end, ${REASON}, case when i % 100 < 70 then 'completed' end,
        'assistant', 'standard', 'claude-sonnet-5-5', 'complete', 150, json '{}', 'Write a poem.'
      from ${series(sessions)}`);
    await run(`insert into agent_sessions (id, user_id, created_at, due_at, hint_at, seq, msg_n, iteration, updated_at, agent, tier, model, on_end_turn, max_iterations, metadata, goal)
      select x, '${BIG}', ${AT} + interval '1 h', ${AT}, '-infinity', ${history}, ${history}, ${history / 2}, ${AT},
        'assistant', 'standard', 'claude-sonnet-5-5', 'complete', 100000, json '{}', 'Write a poem.' from unnest(array['${LONG}', '${FILES}']) x`);
    await run(`set session_replication_role = replica`);
    await run(`insert into agent_checkpoints (session_id, user_id, fence, retry_counts, agent_state, updated_at)
      select id, user_id, 0, json '[]', json '{}', ${AT} from agent_sessions`);
    await run(`insert into agent_messages (session_id, n, user_id, fence, at, role, content)
      select ${id}, 1, ${who}, 0, ${AT}, 'user', ${TEXT} from ${series(sessions)}
      union all select '${LONG}', i, '${BIG}', 0, ${AT}, case when i % 2 = 1 then 'user' else 'assistant' end,
        ${TEXT} from ${series(history)}`);
    await run(`insert into agent_events (session_id, seq, user_id, fence, at, type, data)
      select ${id}, 1, ${who}, 0, ${AT}, 'agent.started', json '{}' from ${series(sessions)}
      union all select '${LONG}', i, '${BIG}', 0, ${AT}, 'agent.thinking', json '{}' from ${series(history)}`);
    await run(
      `insert into agent_messages (session_id, n, user_id, fence, at, role, content) values ('${FILES}', 1, '${BIG}', 0, ${AT}, 'user', ${TEXT})`,
    );
    await run(
      `insert into agent_events (session_id, seq, user_id, fence, at, type, data) values ('${FILES}', 1, '${BIG}', 0, ${AT}, 'agent.started', json '{}')`,
    );
    await run(`insert into tool_calls (session_id, message_n, position, user_id, call_id, name, input, done_at)
      select '${LONG}', i, 1, '${BIG}', 'c' || i, 'bash', json '{}', ${AT} from ${series(history)}`);
    await run(`insert into budget_days (user_id, day, allowance, ceiling, spent, held)
      select u, date '2026-11-10' - d, 3333333333, 3666666666, 0, 0
        from (select 'u' || i as u from ${series(usersOf(sessions) - 1)}) x, generate_series(0, 3) d
      union all select '${BIG}', date '2026-11-10' - d, 3333333333, 3666666666, 0, 0 from generate_series(0, ${AGE}) d`);
    await run(`insert into usage_ledger (user_id, session_id, fence, n, day, iteration, model, kind, class, cost, input_tokens, output_tokens,
        cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, searches, tools, at)
      select ${who}, ${id}, 1, 1, ${day}, 1, 'claude-sonnet-5-5', 'think', 'settled', 1000, 10, 10, 0, 0, 0, 0, '{}'::text[], ${AT} from ${series(sessions)}
      union all select '${BIG}', '${LONG}', i, 1, date '2026-11-10', i, 'claude-sonnet-5-5', 'think', 'settled', 1, 10, 10, 0, 0, 0, 0, '{}'::text[], ${AT} from ${series(history)}`);
    await run(`insert into budget_holds (session_id, fence, n, user_id, day, iteration, prompt_n, model, class, amount, ceiling, committed, at)
      select ${id}, 1, 1, ${who}, ${heldDay}, 1, 1, 'claude-sonnet-5-5', 'settled', 1000, 3666666666, 1000, ${AT} from ${series(sessions)}`);
    await run(
      `insert into budget_days (user_id, day, allowance, ceiling) select distinct user_id, day, 3333333333, 3666666666 from usage_ledger on conflict do nothing`,
    );
    await run(`update budget_days d set spent = l.spent from (select user_id, day, sum(cost) as spent from usage_ledger group by 1, 2) l
      where l.user_id = d.user_id and l.day = d.day`);
    // All sessions of `big` have worked today, and none of them does so now.
    await run(`insert into session_days (session_id, user_id, day, fence, spent, done_for_day)
      select ${id}, ${who}, case when ${day} = '2026-11-10' or i % 20 = 0 then date '2026-11-10' else ${day} end, 0,
        case when ${day} = '2026-11-10' or i % 20 > 0 then 1000 else 0 end, true from ${series(sessions)}`);
    await run(`insert into idempotency_keys (user_id, scope, key, fingerprint, session_id, at)
      select ${who}, 'create', 'k' || i, 'x', ${id}, ${AT} - interval '1 day' from ${series(sessions)}`);
    await run(`insert into budget_alerts (user_id, day, threshold, at, allowance, ceiling, spent, held, delivered_at)
      select u, date '2026-11-09', 'graceful', ${AT}, 1, 1, 1, 0, ${AT} from (select 'u' || i as u from ${series(usersOf(sessions) - 1)}) x
      union all select '${BIG}', date '2026-11-09' - d, 'graceful', ${AT}, 1, 1, 1, 0, ${AT} from generate_series(0, 389) d`);
    // A log of what was delivered, and twenty users with a hundred notices each that are to be sent.
    await run(`insert into webhooks (id, user_id, url, format, include_text, enabled, managed_by, secret, created_at, updated_at)
      select 'whk_' || u, u, 'https://a.example/', 'standard', false, true, 'user', 's', ${AT}, ${AT}
        from (select '${BIG}' as u union all select 'u' || j from generate_series(1, 20) j) x`);
    await run(`insert into webhook_deliveries (webhook_id, event_id, user_id, type, at, session_id, seq, due_at, delivered_at)
      select 'whk_${BIG}', 'evt_' || i, '${BIG}', 'session.completed', ${AT} - i * interval '1 s', ${id}, 1, null, ${AT} from ${series(sessions)}
      union all select 'whk_u' || j, 'evt_' || i, 'u' || j, 'webhook.test', ${AT}, null, null, ${AT}, null from ${series(100)}, generate_series(1, 20) j`);
    // Twenty sessions with something to be told.
    await run(`insert into trace_cursors (session_id, user_id, seq, pending_since)
      select ${id}, ${who}, 0, case when i <= 20 then ${AT} end from ${series(sessions)}`);
    await run(`insert into top_ups (user_id, key, day, amount, spread, at)
      select u, 'k' || i, date '2026-10-31' - i % ${AGE}, 1, 'cycle', ${AT} from ${series(AGE)},
        (select '${BIG}' as u union all select 'u' || j from generate_series(1, 20) j) x`);
    await run(
      `insert into session_inbox (session_id, n, user_id, at, content, taken_at)
        select '${LONG}', i, '${BIG}', ${AT}, 'x', ${AT} from ${series(100)}
        union all select ${id}, 1, ${who}, ${AT}, 'x', ${AT} from ${series(sessions)}`,
    );
    await run(`update agent_sessions set inbox_n = 100, inbox_taken = 100 where id = '${LONG}'`);
    await run(`set session_replication_role = default`);
    await run(`insert into workspace_files (session_id, path, iteration, user_id, at, mode, content)
      select '${FILES}', '/f' || p, v, '${BIG}', ${AT}, 420, bytea 'x' from generate_series(1, ${versions}) v, generate_series(1, 100) p`);
    await run(`insert into workspace_inbox (session_id, path, user_id, at, mode, bytes, taken)
      select ${id}, '/data', ${who}, ${AT}, 420, 1, true from ${series(sessions)}`);
    await run(`insert into memories (user_id, name, revision, updated_at)
      select user_id, 'm' || n, 1, ${AT} from user_settings, generate_series(1, 3) n union all
      select '${BIG}', 'x' || i, 1, ${AT} from ${series(100)}`);
    await run(`insert into memory_entries (user_id, name, path, version, at, source, bytes, content)
      select user_id, name, 'e' || n, 1, ${AT}, 'person', 1, bytea 'x' from memories, generate_series(1, 20) n`);
    await run(`update agent_sessions set memory_name = 'm1' where id = '${FILES}'`);
    // A schedule and a trigger of each user; those of `big` are at their most, and one has run every three hours for years.
    await run(`insert into schedules (id, user_id, created_at, updated_at, next_run_at, due_at, name, cron, time_zone, overlap, max_cost_microdollars, template)
      select 'sch_' || u || '_' || n, u, ${AT}, ${AT}, ${MIDNIGHT}, ${MIDNIGHT}, 'x', '0 0 * * *', 'UTC', 'skip', 1, json '{}'
        from (select 'u' || i as u, 1 as n from ${series(usersOf(sessions) - 1)} union all select '${BIG}', i from ${series(99)}) x`);
    await run(`insert into schedule_runs (id, schedule_id, user_id, due_at, at, cause, status, session_id)
      select 'run_' || i, '${SCHEDULE}', '${BIG}', ${AT} - i * interval '3 h', ${AT}, 'cron', 'started', ${id} from ${series(history)}`);
    await run(`insert into inbound_triggers (id, user_id, created_at, updated_at, name, session_id, secret)
      select 'trg_' || u, u, ${AT}, ${AT}, 'x', '${LONG}', 'whsec_eA==' from (select '${BIG}' as u union all select 'u' || i from ${series(usersOf(sessions) - 1)}) x`);
    // A customer of each user with a subscription, twelve paid months and three checkouts; those of `big` are three years old.
    const payers = `(select 'u' || i as u, 12 as months, 3 as checkouts from ${series(usersOf(sessions) - 1)} union all select '${BIG}', 36, 20) x`;
    await run(`insert into stripe_objects (id, kind, version, received_at, customer, user_id, amount, credited, prices, subscription, lines)
      select 'sub_' || u, 'subscription', '1', ${AT}, 'cus_' || u, null, null::bigint, false, array['price_pro'], null, null::json from ${payers}
      union all select 'cs_' || u || '_' || n, 'checkout', '1', ${AT}, 'cus_' || u, u, 1, true, null, null, null from ${payers}, generate_series(1, checkouts) n
      union all select 'in_' || u || '_' || n, 'invoice', '0', ${AT}, 'cus_' || u, null, null, false, null, 'sub_' || u,
        json_build_array(json_build_object('price', 'price_pro', 'amount', 5000, 'currency', 'usd', 'isProrated', false,
          'startsAt', extract(epoch from ${AT} - n * interval '30 days')::bigint * 1000,
          'endsAt', extract(epoch from ${AT} - (n - 1) * interval '30 days')::bigint * 1000)) from ${payers}, generate_series(1, months) n`);
    await run('vacuum analyze');
  } finally {
    await client.end();
  }
}
