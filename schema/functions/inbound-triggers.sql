-- Inbound triggers: what their users ask for. Who looks one up for a message, and which secrets count, is said by the port and by secrets.sql.

-- Makes a trigger from p_trigger, the port's NewTrigger. Answers {id}, also of the one that an earlier request with this key made; {conflict}; or {full}: the
-- user has p_most of them, and the key stays free. Locks the key, then the user.
create or replace function create_trigger(p_user text, p_trigger json, p_key text, p_fingerprint text, p_most int) returns json language plpgsql volatile as $$
declare
  v_id text := p_trigger ->> 'id';
  k idempotency_keys;
begin
  if p_key is not null and not take_idempotency_key(p_user, 'trigger', p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = 'trigger' and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if (select count(*) from inbound_triggers where user_id = p_user and id <> v_id) >= p_most then
    delete from idempotency_keys where user_id = p_user and scope = 'trigger' and key = p_key;
    return json_build_object('full', true);
  end if;
  insert into inbound_triggers (id, user_id, created_at, updated_at, name, session_id, template, max_cost_microdollars, secret)
    values (v_id, p_user, app_now(), app_now(), p_trigger ->> 'name', p_trigger ->> 'sessionId', object_of(p_trigger -> 'template'),
      (p_trigger ->> 'maxCost')::bigint, p_trigger ->> 'secret')
    on conflict (id) do nothing;
  return json_build_object('id', v_id);
end $$;

-- Changes what p_change names of a trigger: {name?, action?: {template, maxCost, sessionId}}. Locks the trigger.
create or replace function change_trigger(p_user text, p_trigger text, p_change json) returns void language plpgsql volatile as $$
declare
  v_action json := object_of(p_change -> 'action');
begin
  update inbound_triggers
    set name = coalesce(p_change ->> 'name', name), updated_at = app_now(),
      template = case when v_action is null then template else object_of(v_action -> 'template') end,
      max_cost_microdollars = case when v_action is null then max_cost_microdollars else (v_action ->> 'maxCost')::bigint end,
      session_id = case when v_action is null then session_id else v_action ->> 'sessionId' end
    where user_id = p_user and id = p_trigger;
end $$;

-- Removes a trigger. False: there is none. A blind repeat gets the answer of the first. Locks the key, then the trigger.
create or replace function remove_trigger(p_user text, p_trigger text, p_operation text) returns boolean language plpgsql volatile as $$
begin
  if not take_idempotency_key(p_user, p_trigger, p_operation, 'remove') then return true; end if;
  delete from inbound_triggers where user_id = p_user and id = p_trigger;
  if found then return true; end if;
  delete from idempotency_keys where user_id = p_user and scope = p_trigger and key = p_operation;
  return false;
end $$;
