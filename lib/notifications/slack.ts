/**
 * A notice as a message that Slack's incoming webhooks take: `text`, and the same as blocks. https://docs.slack.dev/messaging/formatting-message-text
 * names the three characters that are escaped; a section's text has at most 3,000 characters.
 */
/** `message`: a sentence for a user. `quote`: the text that it is about, where text is wanted. */
export type Told = {
  type: string;
  timestamp: string;
  data: Record<string, unknown> & { message: string };
  quote: string | null;
};

const MOST_QUOTED = 1_000;
const MOST_OF_SECTION = 2_900;

/** The JSON of `{text, blocks}`. */
export function slackBody({ type, timestamp, data, quote }: Told): string {
  const quoted =
    quote === null
      ? ''
      : `\n${lines(quote)
          .map((line) => `> ${line}`)
          .join('\n')}`;
  const text = cut(`${escaped(data.message)}${quoted}`);
  const small = [type, data.session_id, timestamp].filter((part) => typeof part === 'string').join(' · ');
  return JSON.stringify({
    text,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: escaped(small) }] },
    ],
  });
}

const lines = (quote: string): string[] => escaped(quote.slice(0, MOST_QUOTED).toWellFormed()).split(/\r?\n/);
const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
/** Never within an escape. */
const cut = (text: string): string =>
  text.length <= MOST_OF_SECTION ? text : `${text.slice(0, MOST_OF_SECTION).replace(/&[a-z]*$/, '')}…`;
