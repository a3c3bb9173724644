-- What runs as its owner (0015_own_money.sql) is called by the owner and behind the wall alone. Postgres lets every login call a new function,
-- and a login made to read reports could else have named itself a user and topped up.
revoke execute on function today(text), top_up(text, bigint, text, text, text), import_session(text, json, text, text) from public;
--> statement-breakpoint
grant execute on function today(text), top_up(text, bigint, text, text, text), import_session(text, json, text, text) to circadian_person;
