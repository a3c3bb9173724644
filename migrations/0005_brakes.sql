-- The brakes that stand in for AWS's recursion guard, which is off (sst.config.ts): a kill switch and a cap on claims per session and day.
CREATE TABLE "brakes" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"stopped" boolean DEFAULT false NOT NULL,
	"reason" text,
	"claims_per_day" integer DEFAULT 10000 NOT NULL,
	CONSTRAINT "one_brake" CHECK ("brakes"."one"),
	CONSTRAINT "claims_positive" CHECK ("brakes"."claims_per_day" > 0)
);
--> statement-breakpoint
CREATE TABLE "session_days" (
	"session_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"day" date NOT NULL,
	"fence" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "session_days" ADD CONSTRAINT "session_days_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint

insert into brakes default values;
--> statement-breakpoint

-- Claims of this session today so far, of whatever owner.
create function claims_today(s agent_sessions) returns bigint language sql volatile as $$
  select s.fence - coalesce((select fence from session_days where session_id = s.id and day = (app_now() at time zone 'UTC')::date), s.fence)
$$;
--> statement-breakpoint

-- Until when the session sleeps, if it has been claimed too often today; else null. A cancel or pause still gets through. It locks the
-- session and not the user: on a day with claims the user's day is open, so that claim_freely will not lock him after it (R3).
create function held_back(p_session text, p_invocation uuid, p_most int) returns timestamptz language plpgsql volatile as $$
declare
  s agent_sessions;
  v_midnight timestamptz := ((app_now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC';
begin
  select * into s from agent_sessions where id = p_session;  -- unlocked: a claim too many does no harm, and claim locks the user first (R3)
  if s.id is null or claims_today(s) < p_most then return null; end if;
  s := locked(p_session);
  if claims_today(s) < p_most or s.state = 'ended' or s.desired <> 'run' or s.due_at > app_now() or s.lease_until > clock_timestamp()
    or s.claimed_by is not distinct from p_invocation then return null; end if;
  update agent_sessions
    set state = 'sleeping', sleep_reason = 'allowance', rest_until = v_midnight, question = null, error_code = null, error_message = null,
      due_at = v_midnight, hint_at = '-infinity', seq = seq + 1, updated_at = app_now()
    where id = p_session returning * into s;
  perform journal(s, json_build_array(json_build_object('type', 'agent.retrying', 'data',
    json_build_object('reason', 'daily_claims', 'claims', p_most, 'wake_at', to_char(v_midnight at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))));
  return v_midnight;
end $$;
--> statement-breakpoint

alter function claim rename to claim_freely;
--> statement-breakpoint

-- As claim_freely, unless a brake is on. `retryInMs` null while everything is stopped: the recovery cron finds what is due afterwards.
create function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s')
returns json language plpgsql volatile as $$
declare
  b brakes := (select brakes from brakes);
  v_today date := (app_now() at time zone 'UTC')::date;
  v_again timestamptz;
  v_answer json;
begin
  if b.stopped then return json_build_object('retryInMs', null); end if;
  v_again := held_back(p_session, p_invocation, b.claims_per_day);
  if v_again is not null then return json_build_object('retryInMs', greatest(1, ceil(1000 * extract(epoch from v_again - app_now())))); end if;
  v_answer := claim_freely(p_session, p_invocation, p_have, p_lease);
  if v_answer -> 'fence' is not null and not exists (select from session_days where session_id = p_session and day = v_today) then
    insert into session_days (session_id, user_id, day, fence)
      values (p_session, v_answer #>> '{facts,userId}', v_today, (v_answer ->> 'fence')::bigint - 1)
      on conflict (session_id) do update set day = excluded.day, fence = excluded.fence;
  end if;
  return v_answer;
end $$;
--> statement-breakpoint

alter function sweep rename to sweep_freely;
--> statement-breakpoint

-- As sweep_freely, and `overdueMs`: for how long the most overdue of those it found has not moved. (A session at work keeps its old due_at.)
-- While everything is stopped nothing is due, and nothing is marked as hinted.
create function sweep(p_limit int, p_backoff interval default '30 s') returns json language plpgsql volatile as $$
declare
  v_answer json;
begin
  if (select stopped from brakes) then
    return json_build_object('due', '[]'::json, 'now', app_now(), 'nextDue', (select min(due_at) from agent_sessions where due_at < 'infinity'));
  end if;
  v_answer := sweep_freely(p_limit, p_backoff);
  return json_build_object('due', v_answer -> 'due', 'now', v_answer -> 'now', 'nextDue', v_answer -> 'nextDue', 'overdueMs', (
    select coalesce(floor(1000 * max(extract(epoch from app_now() - greatest(s.due_at, s.updated_at)))), 0)
      from json_array_elements(v_answer -> 'due') d join agent_sessions s on s.id = d ->> 'id'));
end $$;
