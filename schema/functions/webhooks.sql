-- Notices: what a user's webhooks are told of, the outbox they are sent from, and what users do with both. lib/core/notices.ts has the same names; the
-- memory world of the tests keeps the same rules. Lock order: user, webhooks by id, deliveries. A save locks neither of the last two.

-- The notice that an entry of the journal is, null: none.
create or replace function notice_of(p_type text, p_data json) returns text language sql immutable as $$
  select case p_type
    when 'agent.waiting_for_input' then case when p_data ->> 'kind' = 'approval' then 'session.approval' else 'session.question' end
    when 'agent.completed' then 'session.completed'
    when 'agent.failed' then 'session.failed'
    when 'agent.cancelled' then 'session.cancelled'
    when 'agent.sleeping' then 'session.sleeping'
    when 'agent.waking' then 'session.waking'
    when 'agent.paused' then 'session.paused'
    when 'agent.budget_exceeded' then 'session.budget_exceeded' end
$$;

-- The name of a notice, for ever and for every webhook: made of what it is about, so that no repeat can have another one.
create or replace function notice_id(p_session text, p_seq bigint) returns text language sql immutable as $$
  select 'evt_' || left(encode(sha256(convert_to(p_session || E'\n' || p_seq, 'UTF8')), 'hex'), 32)
$$;

-- The same of a budget alert, as lib/notifications/json.ts has it.
create or replace function alert_id(p_user text, p_day date, p_threshold text) returns text language sql immutable as $$
  select 'alr_' || left(encode(sha256(convert_to(p_user || E'\n' || to_char(p_day, 'YYYY-MM-DD') || E'\n' || p_threshold, 'UTF8')), 'hex'), 32)
$$;

-- Writes the outbox for entries that the caller has just appended to the journal, in its transaction. A session whose user has no webhook, and entries that
-- are no notice, write nothing. A session that its user removed tells nothing more.
create or replace function tell_webhooks(s agent_sessions, p_entries json) returns void language plpgsql volatile as $$
begin
  if s.deleted_at is not null
    or not exists (select from json_array_elements(p_entries) e where notice_of(e ->> 'type', e -> 'data') is not null) then return; end if;
  insert into webhook_deliveries (webhook_id, event_id, user_id, type, at, session_id, seq, due_at)
    select w.id, notice_id(s.id, n.seq), s.user_id, n.type, app_now(), s.id, n.seq, app_now()
      from webhooks w, (select notice_of(e ->> 'type', e -> 'data') as type, s.seq - json_array_length(p_entries) + i as seq
        from json_array_elements(p_entries) with ordinality x(e, i)) n
      where w.user_id = s.user_id and w.enabled and (w.events is null or n.type = any (w.events)) and n.type is not null
      order by w.id, n.seq;
end $$;

-- After how long the p_attempt-th try is repeated: three days and a quarter in all. The eighteenth try is the last, and its answer is waited for so long.
create or replace function webhook_backoff(p_attempt int) returns interval language sql immutable as $$
  select case when p_attempt <= 5 then (array['1 min', '5 min', '30 min', '2 h', '4 h']::interval[])[p_attempt]
    when p_attempt <= 17 then interval '6 h' when p_attempt = 18 then interval '10 min' end
$$;

-- The webhooks that have something to be sent, and when the first of it is. It goes from one webhook to the next, not through all that is to be sent.
create or replace function webhook_queues() returns table (webhook_id text, due_at timestamptz) language sql volatile as $$
  with recursive queues as (
    (select d.webhook_id, d.due_at from webhook_deliveries d where d.due_at < 'infinity' order by d.webhook_id, d.due_at limit 1)
    union all
    select n.* from queues q cross join lateral (select d.webhook_id, d.due_at from webhook_deliveries d
      where d.webhook_id > q.webhook_id and d.due_at < 'infinity' order by d.webhook_id, d.due_at limit 1) n
  ) select * from queues
$$;

-- Looks at p_days days (0: none) for budget alerts, names the users with something new, and hands out up to p_limit deliveries that are due: of each user
-- four at most and of each webhook that fails one, those that have waited longest first, none of the users p_busy. Each counts as tried from now on and comes up
-- again after its backoff, unless settle_notices says otherwise: a sender that dies delays a delivery and loses none. What is due to a webhook that
-- is disabled or gone is put aside. `nextDue`: when the next is due, those just handed out included.
create or replace function sweep_notices(p_days int, p_limit int, p_busy text[]) returns json language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_due json;
  v_raised text[] := '{}';
begin
  if p_days > 0 then v_raised := find_day_alerts(p_days) || find_stop_alerts(p_days); end if;
  update webhook_deliveries d set due_at = 'infinity' from webhook_queues() q
    where d.webhook_id = q.webhook_id and d.due_at < 'infinity' and not exists (select from webhooks w where w.id = q.webhook_id and w.enabled);
  with open as materialized (
    select w.id, w.user_id, w.failures from webhook_queues() q join webhooks w on w.id = q.webhook_id
      where q.due_at <= app_now() and w.enabled and (w.retry_at is null or w.retry_at <= app_now()) and w.user_id <> all (p_busy)
  ), first as materialized (
    select d.*, row_number() over (partition by o.user_id order by d.due_at, d.webhook_id, d.event_id) as place
      from open o cross join lateral (select n.webhook_id, n.event_id, n.due_at from webhook_deliveries n
        where n.webhook_id = o.id and n.due_at <= app_now() and n.due_at < 'infinity' order by n.due_at limit case when o.failures > 0 then 1 else 4 end) d
  ), picked as (
    select d.webhook_id, d.event_id from webhook_deliveries d join first f on f.webhook_id = d.webhook_id and f.event_id = d.event_id
      where f.place <= 4 and d.due_at <= app_now() order by f.due_at limit p_limit for no key update of d skip locked
  ), tried as (  -- without a word of its last try it is given up, and not tried once more
    update webhook_deliveries d set attempts = least(d.attempts + 1, 18), due_at = app_now() + webhook_backoff(d.attempts + 1),
        attempted_at = case when d.attempts < 18 then app_now() else d.attempted_at end
      from picked p where d.webhook_id = p.webhook_id and d.event_id = p.event_id returning d.*
  )
  select coalesce(json_agg(json_build_object('webhookId', t.webhook_id, 'eventId', t.event_id, 'userId', t.user_id, 'type', t.type, 'at', t.at,
      'attempt', t.attempts, 'url', w.url, 'format', w.format, 'includeText', w.include_text,
      'secrets', counting_secrets(w.secret, w.previous_secrets),
      'session', case when t.session_id is not null then json_build_object('id', s.id, 'agent', s.agent, 'seq', t.seq, 'data', e.data,
        'goal', case when w.include_text then s.goal end) end,
      'alert', case when t.day is not null then json_build_object('userId', t.user_id, 'day', t.day, 'threshold', a.threshold, 'reason', a.reason, 'at', a.at,
        'allowance', a.allowance::text, 'ceiling', a.ceiling::text, 'spent', a.spent::text, 'held', a.held::text) end)
      order by t.at, t.webhook_id, t.event_id), '[]') into v_due
    from tried t join webhooks w on w.id = t.webhook_id and w.enabled
      left join agent_sessions s on s.id = t.session_id and s.user_id = t.user_id
      left join agent_events e on e.session_id = s.id and e.seq = t.seq
      left join budget_alerts a on a.user_id = t.user_id and a.day = t.day and a.threshold = t.threshold
    where t.due_at is not null and (t.session_id is null or e.data is not null) and (t.day is null or a.at is not null);
  return json_build_object('raised', array_to_json(v_raised), 'due', v_due, 'now', app_now(),
    'nextDue', (select min(greatest(q.due_at, w.retry_at)) from webhook_queues() q join webhooks w on w.id = q.webhook_id and w.enabled));
end $$;

-- p_outcomes: [{webhookId, eventId, attempt, status, error}]. Error null: delivered, by whichever attempt. Of failures only that of the last attempt counts.
-- A webhook that fails rests as a delivery does. After three days without a success, or told 410, it is disabled, and what is due to it is put aside. With a success after failures all that is due to it
-- comes up at once. Answers the webhooks that are disabled herewith and the deliveries that are given up.
create or replace function settle_notices(p_outcomes json) returns json language plpgsql volatile as $$
declare
  v_given_up json;
  v_disabled jsonb := '[]';
  v_id text;
  v_good boolean;
  v_gone boolean;
  w webhooks;
begin
  perform from webhooks where id in (select o."webhookId" from json_to_recordset(p_outcomes) o("webhookId" text)) order by id for no key update;
  with settled as (
    update webhook_deliveries d
      set error = o.error, status_code = o.status, delivered_at = case when o.error is null then app_now() else d.delivered_at end,
        due_at = case when o.error is not null and webhook_backoff(d.attempts + 1) is not null then d.due_at end
      from json_to_recordset(p_outcomes) o("webhookId" text, "eventId" text, attempt int, status int, error text)
      where d.webhook_id = o."webhookId" and d.event_id = o."eventId" and d.due_at is not null and (o.error is null or d.attempts = o.attempt)
      returning d.*
  )
  select coalesce(json_agg(json_build_object('webhookId', webhook_id, 'eventId', event_id)), '[]') into v_given_up
    from settled where error is not null and due_at is null;
  for v_id, v_good, v_gone in select o."webhookId", bool_or(o.error is null), coalesce(bool_or(o.status = 410), false)
      from json_to_recordset(p_outcomes) o("webhookId" text, status int, error text) group by 1 order by 1 loop
    select * into w from webhooks where id = v_id;
    continue when not found or not w.enabled or v_good and w.failures = 0;
    if v_good then
      update webhooks set failures = 0, failing_since = null, retry_at = null where id = v_id;
      update webhook_deliveries set due_at = app_now()
        where webhook_id = v_id and due_at > app_now() and due_at < 'infinity' and (attempted_at is null or attempted_at < app_now() - interval '1 minute');
    else
      update webhooks set failures = failures + 1, failing_since = coalesce(failing_since, app_now()),
          retry_at = app_now() + webhook_backoff(least(failures + 1, 17)),
          enabled = not (v_gone or coalesce(failing_since <= app_now() - interval '3 days', false)),
          disabled_reason = case when v_gone then 'The receiver answered 410 (gone), so nothing more is sent there. What was not delivered is kept for 30 days: enable the webhook to have it sent.'
            when failing_since <= app_now() - interval '3 days'
            then 'Nobody took a notice in three days of trying, so nothing more is sent there. What was not delivered is kept for 30 days: enable the webhook to have it sent.' end
        where id = v_id returning * into w;
      if not w.enabled then
        update webhook_deliveries set due_at = 'infinity' where webhook_id = v_id and due_at < 'infinity';
        v_disabled := v_disabled || jsonb_build_array(jsonb_build_object('webhookId', v_id, 'userId', w.user_id));
      end if;
    end if;
  end loop;
  return json_build_object('givenUp', v_given_up, 'disabled', v_disabled);
end $$;

-- What follows is asked for by users, who can read no secret and write no row of webhooks: it runs as its owner.

-- A webhook of a user. Answers {id}, also of the one that an earlier request with this key made; {conflict}; or {full}: there are p_most already, and the key stays
-- free. Locks the key, then the user.
create or replace function create_webhook(p_user text, p_webhook json, p_key text, p_fingerprint text, p_most int) returns json language plpgsql volatile as $$
declare
  v_id text := p_webhook ->> 'id';
  k idempotency_keys;
begin
  perform assert_current_user(p_user);
  if p_key is not null and not take_idempotency_key(p_user, 'webhook', p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = 'webhook' and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  perform from user_settings where user_id = p_user for no key update;
  if not exists (select from webhooks where id = v_id) then
    if (select count(*) from webhooks where user_id = p_user and managed_by = 'user') >= p_most then
      delete from idempotency_keys where user_id = p_user and scope = 'webhook' and key = p_key;
      return json_build_object('full', true);
    end if;
    insert into webhooks (id, user_id, url, format, events, include_text, description, enabled, managed_by, secret, created_at, updated_at)
      values (v_id, p_user, p_webhook ->> 'url', p_webhook ->> 'format', texts_of(p_webhook -> 'events'), (p_webhook ->> 'includeText')::boolean,
        p_webhook ->> 'description', (p_webhook ->> 'enabled')::boolean, 'user', p_webhook ->> 'secret', app_now(), app_now());
  end if;
  return json_build_object('id', v_id);
end $$;

-- Changes what p_change names. Enabling sends what was put aside, disabling puts aside what is due. Answers
-- {managed}: whether it is the operator's, so that nothing was changed; null: the user has no such webhook.
create or replace function change_webhook(p_user text, p_id text, p_change json) returns json language plpgsql volatile as $$
declare
  v jsonb := p_change;
  w webhooks;
begin
  perform assert_current_user(p_user);
  select * into w from webhooks where id = p_id and user_id = p_user for no key update;
  if not found then return null; end if;
  if w.managed_by <> 'user' then return json_build_object('managed', true); end if;
  update webhooks
    set url = coalesce(v ->> 'url', url), format = coalesce(v ->> 'format', format), include_text = coalesce((v ->> 'includeText')::boolean, include_text),
      events = case when v ? 'events' then texts_of(p_change -> 'events') else events end,
      description = case when v ? 'description' then v ->> 'description' else description end,
      enabled = coalesce((v ->> 'enabled')::boolean, enabled),
      disabled_reason = case when v ? 'enabled' then null else disabled_reason end, updated_at = app_now()
    where id = p_id;
  if (v ->> 'enabled')::boolean or v ? 'url' then
    update webhooks set failures = 0, failing_since = null, retry_at = null where id = p_id and failures > 0;
  end if;
  if v ? 'enabled' and (v ->> 'enabled')::boolean <> w.enabled then
    update webhook_deliveries set due_at = case when w.enabled then 'infinity' else app_now() end
      where webhook_id = p_id and user_id = p_user and due_at is not null and (due_at < 'infinity') = w.enabled;
  end if;
  return json_build_object('managed', false);
end $$;

-- Removes a webhook with its deliveries. Answers as change_webhook, and to a blind repeat as the first time. Locks the key, then the webhook.
create or replace function remove_webhook(p_user text, p_id text, p_operation text) returns json language plpgsql volatile as $$
declare
  w webhooks;
begin
  perform assert_current_user(p_user);
  if not take_idempotency_key(p_user, p_id, p_operation, 'remove') then return json_build_object('managed', false); end if;
  select * into w from webhooks where id = p_id and user_id = p_user for no key update;
  if w.managed_by is distinct from 'user' then
    delete from idempotency_keys where user_id = p_user and scope = p_id and key = p_operation;
    return case when w.id is not null then json_build_object('managed', true) end;
  end if;
  delete from webhooks where id = p_id;
  delete from webhook_deliveries where webhook_id = p_id and user_id = p_user;
  return json_build_object('managed', false);
end $$;

-- Makes a delivery due: the notice p_event again, under the name it has, or a test of that name, unless one waits to be sent. Answers {event}, the name of the delivery that is
-- due now; {disabled}; null: no such webhook or no such delivery.
create or replace function ask_delivery(p_user text, p_id text, p_event text, p_test boolean) returns json language plpgsql volatile as $$
declare
  w webhooks;
  v_event text := p_event;
begin
  perform assert_current_user(p_user);
  select * into w from webhooks where id = p_id and user_id = p_user for no key update;
  if not found then return null; end if;
  if not w.enabled then return json_build_object('disabled', true); end if;
  if p_test then
    select event_id into v_event from webhook_deliveries where webhook_id = p_id and user_id = p_user and due_at < 'infinity' and type = 'webhook.test' limit 1;
    v_event := coalesce(v_event, p_event);
    insert into webhook_deliveries (webhook_id, event_id, user_id, type, at, due_at) values (p_id, v_event, p_user, 'webhook.test', app_now(), app_now())
      on conflict do nothing;
  else
    update webhook_deliveries set attempts = 0, due_at = app_now() where webhook_id = p_id and event_id = p_event and user_id = p_user;
    if not found then return null; end if;
  end if;
  update webhooks set retry_at = null where id = p_id and retry_at is not null;
  return json_build_object('event', v_event);
end $$;

-- Where the operator has a user's budget alerts sent: a webhook that is not the user's to change. p_change: `url` (null: nowhere), if it changes; `secret`;
-- `replace`: whether it takes the place of an existing one. The secret outlives the address; what was still to be sent to nowhere is not sent. Answers {url, secret}.
create or replace function put_alert_target(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  w webhooks;
begin
  insert into webhooks as was (id, user_id, url, format, events, include_text, enabled, managed_by, secret, created_at, updated_at)
    values ('whk_operator_' || left(encode(sha256(convert_to(p_user, 'UTF8')), 'hex'), 32), p_user, p_change ->> 'url', 'standard',
      array['budget.pace', 'budget.graceful', 'budget.ceiling', 'budget.breaker'], false, p_change ->> 'url' is not null, 'operator',
      p_change ->> 'secret', app_now(), app_now())
    on conflict (id) do update
      set url = case when p_change -> 'url' is null then was.url else excluded.url end,
        enabled = case when p_change -> 'url' is null then was.enabled else excluded.enabled end,
        secret = case when (p_change ->> 'replace')::boolean then excluded.secret else was.secret end,
        disabled_reason = case when p_change -> 'url' is null then was.disabled_reason end, failures = 0, failing_since = null, retry_at = null,
        updated_at = app_now()
    returning * into w;
  if w.url is null then
    update webhook_deliveries set due_at = null where webhook_id = w.id and due_at is not null;
  elsif w.enabled then
    update webhook_deliveries set due_at = app_now() where webhook_id = w.id and due_at = 'infinity';
  end if;
  return json_build_object('url', w.url, 'secret', w.secret);
end $$;
