-- Where money is written: holds are closed here, and what calls cost is recorded.

-- A count out of a usage object, for reports; the cost was computed elsewhere. A value that is no number counts as none. Numeric, because a
-- double of 1e300 is no bigint.
create or replace function usage_count(p_usage json, variadic p_path text[]) returns bigint language sql immutable as $$
  select case when json_typeof(p_usage #> p_path) = 'number' then least(largest_sum(), greatest(0, trunc((p_usage #>> p_path)::numeric)))::bigint else 0 end
$$;

-- Writes or corrects the ledger row of one call. A correction keeps the day and the iteration of the first.
create or replace function write_ledger_entry(p_row usage_ledger) returns void language plpgsql volatile as $$
begin
  p_row.input_tokens := coalesce(usage_count(p_row.usage, 'input_tokens'), 0);
  p_row.output_tokens := coalesce(usage_count(p_row.usage, 'output_tokens'), 0);
  p_row.cache_read_tokens := coalesce(usage_count(p_row.usage, 'cache_read_input_tokens'), 0);
  p_row.cache_write_1h_tokens := coalesce(usage_count(p_row.usage, 'cache_creation', 'ephemeral_1h_input_tokens'), 0);
  p_row.cache_write_5m_tokens := greatest(0, coalesce(usage_count(p_row.usage, 'cache_creation_input_tokens'), 0) - p_row.cache_write_1h_tokens);
  p_row.searches := coalesce(usage_count(p_row.usage, 'server_tool_use', 'web_search_requests'), 0);
  p_row.at := app_now();
  insert into usage_ledger select p_row.*
    on conflict (user_id, session_id, fence, n) do update
      set cost = excluded.cost, class = excluded.class, model = excluded.model, kind = excluded.kind, usage = excluded.usage,
        input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, cache_read_tokens = excluded.cache_read_tokens,
        cache_write_5m_tokens = excluded.cache_write_5m_tokens, cache_write_1h_tokens = excluded.cache_write_1h_tokens,
        searches = excluded.searches, tools = excluded.tools, at = excluded.at;
end $$;

-- The only place where a hold changes. It leaves `held` once, and evidence corrects `unknown` once (R7). p_cost: microdollars; 0 releases the hold; null
-- charges all of it.
-- Answers by how much the session's cost changes; null: there was nothing left to do. No day's spend outgrows largest_sum(). The caller has locked
-- the session, if it still exists. Locks the day, then the hold.
create or replace function close_hold(p_session text, p_fence bigint, p_n int, p_cost bigint, p_class text, p_call json default null)
returns bigint language plpgsql volatile as $$
declare
  h budget_holds;
  l usage_ledger;
  v_was bigint;
  v_most bigint;
  v_more bigint;
  v_released bigint;
begin
  perform 1 from budget_days d join budget_holds using (user_id, day)
    where session_id = p_session and fence = p_fence and n = p_n for no key update of d;
  if not found then raise 'no hold %:%:%', p_session, p_fence, p_n using errcode = 'no_data_found'; end if;
  select * into h from budget_holds where session_id = p_session and fence = p_fence and n = p_n for no key update;
  if h.class = 'settled' or h.class = p_class then return null; end if;
  select cost into v_was from usage_ledger
    where user_id = h.user_id and session_id = p_session and fence = p_fence and n = p_n;
  l.user_id := h.user_id; l.session_id := p_session; l.fence := p_fence; l.n := p_n; l.day := h.day; l.iteration := h.iteration;
  v_most := largest_sum() - (select spent from budget_days where user_id = h.user_id and day = h.day) + coalesce(v_was, 0);
  l.cost := least(coalesce(p_cost, h.amount), greatest(0, v_most));
  l.class := p_class;
  l.model := coalesce(p_call ->> 'model', h.model);
  l.kind := case when h.kind = 'tool' then 'tool' else p_call ->> 'kind' end;
  l.usage := case when json_typeof(p_call -> 'usage') = 'object' then p_call -> 'usage' end;
  l.tools := case when h.kind = 'tool' then array[h.model] else
    array(select c ->> 'name' from json_array_elements(p_call -> 'calls') with ordinality x(c, i) order by i) end;
  perform write_ledger_entry(l);
  update budget_holds set class = p_class where session_id = p_session and fence = p_fence and n = p_n;
  v_more := l.cost - coalesce(v_was, 0);
  v_released := case when h.class = 'held' then h.amount else 0 end;
  update budget_days set spent = spent + v_more, held = held - v_released, revision = revision + 1 where user_id = h.user_id and day = h.day;
  update session_days
    set spent = spent + v_more, held = held - v_released, handed_off = handed_off + case when h.hand_off then v_more - v_released else 0 end,
      last_call = case when l.cost > 0 and h.kind = 'call' then l.cost else last_call end
    where session_id = p_session and day = h.day;
  return v_more;
end $$;

-- Writes the cost of a call straight into today's ledger, once per user, session and iteration. Answers both sums as they are now. Locks the user,
-- then the session, then the day.
create or replace function record_cost(p_user text, p_session text, p_iteration int, p_model text, p_usage json, p_cost bigint)
returns json language plpgsql volatile as $$
declare
  s agent_sessions;
  l usage_ledger;
begin
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  select * into s from agent_sessions where id = p_session and user_id = p_user for no key update;
  perform open_day(p_user);
  if not exists (select from usage_ledger where user_id = p_user and session_id = p_session and fence = 0 and n = p_iteration) then
    l.user_id := p_user; l.session_id := p_session; l.fence := 0; l.n := p_iteration; l.iteration := p_iteration;
    l.day := last_day(p_user) ->> 'date';  -- the day that was opened: it may be past midnight by now
    l.cost := least(p_cost, greatest(0, largest_sum() - (select spent from budget_days where user_id = p_user and day = l.day)));
    l.class := 'settled'; l.model := p_model; l.usage := p_usage; l.tools := '{}';
    update budget_days set spent = spent + l.cost, revision = revision + 1 where user_id = p_user and day = l.day;
    perform write_ledger_entry(l);
    if s.id is not null then
      update agent_sessions set cost_microdollars = cost_microdollars + l.cost where id = p_session;
      perform session_day(s, l.day);
      update session_days set spent = spent + l.cost where session_id = p_session and day = l.day;
    end if;
  end if;
  return json_build_object(
    'sessionCost', (select coalesce(sum(cost), 0)::text from usage_ledger where user_id = p_user and session_id = p_session),
    'daySpent', last_day(p_user) ->> 'spent');
end $$;
