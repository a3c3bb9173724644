/** What users ask of a session (index.ts says the rules of all ports). */
import type { FileRefusal } from './workspace.ts';

/** What users ask for. Every command carries `operation`, a key minted before the first try; a repeat does nothing more. */
export type SessionCommand =
  /** `files`: what it brings along; content null: a file that is there already. Taken with it, or neither. */
  | { type: 'message'; content: string; files?: { path: string; content: Uint8Array | null }[] }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'cancel' }
  | { type: 'wake' };

/** Why a message was not taken with its files. `absent`: none is there under this path. */
export type AttachmentRefusal = FileRefusal | { refused: 'absent'; path: string };
