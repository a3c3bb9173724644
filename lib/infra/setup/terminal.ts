/** Asks the person at the terminal. */
import { cancel, isCancel, password, select, text } from '@clack/prompts';
import { faultOf, type Question } from './questions.ts';

/** An answer that has no fault. Ends the program where the person breaks off: nothing has been made by then. */
export async function askAtTerminal(question: Question): Promise<string> {
  const { message, choices, secret, optional } = question;
  const validate = (answer: string | undefined): string | undefined => {
    const fault = faultOf(question, answer?.trim() || question.default || '');
    return fault === null ? undefined : `That ${fault}.`;
  };
  const answer = choices
    ? await select({
        message,
        options: Object.entries(choices).map(([value, hint]) => ({ value, label: hint || value })),
        ...(question.default && { initialValue: question.default }),
      })
    : secret
      ? await password({ message, validate })
      : await text({
          message: optional ? `${message}; Enter for none` : message,
          placeholder: question.default ?? '',
          validate,
        });
  if (isCancel(answer)) {
    cancel('Nothing has been changed.');
    process.exit(130);
  }
  return (answer ?? '').trim() || question.default || '';
}
