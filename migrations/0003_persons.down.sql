drop function put_user, top_up, rebudget, before_rebudget, remove_session, nudge, his, create_session, first_time;
