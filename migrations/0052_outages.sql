-- During an outage of the provider a failed call may have been billed, so each try can cost a whole hold. From the first doubtful failure on the
-- user, not each session, holds back: one probe at a time, the cheapest session first, for as little as it takes, with growing pauses.
CREATE TABLE "user_outages" (
	"user_id" text PRIMARY KEY NOT NULL,
	"doubts" integer NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"session_id" text,
	"least" bigint,
	"probe_session" text,
	"probe_fence" bigint,
	"probe_n" integer,
	CONSTRAINT "doubts_positive" CHECK ("user_outages"."doubts" > 0)
);
--> statement-breakpoint
ALTER TABLE "session_days" ADD COLUMN "outage" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "user_outages" ADD CONSTRAINT "user_outages_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "session_days_outage" ON "session_days" USING btree ("user_id") WHERE "session_days"."outage";
--> statement-breakpoint
select wall_off('user_outages', '');
--> statement-breakpoint

-- A minute after the first doubtful failure, twice as long after each further one, an hour at most.
create function outage_pause(p_doubts int) returns interval language sql immutable as $$
  select least(interval '1 hour', interval '1 minute' * power(2, least(p_doubts, 10) - 1))
$$;
--> statement-breakpoint

-- When the session may try during its user's outage, or null: now, as the one probe. While it pauses, whoever asks for the least becomes the one
-- that tries first; the others come a minute after it, and while its call is under way, every half minute. The caller holds the day, and with it
-- all other askers; the row itself is locked last of all. An outage that nobody has tried for a day is forgotten.
create function outage_until(p_user text, p_session text, p_least bigint) returns timestamptz language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  x user_outages;
begin
  select * into x from user_outages where user_id = p_user for no key update;
  if v_now < x.until then
    if x.session_id is null or p_least < x.least then
      update user_outages set session_id = p_session, least = p_least where user_id = p_user returning * into x;
    end if;
    return x.until + case when x.session_id = p_session then interval '0' else interval '1 minute' end;
  end if;
  if exists (select from budget_holds where session_id = x.probe_session and fence = x.probe_fence and n = x.probe_n and class = 'held') then
    return v_now + interval '30 s';
  end if;
  if x.session_id <> p_session and p_least >= x.least and v_now < x.until + interval '1 minute' then return x.until + interval '1 minute'; end if;
  return null;
end $$;
--> statement-breakpoint

-- What a call's end says of the provider: `doubt` begins an outage, or prolongs it if the call was its probe; `over` ends it, and wakes who
-- sleeps for it. Who is locked just now is left alone: he comes by himself. The caller holds its session and the day.
create function note_outage(s agent_sessions, p_fence bigint, p_n int, p_says text) returns void language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_ids text[];
  x user_outages;
begin
  if p_says = 'doubt' then
    update session_days set outage = true where session_id = s.id;
    select * into x from user_outages where user_id = s.user_id and until > v_now - interval '1 day' for no key update;
    insert into user_outages as o (user_id, doubts, until, session_id, least)
      values (s.user_id, coalesce(x.doubts, 0) + 1, v_now + outage_pause(coalesce(x.doubts, 0) + 1), s.id, s.least_microdollars)
      on conflict (user_id) do update
        set doubts = excluded.doubts, until = excluded.until, session_id = s.id, least = s.least_microdollars, probe_session = null
        where o.until <= v_now - interval '1 day' or o.probe_session = s.id and o.probe_fence = p_fence and o.probe_n = p_n;
  elsif p_says = 'over' then
    delete from user_outages where user_id = s.user_id returning * into x;
    if x.user_id is null then return; end if;
    with found as (
      select a.id from session_days o join agent_sessions a on a.id = o.session_id
        where o.user_id = s.user_id and o.outage and a.id <> s.id and a.state <> 'ended'
        order by a.id for no key update of a skip locked
    ) select array_agg(id) into v_ids from found;
    update agent_sessions set nudges = nudges + 1,
        due_at = case when state = 'sleeping' and sleep_reason = 'overloaded' then least(due_at, v_now) else due_at end,
        hint_at = case when fence = saved_fence then '-infinity' else hint_at end
      where id = any(v_ids) and (fence > saved_fence or state = 'sleeping' and sleep_reason = 'overloaded' and due_at > v_now);
    update session_days set outage = false where session_id = any(v_ids) or session_id = s.id;
  end if;
end $$;
--> statement-breakpoint

-- As in 0050_kept_refusals.sql. What the day would grant is refused during an outage, but for the one probe, which gets its least.
create or replace function reserve_once(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json, p_heeds boolean) returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := mine(p_session, p_fence);
  v_question text := question(p_n, p_least, p_wanted, p_model, p_hand_off);
  v_refused json;
  h budget_holds;
  d budget_days;
  o session_days;
  v_aside bigint;
  v_cap bigint;
  v_share bigint;
  v_free bigint;
  v_amount bigint;
  v_until timestamptz;
  v_probes boolean := false;
begin
  select * into h from budget_holds where session_id = p_session and fence = p_fence and n = p_n;
  if found then return json_build_object('granted', h.amount::text, 'day', h.day); end if;  -- a retry: the hold's own day, midnight may have passed
  v_refused := kept_refusal(p_session, p_fence, v_question);
  if v_refused is not null then return v_refused; end if;
  if p_heeds and s.desired <> 'run' then
    return keep_refusal(s, v_question, json_build_object('refused', 'stopped', 'day', day_of(s)));
  end if;
  if v_opens then perform open_day(v_user); end if;
  select * into d from budget_days where user_id = v_user order by day desc limit 1 for no key update;
  if d.day is distinct from app_day(v_user) or exists (select from budget_days where user_id = v_user and day > d.day) then
    raise 'the day has ended' using errcode = 'AGAIN';
  end if;
  o := own_day(s, d.day);
  v_aside := set_aside(s, d, p_least, p_hand_off);
  if p_hand_off and o.handed_off = 0 then
    v_aside := least(v_aside, greatest(0, d.ceiling - d.spent - d.held - p_least));
  elsif o.spent + o.held = 0 then  -- a day that reaches for one call is for that call: there is nothing to hand off yet
    v_aside := least(v_aside, greatest(set_aside(s, d, p_least, true), d.ceiling - d.spent - d.held - p_least));
  end if;
  v_cap := s.max_cost_microdollars - s.cost_microdollars
    - (select coalesce(sum(amount), 0) from budget_holds where session_id = p_session and class = 'held');
  v_share := d.ceiling * s.daily_share_percent / 100 - o.spent - o.held;
  if not p_hand_off and o.handed_off = 0 and (o.spent + o.held > 0 or v_share > 2 * p_least) then  -- within its share the session keeps money for its own hand-off
    v_share := v_share - least(d.allowance * s.daily_share_percent / 100 / 5, case when o.last_call > 0 then o.last_call * 3 / 2 else p_least end + p_least);
  end if;
  v_free := d.ceiling - d.spent - v_aside;
  v_amount := least(p_wanted, v_cap, v_share, v_free - d.held);
  if v_amount < p_least or v_amount <= 0 then
    update agent_sessions set least_microdollars = p_least where id = p_session and least_microdollars <> p_least;
    return keep_refusal(s, v_question, json_build_object('refused', case when v_cap < p_least or v_cap <= 0 then 'cap'
      when v_share < p_least or v_share <= 0 then 'share' when v_free < greatest(p_least, 1) then 'day' else 'held' end, 'day', day_of(s)));
  end if;
  if exists (select from user_outages where user_id = v_user and until > app_now() - interval '1 day') then
    v_until := outage_until(v_user, p_session, p_least);
    if v_until is not null then
      update session_days set outage = true where session_id = p_session;
      update agent_sessions set least_microdollars = p_least where id = p_session and least_microdollars <> p_least;
      return keep_refusal(s, v_question, json_build_object('refused', 'outage', 'until', v_until, 'day', day_of(s)));
    end if;
    v_probes := true;
    v_amount := least(v_amount, greatest(p_least, 1));
    update user_outages set probe_session = p_session, probe_fence = p_fence, probe_n = p_n where user_id = v_user;
  end if;
  update budget_days set held = held + v_amount, revision = revision + 1 where user_id = v_user and day = d.day;
  insert into budget_holds (session_id, fence, n, user_id, day, iteration, prompt_n, model, class, amount, ceiling, committed, at, hand_off)
    values (p_session, p_fence, p_n, v_user, d.day, s.iteration + 1, s.msg_n, p_model, 'held', v_amount, d.ceiling, d.spent + d.held + v_amount, app_now(),
      p_hand_off);
  update session_days set held = held + v_amount, handed_off = handed_off + case when p_hand_off then v_amount else 0 end, outage = outage and v_probes
    where session_id = p_session;
  if json_array_length(p_journal) > 0 or s.least_microdollars <> p_least then
    update agent_sessions
      set seq = seq + json_array_length(p_journal), least_microdollars = p_least, updated_at = app_now()
      where id = p_session returning * into s;
    perform journal(s, p_journal);
  end if;
  return json_build_object('granted', v_amount::text, 'day', d.day);
end $$;
--> statement-breakpoint

-- What older code asks: it knows of no outage, so it is told that others hold the money, and comes again in seconds.
create or replace function reserve_for(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json) returns json language plpgsql volatile as $$
declare
  v_answer json := reserve_once(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal, false);
begin
  return case when v_answer ->> 'refused' = 'outage' then (v_answer::jsonb || '{"refused": "held"}')::json else v_answer end;
end $$;
--> statement-breakpoint

create or replace function reserve_unless_stopped(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text,
  p_hand_off boolean, p_journal json) returns json language plpgsql volatile as $$
declare
  v_answer json := reserve_once(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal, true);
begin
  return case when v_answer ->> 'refused' = 'outage' then (v_answer::jsonb || '{"refused": "held"}')::json else v_answer end;
end $$;
--> statement-breakpoint

-- As in 0051_carried_over.sql, and the user's outage learns of it.
create or replace function settle(p_session text, p_fence bigint, p_settlement json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
  v_mine boolean := owns(s, p_fence);
  v_cost bigint := resolve(p_session, p_fence, (p_settlement ->> 'n')::int, (p_settlement ->> 'cost')::bigint, p_settlement ->> 'class', p_settlement);
  v_turns json := p_settlement -> 'turns';
  v_journal json := p_settlement -> 'journal';
begin
  if not v_mine then
    update agent_sessions set cost_microdollars = cost_microdollars + v_cost where id = p_session and v_cost <> 0;
    return json_build_object('late', true);
  end if;
  if v_cost is not null then
    update agent_sessions
      set state = 'ready', rest_until = null, sleep_reason = null, question = null, error_code = null, error_message = null, attempts = 0,
        wants_microdollars = null,
        cost_microdollars = cost_microdollars + v_cost, iteration = iteration + (p_settlement ->> 'iterated')::boolean::int,
        msg_n = msg_n + json_array_length(v_turns), inbox_taken = greatest(inbox_taken, (p_settlement ->> 'inboxTaken')::int),
        seq = seq + json_array_length(v_journal), updated_at = app_now(), last_checkpoint_at = app_now()
      where id = p_session returning * into s;
    perform append(s, v_turns);
    insert into tool_calls (session_id, message_n, position, user_id, call_id, name, input)
      select s.id, s.msg_n, i, s.user_id, c ->> 'id', c ->> 'name', c -> 'input'
      from json_array_elements(p_settlement -> 'calls') with ordinality x(c, i);
    perform remember(s, p_settlement -> 'memory');
    perform note_outage(s, p_fence, (p_settlement ->> 'n')::int, p_settlement ->> 'outage');
    perform journal(s, v_journal);
  end if;
  return json_build_object('day', day_of(s), 'cost', s.cost_microdollars::text, 'wishes', wishes(s), 'msgN', s.msg_n);
end $$;
