/** The plan for any goal but the sample's: short and honest. It files the goal, splits it into a checklist and leaves the rest to a model. */
import { call } from '../answer.ts';
import { bash, narrate, type Plan, type Step, step, write } from './step.ts';

const MOST_ITEMS = 12;

/** Sentences and lines of the goal, as they were written. */
const itemsOf = (goal: string): string[] =>
  goal
    .split(/\n+|(?<=[.!?;])\s+/)
    .map((item) => item.replace(/^[-*\d.)\s]+/, '').trim())
    .filter((item) => item.length > 2)
    .slice(0, MOST_ITEMS)
    .map((item) => item.slice(0, 300));

const planFile = (goal: string, items: string[]): string =>
  `# Plan\n\nThe goal, as it was given:\n\n${goal
    .slice(0, 4_000)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')}\n\n## What it asks for\n\n${items.map((item) => `- [ ] ${item}`).join('\n')}\n`;

const CHECK = bash(
  'echo "items: $(grep -c "^- \\[ \\]" plan.md), notes: $(find notes -name "item-*.md" | wc -l)"; wc -w plan.md',
);

const STAND_IN =
  'The local stand-in model follows a fixed plan and cannot think, so it has prepared the ground and not done the work itself. ' +
  'Set ANTHROPIC_API_KEY and start again to have Claude do it.';

const asking = (goal: string): Step[] =>
  /\bask me\b/i.test(goal)
    ? [
        step(
          'asking',
          'You wanted to be asked first.',
          call('ask_user', { question: 'Shall I begin with the plan, or is there something to change first?' }),
        ),
      ]
    : [];

export function anyGoal(goal: string): Plan {
  const items = itemsOf(goal);
  return {
    steps: [
      ...asking(goal),
      step(
        'looking around',
        'I look at what is there before I plan.',
        narrate('Plan', 'Reading the goal and the workspace.'),
        bash('pwd; ls -la'),
      ),
      step('the plan', 'The goal, split into what it asks for.', write('plan.md', planFile(goal, items))),
      step(
        'a place for each item',
        'One note for each item, so that work and open questions have a place.',
        narrate('Prepare', 'Making a place for each part of the goal.'),
        bash(
          `mkdir -p notes && n=0 && grep '^- \\[ \\]' plan.md | while IFS= read -r line; do n=$((n+1)); printf '# %s\\n\\nState: open\\n' "\${line#- \\[ \\] }" > "notes/item-$n.md"; done; ls notes`,
        ),
      ),
      step('a check', 'Are all items there?', CHECK),
    ],
    finish: (history) => {
      const check = history.resultOf(CHECK);
      return `plan.md holds the goal and its ${items.length} parts, and notes/ has a file for each (${(check ?? '').split('\n')[0]}). ${STAND_IN}`;
    },
  };
}
