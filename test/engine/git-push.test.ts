/**
 * git_push against a real server: a crash before and after every call of a port, from the reply that calls it to its save. The
 * commit is on the server in the end, pushed once; where its outcome is unknown, the next call looks first.
 */
import { expect, it } from 'vitest';
import { guardedHttp } from '../../lib/adapters/http.ts';
import { redactor } from '../../lib/observe/redact.ts';
import { gitTools } from '../../lib/tools/git.ts';
import { dying, type Mode, NEVER } from '../kit/dying.ts';
import { gitServer, TOKEN } from '../kit/git-server.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';
import { bytes, context, tree } from '../tools/kit.ts';

const web = { allow: null, deny: [], git: [{ host: '127.0.0.1', push: true, secret: 'TOKEN' }] };
const tools = gitTools({
  ...{ http: guardedHttp({ loopback: true }), redact: redactor([TOKEN]), secret: () => TOKEN },
  credentials: [{ secret: 'TOKEN', hosts: ['127.0.0.1'] }],
});

const use = (id: string) => [{ type: 'tool_use' as const, id, name: 'git_push', input: { dir: 'site' } }];
const script: Script = (messages, i) => {
  const told = JSON.stringify(messages.at(-1));
  if (i === 0) return use('t1');
  return told.includes('outcome is unknown') ? use(`t${i + 1}`) : [{ type: 'text', text: 'Done.' }];
};

async function committed(url: string) {
  const files = tree();
  const around = { ...context(files), web: { access: web, knows: async () => false } };
  const git = (input: object) => tools[0]!.call({ dir: 'site', ...input }, around);
  await git({ action: 'clone', url });
  files.write('/site/new.txt', bytes('new\n'));
  const { content } = await git({ action: 'commit', message: 'By an agent' });
  const kept = files.list().map(({ path, mode }) => ({ path, mode, content: files.read(path)! }));
  return { oid: /as (\S{40})/.exec(content)![1]!, kept };
}

it('pushes once, whatever dies on the way', async () => {
  const server = await gitServer({ 'README.md': 'Hello.\n' });
  const base = server.shell('git -C r.git rev-parse main');
  const { oid, kept } = await committed(server.url);

  const run = async (at: number, mode: Mode) => {
    server.shell(`git -C r.git update-ref refs/heads/main ${base}`);
    server.asked.length = 0;
    const t = testWorld(script, { tools });
    await withUser(t, 50_000_000n);
    await t.userSessions.create('u1', newSession({ web, firstFiles: kept }), null);
    const { world, names } = dying(t.world, at, mode);
    await settleDown(t, world);
    const where = `call ${at}, ${names[at - 1]}, ${mode} it took effect`;
    expect(await t.userSessions.get('u1', 'ses_1'), where).toMatchObject({ status: 'completed', result: 'Done.' });
    expect(server.shell('git -C r.git rev-parse main; git -C r.git fsck'), where).toBe(oid);
    expect(
      server.asked.filter((one) => one === 'POST /git-receive-pack'),
      where,
    ).toHaveLength(1);
    const rows = JSON.stringify((await t.userSessions.messages('u1', 'ses_1'))!.data);
    const files = (await world.sessions.files('ses_1')).map(({ content }) => Buffer.from(content).toString('latin1'));
    expect(
      [rows, ...files].filter((text) => text.includes(TOKEN)),
      where,
    ).toEqual([]);
    return names;
  };

  const names = await run(NEVER, 'before');
  const first = names.indexOf('sessions.settle') + 1;
  const last = names.indexOf('sessions.save') + 1;
  expect(names.slice(first - 1, last)).toEqual([
    ...['sessions.settle', 'sessions.startTool', 'tools.run', 'sessions.files', 'sessions.save'],
  ]);
  // To die after one call is to die before the next.
  for (let at = first; at <= last; at++) await run(at, 'before');
  await run(last, 'after');
}, 120_000);
