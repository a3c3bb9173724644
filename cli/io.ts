/** What the command line has of the machine. Tests give another one. */

/** A terminal that can be drawn on. */
export type Terminal = {
  write(text: string): void;
  size(): { columns: number; rows: number };
  /** Gives each key as the terminal sends it, until the returned function is called. */
  keys(onKey: (key: string) => void, onResize: () => void): () => void;
};

export type Io = {
  /** Adds the end of the line. */
  out(line: string): void;
  err(line: string): void;
  /** As they are: of a file. */
  bytes(content: Uint8Array): void;
  env: Record<string, string | undefined>;
  cwd: string;
  /** Null in a pipe, a file, a CI. */
  terminal: Terminal | null;
  color: boolean;
  /** All of the standard input. */
  input(): Promise<string>;
  /** One line that is not shown; null where nobody can be asked. */
  secret: ((question: string) => Promise<string>) | null;
  /** Ctrl-C on the keyboard reaches the programs that this one starts by itself. */
  keyboard: boolean;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Milliseconds of this machine; the server's may differ. */
  now(): number;
};

/** Ends the command with a sentence, an exit code, and the command that comes next. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exit: number;
  readonly next: string | null;
  constructor(message: string, exit: number, next: string | null = null) {
    super(message);
    this.exit = exit;
    this.next = next;
  }
}
