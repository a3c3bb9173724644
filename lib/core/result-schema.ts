/** Results as data: a session whose `result_schema` is the shape in which its agent must finish (PURE). */
import { fitsStrict, type JsonSchema, LONGEST_RESULT_JSON, misfits } from './json-schema.ts';
import type { AgentSpec, ResultJson } from './session.ts';

const FINISH =
  'End the work: hand over the result in the shape that this tool asks for, which a program reads. Verify your work before you call it. What you have to ' +
  'say to the person is the text of this turn. If the goal cannot be reached, fill in what you can say truly, and say so in that text.';

/** The agent with a `finish` that takes the result itself. Its head is another one than that of other sessions. */
export const withResult = (agent: AgentSpec, schema: JsonSchema | null | undefined): AgentSpec =>
  schema == null
    ? agent
    : {
        ...agent,
        tools: agent.tools.map((tool) =>
          tool.name === 'finish'
            ? {
                ...tool,
                description: FINISH,
                input_schema: schema,
                ...(fitsStrict(schema) && { strict: true as const }),
              }
            : tool,
        ),
      };

/** What the agent is told of a result that is none; null: it fits. */
export function resultFault(schema: JsonSchema, input: ResultJson): string | null {
  const size = JSON.stringify(input).length;
  if (size > LONGEST_RESULT_JSON)
    return `The result has ${size} characters as JSON, and ${LONGEST_RESULT_JSON} is the most. Nothing was finished: put what is long into files, and name these in the result.`;
  const faults = misfits(schema, input);
  if (faults.length === 0) return null;
  const list = faults.map(({ path, message }) => `- ${path || 'the result'}: ${message}`).join('\n');
  return `The result does not fit its schema, so nothing was finished:\n${list}\nCall finish again with a result of the right shape.`;
}

/** Ends in another shape before the person is asked: each of them costs a reply. */
export const MOST_MISFITTING_ENDS = 5;

export const NO_RESULT =
  'I have tried five times to hand over the result in the shape that this session asks for, and have not managed it. Each try costs money. How shall I go on?';
