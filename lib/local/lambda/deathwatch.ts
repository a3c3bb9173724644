/**
 * Worker thread of a local execution environment. Descriptor 3 is a socket whose other end only the local server holds: it closes when
 * that process is gone, however it died, and then this one must go too. A thread of its own, since the handler's may be in `for (;;) {}`.
 */
import { Socket } from 'node:net';

const parent = new Socket({ fd: 3, readable: true, writable: false });
parent.on('error', () => parent.destroy());
parent.on('close', () => process.kill(process.pid, 'SIGKILL'));
parent.resume();
