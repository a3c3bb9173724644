CREATE TABLE "agent_heads" (
	"id" text PRIMARY KEY NOT NULL,
	"head" json NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
