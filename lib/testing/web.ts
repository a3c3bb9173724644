/** The web of a test: what it answers to tools, by the option `http`. */
import { type Http, type HttpAnswer, type HttpRequest, NoAnswer } from '../ports/index.ts';

const UNREACHABLE: unique symbol = Symbol('unreachable');

/** What `unreachable()` gives. */
export type Unreachable = { readonly [UNREACHABLE]: true };

/** From the option `http`: nobody is there, and the tool's request fails as one without a connection does. */
export const unreachable = (): Unreachable => ({ [UNREACHABLE]: true });

type Whole = { status?: number; headers?: Record<string, string>; body?: string | object };

/**
 * A text or an object of JSON is an answer 200. An object with no other keys than `status`, `headers` and `body` is the whole answer: 200 and an
 * empty body where these are left out, and a body that is no text becomes JSON.
 */
export type HttpSaid = string | object | Whole;

/** What a test says to an address that a tool asks. What it throws fails `run`. */
export type TestHttp = (url: string, request: HttpRequest) => HttpSaid | Unreachable | Promise<HttpSaid | Unreachable>;

export type TestWeb = {
  http: Http;
  /** Throws what the test's own function threw since this was last asked, which the tool was told as a fault. */
  assertAnswered(): void;
};

export function testWeb(answer: TestHttp | undefined): TestWeb {
  let thrown: { error: unknown } | null = null;

  async function said(answering: TestHttp, url: string, request: HttpRequest): Promise<HttpSaid | Unreachable> {
    try {
      return await answering(url, request);
    } catch (error) {
      thrown ??= { error };
      throw error;
    }
  }

  return {
    async http(url, request = {}) {
      if (!answer)
        throw new Error(
          `A test asks nobody on the web, and a tool asked ${url}. Answer it with the option http of testing(…).`,
        );
      const given = await said(answer, url, request);
      if (typeof given === 'object' && UNREACHABLE in given)
        throw new NoAnswer(
          `The connection to ${new URL(url).origin} failed: ECONNREFUSED. The request was not sent.`,
          false,
        );
      return answerOf(url, given);
    },
    assertAnswered() {
      const first = thrown;
      thrown = null;
      if (first) throw first.error;
    },
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** `{ status: 'open' }` is the JSON of somebody's API. */
function isWhole(given: object): given is Whole {
  const { status = 200, headers = {}, body = '', ...others } = given as Record<string, unknown>;
  if (Object.keys(given).length === 0 || Object.keys(others).length > 0) return false;
  return Number.isInteger(status) && isObject(headers) && (typeof body === 'string' || isObject(body));
}

function answerOf(url: string, given: HttpSaid): HttpAnswer {
  const whole: Whole = isObject(given) && isWhole(given) ? given : { body: given };
  const { status = 200, headers = {}, body = '' } = whole;
  const words = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    ...{ status, url, cut: false, body: new TextEncoder().encode(words) },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    text: () => words,
    json: () => JSON.parse(words) as unknown,
  };
}
