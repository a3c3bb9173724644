/**
 * A receiver of OTLP/HTTP on this machine that takes nothing but what the specification allows. The schema is that of trace.proto and its common
 * messages in protobuf's JSON mapping, with OTLP's own rules for ids, each field strict:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto (1.9)
 */
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

/** Hexadecimal, not all zeros. */
const id = (bytes: number) => z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${2 * bytes}}$`));
const fixed64 = z.string().regex(/^\d{19}$/);
const uint32 = z.int().min(0).max(0xffff_ffff);

const AnyValue: z.ZodType = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d{1,19}$/) }),
  z.strictObject({ doubleValue: z.number() }),
]);

/** Keys are unique within a list: the proto's comment on `attributes`. */
const attributes = z
  .array(z.strictObject({ key: z.string().min(1), value: AnyValue }))
  .refine((list) => new Set(list.map(({ key }) => key)).size === list.length, 'a key twice');

const Span = z
  .strictObject({
    traceId: id(16),
    spanId: id(8),
    traceState: z.string().optional(),
    parentSpanId: id(8).optional(),
    flags: uint32.optional(),
    name: z.string().min(1),
    kind: z.int().min(1).max(5),
    startTimeUnixNano: fixed64,
    endTimeUnixNano: fixed64,
    attributes,
    droppedAttributesCount: uint32.optional(),
    links: z.array(z.strictObject({ traceId: id(16), spanId: id(8), attributes: attributes.optional() })).optional(),
    status: z.strictObject({ message: z.string().optional(), code: z.int().min(0).max(2) }).optional(),
  })
  .refine((span) => BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano), 'ends before it starts');

const Request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({
          scope: z.strictObject({ name: z.string().min(1), version: z.string().optional() }),
          spans: z.array(Span),
        }),
      ),
    }),
  ),
});

type ReceivedSpan = Omit<z.infer<typeof Span>, 'attributes'> & { attributes: Record<string, string | number> };

/** The spans of a body. Throws for what a receiver would refuse. */
export const spansIn = (body: string): ReceivedSpan[] =>
  Request.parse(JSON.parse(body)).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, attributes: plain(span.attributes) }))),
  );

const plain = (list: z.infer<typeof attributes>): ReceivedSpan['attributes'] =>
  Object.fromEntries(
    list.map(({ key, value }) => {
      const { intValue, doubleValue, stringValue } = value as Record<string, string>;
      return [key, intValue === undefined ? (stringValue ?? Number(doubleValue)) : Number(intValue)];
    }),
  );

type Answer = { status: number; headers?: Record<string, string>; body?: string };
const TAKEN: Answer = { status: 200, body: '{"partialSuccess":{}}' };

/** It ends with its test. `answers`: the next ones, before it takes all. A body that it took is in `bodies`. */
export async function otlpReceiver() {
  const answers: (Answer | ((body: string) => Answer))[] = [];
  const bodies: string[] = [];
  const requests: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    requests.push({ url: request.url, headers: request.headers });
    const next = answers.shift() ?? TAKEN;
    const { status, headers = {}, body: said = '' } = typeof next === 'function' ? next(body) : next;
    if (status === 200) bodies.push(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  return { url, answers, bodies, requests, spans: () => bodies.flatMap(spansIn) };
}
