import { Webhook } from 'standardwebhooks';
import { expect } from 'vitest';
import type { MessagesRequest } from '../../lib/local/messages-api/shape.ts';
import { call, reply } from '../../lib/local/model/answer.ts';
import { receiver } from '../kit/receiver.ts';
import type { Json } from '../local/acceptance/stage.ts';
import { type Job, type Live, type Part, told } from './job.ts';

const ANSWER = 'Twenty minutes, and I know the numbers.';
const RULES = 'Three new words in a lesson, never more.\n';
const WORDS = ['luna', 'sole', 'stella', 'mare', 'vento', 'pioggia'];
const lesson = (n: number): string => `${WORDS.slice(3 * n - 3, 3 * n).join(', ')}\n`;
const EVENTS = ['session.question', 'session.sleeping', 'session.completed'];

const write = (path: string, content: string) => call('write_file', { path, content });
const all = ({ messages }: MessagesRequest): string => JSON.stringify(messages);
/** The cron comes by and sends what waits. */
const soon = ({ local }: Pick<Live, 'local'>) => local.moveClock({ advance_ms: 1_000 });

/** Knows nothing but its goal and what the first session left. */
const nextLesson: Part = {
  goal: () => 'My next Italian lesson, please.',
  session: { memory: 'italian' },
  steps: () => [
    (request) => {
      const listed = ['plan', 'progress', 'rules'].filter((name) => all(request).includes(`${name}.md`));
      return reply(...listed.map((name) => call('read_file', { path: `memory/${name}.md` })));
    },
    (request) => {
      const seen = told(request);
      const n = Number(/Lesson (\d) is done/.exec(seen)?.[1]) + 1;
      const words = new RegExp(`Lesson ${n}: (.*)`).exec(seen)?.[1];
      return reply(write(`lesson-${n}.md`, `${words}\n`), write('memory/progress.md', `Lesson ${n} is done.\n`));
    },
    reply(call('finish', { result: 'lesson-2.md is yours.' })),
  ],
};

/** It asks its learner, waits a day between lessons, and leaves what the next session must know. A system of theirs hears of each. */
export function learningPlan(): Job {
  let hook: Awaited<ReturnType<typeof receiver>>;
  let secret: string;
  /** As they are taken by the library that docs/webhooks.md names, which throws for a wrong signature. */
  const notices = () =>
    hook.got.map(({ body, headers }) => new Webhook(secret).verify(body, headers as Record<string, string>) as Json);
  return {
    title: 'a learning plan that a later session goes on with, its learner told by webhook',
    goal: () => 'Teach me Italian. Ask what you must know, and keep the plan in memory/.',
    session: { memory: 'italian' },
    async serve() {
      hook = await receiver();
      return { url: hook.url, asked: [], close: async () => {} };
    },
    async before(person, { url }, { ask }) {
      const made = await person.call('POST', '/webhooks', { url, events: EVENTS });
      expect(made.status, made.text).toBe(201);
      secret = made.json.secret;
      const rules = await ask('PUT', '/v1/memories/italian/entries/rules.md', { key: person.key, raw: RULES });
      expect(rules.status, rules.text).toBe(201);
    },
    steps: () => [
      reply(call('read_file', { path: 'memory/rules.md' })),
      (request) => {
        expect(told(request)).toContain(RULES.trim());
        return reply(call('ask_user', { question: 'How long a day, and what do you know?' }));
      },
      (request) => {
        expect(told(request)).toContain(ANSWER);
        const plan = `${ANSWER}\n${[1, 2].map((n) => `Lesson ${n}: ${lesson(n)}`).join('')}`;
        return reply(write('memory/plan.md', plan), write('lesson-1.md', lesson(1)));
      },
      reply(call('sleep', { minutes: 1_440, note: 'Lesson 1 is out.' })),
      (request) => {
        expect(told(request)).toContain('Lesson 1 is out.');
        return reply(write('memory/progress.md', 'Lesson 1 is done.\n'));
      },
      reply(call('finish', { result: 'The plan stands, and the first lesson is done.' })),
    ],
    async meanwhile({ person, local, id }) {
      await person.until(id, { status: 'waiting_for_input' });
      await soon({ local });
      const [asked, ...others] = notices();
      expect([asked.type, others]).toEqual(['session.question', []]);
      await person.wish(asked.data.session_id, 'messages', { content: ANSWER });
    },
    later: nextLesson,
    async accept({ person, local, file, id }) {
      expect(await file('lesson-2.md')).toBe(lesson(2));
      const { json } = await person.call('GET', '/memories/italian/entries');
      expect(Object.fromEntries(json.data.map(({ path, source }: Json) => [path, source]))).toEqual({
        ...{ 'plan.md': 'agent', 'progress.md': 'agent', 'rules.md': 'person' },
      });
      expect((await person.call('GET', '/memories/italian/entries/progress.md')).text).toBe('Lesson 2 is done.\n');
      await soon({ local });
      expect(notices().map(({ type }) => type)).toEqual([...EVENTS, 'session.completed']);
      expect(notices().filter(({ data }) => data.session_id === id)).toHaveLength(1);
      expect(JSON.stringify(hook.got)).not.toMatch(/Twenty minutes|Italian|first lesson/);
    },
  };
}
