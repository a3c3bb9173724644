/** The questions about calls that are open, for what shows a session and for what decides. */
import type { AskedRow, SessionRow } from './rows.ts';

export const isOpen = (row: SessionRow, id: string): boolean => row.calls.some((call) => call.id === id && !call.done);

export const pendingOf = ({ decision: _, reason: __, schema: ___, ...pending }: AskedRow) => ({
  ...pending,
  inputPreview: null,
});

/** Those that a person may still decide on. */
export const pendingApprovals = (row: SessionRow) =>
  [...row.asked.values()]
    .filter(({ callId, decision }) => decision === null && isOpen(row, callId))
    .sort((a, b) => placeOf(row, a.callId) - placeOf(row, b.callId))
    .map(pendingOf);

const placeOf = (row: SessionRow, id: string) => row.calls.findIndex((call) => call.id === id);
