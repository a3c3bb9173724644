/** The contract as the pages read it: what is used of OpenAPI 3.1, and no more. */
import { app } from '../http/app.ts';
import { contractOf } from '../http/contract.ts';
import type { Deps } from '../http/deps.ts';

export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  description?: string;
  default?: unknown;
  example?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
};
type Content = Record<string, { schema?: Schema }>;
export type Parameter = { name: string; in: string; required?: boolean; description?: string; schema: Schema };
export type Operation = {
  operationId: string;
  summary: string;
  description?: string;
  tags: string[];
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; description?: string; content: Content };
  responses: Record<string, { description: string; content?: Content }>;
};
export type Contract = {
  info: { description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema>;
    securitySchemes: Record<string, { description: string }>;
    headers: Record<string, { description: string }>;
  };
};

/** What /openapi.json answers. The routes are only described, so the app needs nothing to work with. */
export const contractDocument = async (): Promise<Contract> =>
  (await contractOf(app({ log: () => undefined } as unknown as Deps))) as unknown as Contract;

export const nameOfRef = (ref: string): string => ref.split('/').at(-1)!;
