/**
 * The right to look at the files of one session for a few minutes, as a part of an address: what a page that an agent made loads (its style sheet, its
 * pictures) is asked for without any key. Whoever has the address may look, and nothing else.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const PREVIEW_MS = 10 * 60_000;

type Right = { userId: string; sessionId: string; until: number };

/** `secret`: of the deployment; other keys are derived from it elsewhere, so this one has a name. */
const sign = (secret: string, text: string): string =>
  createHmac('sha256', createHmac('sha256', secret).update('preview').digest()).update(text).digest('base64url');

export function previewToken(secret: string, { userId, sessionId, until }: Right): string {
  const text = Buffer.from(JSON.stringify([userId, sessionId, until])).toString('base64url');
  return `${text}.${sign(secret, text)}`;
}

/** Null: forged, or over at `now`. */
export function previewRight(secret: string, token: string, now: number): Right | null {
  const [text = '', signature = '', ...rest] = token.split('.');
  const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(secret, text))];
  if (rest.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  const [userId, sessionId, until] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string, number];
  return until > now ? { userId, sessionId, until } : null;
}
