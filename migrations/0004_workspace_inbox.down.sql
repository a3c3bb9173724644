-- What users put and no claim has taken is lost: let all due sessions run first.
DROP TABLE "workspace_inbox";