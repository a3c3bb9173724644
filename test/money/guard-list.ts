/** The guards of the money that guards.ts takes out, one at a time, and the tests that notice. */
import type { Named } from '../kit/planting.ts';

/** `removed`: text of an SQL file and what stands there without the guard. `noticedBy`: a file and a name in it. */
export type Guard = { name: string; removed: [from: string, to: string][]; noticedBy: Named };

const CONTRACT = 'test/postgres/real.test.ts';
const PROPERTY = 'test/money/properties.test.ts';
const MIDNIGHT = 'test/postgres/midnight.test.ts';
const CEILING_CHECK = `	CONSTRAINT "within_the_ceiling" CHECK ("budget_holds"."committed" <= "budget_holds"."ceiling"),\n`;

export const GUARDS: Guard[] = [
  {
    name: 'conditional update: a hold only within the ceiling',
    removed: [
      ['v_amount := least(p_wanted, v_cap, v_share, v_free - d.held);', 'v_amount := least(p_wanted, v_cap, v_share);'],
      [CEILING_CHECK, ''],
    ],
    noticedBy: [PROPERTY, 'one by one'],
  },
  {
    name: 'conditional update: the day is locked before it is read',
    removed: [
      [
        'select * into d from budget_days where user_id = v_user order by day desc limit 1 for no key update;',
        'select * into d from budget_days where user_id = v_user order by day desc limit 1; perform pg_sleep(0.05);',
      ],
    ],
    noticedBy: [CONTRACT, 'never passes the ceiling when many ask at once'],
  },
  {
    name: 'fence: only the owner writes',
    removed: [['s.fence is not distinct from p_fence and s.saved_fence < p_fence', 's.saved_fence < p_fence or true']],
    noticedBy: [CONTRACT, /corrects the money .* when an old owner settles late, and nothing else/],
  },
  {
    name: 'fence: an owner that has saved is none any more',
    removed: [
      ['s.fence is not distinct from p_fence and s.saved_fence < p_fence', 's.fence is not distinct from p_fence'],
    ],
    noticedBy: [PROPERTY, 'one by one'],
  },
  {
    name: 'already done: a hold is resolved once',
    removed: [["if h.class = 'settled' or h.class = p_class then return null; end if;", '']],
    noticedBy: [CONTRACT, 'settles once: a repeat changes nothing and answers the same'],
  },
  {
    name: 'unique key: a repeated reserve finds its own hold',
    removed: [
      ["if found then return json_build_object('granted', h.amount::text, 'day', h.day); end if;", ''],
      ['	CONSTRAINT "budget_holds_session_id_fence_n_pk" PRIMARY KEY("session_id","fence","n"),\n', ''],
    ],
    noticedBy: ['test/money/shapes.test.ts', 'retried settles whose replies were lost'],
  },
  {
    name: 'kept refusals: a copy of a refused question is refused',
    removed: [['if v_refused is not null then return v_refused; end if;', '']],
    noticedBy: [
      CONTRACT,
      'answers a late copy of a refused question as the first time, though a top-up came in between',
    ],
  },
  {
    name: 'unique key: a top-up counts once',
    removed: [
      ["if not take_idempotency_key(p_user, 'top_up', p_key, p_fingerprint) then", 'if false then'],
      ['	CONSTRAINT "top_ups_user_id_key_pk" PRIMARY KEY("user_id","key"),\n', ''],
    ],
    noticedBy: [CONTRACT, /top-up .*counts once, however often it is repeated/],
  },
  {
    name: 'attempts: a save sets them to nought',
    removed: [['lease_until = null, attempts = 0, wake_requested', 'lease_until = null, wake_requested']],
    noticedBy: [CONTRACT, 'a save sets the attempts to nought'],
  },
  {
    name: 'attempts: a settlement sets them to nought',
    removed: [['error_message = null, attempts = 0,', 'error_message = null,']],
    noticedBy: [CONTRACT, 'a settlement sets the attempts to nought'],
  },
  {
    name: 'set aside: a call that failed for nothing is not the last that cost something',
    removed: [['last_call = case when l.cost > 0 and h.kind', 'last_call = case when h.kind']],
    noticedBy: [CONTRACT, 'a call that failed for nothing, as refused, leaves all as it was but the hold'],
  },
  {
    name: 'paid tools: the last call is that of a model',
    removed: [["last_call = case when l.cost > 0 and h.kind = 'call' then", 'last_call = case when l.cost > 0 then']],
    noticedBy: [CONTRACT, 'does not take a search for the session’s last call'],
  },
  {
    name: 'paid tools: what a call cost is charged with its result',
    removed: [["json_array_elements(coalesce(p_save -> 'paid', '[]'))", "json_array_elements('[]')"]],
    noticedBy: [CONTRACT, 'charges with the save what each call did cost'],
  },
  {
    name: 'paid tools: nobody holds what is kept for the next call of the model',
    removed: [['if p_tool then v_call := s.least_microdollars; end if;', 'if p_tool then v_call := 0; end if;']],
    noticedBy: [CONTRACT, 'leaves alone what is set aside for hand-offs, and says when others hold the rest'],
  },
  {
    name: 'the wall: persons write no files',
    removed: [["('workspace_files', 'select')", "('workspace_files', 'select, insert, update')"]],
    noticedBy: ['test/security/grants.test.ts', 'may do with workspace_files this and nothing else'],
  },
  {
    name: 'carry-over: no top-up pays for what came before it',
    removed: [['coalesce(days.since, 0) - ups.committed', 'coalesce(days.since, 0)']],
    noticedBy: [CONTRACT, 'what was spent before they came is not taken from them'],
  },
  {
    name: 'sums: no top-up beyond what can be counted',
    removed: [['if v_has + p_amount > largest_sum() then', 'if false then']],
    noticedBy: [CONTRACT, 'are refused as top-ups, with what there is and what may come'],
  },
  {
    name: 'charge on doubt: the hold of a dead owner is charged, not released',
    removed: [
      ["close_hold(p_session, h.fence, h.n, null, 'unknown')", "close_hold(p_session, h.fence, h.n, 0, 'unknown')"],
    ],
    noticedBy: [PROPERTY, 'one by one'],
  },
  {
    name: 'set aside: what is kept for hand-offs is not granted',
    removed: [['v_free := d.ceiling - d.spent - v_aside;', 'v_free := d.ceiling - d.spent;']],
    noticedBy: [CONTRACT, 'keeps it for the others, too, and lets everyone have his first hand-off'],
  },
  {
    name: 'set aside: what a hand-off has used is used up',
    removed: [['handed_off + case when p_hand_off then v_amount else 0 end', 'handed_off']],
    noticedBy: [CONTRACT, 'is used once: from the second hand-off of a day on'],
  },
  {
    name: 'set aside: of a share, what its own hand-off needs',
    removed: [
      [
        'if not p_hand_off and o.handed_off = 0 and (o.spent + o.held > 0 or v_share > 2 * v_call) then',
        'if false then',
      ],
    ],
    noticedBy: [CONTRACT, 'keeps of a share what its own hand-off needs'],
  },
  {
    name: "set aside: a hand-off leaves the others' where it can",
    removed: [['and (not p_hand_off or x.id <> (s).id)', 'and not p_hand_off']],
    noticedBy: [CONTRACT, 'is not taken by the hand-off of one that wants more'],
  },
  {
    name: "share: a session's part of the day",
    removed: [['v_share := share_of(d.ceiling, s.daily_share_percent) - o.spent - o.held;', 'v_share := null;']],
    noticedBy: [CONTRACT, 'lets a session with a share of the day use that and no more'],
  },
  {
    name: 'multiple: no day gets more than so many even ones',
    removed: [['div(p_multiple * p_money, p_cycle_days)', 'null']],
    noticedBy: [CONTRACT, 'gives no day more than the multiple of an even one'],
  },
  {
    name: 'closing a day: freezing the next one locks the last',
    removed: [['perform 1 from budget_days where user_id = p_user order by day desc limit 1 for no key update;', '']],
    noticedBy: [MIDNIGHT, 'freezing waits for a hold that is under way on the day before, and counts it'],
  },
  {
    name: 'closing a day: a day with a successor admits nothing',
    removed: [["raise 'the day has ended' using errcode = 'AGAIN';", 'null;']],
    noticedBy: [MIDNIGHT, 'a reserve that comes late to a closed day is sent back'],
  },
  {
    name: 'received files: none is taken while a reply has calls that have not run',
    removed: [['      or exists (select from tool_calls where session_id = s.id and done_at is null) then', '  then']],
    noticedBy: [CONTRACT, 'wait while a reply has calls that have not run'],
  },
  {
    name: 'received files: a save knows of a write since its claim',
    removed: [
      ['\n    update agent_sessions set command_seq = command_seq + 1, updated_at = app_now() where id = s.id;', ''],
    ],
    noticedBy: [CONTRACT, 'keep an owner from suspending or ending the session, and wake no sleeper'],
  },
  {
    name: 'received files: each is taken once',
    removed: [['update workspace_inbox set taken = true, content = null where session_id = s.id and not taken;', '']],
    noticedBy: [CONTRACT, 'are told until a settlement says that the agent knows, and not again'],
  },
  {
    name: 'received files: a key stands for one write',
    removed: [['if v_refusal is not null then return v_refusal; end if;', 'v_first := true;']],
    noticedBy: [CONTRACT, 'do nothing more when they are repeated'],
  },
  {
    name: 'received files: an archive that is refused is undone',
    removed: [
      ["if v_refusal is not null then raise 'not all of the files can be put' using errcode = 'UNDO1'; end if;", ''],
    ],
    noticedBy: [CONTRACT, 'is refused whole where one of its names is a folder of another'],
  },
  {
    name: 'received files: nothing that the agent made is in the way of one',
    removed: [['where path = any(v_folders) or folders_of(path) && v_put', 'where false']],
    noticedBy: [CONTRACT, 'where a name would be a file and a folder'],
  },
  {
    name: 'searches: the price is held before one is made',
    removed: [['elsif p_most > 0 then', 'elsif false then']],
    noticedBy: [CONTRACT, 'holds the price and counts in one step'],
  },
  {
    name: 'searches: a call counts once, whoever makes it',
    removed: [
      ["if v_answer ->> 'granted' is not null and not v_counted then", "if v_answer ->> 'granted' is not null then"],
    ],
    noticedBy: [CONTRACT, 'counts a call once that its next owner makes again'],
  },
  {
    name: 'searches: they are counted in the row, not in the history that a summary cuts',
    removed: [
      [
        'if not v_counted and searches_today(s) >= v_most then',
        `if not v_counted and v_most < (select count(*) from tool_calls c where c.session_id = p_session and c.name = p_tool and c.message_n >=
          (select (agent_state #>> '{context,from}')::int from agent_checkpoints where session_id = p_session) and (c.counted or c.call_id = p_call)) then`,
      ],
    ],
    noticedBy: [CONTRACT, 'keeps its count where a summary takes the searches out of the prompt'],
  },
];
