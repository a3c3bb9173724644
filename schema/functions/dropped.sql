-- Functions that no file defines any more: `drop function if exists name(arguments);`, for one release, since the code before it may still call them.
-- Applied before all others.
drop function if exists paid_through(text, date);
drop function if exists paid_plan(text, date);
drop function if exists settle_traces(text, json, boolean, interval, boolean);
