import type { PendingCommands } from './session.ts';

/**
 * The limit on unread messages of one session. All of them go along with every claim, settlement and heartbeat, also after a long pause. So
 * they must stay small enough to be answered at all. Five of the longest messages fit, and a hundred short ones.
 */
export const MOST_UNTAKEN = { messages: 100, characters: 1_000_000 };

/**
 * There is something of users that the agent has not been told. A session does not end or suspend itself before the next prompt tells it. Files
 * alone answer no question and buy nothing past a wind-down.
 */
export const hasUnread = ({ inbox, received }: PendingCommands): boolean => inbox.length > 0 || received !== undefined;

/** How the frame begins in which the message of an inbound trigger stands. A person who writes so themselves only makes the session more careful. */
export const FROM_OUTSIDE = '[from outside ';

/**
 * A person wrote to the session, who may mean something else than what they are asked to approve. The message of a trigger is nobody's word: it waits until the
 * calls are decided. schema/functions/approvals.sql (`is_of_person`) has the same rule.
 */
export const hasWordOfPerson = ({ inbox }: Pick<PendingCommands, 'inbox'>): boolean =>
  inbox.some(({ content }) => !content.startsWith(FROM_OUTSIDE));

/** Whether these are too much to wait together. Characters as Postgres counts them: one above the basic plane is one. */
export const tooMuchWaits = (messages: { content: string }[]): boolean =>
  messages.length > MOST_UNTAKEN.messages ||
  messages.reduce((sum, { content }) => sum + Array.from(content).length, 0) > MOST_UNTAKEN.characters;
