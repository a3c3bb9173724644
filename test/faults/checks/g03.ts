/** G3: each settled cost is the provider's own; what is unknown is charged no less than the provider took. */
import { type Finder, few } from './run.ts';

const CHECK = 'G3';

export const g03: Finder = async ({ rows, bill }) => {
  const query = `select session_id || ' under fence ' || fence as hold, class, cost, usage ->> 'witness' as witness from usage_ledger where fence > 0`;
  const ledger = new Map((await rows(query)).map((row) => [row.hold!, row]));
  const billed = new Map<string, number>();
  for (const { session, fence, cost } of bill) {
    const hold = `${session} under fence ${fence}`;
    billed.set(hold, (billed.get(hold) ?? 0) + cost);
  }
  const wrong = [...ledger].flatMap(([hold, { class: kind, cost }]) => {
    const due = billed.get(hold) ?? 0;
    const right = kind === 'settled' ? Number(cost) === due : Number(cost) >= due;
    return right ? [] : [{ what: `${hold} was billed ${due} and charged ${cost} as ${kind}` }];
  });
  const requests = new Map(bill.map((line) => [line.request, line]));
  const strange = [...ledger].flatMap(([hold, { witness, cost }]) => {
    if (witness === null || witness === undefined) return [];
    const line = requests.get(witness);
    const own = line && `${line.session} under fence ${line.fence}` === hold;
    return own
      ? []
      : [
          {
            what: `${hold} is charged ${cost} for the request ${witness}, which is ${line ? `that of ${line.session} under fence ${line.fence}` : 'not on the bill'}`,
          },
        ];
  });
  const uncharged = [...billed].flatMap(([hold, cost]) =>
    ledger.has(hold) ? [] : [{ what: `${hold} was billed ${cost}, of which the ledger knows nothing` }],
  );
  return [...few(CHECK, wrong), ...few(CHECK, strange), ...few(CHECK, uncharged)];
};
