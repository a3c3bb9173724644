-- The same day of the next month, or the last day of that month if it is shorter: 31st, 28th, 31st (R9). p_anchor: the day of the month, 1 to 31.
create or replace function month_after(p_date date, p_anchor int) returns date language sql immutable as $$
  select least(first + p_anchor - 1, (first + interval '1 month')::date - 1)
    from (select (date_trunc('month', p_date::timestamp) + interval '1 month')::date as first) next_month
$$;

-- The first renewal date after p_day. A null date stays null.
create or replace function renewal_after(p_renewal date, p_anchor int, p_day date) returns date language plpgsql immutable as $$
begin
  while p_renewal <= p_day loop
    p_renewal := month_after(p_renewal, p_anchor);
  end loop;
  return p_renewal;
end $$;

-- The largest sum of money, in microdollars: 2^53 - 1, which JSON still carries exactly.
create or replace function most_money() returns bigint language sql immutable as $$ select 9007199254740991 $$;
