drop index usage_ledger_by_iteration;
