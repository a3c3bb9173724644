/**
 * A failure that the model is told, word for word: wrong arguments, a file that is not there, a limit. The message is a plain sentence that
 * says what to do instead. Anything else that a tool throws is told too, but as a fault of the tool.
 */
export class ToolFailure extends Error {
  override name = 'ToolFailure';
}
