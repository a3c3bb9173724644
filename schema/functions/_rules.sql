-- The arithmetic of money and days, pure: nothing else in SQL has it. Money is in microdollars, floored, so that parts never add up to more than the
-- whole. Each of these has one twin in lib/budget, and test/postgres/rules.test.ts holds the two together.

-- The largest sum of money: 2^53 - 1, which JSON still carries exactly.
create or replace function largest_sum() returns bigint language sql immutable as $$ select 9007199254740991 $$;

-- Days from p_day until renewal, at least 1; 30 where there is no date.
create or replace function days_until(p_renewal date, p_day date) returns int language sql immutable as $$
  select greatest(1, coalesce(p_renewal - p_day, 30))
$$;

-- The allowance of a day (R8). p_left: the cycle's money that earlier days have not used. p_today: top-ups for this very day, which come on top. The rest is
-- divided by p_days, the days until renewal. p_multiple (null: no limit): no day gets more than so many even shares of p_money over p_cycle_days.
create or replace function allowance_of(p_left numeric, p_today numeric, p_days int, p_money numeric, p_cycle_days int, p_multiple numeric)
returns bigint language sql immutable as $$
  select (least(div(p_left - least(p_left, p_today), p_days), div(p_multiple * p_money, p_cycle_days)) + least(p_left, p_today))::bigint
$$;

-- The most that may be spent and held on a day: 110 % of the allowance, and never more than the cycle has left.
create or replace function ceiling_of(p_allowance bigint, p_left numeric) returns bigint language sql immutable as $$
  select least(p_left, div(p_allowance::numeric * 11, 10))::bigint
$$;

-- From here on agents wind down: 90 % of the allowance.
create or replace function graceful_at(p_allowance bigint) returns bigint language sql immutable as $$
  select p_allowance * 9 / 10
$$;

-- A session's share of a day's money. Null percent: null, no limit.
create or replace function share_of(p_amount bigint, p_percent int) returns bigint language sql immutable as $$
  select p_amount * p_percent / 100
$$;

-- What one session needs for its hand-off: one and a half times its last call, or the least that it asks for if it has made none.
create or replace function handoff_need(p_last_call bigint, p_least bigint) returns numeric language sql immutable as $$
  select case when p_last_call > 0 then div(p_last_call::numeric * 3, 2) else p_least end
$$;

-- What is kept for hand-offs: the needs, and p_least on top, which the last hand-off must be able to hold; at most a fifth of the allowance.
create or replace function handoff_reserve_of(p_allowance bigint, p_needs numeric, p_least bigint) returns bigint language sql immutable as $$
  select least(p_allowance / 5, p_needs + p_least)::bigint
$$;

-- The first renewal after p_day, month by month from p_renewal: the day of the month is p_anchor, or the last day of a shorter month (R9). Null stays null.
create or replace function next_renewal(p_renewal date, p_anchor int, p_day date) returns date language plpgsql immutable as $$
declare
  v_first date;
begin
  while p_renewal <= p_day loop
    v_first := date_trunc('month', p_renewal::timestamp) + interval '1 month';
    p_renewal := least(v_first + p_anchor - 1, (v_first + interval '1 month')::date - 1);
  end loop;
  return p_renewal;
end $$;
