CREATE TABLE "memories" (
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"revision" bigint NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "memories_user_id_name_pk" PRIMARY KEY("user_id","name")
);
--> statement-breakpoint
CREATE TABLE "memory_entries" (
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"path" text NOT NULL,
	"version" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"source" text NOT NULL,
	"session_id" text,
	"bytes" integer NOT NULL,
	"content" "bytea" NOT NULL,
	CONSTRAINT "memory_entries_user_id_name_path_pk" PRIMARY KEY("user_id","name","path"),
	CONSTRAINT "memory_source_known" CHECK ("memory_entries"."source" in ('person', 'agent', 'untrusted')),
	CONSTRAINT "untrusted_by_its_path" CHECK (("memory_entries"."source" = 'untrusted') = starts_with("memory_entries"."path", 'untrusted/')),
	CONSTRAINT "person_or_session" CHECK (("memory_entries"."source" = 'person') = ("memory_entries"."session_id" is null))
);
--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "memory_name" text;--> statement-breakpoint
ALTER TABLE "memories" ADD CONSTRAINT "memories_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memory_entries" ADD CONSTRAINT "memory_entries_user_id_name_memories_user_id_name_fk" FOREIGN KEY ("user_id","name") REFERENCES "public"."memories"("user_id","name") ON DELETE cascade ON UPDATE no action;