-- Notices: that a user's day passed a threshold, once per user, day and threshold, and the outbox from which they are sent. Found by looking
-- at the days once a minute (lib/engine/wake.ts), so that no claim, hold or settlement does anything for it.
CREATE TABLE "budget_notices" (
	"user_id" text NOT NULL,
	"day" date NOT NULL,
	"threshold" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL,
	"allowance" bigint NOT NULL,
	"ceiling" bigint NOT NULL,
	"spent" bigint NOT NULL,
	"held" bigint NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	"error" text,
	CONSTRAINT "budget_notices_user_id_day_threshold_pk" PRIMARY KEY("user_id","day","threshold"),
	CONSTRAINT "threshold_known" CHECK ("budget_notices"."threshold" in ('pace', 'graceful', 'ceiling', 'breaker')),
	CONSTRAINT "delivered_once" CHECK ("budget_notices"."delivered_at" is null or "budget_notices"."due_at" is null)
);
--> statement-breakpoint
CREATE TABLE "notice_place" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"after_day" date,
	"after_user" text,
	CONSTRAINT "one_place" CHECK ("notice_place"."one")
);
--> statement-breakpoint
CREATE TABLE "notify_targets" (
	"user_id" text PRIMARY KEY NOT NULL,
	"url" text,
	"secret" text NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "budget_notices" ADD CONSTRAINT "budget_notices_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "notify_targets" ADD CONSTRAINT "notify_targets_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "budget_notices_due" ON "budget_notices" USING btree ("due_at") WHERE "budget_notices"."due_at" is not null;
--> statement-breakpoint
-- Neither column ever changes, so that the updates of a day stay off its indexes (heap-only), as before.
CREATE INDEX "budget_days_by_day" ON "budget_days" USING btree ("day","user_id");
--> statement-breakpoint
select wall_off('budget_notices', 'select'), wall_off('notify_targets', '');
--> statement-breakpoint
insert into notice_place default values;
--> statement-breakpoint

-- Looks at up to p_most days, today's and yesterday's (a threshold may be passed just before midnight), and enters what they have passed:
--   pace      half the allowance is spent, and at the pace since midnight the ceiling is reached by 18:00 UTC; not once graceful is passed.
--             Of the cycle there is none: no day spends more than a tenth over its share of it (R8), so its money lasts at any pace.
--   graceful  90 % of the allowance is spent.
--   ceiling   all of it is ('spent'), or an agent sleeps because what is left is too little for its next call ('asleep'): less than that and
--             the fifth of a day that may be set aside for hand-offs.
--   breaker   more than the ceiling is spent, which ends every session's day as budget_exceeded.
-- Where there are more days than that, the next look goes on after the last of them. Ordered, so that two looks at a time lock alike.
-- Answers the users of whom something was entered.
create function notice_days(p_most int) returns text[] language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_seconds numeric := extract(epoch from v_now - v_today::timestamp at time zone 'UTC');
  v_after notice_place;
  v_day date;
  v_user text;
  v_users text[];
begin
  select * into v_after from notice_place;
  if v_after.after_day is null or v_after.after_day < v_today - 1 then
    v_after.after_day := v_today - 1;
    v_after.after_user := '';  -- before all users
  end if;
  with page as materialized (
    select * from budget_days where (day, user_id) > (v_after.after_day, v_after.after_user) order by day, user_id limit p_most
  ), met as (
    select d.*, t.threshold, t.reason from page d cross join lateral (values
      ('pace', null, d.allowance > 0 and d.day = v_today and d.spent < d.allowance * 9 / 10 and d.spent >= (d.allowance + 1) / 2
        and d.spent::numeric * 64800 >= d.ceiling::numeric * v_seconds),
      ('graceful', null, d.allowance > 0 and d.spent >= d.allowance * 9 / 10),
      ('ceiling', case when d.spent >= d.allowance then 'spent' else 'asleep' end, d.allowance > 0 and d.spent > 0 and (d.spent >= d.allowance
        or exists (select from agent_sessions s where s.user_id = d.user_id and s.state = 'sleeping' and s.sleep_reason = 'allowance'
          and (s.last_checkpoint_at at time zone 'UTC')::date = d.day and s.rest_until >= (d.day + 1)::timestamp at time zone 'UTC'
          and d.ceiling - d.spent - d.held < s.least_microdollars + d.allowance / 5))),
      ('breaker', 'exceeded', d.spent > d.ceiling)
    ) t(threshold, reason, passed) where t.passed
  ), entered as (
    insert into budget_notices (user_id, day, threshold, reason, at, allowance, ceiling, spent, held, due_at)
      select m.user_id, m.day, m.threshold, m.reason, v_now, m.allowance, m.ceiling, m.spent, m.held, case when t.url is not null then v_now end
        from met m left join notify_targets t using (user_id) order by m.user_id, m.day, m.threshold
      on conflict do nothing returning user_id
  )
  select l.day, l.user_id, array(select distinct user_id from entered order by 1) into v_day, v_user, v_users
    from (values (true)) one left join (select day, user_id from page order by day, user_id offset p_most - 1 limit 1) l on true;
  update notice_place set after_day = v_day, after_user = v_user where (after_day, after_user) is distinct from (v_day, v_user);
  return v_users;
end $$;
--> statement-breakpoint

-- While everything is stopped (schema/brakes.ts), a breaker notice ('stopped') for every user who has a session that would otherwise move.
-- Answers these users.
create function notice_stop(p_most int) returns text[] language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_users text[];
begin
  if not (select stopped from brakes) then return '{}'; end if;
  with entered as (
    insert into budget_notices (user_id, day, threshold, reason, at, allowance, ceiling, spent, held, due_at)
      select s.user_id, v_today, 'breaker', 'stopped', v_now, coalesce(d.allowance, 0), coalesce(d.ceiling, 0), coalesce(d.spent, 0),
          coalesce(d.held, 0), case when t.url is not null then v_now end
        from (select distinct user_id from agent_sessions a where due_at <= v_now and due_at < 'infinity'
          and not exists (select from budget_notices n where n.user_id = a.user_id and n.day = v_today and n.threshold = 'breaker')
          order by user_id limit p_most) s
        left join budget_days d on d.user_id = s.user_id and d.day = v_today left join notify_targets t on t.user_id = s.user_id
        order by 1
      on conflict do nothing returning user_id
  )
  select array(select user_id from entered order by 1) into v_users;
  return v_users;
end $$;
--> statement-breakpoint

-- How long after its p_attempt-th try a notice is tried again, a day in all: the eighth is the last, and so long is its answer waited for.
create function notice_backoff(p_attempt int) returns interval language sql immutable as $$
  select (array['1 min', '5 min', '30 min', '2 h', '5 h', '8 h', '8 h', '10 min']::interval[])[p_attempt]
$$;
--> statement-breakpoint

-- Looks at p_days days (0: at none), says of whom that found something new, and hands out up to p_limit notices that are due. Each counts as tried from now on, and comes up again
-- after its backoff unless settle_notices says otherwise: a sender that dies delays it and loses nothing. nextDue: when the next is due,
-- those just handed out included.
create function sweep_notices(p_days int, p_limit int) returns json language plpgsql volatile as $$
declare
  v_due json;
  v_noticed text[] := '{}';
begin
  if p_days > 0 then v_noticed := notice_days(p_days) || notice_stop(p_days); end if;
  update budget_notices set due_at = null where due_at <= app_now() and notice_backoff(attempts + 1) is null;  -- no word of its last try
  with picked as (
    select user_id, day, threshold from budget_notices where due_at <= app_now() order by due_at limit p_limit for no key update skip locked
  ), tried as (
    update budget_notices n set attempts = attempts + 1, due_at = app_now() + notice_backoff(attempts + 1)
      from picked p where n.user_id = p.user_id and n.day = p.day and n.threshold = p.threshold returning n.*
  )
  select coalesce(json_agg(json_build_object('userId', n.user_id, 'day', n.day, 'threshold', n.threshold, 'reason', n.reason, 'at', n.at,
      'allowance', n.allowance::text, 'ceiling', n.ceiling::text, 'spent', n.spent::text, 'held', n.held::text,
      'attempt', n.attempts, 'url', t.url, 'secret', t.secret) order by n.day, n.user_id, n.threshold), '[]') into v_due
    from tried n join notify_targets t on t.user_id = n.user_id and t.url is not null;
  return json_build_object('noticed', array_to_json(v_noticed), 'due', v_due, 'nextDue', (select min(due_at) from budget_notices where due_at is not null), 'now', app_now());
end $$;
--> statement-breakpoint

-- p_outcomes: [{userId, day, threshold, attempt, error}]; error null: delivered, which counts from whatever attempt it comes. Of failures only
-- that of the last attempt counts. Answers those that are given up herewith.
create function settle_notices(p_outcomes json) returns json language plpgsql volatile as $$
declare
  v_given_up json;
begin
  with settled as (
    update budget_notices n
      set error = o.error, delivered_at = case when o.error is null then app_now() end,
        due_at = case when o.error is not null and notice_backoff(n.attempts + 1) is not null then n.due_at end
      from json_to_recordset(p_outcomes) o("userId" text, day date, threshold text, attempt int, error text)
      where n.user_id = o."userId" and n.day = o.day and n.threshold = o.threshold
        and n.delivered_at is null and (o.error is null or n.attempts = o.attempt)
      returning n.*
  )
  select coalesce(json_agg(json_build_object('userId', user_id, 'day', day, 'threshold', threshold)), '[]') into v_given_up
    from settled where delivered_at is null and due_at is null;
  return v_given_up;
end $$;
--> statement-breakpoint

-- Where a user's notices go. p_change: url (null: nowhere), if it changes; secret, if there is one to take: `replace` says whether in place of
-- the one there is. What was to be sent to nowhere is not sent. Answers {url, secret}.
create function put_target(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  t notify_targets;
begin
  insert into notify_targets as was (user_id, url, secret, updated_at) values (p_user, p_change ->> 'url', p_change ->> 'secret', app_now())
    on conflict (user_id) do update
      set url = case when p_change -> 'url' is null then was.url else excluded.url end, updated_at = app_now(),
        secret = case when (p_change ->> 'replace')::boolean then excluded.secret else was.secret end
    returning * into t;
  if t.url is null then update budget_notices set due_at = null where user_id = p_user and due_at is not null; end if;
  return json_build_object('url', t.url, 'secret', t.secret);
end $$;
