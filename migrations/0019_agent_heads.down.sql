DROP TABLE "agent_heads";
