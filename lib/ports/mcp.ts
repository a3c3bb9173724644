/** MCP servers of the deployment, as a session uses them. */
import type { ListRefusal, McpState } from '../core/remote.ts';
import type { EffectClass } from '../core/session.ts';

/** A tool as its server describes it, with the effect that its hints and the configuration allow. All of its texts are others'. */
export type McpTool = {
  name: string;
  description: string;
  inputSchema: Record<string, unknown>;
  effect: EffectClass;
};

/** The server was not asked, or gave no list, or did not take a call. Nothing was done there. The message is a sentence for a person. */
export class McpRefused extends Error {
  override name = 'McpRefused';
  readonly kind: ListRefusal;

  constructor(kind: ListRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** One server, proven to answer by its list, which is the newest. */
export type McpConnection = {
  tools: readonly McpTool[];
  /** Tools that cannot be offered, and why. */
  leftOut: readonly { name: string; reason: string }[];
  /** Where the session stands with the server from now on. */
  state: McpState;
  /**
   * Calls the tool once; nothing here sends a call twice. What the server says, failures included, is in the answer. Throws `McpRefused` where the call
   * was not taken. Any other error leaves unknown whether it was carried out. `content` has no secret of the deployment in it.
   */
  call(
    tool: string,
    input: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<{ content: string; isError: boolean }>;
  /** Ends the requests of this process. The session at the server stays. Never throws. */
  close(): Promise<void>;
};

/** `state`: where the session stands with the server; a session that the server no longer knows is begun anew, here and nowhere else. Throws `McpRefused`, or the reason of `signal`. */
export type Mcp = { connect(server: string, state: McpState | null, signal: AbortSignal): Promise<McpConnection> };

/** Of a process that runs no tools, or has no servers. */
export const NO_MCP: Mcp = {
  connect: async (server) => {
    throw new McpRefused(
      'unknown',
      `This deployment has no MCP server called ${server}, so I cannot use its tools. Nothing was spent. Bring it back, deploy, and send me a message to go on.`,
    );
  },
};
