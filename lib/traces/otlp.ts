/**
 * OTLP's JSON: protobuf's mapping, in which 64-bit integers are strings, with ids in hexadecimal.
 * Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding (1.9)
 */
import { createHash } from 'node:crypto';

type Value = string | number | boolean | Double | undefined;
type Double = { doubleValue: number };
type AnyValue = { stringValue: string } | { intValue: string } | Double | { boolValue: boolean };
export type Attribute = { key: string; value: AnyValue };

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
export const SPAN_KIND = { internal: 1, client: 3 } as const;
const STATUS_ERROR = 2;

export type TraceSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: (typeof SPAN_KIND)[keyof typeof SPAN_KIND];
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  links?: { traceId: string; spanId: string }[];
  status?: { code: typeof STATUS_ERROR };
};

/** An id of `bytes` bytes, for ever the same for the same thing. */
export const idOf = (bytes: 8 | 16, ...thing: (string | number)[]): string =>
  createHash('sha256')
    .update(thing.join('\n'))
    .digest('hex')
    .slice(0, 2 * bytes);

/** Of whole milliseconds. */
export const nanos = (ms: number): string => `${Math.round(ms)}000000`;

/** A number that need not be whole: backends want one type for one attribute. */
export const double = (value: number): Double => ({ doubleValue: value });

/** What is undefined is left out. */
export const attributesOf = (values: Record<string, Value>): Attribute[] =>
  Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: anyValue(value) }]));

function anyValue(value: string | number | boolean | Double): AnyValue {
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'object') return value;
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** A failed span has its class of error beside its status. */
export const failedWith = (error: string | undefined): Pick<TraceSpan, 'status'> =>
  error === undefined ? {} : { status: { code: STATUS_ERROR } };

/** The body of one request. `service`: the name under which backends file it. */
export const requestOf = (spans: TraceSpan[], service: string): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': service }) },
        scopeSpans: [{ scope: { name: 'circadian' }, spans }],
      },
    ],
  });
