/**
 * An independent witness of a model run: it sees every request take effect, keeps the provider's bill, and says at once what no request
 * may do. It knows the rules, not the code: who owns a session, what a user was told is done, what was stored.
 */
import type { Settlement } from '../../lib/core/effect.ts';
import type { Claim, Saved, SessionCommand } from '../../lib/ports/index.ts';

const LEASE_MS = 45_000;

/** One owner of a session, and what it may no longer do. `stop`: it knows that a user wants it to stop. `wished`: as of its claim. */
type Owner = {
  fence: number;
  invocation: string;
  leaseUntil: number;
  saved: boolean;
  wished: number;
  stoppedBefore: boolean;
  stop: boolean;
};

type Told = {
  owner: Owner | null;
  /** Messages that a user was told are taken, in order. */
  said: string[];
  desired: 'run' | 'pause' | 'cancel';
  removed: boolean;
  /** A sweep has sent it to the queue since it was last claimed. */
  hinted: boolean;
  /** How many commands and changes of money took effect. */
  pending: number;
  /** Owners whose reply was stored: it is in every later prompt. */
  replies: Set<number>;
  ended: string | null;
};

export type Witness = ReturnType<typeof witness>;

/** `strict` false: requests run side by side, so that their order is not known; what depends on it is not judged. */
export function witness(now: () => number, strict: boolean) {
  const sessions = new Map<string, Told>();
  const broken: string[] = [];
  /** What was served, in microdollars, by call. */
  const bill = new Map<string, bigint>();
  /** How often each key's effect happened, the keys of `once` tools, and the idempotency keys each call was run with. */
  const effects = new Map<string, number>();
  const once = new Set<string>();
  const keys = new Map<string, Set<string>>();
  const started = new Map<string, number>();

  const of = (id: string): Told => {
    const fresh: Told = {
      owner: null,
      said: [],
      desired: 'run',
      removed: false,
      hinted: false,
      pending: 0,
      replies: new Set(),
      ended: null,
    };
    const told = sessions.get(id) ?? fresh;
    sessions.set(id, told);
    return told;
  };
  const judge = (right: boolean, what: string) => void (right || !strict || broken.push(what));
  const owns = (id: string, fence: number, what: string) =>
    judge(
      of(id).owner?.fence === fence && of(id).owner?.saved === false,
      `G9 ${id}: ${what} by fence ${fence}, no owner`,
    );

  return {
    ...{ sessions, broken, bill, effects, once, of },

    claimed(id: string, invocation: string, { fence }: Claim) {
      const told = of(id);
      const before = told.owner;
      if (before?.invocation === invocation)
        return judge(before.fence === fence, `R4 ${id}: a repeated claim got another fence`);
      judge(fence > (before?.fence ?? 0), `G9 ${id}: fence ${fence} after ${before?.fence}`);
      judge(!before || before.saved || before.leaseUntil <= now(), `R6 ${id}: taken from a living owner`);
      const [wished, stoppedBefore] = [told.pending, told.removed || told.desired !== 'run'];
      told.hinted = false;
      told.owner = {
        fence,
        invocation,
        leaseUntil: now() + LEASE_MS,
        saved: false,
        wished,
        stoppedBefore,
        stop: false,
      };
    },
    beat(id: string, fence: number) {
      owns(id, fence, 'a heartbeat');
      const { owner } = of(id);
      if (owner?.fence === fence) owner.leaseUntil = now() + LEASE_MS;
    },
    /** An answer that tells what is desired has arrived. */
    learned(id: string, fence: number, desired: string) {
      const { owner } = of(id);
      if (owner?.fence === fence && desired !== 'run') owner.stop = true;
    },
    reserved(id: string, fence: number, granted: boolean) {
      owns(id, fence, 'a hold');
      const { desired, removed } = of(id);
      judge(!granted || (desired === 'run' && !removed), `money held for ${id}, which a person had stopped`);
    },
    thought(id: string, fence: number, replies: number) {
      const { owner, replies: stored } = of(id);
      if (owner?.fence !== fence) return;
      judge(replies === stored.size, `G4 ${id}: a prompt with ${replies} of ${stored.size} replies`);
      judge(!owner.stoppedBefore, `a model call for ${id}, which a person had stopped before it was claimed`);
    },
    served(call: string, cost: bigint) {
      if (bill.has(call)) broken.push(`G4 two model calls under ${call}`);
      bill.set(call, cost);
    },
    settled(id: string, fence: number, { iterated }: Settlement) {
      owns(id, fence, 'a settlement');
      if (iterated) of(id).replies.add(fence);
    },
    started(id: string, fence: number, callId: string) {
      owns(id, fence, 'a start of a tool');
      judge((started.get(callId) ?? fence) === fence, `G5 ${callId} was started by two owners`);
      started.set(callId, fence);
    },
    ran(id: string, fence: number, callId: string, key: string) {
      const { owner } = of(id);
      judge(owner?.fence !== fence || !owner.stop, `a tool of ${id} ran after its worker had learned of the stop`);
      keys.set(callId, (keys.get(callId) ?? new Set()).add(key));
      if ((keys.get(callId)?.size ?? 0) > 1) broken.push(`G5 ${callId} ran under two idempotency keys`);
    },
    saved(id: string, fence: number, { state }: Saved) {
      const told = of(id);
      const { owner } = told;
      if (owner?.fence !== fence) return judge(false, `G9 ${id}: a save by fence ${fence}, no owner`);
      if (owner.saved) return;
      owner.saved = true;
      judge(
        state === 'ready' || owner.wished === told.pending,
        `R5 ${id}: ${state} over a wish that its claim had not seen`,
      );
    },
    /** A request of this owner was refused: it must have lost the session. */
    lost(id: string, fence: number, what: string) {
      const { owner } = of(id);
      judge(owner?.fence !== fence || owner.saved, `${id}: ${what} of the owner was refused`);
    },
    wished(id: string, wish: SessionCommand) {
      const told = of(id);
      told.pending += 1;
      if (wish.type === 'message') told.said.push(wish.content);
      const desired = { pause: 'pause', resume: 'run', cancel: 'cancel', message: null, wake: null } as const;
      if (told.desired !== 'cancel') told.desired = desired[wish.type] ?? told.desired;
    },
    removed(id: string) {
      of(id).removed = true;
      of(id).pending += 1;
    },
  };
}
