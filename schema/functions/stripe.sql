-- What Stripe told of its objects, and what users have by it (docs/payments.md). Keeping moves no money. Settling makes the user's budget what the kept objects
-- say: a function of them all, so it does not matter in which order they came, nor how often.

-- Keeps what p_told says of an object, unless a later version of it is there. Locks that row alone.
create or replace function keep_stripe_object(p_told json) returns void language plpgsql volatile as $$
begin
  insert into stripe_objects as o (id, kind, version, received_at, customer, user_id, amount, prices, subscription, starts_at, ends_at)
    select t.id, t.kind, t.version, app_now(), t.customer, t."userId", t.amount, t.prices, t.subscription, t."startsAt", t."endsAt"
      from json_to_record(p_told) t(id text, kind text, version text, customer text, "userId" text, amount bigint, prices text[], subscription text,
        "startsAt" timestamptz, "endsAt" timestamptz)
    on conflict (id) do update
      set version = excluded.version, received_at = excluded.received_at, customer = excluded.customer, user_id = excluded.user_id, amount = excluded.amount,
        prices = excluded.prices, subscription = excluded.subscription, starts_at = excluded.starts_at, ends_at = excluded.ends_at
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

-- The day on which the cycle ends that pays for p_day; null: p_day is not paid. Each period that begins after the one before has ended is a cycle of its
-- own, with the budget anew. One that begins earlier, as after a change of plan, only moves the end of its cycle.
create or replace function paid_through(p_subscription text, p_day date) returns date language plpgsql stable as $$
declare
  v_start timestamptz;
  v_end timestamptz;
  p record;
begin
  for p in select starts_at, ends_at from stripe_objects where subscription = p_subscription order by starts_at, ends_at loop
    if p.starts_at < v_end then
      v_end := greatest(v_end, p.ends_at);
    else
      exit when paid_until(v_end) > p_day;
      v_start := p.starts_at;
      v_end := p.ends_at;
    end if;
  end loop;
  return case when paid_until(v_end) > p_day and (v_start at time zone 'UTC')::date <= p_day then paid_until(v_end) end;
end $$;

-- The best plan that is paid for p_day, as the prices were when the user was last settled; all null: none is. Of several the one with the largest budget counts,
-- so that nobody can worsen the plan of another by paying for a smaller one.
create or replace function paid_plan(p_user text, p_day date, out tier text, out budget bigint, out until date) language sql stable as $$
  select s.tier, s.budget, t.until from subscriptions_of(p_user) s cross join lateral (select paid_through(s.id, p_day) as until) t
    where s.tier is not null and t.until is not null order by s.budget desc, t.until desc, s.id collate "C" limit 1
$$;

-- Adds each paid checkout of the user once, and makes the plan what is paid for today: none, where a paid subscription has changed to a price of no tier.
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
  for o in select id, amount from stripe_objects where user_id = p_user and amount > 0 and not credited order by id collate "C" for no key update loop
    v_answer := top_up(p_user, o.amount, 'cycle', E'payment\n' || o.id, 'stripe');
    v_too_much := v_too_much or v_answer -> 'tooMuch' is not null;
    v_moved := v_moved + coalesce((v_answer ->> 'moved')::int, 0);
    update stripe_objects set credited = true where id = o.id and v_answer -> 'tooMuch' is null;
  end loop;
  update stripe_objects t set tier = n.plan ->> 'tier', budget = (n.plan ->> 'budget')::bigint
    from (select s.id, (select p_plans -> price from unnest(s.prices) with ordinality a(price, i) where p_plans -> price is not null order by i limit 1) as plan
      from subscriptions_of(p_user) s) n
    where t.id = n.id and (t.tier, t.budget) is distinct from (n.plan ->> 'tier', (n.plan ->> 'budget')::bigint);
  v_day := app_day(p_user);
  perform roll_cycle(p_user, v_day);
  select * into u from user_settings where user_id = p_user;
  select * into p from paid_plan(p_user, v_day);
  if p.until is null and p_is_news and u.paid_by_stripe then
    perform put_user(p_user, '{"budget": 0, "renewalDate": null}');
    update user_settings set paid_by_stripe = false where user_id = p_user;
  elsif p.until is not null and (p_is_news or not u.paid_by_stripe) then
    v_answer := put_user(p_user, json_build_object('tier', p.tier, 'budget', p.budget::text, 'renewalDate', p.until));
    v_too_much := v_too_much or v_answer -> 'tooMuch' is not null;
    v_nudged := coalesce((v_answer ->> 'nudged')::boolean, false);
    update user_settings set paid_by_stripe = true where user_id = p_user and v_answer -> 'tooMuch' is null;
  end if;
  return json_build_object('nudged', v_nudged or v_moved > 0, 'tooMuch', v_too_much);
end $$;
