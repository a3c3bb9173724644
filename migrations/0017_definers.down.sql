revoke execute on function today(text), top_up(text, bigint, text, text, text), import_session(text, json, text, text) from circadian_person;
--> statement-breakpoint
grant execute on function today(text), top_up(text, bigint, text, text, text), import_session(text, json, text, text) to public;
