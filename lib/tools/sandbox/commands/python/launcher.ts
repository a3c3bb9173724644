/**
 * The Python program that starts a script of the model within just-bash's CPython. Without it just-bash indents the script before it runs:
 * texts over several lines change, `from __future__` fails, and traces name another file and other lines. Nothing can be imported from the
 * workspace. What `sys.exit` says is lost, and so are bytes that are no text. `sys.executable` and the environment show where it is installed.
 */

/** `source` and how traces call it, or the name of a module. `file`: where the script lies. `argv`: as `sys.argv` has it. */
export type Task = { source: string; name: string; file: string | null; module: string | null; argv: string[] };

/** Each line on standard output is base64 behind this sign, as just-bash carries only lines of text: or a name in `SPOOL`, or nothing at the end. */
export const MARK = '\x1e';
/** Folder of the shell's file system for large pieces of output, which are slow to print: they go through one sign at a time. */
export const SPOOL = '/dev/python';

/** Bytes that one call may print, of which the model sees a small part. */
const MOST_PRINTED = 16_000_000;

const text = (value: string | null): string => (value === null ? 'None' : JSON.stringify(value));

/** Each text in it stands on one line, so that just-bash's indentation does not matter. The names with `_redir_` and `_orig_` are its own. */
export const launcherOf = ({ source, name, file, module, argv }: Task): string => `
import _socket, binascii, builtins, glob, importlib.util, io, posix, shutil, time, types
from pathlib import Path

# Plain paths lead to the shell's files, so Python's own functions do, and just-bash's in place of them are not needed.
os.unlink('/tmp/_jb_script.py')
for name in _orig_listdir('/host'):
    if name not in ('dev', 'proc', 'lib'):
        if name == 'tmp':
            posix.rmdir('/tmp')
        posix.symlink('/host/' + name, '/' + name)
outer = set(posix.listdir('/'))
for module in (os, os.path, shutil, glob, io, builtins):
    for name, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType) and value.__name__.startswith('_redir_'):
            setattr(module, name, globals()['_orig_' + value.__name__[7:]])
for name in [name for name in vars(Path) if name.startswith('_orig_')]:
    setattr(Path, name[6:], getattr(Path, name))
    delattr(Path, name)
inner = lambda path: path[5:] if isinstance(path, str) and path.startswith('/host/') else path
getcwd, realpath = posix.getcwd, os.path.realpath
os.getcwd = lambda: inner(getcwd())
os.path.realpath = lambda path, **options: inner(realpath(path, **options))

# just-bash moves no folders, and forgets when a file is closed that it was made shorter.
rename = posix.rename
def renamed(source, target, **options):
    if not os.path.isdir(source) or os.path.islink(source):
        return rename(source, target, **options)
    if os.path.isdir(target):
        os.rmdir(target)
    shutil.copytree(source, target)
    shutil.rmtree(source)
os.rename = os.replace = renamed

class Shortened(io.FileIO):
    end = None
    def truncate(self, size=None):
        self.end = super().truncate(size)
        return self.end
    def write(self, data):
        count = super().write(data)
        if self.end is not None:
            self.end = max(self.end, self.tell())
        return count
    def close(self):
        is_open = not self.closed
        super().close()
        if is_open and self.end is not None:
            os.truncate(self.name, self.end)
plain_open = io.open
def open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if '+' not in mode or isinstance(file, int) or opener or buffering == 0:
        try:
            return plain_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        except FileNotFoundError:
            if not os.path.isfile(file):
                raise
            raise OSError(str(file) + ' has ' + str(os.path.getsize(file)) + ' bytes; up to 8 MB can be read') from None
    binary = io.BufferedRandom(Shortened(os.fspath(file), mode.replace('b', '').replace('t', '')))
    if 'b' in mode:
        return binary
    wrapped = io.TextIOWrapper(binary, io.text_encoding(encoding), errors, newline)
    wrapped.mode = mode
    return wrapped
builtins.open = io.open = open

# A pair of sockets ends the interpreter without a word. asyncio makes one to be woken by threads, which there are none of.
def no_pair(*_):
    raise OSError(138, 'sockets are not available')
_socket.socketpair = no_pair
class Asyncio:
    def find_spec(self, name, path=None, target=None):
        if name != 'asyncio.selector_events':
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module
        def exec_module(module):
            load(module)
            if module.__name__ == name:
                loop = module.BaseSelectorEventLoop
                loop._make_self_pipe = loop._close_self_pipe = loop._write_to_self = lambda self: None
        spec.loader.exec_module = exec_module
        return spec
sys.meta_path.insert(0, Asyncio())

class Pieces(io.RawIOBase):
    name, mode, sent, files, is_full = '<stdout>', 'wb', 0, 0, False
    def writable(self):
        return True
    def fileno(self):
        return 1
    def write(self, data):
        if self.is_full:
            return len(data)
        if self.sent + len(data) > ${MOST_PRINTED}:
            self.is_full = True
            raise OSError('more than ${MOST_PRINTED / 1e6} MB were printed, which is the limit')
        if len(data) < 1024:
            os.write(1, b'\\x1e' + binascii.b2a_base64(data))
            self.sent += len(data)
            return len(data)
        piece = data[:4000000]
        os.makedirs('/host${SPOOL}', exist_ok=True)
        with plain_open('/host${SPOOL}/' + str(self.files), 'wb') as file:
            file.write(piece)
        os.write(1, b'\\x1e%d.\\n' % self.files)
        self.files += 1
        self.sent += len(piece)
        return len(piece)
class Printed(io.BufferedWriter):
    # The first lines come out at once, whatever happens to the script after them. A table need not be slow for it.
    lines, last, monotonic = 0, 0, time.monotonic
    def flush(self):
        self.lines += 1
        if self.lines < 500 or self.monotonic() - self.last > 0.1:
            super().flush()
            self.last = self.monotonic()
sys.stdout = sys.__stdout__ = io.TextIOWrapper(Printed(Pieces(), 65536), encoding='utf-8', line_buffering=True)

for name in ('_', 'PYTHONHOME', 'PYTHONPATH', 'USER', 'LOGNAME'):
    os.environ.pop(name, None)
os.environ['NO_COLOR'] = '1'
sys.executable = sys._base_executable = '/usr/bin/python3'
sys.argv = ${JSON.stringify(argv)}
sys.orig_argv = ['python3', *sys.argv]
sys.dont_write_bytecode = True
sys.modules.pop('jb_http', None)
time.sleep = lambda seconds, /: None

def launch(source, name, file, module):
    main = types.ModuleType('__main__')
    main.__builtins__ = builtins
    sys.modules['__main__'] = main
    sys.path[0] = os.path.dirname(os.path.abspath(file)) if file else os.getcwd() if module else ''
    if file:
        main.__file__ = file
    if name == '<stdin>':
        sys.stdin = io.StringIO('')
    try:
        if module:
            import runpy
            runpy.run_module(module, run_name='__main__', alter_sys=True)
        else:
            exec(compile(source, name, 'exec', dont_inherit=True), main.__dict__)
        return 0
    except SystemExit as stop:
        if stop.code is None or isinstance(stop.code, int):
            return stop.code or 0
        print(stop.code, file=sys.stderr)
        return 1
    except BaseException as error:
        import linecache
        if source:
            linecache.cache[name] = (len(source), None, [line + chr(10) for line in source.split(chr(10))], name)
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename in ('/tmp/_jb_script.py', '<frozen runpy>'):
            trace = trace.tb_next
        if module and isinstance(error, ImportError) and trace is None:
            print('python3: ' + str(error), file=sys.stderr)
            return 1
        error.__traceback__ = trace
        while trace and trace.tb_next:
            if trace.tb_next.tb_frame.f_code.co_filename == '/tmp/_jb_script.py':
                trace.tb_next = None
            trace = trace.tb_next
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    finally:
        stray = sorted(set(posix.listdir('/')) - outer)
        if stray:
            print('python3: outside of the workspace and /tmp nothing is kept; gone: /' + ', /'.join(stray), file=sys.stderr)

status = launch(${[source.replace(/^\ufeff/, ''), name, file, module].map(text).join(', ')})
sys.stdout.buffer.lines = -1000000000
sys.stdout.flush()
os.write(1, b'\\x1e\\n')
sys.exit(status)
`;
