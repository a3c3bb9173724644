/** What the operator of these jobs has set: a credential for git, a server for mail, and an agent whose requests that write a person sees first. */
import { defineConfig } from 'circadian';

/** The server's port is another one in each run. */
export const configWith = (mail: string) =>
  defineConfig({
    credentials: [{ secret: 'GIT_TOKEN', hosts: ['127.0.0.1'] }],
    mcp: [{ name: 'mail', url: mail, secret: 'MAIL_KEY' }],
    agents: [
      {
        name: 'tester',
        description: 'Tries web applications by their HTTP API.',
        system: 'You try web applications and report what is wrong with them.',
        approvals: { bash: ({ command }) => /\b(POST|PUT|PATCH|DELETE)\b/.test(String(command)) },
      },
    ],
  });
