/** The command line in this process, against the real API over loopback HTTP, and with a home of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Io, Terminal } from '../../cli/io.ts';
import { run } from '../../cli/run.ts';
import type { ClientOptions } from '../../client/index.ts';
import { ADMIN, type Api, api } from '../http/kit.ts';
import { loopback } from '../kit/loopback.ts';

export type Ran = { code: number; out: string; err: string };

export function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A terminal that keeps what it was sent, and whose keys tests press: `onPicture` runs after each picture. */
export function terminal(columns = 100, rows = 20) {
  const state = {
    ...{ sent: '', columns, rows, press: (_key: string): void => undefined, resize: () => {}, closed: false },
    onPicture: (): unknown => undefined,
  };
  const io: Terminal = {
    write: (text) => {
      state.sent += text;
      if (text.includes('\u001b[?2026l')) setImmediate(() => state.onPicture());
    },
    size: () => ({ columns: state.columns, rows: state.rows }),
    keys(onKey, onResize) {
      Object.assign(state, { press: onKey, resize: onResize });
      return () => {
        state.closed = true;
      };
    },
  };
  return Object.assign(state, { io });
}

/** With the sign that begins a command to the terminal made visible. */
export const visible = (text: string): string => text.replaceAll('\u001b', '␛');

/** A user `ada` with a key in the environment. `circadian` runs one command; what it is given changes its machine. */
export async function served(t: Api = api(undefined, { retryMs: 1 })) {
  const asked: string[] = [];
  const server = await loopback((request) => {
    asked.push(new URL(request.url).pathname);
    return t.hono.fetch(request);
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const key = await t.user('ada');
  const folder = home();
  const env = { HOME: folder, CIRCADIAN_URL: server.url, CIRCADIAN_API_KEY: key, CIRCADIAN_ADMIN_KEY: ADMIN };

  async function circadian(
    args: string[],
    change: Partial<Io> = {},
    options: Partial<ClientOptions> = {},
  ): Promise<Ran> {
    const ran: Ran = { code: -1, out: '', err: '' };
    const io: Io = {
      out: (line) => {
        ran.out += `${line}\n`;
      },
      err: (line) => {
        ran.err += `${line}\n`;
      },
      bytes: (content) => {
        ran.out += new TextDecoder().decode(content);
      },
      ...{
        env,
        cwd: folder,
        terminal: null,
        color: false,
        secret: null,
        keyboard: false,
        signal: new AbortController().signal,
      },
      input: async () => '',
      // This machine's clock is not the server's.
      now: () => Date.parse('2020-01-01T00:00:00Z'),
      ...change,
    };
    ran.code = await run(args, io, '1.2.3', options);
    return ran;
  }
  return { ...t, t, asked, url: server.url, key, folder, env, circadian };
}
