/**
 * A tool is one file and one value. What all tools need happens here once:
 * - arguments are validated;
 * - every failure becomes text for the model;
 * - results are cut in the middle and cleaned;
 * - the JSON schema for the API is made from the zod schema.
 */
import type * as z from 'zod';
import type { EffectClass, MediaBlock } from '../core/session.ts';
import type { ToolContext } from '../ports/index.ts';
import { cleanText } from '../text.ts';
import type { WebAccess } from '../web/access.ts';
import { ToolFailure } from './failure.ts';
import { schemaOf } from './input-schema.ts';
import { cutMiddle, MOST_CHARACTERS } from './text.ts';

/** What the model sees of one call. `media`: images and PDFs, shown after the results of the turn. */
export type Observation = { content: string; isError: boolean; media?: MediaBlock[] };
/** `cost`: what the call of a paid tool did cost, microdollars. Left out by a tool, its price; null: nobody knows it. */
export type ToolOutcome = Observation & { cost?: bigint | null };

export type Tool = {
  name: string;
  description: string;
  effect: EffectClass;
  /** The most that one call can cost, microdollars; null: nothing. */
  price: bigint | null;
  /** JSON Schema (draft 2020-12) of the arguments. The same bytes in every process, since it heads every cached prompt. */
  inputSchema: Record<string, unknown>;
  /** The description for a session that may ask so much of the web; null: the tool is not offered to it. Left out: `description`. */
  offer?: ((web: WebAccess | null) => string | null) | undefined;
  /** Never throws for what the model or the tool did. Throws only what `context.files()` or `context.once()` threw: then the world is broken, not the tool. */
  call(input: unknown, context: ToolContext): Promise<ToolOutcome>;
};

export type ToolDefinition<S extends z.ZodObject> = {
  /** As the Messages API wants it: letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** For the model: what it does, what it does not, in which units. */
  description: string;
  /** See `Tool`. */
  offer?: (web: WebAccess | null) => string | null;
  /** Unknown arguments are refused, lest a misspelt option be ignored in silence. */
  input: S;
  /** They are passed over instead, for a tool that models call by habits from elsewhere, and where none of them could do harm. */
  tolerant?: boolean;
  effect: EffectClass;
  /**
   * The most that one call can cost, microdollars. So much is held before it runs. A call that throws is charged in full, unless its `ToolFailure`
   * says what it did cost.
   */
  price?: bigint;
  /** Most characters of a result; longer ones are cut in the middle. */
  maxCharacters?: number;
  /** Takes secrets out of a result, before it is cut: half a secret would not be found any more. */
  redact?: (text: string) => string;
  /** Returns what the model is to see. Throw a `ToolFailure` for what it should do otherwise. */
  run: (input: z.output<S>, context: ToolContext) => Promise<string | ToolOutcome> | string | ToolOutcome;
};

/** Source: the Messages API, https://docs.anthropic.com/en/api/messages (`tools.name`). */
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Files or mark could not be had. Carries the cause through the tool, which must not turn it into an observation. */
class WorldAway extends Error {
  override name = 'WorldAway';
}

export function defineTool<S extends z.ZodObject>(definition: ToolDefinition<S>): Tool {
  const {
    name,
    description,
    effect,
    run,
    price = null,
    maxCharacters = MOST_CHARACTERS,
    redact = (text) => text,
  } = definition;
  if (!TOOL_NAME.test(name)) throw new Error(`a tool cannot be called ${JSON.stringify(name)}`);
  const strict = definition.input.strict();
  const input = definition.tolerant ? definition.input : strict;

  if (price !== null && price <= 0n) throw new Error(`tool ${name} has a price of ${price} microdollars: leave it out`);
  const call = async (raw: unknown, context: ToolContext): Promise<ToolOutcome> => {
    const told = (content: string, isError: boolean, cost: bigint | null): ToolOutcome => ({
      ...observation(redact(content), isError, maxCharacters),
      ...(price !== null && { cost }),
    });
    let began = false;
    const away: WorldAway[] = [];
    try {
      const parsed = await input.safeParseAsync(raw);
      if (!parsed.success) return told(wrongShape(name, parsed.error), true, 0n);
      began = true;
      const around = { ...context, files: carried(context.files, away), once: carried(context.once, away) };
      const answer = await run(parsed.data as z.output<S>, around);
      // One that the tool has passed over all the same.
      if (away[0]) throw away[0];
      return typeof answer === 'string'
        ? told(answer, false, price)
        : {
            ...told(answer.content, answer.isError, answer.cost === undefined ? price : answer.cost),
            ...(answer.media && { media: answer.media }),
          };
    } catch (error) {
      if (away[0]) throw away[0].cause;
      const cost = error instanceof ToolFailure ? error.cost : undefined;
      return told(textOf(name, error), true, began ? (cost ?? null) : 0n);
    }
  };
  return { name, description, effect, price, inputSchema: schemaOf(strict), offer: definition.offer, call };
}

const carried =
  <T>(ask: () => Promise<T>, away: WorldAway[]) =>
  async (): Promise<T> => {
    try {
      return await ask();
    } catch (cause) {
      const error = new WorldAway('the world is away', { cause });
      away.push(error);
      throw error;
    }
  };

/** Cut first: cleaning makes copies, and a result may have 50 MB. */
const observation = (content: string, isError: boolean, most: number): Observation => ({
  content: cleanText(cutMiddle(content === '' ? '(no output)' : content, most)),
  isError,
});

function wrongShape(name: string, error: z.ZodError): string {
  const issues = error.issues.map((issue) => `- ${issue.path.join('.') || 'the arguments'}: ${issue.message}`);
  return `The arguments of ${name} do not fit, so nothing was done:\n${issues.join('\n')}`;
}

function textOf(name: string, error: unknown): string {
  if (error instanceof ToolFailure) return error.message;
  return `${name} failed: ${error instanceof Error ? error.message : String(error)}`;
}
