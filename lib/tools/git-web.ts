/** What git may ask of the web: nothing but its own two services, of repositories that the session's rules name. Judged as the shell is (shell-web.ts). */
import { STATUS_CODES } from 'node:http';
import {
  type HttpMethod,
  MOST_REDIRECTS,
  type SandboxWeb,
  type ToolContext,
  type WebAnswer,
  type WebRequest,
} from '../ports/index.ts';
import { gitRuleFor, type WebAccess } from '../web/access.ts';
import { addressOf } from '../web/known.ts';
import { type Credentials, secretFor } from './credentials.ts';
import { type ShellWeb, withoutSecrets } from './shell-web.ts';
import { grouped } from './text.ts';

/** Of one call: requests, redirects among them. Of one request: bytes of the answer, bytes sent, milliseconds. */
export const GIT_WEB = { requests: 12, answerBytes: 20_000_000, sentBytes: 20_000_000, timeoutMs: 60_000 };

export function gitWeb(
  { http, redact, ...credentials }: ShellWeb,
  { web: { access } }: Pick<ToolContext, 'web'>,
  mayPush: boolean,
): SandboxWeb {
  let left = GIT_WEB.requests;

  const ask = async (
    { url: text, method: asked, headers, body }: WebRequest,
    over: AbortSignal,
  ): Promise<WebAnswer> => {
    const url = addressOf(text);
    const method = asked === 'GET' || asked === 'POST' ? asked : null;
    if (url === null || method === null) throw new Error(`git cannot ask ${JSON.stringify(text.slice(0, 300))}`);
    if (body !== null && body.length > GIT_WEB.sentBytes)
      throw new Error(`Nothing was sent: the commits have more than ${grouped(GIT_WEB.sentBytes)} bytes`);
    let hops = 0;
    const judge = (address: string, by: HttpMethod): Record<string, string> => {
      hops += 1;
      left -= 1;
      if (hops > MOST_REDIRECTS || left < 0) throw new Error('Too many requests for one call of git');
      return signedIn(address, by, { access, mayPush, credentials });
    };
    // Judged before it is said that anything was asked.
    signedIn(url, method, { access, mayPush, credentials });
    const { answerBytes: maxBytes, timeoutMs } = GIT_WEB;
    const answer = await http(
      url,
      { method, headers, maxBytes, timeoutMs, judge, ...(body !== null && { body }) },
      over,
    );
    const { status, headers: got, body: bytes, cut } = answer;
    if (cut)
      throw new Error(`The repository is too large: its newest commit packs to more than ${grouped(maxBytes)} bytes`);
    return withoutSecrets(
      { status, url: answer.url, statusText: STATUS_CODES[status] ?? '', headers: got, body: bytes },
      redact,
    );
  };

  return async (request, over) => {
    try {
      return await ask(request, over);
    } catch (error) {
      return { refused: redact((error as Error).message) };
    }
  };
}

const SERVICE = /^(https?:\/\/[^?#]+?)\/(info\/refs\?service=)?git-(upload|receive)-pack$/;

type Judging = { access: WebAccess | null; mayPush: boolean; credentials: Credentials };

/** Throws a sentence for what is none of git's own requests, and for a repository that the session's rules do not name. */
function signedIn(
  address: string,
  method: HttpMethod,
  { access, mayPush, credentials }: Judging,
): Record<string, string> {
  const [, repository, refs, service] = SERVICE.exec(address) ?? [];
  const { host } = new URL(address);
  if (repository === undefined || (refs === undefined) !== (method === 'POST'))
    throw new Error(`${host} was not asked: that is no request of git`);
  const isPush = service === 'receive';
  const rule = access && (!isPush || mayPush) ? gitRuleFor(repository, isPush, access) : null;
  if (rule === null)
    throw new Error(
      `${host} was not asked: this session may not ${isPush ? 'push to' : 'take'} ${JSON.stringify(repository)}`,
    );
  if (rule.secret === null) return {};
  const { value, user } = secretFor(rule.secret, repository, credentials);
  return { authorization: `Basic ${Buffer.from(`${user}:${value}`).toString('base64')}` };
}
