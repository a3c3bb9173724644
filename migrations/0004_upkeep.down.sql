drop function advance_clock, void_leases, purge, buried, sweep;
