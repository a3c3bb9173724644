CREATE TABLE "plan_tiers" (
	"name" text PRIMARY KEY NOT NULL,
	"model" text NOT NULL
);
--> statement-breakpoint
insert into plan_tiers (name, model) values
  ('economy', 'claude-haiku-5-5'), ('standard', 'claude-sonnet-5-5'), ('premium', 'claude-opus-5-5');
