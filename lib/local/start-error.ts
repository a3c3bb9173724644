/** The system cannot start, for a reason that the user at the terminal can mend: `message` is a sentence for them. */
export class StartError extends Error {
  override name = 'StartError';
}
