-- The billing cycle, and the money that is left in it.

-- Moves the user into the cycle that contains p_day, one cycle after the other, as rolled() says. The caller has locked the user.
create or replace function roll_cycle(p_user text, p_day date) returns void language plpgsql volatile as $$
declare
  u user_settings;
begin
  select * into u from user_settings where user_id = p_user;
  while u.subscription_renewal_date <= p_day loop
    u := rolled(u, u.subscription_renewal_date);
    update user_settings
      set cycle_start = u.cycle_start, subscription_renewal_date = u.subscription_renewal_date, carried_microdollars = u.carried_microdollars,
        prior_cycle_start = u.prior_cycle_start, prior_carried_microdollars = u.prior_carried_microdollars, tier = u.tier,
        subscription_budget_microdollars = u.subscription_budget_microdollars, renewal_anchor_day = u.renewal_anchor_day, paid_by_stripe = u.paid_by_stripe,
        paid_used_microdollars = u.paid_used_microdollars
      where user_id = p_user;
  end loop;
end $$;

-- The row of a user in the cycle that contains p_day. A renewal date is the first day of the next cycle. What is left of the top-ups is carried
-- into the new cycle. The start values of the ended cycle are kept, because its last holds may still settle for less. A plan that is paid at Stripe goes on
-- with the next paid period; without one the new cycle has no money of the plan, and no end.
create or replace function rolled(u user_settings, p_day date) returns user_settings language plpgsql stable as $$
declare
  p record;
  v_end date;
begin
  while u.subscription_renewal_date <= p_day loop
    v_end := u.subscription_renewal_date;
    u.prior_carried_microdollars := u.carried_microdollars;
    u.prior_cycle_start := u.cycle_start;
    u.carried_microdollars := least(largest_sum(), top_ups_left(u.user_id, u.carried_microdollars, u.cycle_start, v_end - 1, v_end));
    if u.paid_by_stripe then
      u.paid_used_microdollars := used_up(u, v_end);
      select * into p from paid_terms(u.user_id, v_end, v_end);
      u.tier := coalesce(p.tier, u.tier);
      u.subscription_budget_microdollars := coalesce(left_of_paid(p.total, u.paid_used_microdollars), 0);
      u.subscription_renewal_date := p.until;
      u.renewal_anchor_day := extract(day from p.until);
      u.paid_by_stripe := p.until is not null;
    else
      u.subscription_renewal_date := next_renewal(v_end, u.renewal_anchor_day, v_end);
    end if;
    u.cycle_start := v_end;
  end loop;
  return u;
end $$;

-- Of all that invoices gave, what is used up once the cycle that ends on p_end has ended: usedUp of lib/payments/paid-invoices.ts. u: the user's row in that
-- cycle, with what is carried into the next one.
create or replace function used_up(u user_settings, p_end date) returns bigint language plpgsql stable as $$
declare
  v_used numeric;
  v_paid numeric;
  v_spent numeric;
begin
  select coalesce(u.paid_used_microdollars, ended, 0), total into v_used, v_paid from paid_terms(u.user_id, p_end - 1, u.cycle_start);
  v_paid := coalesce(left_of_paid(v_paid, v_used), 0);
  select coalesce(sum(spent + held), 0) into v_spent from budget_days where user_id = u.user_id and day >= u.cycle_start and day < p_end;
  select v_spent - (u.prior_carried_microdollars + coalesce(sum(amount), 0) - u.carried_microdollars) into v_spent
    from top_ups where user_id = u.user_id and day >= u.cycle_start and day < p_end;
  v_spent := v_spent - greatest(0, u.subscription_budget_microdollars - v_paid);
  return greatest(-largest_sum(), least(largest_sum(), v_used + greatest(v_paid, v_spent)));
end $$;

-- The terms of the cycle that today lies in, also before the day is opened, which rolls the row.
create or replace function terms_of(p_user text, p_tier text, p_budget bigint, p_renewal date, p_anchor int, p_paid_by_stripe boolean,
  out tier text, out budget bigint, out renewal date) language plpgsql stable as $$
declare
  v_day date := app_day(p_user);
  u user_settings;
begin
  tier := p_tier;
  budget := p_budget;
  renewal := p_renewal;
  if renewal > v_day or renewal is null then return; end if;
  if not p_paid_by_stripe then
    renewal := next_renewal(renewal, p_anchor, v_day);
    return;
  end if;
  select * into u from user_settings where user_id = p_user;
  u := rolled(u, v_day);
  tier := u.tier;
  budget := u.subscription_budget_microdollars;
  renewal := u.subscription_renewal_date;
end $$;

-- How many microdollars are left of the top-ups since p_from and of p_carried, the money carried into that cycle. Everything spent or held before
-- p_before counts against them; top-ups count up to the day p_last.
--
-- Top-ups are used before the plan's own money. No top-up pays for earlier spending: the answer is the largest remainder that any top-up with all
-- later ones, or the whole, leaves over what was spent since. A top-up's `committed` splits its own day.
create or replace function top_ups_left(p_user text, p_carried bigint, p_from date, p_last date, p_before date) returns numeric language sql volatile as $$
  with days as (
    select day, sum(spent + held) over (order by day desc) as since
      from budget_days where user_id = p_user and day >= p_from and day < p_before
  ), ups as (
    select t.day, t.committed, sum(t.amount) over (order by t.day desc, t.at desc, t.key desc) as since
      from top_ups t where t.user_id = p_user and t.day between p_from and p_last
  ), whole as (
    select p_carried + coalesce((select max(since) from ups), 0) as paid, coalesce((select max(since) from days), 0) as used
  )
  select greatest(0, whole.paid - whole.used,
      (select max(ups.since - greatest(0, coalesce(days.since, 0) - ups.committed)) from ups left join days using (day)))
    from whole
$$;

-- All microdollars of the user in the present cycle, spent or not: plan, carried over, topped up. The caller has locked the user and has rolled the cycle.
create or replace function cycle_money(p_user text) returns numeric language sql volatile as $$
  select u.subscription_budget_microdollars + u.carried_microdollars
      + (select coalesce(sum(amount), 0) from top_ups t where t.user_id = p_user and t.day >= u.cycle_start)
    from user_settings u where user_id = p_user
$$;

-- Allowance, ceiling and remaining money that p_day would get if it were frozen now (R8), in microdollars: never dependent on what was spent on p_day
-- itself. In numeric, so that no sum overflows. The caller has locked the user and has rolled the cycle.
create or replace function day_limits(p_user text, p_day date, out allowance bigint, out ceiling bigint, out remaining bigint) language plpgsql volatile as $$
declare
  u user_settings;
  v_top_ups numeric;
  v_today numeric;
  v_all_today numeric;
  v_committed numeric;
begin
  select * into u from user_settings where user_id = p_user;
  select coalesce(sum(amount), 0), coalesce(sum(amount) filter (where day = p_day and spread = 'today'), 0),
      coalesce(sum(amount) filter (where spread = 'today'), 0) into v_top_ups, v_today, v_all_today
    from top_ups where user_id = p_user and day between u.cycle_start and p_day;
  select coalesce(sum(spent + held), 0) into v_committed
    from budget_days where user_id = p_user and day >= u.cycle_start and day < p_day;
  v_top_ups := v_top_ups + u.carried_microdollars;
  remaining := least(largest_sum(), greatest(0, u.subscription_budget_microdollars + v_top_ups - v_committed));
  allowance := allowance_of(remaining, v_today, days_until(u.subscription_renewal_date, p_day),
    u.subscription_budget_microdollars + v_top_ups - v_all_today, days_until(u.subscription_renewal_date, u.cycle_start), u.max_daily_multiple);
  ceiling := ceiling_of(allowance, remaining);
end $$;
