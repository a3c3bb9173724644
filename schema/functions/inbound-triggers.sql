-- Changes what p_change names of an inbound trigger: {name?, action?: {template, maxCost, sessionId}, secret?}. A secret that is replaced counts for another
-- day, and a repeat with the same one replaces nothing. Its caller may be behind the wall, where secrets cannot be read: so it runs as its owner.
create or replace function change_trigger(p_user text, p_trigger text, p_change json) returns void language plpgsql volatile as $$
declare
  v_action json := object_of(p_change -> 'action');
  v_secret text := p_change ->> 'secret';
begin
  perform assert_current_user(p_user);
  update inbound_triggers
    set name = coalesce(p_change ->> 'name', name), updated_at = app_now(),
      template = case when v_action is null then template else object_of(v_action -> 'template') end,
      max_cost_microdollars = case when v_action is null then max_cost_microdollars else (v_action ->> 'maxCost')::bigint end,
      session_id = case when v_action is null then session_id else v_action ->> 'sessionId' end
    where user_id = p_user and id = p_trigger;
  update inbound_triggers set former_secret = secret, former_until = app_now() + interval '24 hours', secret = v_secret
    where user_id = p_user and id = p_trigger and secret <> v_secret;
end $$;
