-- What Stripe told of its objects, and what users have by it (docs/payments.md). Keeping moves no money. Settling makes the user's budget what the kept objects
-- say: a function of them all, so it does not matter in which order they came, nor how often.

-- Keeps what p_told says of an object, unless a later version of it is there, and what its prices cost. Locks that row alone, and new prices. "startsAt" and
-- "endsAt" come from code of before invoices had lines.
create or replace function keep_stripe_object(p_told json) returns void language plpgsql volatile as $$
begin
  insert into stripe_prices as s (id, unit_amount, currency, is_exact)
    select u.id, max(u."unitAmount"), min(u.currency), bool_and(u."isExact")
      from json_to_recordset(p_told -> 'units') u(id text, "unitAmount" bigint, currency text, "isExact" boolean) group by u.id order by u.id collate "C"
    on conflict (id) do update set unit_amount = excluded.unit_amount, currency = excluded.currency, is_exact = excluded.is_exact
      where not s.is_exact and (excluded.is_exact or (excluded.unit_amount, excluded.currency collate "C") > (s.unit_amount, s.currency collate "C"));
  insert into stripe_objects as o (id, kind, version, received_at, customer, user_id, amount, prices, subscription, lines, starts_at, ends_at)
    select t.id, t.kind, t.version, app_now(), t.customer, t."userId", t.amount, t.prices, t.subscription, t.lines, t."startsAt", t."endsAt"
      from json_to_record(p_told) t(id text, kind text, version text, customer text, "userId" text, amount bigint, prices text[], subscription text, lines json,
        "startsAt" timestamptz, "endsAt" timestamptz)
    on conflict (id) do update
      set version = excluded.version, received_at = excluded.received_at, customer = excluded.customer, user_id = excluded.user_id, amount = excluded.amount,
        prices = excluded.prices, subscription = excluded.subscription, lines = excluded.lines,
        starts_at = coalesce(excluded.starts_at, o.starts_at), ends_at = coalesce(excluded.ends_at, o.ends_at)
      where o.kind = excluded.kind and o.version collate "C" < excluded.version collate "C";
end $$;

-- The one user whom the objects of a customer name; null: they name nobody, or several.
create or replace function user_of_customer(p_customer text) returns text language sql stable as $$
  select min(user_id) from stripe_objects where customer = p_customer and user_id is not null having min(user_id) = max(user_id)
$$;

-- Whose an object is: who it names, else its customer's user. An invoice is that of its subscription. A payment must name its user itself, because
-- the same customer may buy other things of the same seller.
create or replace function user_of_stripe_object(p_id text) returns text language sql stable as $$
  select coalesce(s.user_id, o.user_id, case when o.kind <> 'checkout' then user_of_customer(coalesce(s.customer, o.customer)) end)
    from stripe_objects o left join stripe_objects s on s.id = o.subscription and s.kind = 'subscription' where o.id = p_id
$$;

-- All subscriptions of a user, by both ways. Each customer is looked at once: the planner would else ask again for each of its objects.
create or replace function subscriptions_of(p_user text) returns setof stripe_objects language sql stable as $$
  with named as materialized (select distinct customer from stripe_objects where user_id = p_user and customer is not null),
    own as materialized (select customer from named where user_of_customer(customer) = p_user)
  select * from stripe_objects where user_id = p_user and kind = 'subscription'
  union all
  select s.* from own join stripe_objects s on s.customer = own.customer where s.kind = 'subscription' and s.user_id is null
$$;

-- The first UTC day that a paid period does not cover: the one that begins at least three hours after its end. Stripe takes the money of a period about
-- an hour after it began. Until then the agents work on from what they have.
create or replace function paid_until(p_ends_at timestamptz) returns date language sql immutable as $$
  select ((p_ends_at + interval '3 hours' - interval '1 microsecond') at time zone 'UTC')::date + 1
$$;

-- worthOf of lib/payments/paid-invoices.ts, which has the rule: what an invoice gives; tier null: none of its lines costs or credits a price of a tier.
create or replace function worth_of(p_lines json, p_plans json, out tier text, out budget bigint, out starts_at timestamptz, out ends_at timestamptz)
language sql stable as $$
  with lines as (
    select l.*, p_plans -> l.price ->> 'tier' as tier, part_of((p_plans -> l.price ->> 'budget')::bigint, l.amount, u.unit_amount, l."isProrated") as part
      from rows from (json_to_recordset(p_lines)
          as (price text, amount bigint, currency text, "isProrated" boolean, "startsAt" bigint, "endsAt" bigint)) with ordinality
        as l(price, amount, currency, "isProrated", "startsAt", "endsAt", n)
        left join stripe_prices u on u.id = l.price and u.currency = l.currency
      where p_plans -> l.price is not null and l.amount <> 0
  )
  select f.tier, (select greatest(-largest_sum(), least(largest_sum(), sum(part))) from lines), to_timestamp(f."startsAt" / 1000.0), to_timestamp(f."endsAt" / 1000.0)
    from lines f order by f.amount > 0 desc, f."startsAt" desc, f."endsAt", f.n limit 1
$$;

-- What a line of p_amount gives of a budget whose price is p_unit, in whole microdollars, rounded down. p_unit null: a whole period counts as one.
create or replace function part_of(p_budget bigint, p_amount bigint, p_unit bigint, p_is_prorated boolean) returns numeric language sql immutable as $$
  select case
    when p_unit is null then case when p_is_prorated or p_amount < 0 then 0 else p_budget end
    when p_amount < 0 then div(p_budget::numeric * p_amount - (p_unit - 1), p_unit)
    else div(p_budget::numeric * p_amount, p_unit) end
$$;

-- The cycles that a user has of a subscription, with what its invoices gave when the user was last settled: cyclesOf of lib/payments/paid-invoices.ts,
-- which has the rule.
create or replace function cycles_of(p_user text, p_subscription text) returns table (tier text, budget numeric, counts_from date, until date) language plpgsql stable as $$
declare
  v_end timestamptz;
  p record;
begin
  for p in select * from stripe_objects o where o.owner = p_user and o.subscription = p_subscription and o.budget is not null and o.starts_at is not null
    order by o.starts_at, o.ends_at, o.id collate "C" loop
    if p.starts_at < v_end then
      budget := budget + p.budget;
    else
      if v_end is not null then return next; end if;
      counts_from := greatest((p.starts_at at time zone 'UTC')::date, until);
      budget := p.budget;
    end if;
    tier := p.tier;
    until := paid_until(p.ends_at);
    v_end := p.ends_at;
  end loop;
  if v_end is not null then return next; end if;
end $$;

-- What a user's subscriptions pay for on p_day: paidTerms of lib/payments/paid-invoices.ts; all null: it is not paid. p_since: the day on which the user's
-- cycle began.
create or replace function paid_terms(p_user text, p_day date, p_since date, out tier text, out until date, out total numeric, out ended numeric) language sql stable as $$
  with cycles as materialized (select s.id, c.* from (select distinct subscription as id from stripe_objects where owner = p_user) s
      cross join lateral cycles_of(p_user, s.id) c),
    best as (select * from cycles where counts_from <= p_day and until > p_day order by budget desc, until desc, id collate "C" limit 1)
  select b.tier, b.until, (select sum(c.budget) from cycles c where c.counts_from < b.until), (select least(largest_sum(), greatest(0, coalesce(sum(c.budget), 0))) from cycles c where c.until <= p_since)
    from best b
$$;

-- What of p_total is left to a cycle, when cycles before have used up p_used.
create or replace function left_of_paid(p_total numeric, p_used numeric) returns bigint language sql immutable as $$
  select least(largest_sum(), greatest(0, p_total - p_used))::bigint
$$;

-- Adds each paid checkout of the user once, and makes the plan what invoices pay for today.
-- p_plans: {price: {tier, budget}}. p_is_news false: a plan that is paid already stays as the operator left it. Answers {nudged, tooMuch}, see the port; null:
-- no such user, and all that is kept waits. Locks the user, the user's objects, then as top_up and put_user.
create or replace function settle_payments(p_user text, p_plans json, p_is_news boolean) returns json language plpgsql volatile as $$
declare
  v_day date;
  v_answer json;
  v_moved int := 0;
  v_too_much boolean := false;
  v_nudged boolean := false;
  o record;
  u user_settings;
  p record;
begin
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then return null; end if;
  -- An ended cycle has used up what was told by then, and nothing of what is told now.
  v_day := app_day(p_user);
  perform roll_cycle(p_user, v_day);
  for o in select id, amount from stripe_objects where user_id = p_user and amount > 0 and not credited order by id collate "C" for no key update loop
    v_answer := top_up(p_user, o.amount, 'cycle', E'payment\n' || o.id, 'stripe');
    v_too_much := v_too_much or v_answer -> 'tooMuch' is not null;
    v_moved := v_moved + coalesce((v_answer ->> 'moved')::int, 0);
    update stripe_objects set credited = true where id = o.id and v_answer -> 'tooMuch' is null;
  end loop;
  select * into u from user_settings where user_id = p_user;
  -- What an ended cycle had stays, whatever becomes of names, tiers and prices. An invoice that was told before lines were kept has the whole budget of
  -- the price that its subscription has now.
  with own as materialized (select id, prices from subscriptions_of(p_user)),
    worth as (select i.id, w.* from own join stripe_objects i on i.subscription = own.id cross join lateral worth_of(coalesce(i.lines,
      (select json_build_array(json_build_object('price', price, 'amount', 1, 'isProrated', false,
          'startsAt', extract(epoch from i.starts_at)::bigint * 1000, 'endsAt', extract(epoch from i.ends_at)::bigint * 1000))
        from unnest(own.prices) with ordinality a(price, n) where p_plans -> price is not null and i.starts_at is not null order by n limit 1)), p_plans) w)
  update stripe_objects t set owner = p_user, tier = w.tier, budget = w.budget, starts_at = coalesce(w.starts_at, t.starts_at), ends_at = coalesce(w.ends_at, t.ends_at)
    from worth w
    where t.id = w.id
      and (t.budget is null or paid_until(t.ends_at) > case when t.owner = p_user then u.cycle_start else v_day end)
      and (t.owner, t.tier, t.budget, t.starts_at, t.ends_at) is distinct from (p_user, w.tier, w.budget, w.starts_at, w.ends_at);
  select * into p from paid_terms(p_user, v_day, u.cycle_start);
  if p.until is null and p_is_news and u.paid_by_stripe then
    perform put_user(p_user, '{"budget": 0, "renewalDate": null}');
    update user_settings set paid_by_stripe = false where user_id = p_user;
  elsif p.until is not null and (p_is_news or not u.paid_by_stripe) then
    v_answer := put_user(p_user, json_build_object('tier', p.tier, 'budget', left_of_paid(p.total, coalesce(u.paid_used_microdollars, p.ended))::text, 'renewalDate', p.until));
    v_too_much := v_too_much or v_answer -> 'tooMuch' is not null;
    v_nudged := coalesce((v_answer ->> 'nudged')::boolean, false);
    update user_settings set paid_by_stripe = true where user_id = p_user and v_answer -> 'tooMuch' is null;
  end if;
  return json_build_object('nudged', v_nudged or v_moved > 0, 'tooMuch', v_too_much);
end $$;
