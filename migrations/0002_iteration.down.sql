drop function start_tool, heartbeat, save, settle, reserve, claim, claimed, workspace, rested, wishes, remember, joined, append, journal, mine,
  owns, locked;
