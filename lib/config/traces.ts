/** The settings of traces, by the names of OpenTelemetry: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
import * as z from 'zod';
import { ownService, text } from './forms.ts';
import type { Setting } from './setting.ts';

/** `wake` sends; `migrate` turns it on and off, and refuses a wrong value at the first step of a deployment. */
const TRACING = { readBy: ['migrate', 'wake'] } as const;
const PASSED = { ...TRACING, passedBy: ['deploy', 'start'] } as const;

/** Printable, as a header can carry them: RFC 9110. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const VALUE = /^[\x20-\x7e]*$/;
/** Our own: the body says them. */
const TAKEN = /^(content-(type|length)|host|connection|transfer-encoding|user-agent)$/i;

/** `name=value` pairs, whose values are percent-encoded as in W3C's baggage; null: they are not. */
export function headersOf(list: string): Record<string, string> | null {
  try {
    const pairs = list
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => [
        part.slice(0, part.indexOf('=')).trim(),
        decodeURIComponent(part.slice(part.indexOf('=') + 1).trim()),
      ]);
    const isGood = ([name, value]: string[]) => NAME.test(name!) && VALUE.test(value!) && !TAKEN.test(name!);
    return list.includes('=') && pairs.every(isGood) ? Object.fromEntries(pairs) : null;
  } catch {
    return null;
  }
}

export const TRACES = {
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: ownService.optional(),
    description:
      'Where a receiver of OpenTelemetry answers by OTLP/HTTP; `/v1/traces` is added. Without it there are no traces. It may stand in a private network.',
    ...PASSED,
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    schema: ownService.optional(),
    description: 'The same as the whole address, for traces alone. Goes before the other.',
    ...PASSED,
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z
      .string()
      .refine((list) => headersOf(list) !== null, 'must be name=value, comma-separated')
      .meta({ form: '`name=value`, comma-separated, values percent-encoded' })
      .optional(),
    description: 'What the receiver wants to see, such as its key.',
    secret: 'list',
    ...TRACING,
    passedBy: ['start'],
    sstSecret: 'OtlpHeaders',
  },
  OTEL_SERVICE_NAME: {
    schema: text.default('circadian'),
    description: 'The name under which the receiver files the traces.',
    ...PASSED,
  },
  OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: {
    schema: z
      .enum(['false', 'true'])
      .default('false')
      .transform((value) => value === 'true'),
    description:
      '`true` sends what agents say and think, and arguments and results of tools, as previews of 2,000 characters. They go to whoever reads the traces.',
    ...PASSED,
  },
} as const satisfies Record<string, Setting>;
