/** Python and JavaScript in the shell: on the workspace's files, within bounds that are told in sentences, and without a way out. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BASH_BOUNDS, BASH_LIMITS, bash, createBash } from '../../lib/tools/bash.ts';
import { memoryMb } from '../../lib/tools/contained.ts';
import { call, paths, textIn, tree } from './kit.ts';

const run = async (command: string, files = tree(), tool = bash) => ({
  ...(await call(tool, { command }, files)),
  files,
});
const py = (code: string) => `python3 - <<'END'\n${code}\nEND`;

/** All that a script of one's own relies on, and that just-bash alone would break. */
const JOB = `from __future__ import annotations
import asyncio, csv, io, json, os, shutil, sys, tempfile, time, zipfile
from pathlib import Path
from pkg.rates import RATES

rows = list(csv.DictReader(open('orders.csv', encoding='utf-8')))
total = sum(float(row['amount']) * RATES[row['currency']] for row in rows)
Path('out').mkdir()
Path('/workspace/out/report.md').write_text(f"""# Zürich
  two spaces
total {total}
""")
with open('state.json', 'r+') as file:
    state = json.load(file)
    file.seek(0)
    json.dump({'n': state['n'] + 1}, file)
    file.truncate()
with zipfile.ZipFile('/workspace/out/all.zip', 'w') as archive:
    archive.write('orders.csv')
os.rename('out', 'done')
assert sorted(map(str, Path('.').rglob('*.zip'))) == ['done/all.zip']
assert Path(__file__).resolve() == Path('/workspace/job.py') and os.getcwd() == '/workspace'
with tempfile.TemporaryDirectory() as folder:
    Path(folder, 'scratch').write_text('x')
    shutil.copy(Path(folder, 'scratch'), '/tmp/for-the-shell')
time.sleep(600)
async def both():
    return await asyncio.gather(asyncio.sleep(0, 'a'), asyncio.sleep(0.01, 'b'))
print(asyncio.run(both()), sys.argv[1:], sys.stdin.read())
sys.stdout.flush()
sys.stdout.buffer.write(b'\\x00\\xff')
left_open = open('left.txt', 'w')
left_open.write('written')
`;

/** A server within reach of this machine, and how often it was asked. */
let server: Server;
let asked = 0;
beforeAll(async () => {
  server = createServer((_, response) => void response.end(`${++asked}`)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

describe('python3', () => {
  it('does a job over files of the workspace, as CPython would', async () => {
    const files = tree({
      ...{ '/job.py': JOB, '/orders.csv': 'amount,currency\n2,EUR\n3,CHF\n', '/state.json': '{"n": 1, "old": "x"}' },
      ...{ '/pkg/rates.py': 'RATES = {"EUR": 1.5, "CHF": 2}\n' },
    });
    const { content } = await run(
      'printf "é" | python3 job.py one "t w o" | base64 -w 0; cat /tmp/for-the-shell',
      files,
    );
    const printed = Buffer.from(content.replace(/x$/, ''), 'base64').toString('latin1');
    expect(printed).toBe("['a', 'b'] ['one', 't w o'] \xc3\xa9\n\x00\xff");
    expect(content).toMatch(/x$/);
    expect(textIn(files, '/done/report.md')).toBe('# Zürich\n  two spaces\ntotal 9.0\n');
    expect(textIn(files, '/state.json')).toBe('{"n": 2}');
    expect(textIn(files, '/left.txt')).toBe('written');
    // And nothing that Python keeps for itself.
    expect(paths(files).sort()).toEqual([
      ...['/done/all.zip', '/done/report.md', '/job.py', '/left.txt', '/orders.csv', '/pkg/rates.py', '/state.json'],
    ]);
  });

  it('names the file and the line of an error, and tells a status', async () => {
    const files = tree({
      '/a.py': 'import b\n\nb.f(0)\n',
      '/b.py': '# one\ndef f(x):\n    return 1 / x\n',
      '/t.py':
        "import unittest\nclass T(unittest.TestCase):\n    def test_x(self):\n        self.assertEqual(1, 2, 'no')\n",
    });
    const { content } = await run(
      [
        ...[
          'python3 a.py 2>&1',
          py("text = '''\n  a'''\nprint(repr(text)); raise KeyError(text)").replace('- ', '- 2>&1 '),
        ],
        ...['python3 -c "import sys; sys.exit(\'said at the end\')" 2>&1; echo "status $?"'],
        'python3 -m unittest t 2>&1 | grep -E "line|^Asser|^FAIL"; python3 absent.py',
      ].join('\n'),
      files,
    );
    expect(content.split('\n')).toEqual([
      ...['Traceback (most recent call last):', '  File "a.py", line 3, in <module>', '    b.f(0)', '    ~~~^^^'],
      ...['  File "/workspace/b.py", line 3, in f', '    return 1 / x', '           ~~^~~'],
      'ZeroDivisionError: division by zero',
      ...["'\\n  a'", 'Traceback (most recent call last):', '  File "<stdin>", line 3, in <module>'],
      ...['    print(repr(text)); raise KeyError(text)', '                       ^^^^^^^^^^^^^^^^^^^^'],
      ...["KeyError: '\\n  a'", 'said at the end', 'status 1'],
      ...['FAIL: test_x (t.T.test_x)', '  File "/workspace/t.py", line 4, in test_x', 'AssertionError: 1 != 2 : no'],
      ...['FAILED (failures=1)', '[stderr]', 'python3: absent.py: No such file or directory', '[exit status 1]'],
    ]);
  });

  it('shows nothing of the host, and has no network, process, thread or other disk', async () => {
    const { content } = await run(
      py(`import os, sys, glob, urllib.request, socket, subprocess, threading, posix
print(dict(os.environ), dict(posix.environ), sys.executable, sys.orig_argv, sys.path)
def attempt(name, act):
    try: print(name, 'WORKED', act())
    except Exception as error: print(name, type(error).__name__)
attempt('urllib', lambda: urllib.request.urlopen('${address()}'))
attempt('socketpair', socket.socketpair)
attempt('jb_http', lambda: __import__('jb_http'))
attempt('subprocess', lambda: subprocess.run(['true']))
attempt('system', lambda: os.fork())
attempt('thread', threading.Thread(target=print).start)
for at, path in enumerate(('/proc/self/environ', '/host/proc/1/environ', '/etc/passwd', '/host/etc/passwd', '${process.execPath}')):
    attempt(at, lambda: open(path).read())
import json
with open('/_jb_http/request', 'w') as file: json.dump({'url': '${address()}', 'method': 'GET'}, file)
open('/elsewhere', 'w').write('x')`),
    );
    expect(content).not.toMatch(/WORKED|node_modules|worker\.js|root:/);
    expect(content).toContain('urllib URLError\nsocketpair OSError\njb_http ModuleNotFoundError\nsubprocess OSError\n');
    expect(content).toContain('outside of the workspace and /tmp nothing is kept; gone: /elsewhere');
    expect(content).not.toContain(process.cwd());
    expect(asked).toBe(0);
  });
});

const MOST_HOST_GROWTH_MB = 60;

describe('code without an end', () => {
  it.each([
    ['python3', 'python3 -c "x = []\nwhile True: x.append(bytearray(16 << 20))"'],
    ['js-exec', "js-exec -c 'const a = []; for (;;) a.push(new Array(100000).fill(a.length))'"],
  ])('fills the memory of %s, ends with a sentence, and changes nothing', async (_, bomb) => {
    const before = memoryMb(process.pid);
    const small = createBash(BASH_LIMITS, { ...BASH_BOUNDS, processMb: 300 });
    const { content, isError, files } = await run(`rm kept; ${bomb}`, tree({ '/kept': 'x' }), small);
    const told = expect.stringMatching(/^It used more than 300 MB of memory and was ended. No file was changed./);
    expect({ content, isError }).toEqual({ content: told, isError: true });
    expect(paths(files)).toEqual(['/kept']);
    expect(memoryMb(process.pid) - before).toBeLessThan(MOST_HOST_GROWTH_MB);
  });

  it.each([
    ['python3', 8000, 'python3 -c "print(\'begun\')\nwhile True: pass"'],
    ['js-exec', 4000, 'js-exec -c \'console.log("begun"); for (;;);\''],
  ])(
    'takes the time of %s, and ends with a sentence, what was printed and the files so far',
    async (name, runMs, loop) => {
      const { content, files } = await run(`echo x > made; ${loop}`, tree(), createBash({ ...BASH_LIMITS, runMs }));
      const told = `${name}: it was ended after ${(runMs * 0.9) / 1000} s, which is the limit`;
      expect(content).toBe(`begun\n[stderr]\n${told}\n[exit status 124]`);
      expect(paths(files)).toEqual(['/made']);
    },
  );

  it('prints without end, and keeps what came first, also of one long line', async () => {
    const endless = py("print('a' * 10_000_000)\nwhile True: print('b' * 999)").replace('- ', '- 2> told ');
    const { content } = await run(`${endless.replace("'END'", "'END' > all")}
head -1 all | wc -c; [ $(wc -c < all) -gt 15000000 ] && tail -1 told; rm all
js-exec -c 'console.log("a".repeat(10000000))'`);
    expect(content.split('\n')).toEqual([
      ...['10000001', 'OSError: more than 16 MB were printed, which is the limit'],
      ...['[stderr]', expect.stringContaining('more than 8 MB cannot be printed, read or written at once')],
      '[exit status 1]',
    ]);
  });

  it('is told of a file over 8 MB, however it was opened', async () => {
    const code = py(`try: open('/tmp/big')
except OSError as error: print(error)
open('big', 'wb').write(bytes(10_000_000))`);
    const { content } = await run(`seq 1 99999 > a; cat a a a a a a a a a a a a a a a a > /tmp/big; rm a
${code.replace('- ', '- 2> told ')}
echo "status $?"; tail -1 told; js-exec -c 'fs.writeFileSync("other", "a".repeat(10000000))'`);
    expect(content.split('\n')).toEqual([
      ...['/tmp/big has 9422208 bytes; up to 8 MB can be read', 'status 1'],
      expect.stringMatching(/^python3: \[Errno 29\] means that a file over 8 MB was read or written/),
      ...['[stderr]', expect.stringContaining('more than 8 MB cannot be printed, read or written at once')],
      '[exit status 1]',
    ]);
  });
});

describe('js-exec', () => {
  it('runs JavaScript and TypeScript over files of the workspace', async () => {
    const files = tree({
      '/rates.ts': 'export const RATES: Record<string, number> = { EUR: 1.5, CHF: 2 };\n',
      '/job.ts': `import fs from 'node:fs';
import { execSync } from 'node:child_process';
import { RATES } from './rates.ts';
const rows: string[][] = fs.readFileSync('orders.csv', 'utf8').trim().split('\\n').map((line: string) => line.split(','));
const total = rows.reduce((sum, [amount = '', currency = '']) => sum + Number(amount) * (RATES[currency] ?? 0), 0);
fs.writeFileSync('/workspace/total.txt', \`é \${total}\\n\`);
console.log(execSync('wc -c < total.txt').toString().trim(), process.argv.slice(2).join());
await Promise.reject(new Error('at the end'));
`,
      '/orders.csv': '2,EUR\n3,CHF\n',
    });
    const { content } = await run('js-exec job.ts one "t w o"; js-exec -c "console.log(\'é\')" | wc -c; node x', files);
    expect(content.split('\n')).toEqual([
      ...['5 one,t w o', '3', '[stderr]', 'at <anonymous> (/workspace/job.ts:8:31): at the end'],
      ...['node: not available in this shell; js-exec runs JavaScript', '[exit status 127]'],
    ]);
    expect(textIn(files, '/total.txt')).toBe('é 9\n');
  });

  it('shows nothing of the host and has no network', async () => {
    const { content } = await run(`js-exec -c '
      const attempt = async (name, act) => { try { console.log(name, "WORKED", await act()); } catch (error) { console.log(name, "refused"); } };
      console.log(JSON.stringify(process.env), process.argv.join(), process.cwd());
      await attempt("fetch", () => fetch("${address()}").then(() => 1));
      for (const path of ["/proc/self/environ", "/proc/1/environ", "/etc/passwd", "${process.execPath}"]) await attempt("read", () => fs.readFileSync(path));
      for (const name of ["net", "http", "worker_threads", "vm"]) await attempt("require", () => require(name));
    '`);
    expect(content.split('\n').slice(1)).toEqual([
      'fetch refused',
      ...Array(4).fill('read refused'),
      ...Array(4).fill('require refused'),
    ]);
    expect(content).not.toMatch(/node_modules|worker\.js/);
    expect(asked).toBe(0);
  });
});
