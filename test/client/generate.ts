/** The types of `client/contract.ts`, made from the contract. */
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';

const HEAD = '/** Made from the contract by `npm run client:types`, and held by test/client: do not edit it. */\n';

/**
 * The text of a module of types for this contract, which is OpenAPI in JSON. A field with a default need not be sent. The refusals of an operation
 * become one, since they all have the same shape, and headers of answers are left out: that halves the module.
 */
export async function typesOf(contract: string): Promise<string> {
  const document = JSON.parse(contract);
  for (const path of Object.values<Record<string, Operation>>(document.paths))
    for (const operation of Object.values(path)) operation.responses = brief(operation.responses);
  return HEAD + astToString(await openapiTS(document as OpenAPI3, { defaultNonNullable: false, silent: true }));
}

type Answer = { description?: string; content?: object; headers?: object };
type Operation = { responses: Record<string, Answer> };

function brief(responses: Record<string, Answer>): Record<string, Answer> {
  const answers = Object.entries(responses).map(([status, { headers: _, ...answer }]) => [status, answer] as const);
  const refusal = answers.find(([status]) => Number(status) >= 400);
  return {
    ...Object.fromEntries(answers.filter(([status]) => Number(status) < 300)),
    ...(refusal && { default: { ...refusal[1], description: 'A problem.' } }),
  };
}
