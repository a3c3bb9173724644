/** Replaying recorded transcripts: the parts by themselves, and a small recording through the whole local system. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { difference, historyFault, overspent, wrongCosts } from './compare.ts';
import { replay } from './main.ts';
import { recordedPlayer } from './player.ts';
import { markOf, recordingOf } from './recording.ts';
import { table } from './report.ts';
import { readTranscripts, Transcript } from './transcript.ts';

const text = (words: string) => ({ type: 'text', text: words });
const use = (id: string, name = 'finish') => ({ type: 'tool_use', id, name, input: { now: true } });
const result = (id: string, content: string) => ({ type: 'tool_result', tool_use_id: id, content });
const usage = {
  input_tokens: 10,
  cache_creation_input_tokens: 4_000,
  cache_read_input_tokens: 2_000,
  output_tokens: 300,
};
const says = (...content: object[]) => ({ role: 'user', content });
const answers = (stop_reason: string, ...content: object[]) => ({ role: 'assistant', stop_reason, usage, content });

/** Three model calls: one with a tool and a word that came in between, one that ends the turn, one after the user's next word. */
const line = (more: object = {}) => ({
  id: 'small',
  recorded_model: 'claude-opus-4-5',
  system: 'You are careful.',
  tools: [{ name: 'finish', description: 'Ends a thing.', input_schema: { type: 'object', properties: {} } }],
  turns: [
    says(text('Build it.'), text('Carefully.')),
    answers('tool_use', text('Now.'), use('toolu_1')),
    says(result('toolu_1', 'It is built.'), text('Wait.')),
    answers('end_turn', text('I wait.')),
    says(text('Go on.')),
    answers('tool_use', use('toolu_2')),
    says({ ...result('toolu_2', 'No.'), is_error: true }),
  ],
  ...more,
});

const fileOf = (...lines: object[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'replay-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'transcripts.jsonl');
  writeFileSync(file, `${lines.map((each) => JSON.stringify(each)).join('\n')}\n`);
  return file;
};
const small = () => recordingOf(Transcript.parse(line()));

describe('reading', () => {
  it('picks by id, and says what is missing or wrong', () => {
    const file = fileOf(line(), line({ id: 'other' }));
    expect(readTranscripts(file, ['other']).map(({ id }) => id)).toEqual(['other']);
    expect(() => readTranscripts(file, ['none'])).toThrow('There are: small, other');
    expect(() => readTranscripts(fileOf(line(), { id: 'x' }), null)).toThrow('Line 2 is not a transcript');
  });

  it('keeps a recorded tool apart from a control of the same name', () => {
    const { agent, calls, goal } = small();
    expect(agent.tools[0]?.name).toBe('finish_recorded');
    expect(calls[0]?.answer.content[1]).toMatchObject({ id: 'toolu_1', name: 'finish_recorded' });
    expect(goal).toBe('Build it.\n\nCarefully.');
  });

  it('plays models without a price as a stand-in', () => {
    expect(recordingOf(Transcript.parse(line({ recorded_model: 'gpt-4o' }))).model).toBe('claude-sonnet-4-6');
    expect(small().model).toBe('claude-opus-4-5');
  });
});

describe('the recorded model', () => {
  const asked = (assistants: number) => ({
    model: 'claude-opus-4-5',
    max_tokens: 9,
    system: [
      { type: 'text' as const, text: 'You are careful.' },
      { type: 'text' as const, text: markOf('small') },
    ],
    messages: Array.from({ length: 2 * assistants + 1 }, (_, i) => ({
      role: i % 2 ? ('assistant' as const) : ('user' as const),
      content: 'x',
    })),
  });

  it('answers by place, says interrupting words once, and refuses what is beyond the end', async () => {
    const heard: string[] = [];
    const { player, countTokens, larger } = recordedPlayer(
      new Map([['small', small()]]),
      async (_, words) => void heard.push(words),
    );
    expect(await player(asked(0), 0)).toMatchObject({ stopReason: 'tool_use', usage });
    await player(asked(0), 0);
    expect(await player(asked(1), 1)).toMatchObject({ content: [text('I wait.')] });
    expect(heard).toEqual(['Wait.']);
    expect(await player(asked(3), 3)).toMatchObject({ fault: { status: 529 } });
    expect(countTokens(asked(1))).toBe(6_010);
    expect([...(larger.get('small') ?? [])]).toEqual([0, 1]);
  });
});

describe('comparing', () => {
  const history = () => {
    const { turns } = small();
    return turns.map(({ role, content }) => ({
      role,
      content: content.map((block) =>
        'name' in block
          ? { type: block.type, id: block.id, name: 'finish_recorded', input: block.input }
          : { ...block },
      ),
    })) as Parameters<typeof difference>[1];
  };
  const same = () => {
    const messages = history();
    if (messages[0]) messages[0].content = [text('Build it.\n\nCarefully.')];
    return messages;
  };

  it('finds a history the same, also with the runtime’s notes in it', () => {
    const messages = same();
    messages[2]?.content.push(text('[runtime] Wind down.'));
    expect(difference(small(), messages)).toBeNull();
    expect(historyFault(small(), messages)).toBeNull();
  });

  it('finds what is missing, changed or not valid', () => {
    expect(difference(small(), same().slice(0, 4))).toBe('assistant turn 3 differs');
    const changed = same();
    if (changed[4]) changed[4].content = [text('Go away.')];
    expect(difference(small(), changed)).toMatch(/user turns say differs/);
    const cut = same();
    cut.splice(2, 1);
    expect(historyFault(small(), cut)).toMatch(/toolu_1/);
  });

  it('finds a call that was charged wrongly, and a day that was overspent', () => {
    const recording = small();
    const row = (cost: bigint) => ({ cost, class: 'settled' });
    const right = recording.calls.map(({ price }) => row(price));
    expect(wrongCosts(recording, right)).toEqual([]);
    expect(wrongCosts(recording, [...right.slice(0, 2), row(1n)])).toEqual([3]);
    expect(wrongCosts(recording, right.slice(0, 1))).toEqual([2, 3]);
    const day = { date: '2026-11-22', allowance: 100, ceiling: 110 };
    expect(overspent([{ ...day, spent: 110 }])).toEqual([]);
    expect(overspent([{ ...day, spent: 111 }])).toEqual(['2026-11-22']);
  });
});

describe('a recording through the whole system', () => {
  it('comes out as it went in, at the price of its usage, over several days', { timeout: 120_000 }, async () => {
    // A model that is retired by now is played all the same.
    const recorded = fileOf(line({ recorded_model: 'claude-opus-4-0' }));
    const [report] = await replay({ file: recorded, only: null, share: 2n });
    expect(report).toMatchObject({
      ...{ id: 'small', model: 'claude-opus-4-0', iterations: 3, recorded_turns: 3, stopped: null },
      ...{ history_fault: null, difference: null, wrong_costs: [], overspent_days: [], ok: true },
      charged_microdollars: 3 * (10 * 15 + 4_000 * 18.75 + 2_000 * 1.5 + 300 * 75),
    });
    expect(report?.billed_microdollars).toBe(report?.charged_microdollars);
    expect(report?.nights_slept).toBeGreaterThan(0);
    expect(report && table([report])).toMatch(/small .* 3\/3 .* all .* valid, same .* ok/);
  });
});
