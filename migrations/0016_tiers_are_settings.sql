-- Tiers are configuration (TIERS in lib/world.ts, TIER_MODELS): nothing has read this table since, and its rows said otherwise when that was set.
DROP TABLE "plan_tiers";
