/**
 * A failure that the model is told, word for word: wrong arguments, a file that is not there, a limit. The message is a plain sentence that
 * says what to do instead. Anything else that a tool throws is told too, but as a fault of the tool.
 * `cost`: what the call of a paid tool did cost all the same, microdollars; left out, nobody knows.
 */
export class ToolFailure extends Error {
  override name = 'ToolFailure';
  readonly cost: bigint | undefined;

  constructor(message: string, { cost, ...options }: ErrorOptions & { cost?: bigint } = {}) {
    super(message, options);
    this.cost = cost;
  }
}
