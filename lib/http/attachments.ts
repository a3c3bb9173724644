/** Files that a message of a user brings along, or speaks of. */
import { z } from '@hono/zod-openapi';
import type { AttachmentRefusal } from '../ports/index.ts';
import type { Problem } from '../problem.ts';
import { problemOf } from './file-refusals.ts';
import { BroughtFile, broughtFiles } from './first-files.ts';
import { invalid } from './problems.ts';
import { MAX_TEXT } from './schemas.ts';

const MOST_ATTACHMENTS = 20;

export const Attachments = z
  .array(
    BroughtFile.extend({
      content: z.string().optional().openapi({ description: 'Left out: the file is there already.' }),
    }),
  )
  .max(MOST_ATTACHMENTS)
  .optional()
  .openapi({
    description:
      'Files of the workspace that go with the message. The agent is told their paths. All of the body has at most 1 MiB: put larger files first, and name them here by their path alone.',
  });

type Said = { content: string; attachments?: z.output<typeof Attachments> };
type Brought = { path: string; content: Uint8Array | null };

/** The message as the agent reads it, and its files. Throws `invalid_request`. */
export function attachmentsOf({ content, attachments }: Said): { content: string; files?: Brought[] } {
  if (attachments === undefined || attachments.length === 0) return { content };
  const files = broughtFiles(attachments, 'attachments');
  const names = files.map(({ path }) => JSON.stringify(path.slice(1))).join(', ');
  const said = `${content}\n\n[attached, for read_file: ${names}]`;
  if (said.length <= MAX_TEXT) return { content: said, files };
  throw invalid([
    { path: 'content', message: `Must have at most ${MAX_TEXT} characters together with the paths of its attachments` },
  ]);
}

/** The problem of a message whose files were not taken, nor it. */
export function refusedAttachment(refusal: AttachmentRefusal): Problem {
  if (refusal.refused !== 'absent') return problemOf(refusal, 'of the message');
  return invalid([
    {
      path: 'attachments',
      message: `There is no file ${JSON.stringify(refusal.path.slice(1))} in the workspace: put it first, or send its content with the message`,
    },
  ]);
}
