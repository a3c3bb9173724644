/** Settings that nobody makes by hand in a deployment: what surrounds a function sets them, or localhost does. */
import * as z from 'zod';
import { flag, ownSecret, text } from './forms.ts';
import type { Setting } from './setting.ts';

export const SURROUNDINGS = {
  METRICS_NAMESPACE: {
    schema: text.optional(),
    description: 'CloudWatch namespace of the numbers in the log. Without it they are only logged.',
  },
  FRONT_SECRET: {
    schema: ownSecret.optional(),
    description:
      'What CloudFront adds to each request where `DOMAIN` is set. The deployment makes it, and the API refuses requests without it.',
    secret: true,
    readBy: ['api'],
  },
  SANDBOX_FUNCTION: {
    schema: text.optional(),
    description:
      'The function in which the tools run scripts and patterns. The deployment makes it. Without it they run in processes beside the iteration.',
    readBy: ['iterate'],
  },
  ANTHROPIC_BASE_URL: {
    schema: z.url().optional(),
    description: "Address of the Messages API, if it is not Anthropic's own.",
  },
  NOTIFY_LOOPBACK: {
    schema: flag('0'),
    description: '`1` lets notifications go to this machine by plain http. For localhost only.',
    passedBy: ['start'],
  },
  TOOLS_LOOPBACK: {
    schema: flag('0'),
    description:
      '`1` lets tools ask this machine by plain http: those of your own, `web_fetch`, `curl` and `git`. For localhost only.',
    passedBy: ['start'],
  },
  AWS_SECRET_ACCESS_KEY: {
    schema: z.string().optional(),
    description: "Lambda's own. Read only to keep it out of the log.",
    secret: true,
  },
  AWS_SESSION_TOKEN: {
    schema: z.string().optional(),
    description: "Lambda's own. Read only to keep it out of the log.",
    secret: true,
  },
} as const satisfies Record<string, Setting>;
