-- Secrets that sign messages, of webhooks and of inbound triggers. One that is replaced counts for another day, so that both sides never have to change it
-- at once. What replaces one runs as its owner: its caller may be behind the wall, where no secret can be read.

-- What `previous_secrets`, [{secret, until}], becomes when another takes the place of p_secret: the newest first, four at most, and none whose day is over.
create or replace function replaced_secrets(p_secret text, p_previous json) returns json language sql stable as $$
  select json_agg(one order by i) from (
    select json_build_object('secret', p_secret, 'until', app_now() + interval '1 day') as one, 0 as i
    union all
    select e, i from json_array_elements(p_previous) with ordinality x(e, i) where (e ->> 'until')::timestamptz > app_now()
    order by i limit 4) kept
$$;

-- The secrets that count now, the present one first.
create or replace function counting_secrets(p_secret text, p_previous json) returns json language sql stable as $$
  select json_agg(secret order by i) from (
    select p_secret as secret, 0 as i
    union all
    select e ->> 'secret', i from json_array_elements(p_previous) with ordinality x(e, i) where (e ->> 'until')::timestamptz > app_now()) counting
$$;

-- Makes p_secret the secret of an inbound trigger, once for p_operation. Answers {rotated}: whether p_secret is the one that was made; false: an earlier
-- request with this key made another one. Null: the user has no such trigger. Locks the key, then the trigger.
create or replace function rotate_trigger_secret(p_user text, p_trigger text, p_operation text, p_secret text) returns json language plpgsql volatile as $$
declare
  v_first boolean;
  v_secret text;
begin
  perform assert_current_user(p_user);
  v_first := take_idempotency_key(p_user, p_trigger, p_operation, 'rotate');
  update inbound_triggers set previous_secrets = replaced_secrets(secret, previous_secrets), secret = p_secret, updated_at = app_now()
    where v_first and user_id = p_user and id = p_trigger;
  select secret into v_secret from inbound_triggers where user_id = p_user and id = p_trigger;
  if not found then
    delete from idempotency_keys where user_id = p_user and scope = p_trigger and key = p_operation and v_first;
    return null;
  end if;
  return json_build_object('rotated', v_secret = p_secret);
end $$;

-- The same of a webhook, which signs what is sent. {managed}: it is the operator's, and nothing was done. Locks the key, then the webhook.
create or replace function rotate_webhook_secret(p_user text, p_webhook text, p_operation text, p_secret text) returns json language plpgsql volatile as $$
declare
  v_first boolean;
  w webhooks;
begin
  perform assert_current_user(p_user);
  v_first := take_idempotency_key(p_user, p_webhook, p_operation, 'rotate');
  update webhooks set previous_secrets = replaced_secrets(secret, previous_secrets), secret = p_secret, updated_at = app_now()
    where v_first and user_id = p_user and id = p_webhook and managed_by = 'user';
  select * into w from webhooks where user_id = p_user and id = p_webhook;
  if w.managed_by = 'user' then return json_build_object('rotated', w.secret = p_secret); end if;
  delete from idempotency_keys where user_id = p_user and scope = p_webhook and key = p_operation and v_first;
  return case when w.id is not null then json_build_object('managed', true) end;
end $$;
