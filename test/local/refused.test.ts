/** What the Messages API refuses, rule by rule. Thinking that is bound is in bound.test.ts. */
import { describe, expect, it } from 'vitest';
import { validate } from '../../lib/local/messages-api/index.ts';
import { assistant, base, result, text, tool, use, user } from './messages-api.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const refusal = (more: object, betas: string[] = []) =>
  validate({ ...base, ...more }, { account: 'a', now: NOW, betas });
const said = (...messages: unknown[]) => ({ messages });
const system = (content: unknown) => ({ role: 'system', content });
const [hi, ho] = [user(text('Hi.')), assistant(text('Ho.'))];

const ZERO_WIDTH = '\u200b\u200d\u2060\ufeff';
const SOFT_HYPHENS = '\u00ad\u00ad';
const short = { type: 'ephemeral' };
const serverTool = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };

describe('is taken', () => {
  it.each<[string, object]>([
    ['a plain request', {}],
    ['content as a string', said({ role: 'user', content: 'Hi.' })],
    ['one turn in two messages', said(hi, hi, ho, ho, hi)],
    [
      'results in two messages of one turn',
      said(hi, assistant(use('a'), use('b')), user(result('a')), user(result('b'))),
    ],
    ['words behind results', said(hi, assistant(use('a')), user(result('a'), text('And?')))],
    ['a system message after a person and last', said(hi, system('Note.'))],
    ['two of them before a reply', said(hi, system('One.'), system([text('Two.')]), ho, hi)],
    ['a system message after results', said(hi, assistant(use('a')), user(result('a')), system('Note.'))],
    ['a turn that paused for a tool of the server', said(hi, assistant(serverTool))],
    ['a system message after such a turn', said(hi, assistant(serverTool), system('Note.'))],
    ['four breakpoints', said(user(...[1, 2, 3, 4].map((n) => text(`${n}`, short))))],
    ['an empty result', said(hi, assistant(use('a')), user({ ...result('a'), content: '' }))],
    [
      'all settings of a 5.5 model',
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'xhigh' } },
    ],
    ['thinking between tools only', { thinking: { type: 'between_tools' }, output_config: { effort: 'high' } }],
    ['a forced tool on Haiku 5.5', { model: 'claude-haiku-5-5', tool_choice: { type: 'any' } }],
    ['the default temperature', { temperature: 1 }],
    ['another temperature on an early model', { model: 'claude-haiku-4-5', temperature: 0.2 }],
    [
      'a budget of thinking on an early model',
      { model: 'claude-haiku-4-5', max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 1_024 } },
    ],
    ['a model in its last hours', { model: 'claude-sonnet-4-5' }],
  ])('%s', (_, more) => {
    expect(refusal(more)).toBeNull();
  });
});

describe('is refused', () => {
  it.each<[string, object, RegExp]>([
    ['no message', said(), /messages: at least one message/],
    ['no content', said(user()), /messages\.0\.content.*non-empty/],
    ['an empty reply amid', said(hi, assistant(), hi), /messages\.1\.content.*non-empty/],
    ['an unknown role', said({ role: 'tool', content: 'x' }), /messages\.0\.role/],
    ['a model first', said(ho, hi), /first message must use the "user" role/],
    ['a model last', said(hi, ho), /must end with a user message/],
    [
      'white space',
      said(user(text(' \n\t'))),
      /messages\.0\.content\.0\.text: text content blocks must contain non-whitespace/,
    ],
    ['zero width', said(user(text(ZERO_WIDTH))), /must contain non-whitespace text/],
    ['soft hyphens', said(hi, assistant(text(SOFT_HYPHENS)), hi), /messages\.1\.content\.0\.text/],
    ['an invisible string', said({ role: 'user', content: ZERO_WIDTH }), /must contain non-whitespace text/],
    ['an invisible prompt', { system: [text(SOFT_HYPHENS)] }, /system\.0\.text/],
    [
      'an invisible text within a result',
      said(hi, assistant(use('a')), user({ ...result('a'), content: [text(' ')] })),
      /non-whitespace/,
    ],
    ['an unknown block', said(user({ type: 'song' })), /messages\.0\.content\.0/],
    ['a call by a person', said(user(use('a'))), /`tool_use` blocks can only be in `assistant` messages/],
    [
      'a result by the model',
      said(hi, assistant(result('a')), hi),
      /`tool_result` blocks can only be in `user` messages/,
    ],
    ['a thought by a person', said(user({ type: 'redacted_thinking', data: 'x' })), /can only be in `assistant`/],
    [
      'an image by the model',
      said(hi, assistant({ type: 'image', source: {} }), hi),
      /not permitted in `assistant` messages/,
    ],
    [
      'a call without result',
      said(hi, assistant(use('x')), user(text('b'))),
      /without `tool_result` blocks immediately after: x/,
    ],
    [
      'a call without a turn after it',
      said(hi, assistant(use('x'), use('y')), user(result('x'))),
      /immediately after: y/,
    ],
    ['a result without call', said(user(result('x'))), /unexpected `tool_use_id` .*: x/],
    [
      'a result of an earlier turn',
      said(hi, assistant(use('x')), user(result('x')), ho, user(result('x'))),
      /messages\.4\.content\.0: unexpected/,
    ],
    ['a result behind words', said(hi, assistant(use('x')), user(text('b'), result('x'))), /must come first/],
    ['a result twice', said(hi, assistant(use('x')), user(result('x'), result('x'))), /single result.* x/],
    [
      'results in another order',
      said(hi, assistant(use('x'), use('y')), user(result('y'), result('x'))),
      /in the order/,
    ],
    ['an id twice in a turn', said(hi, assistant(use('x'), use('x')), user(result('x'), result('x'))), /unique: x/],
    [
      'an id again later',
      said(hi, assistant(use('x')), user(result('x')), assistant(use('x')), user(result('x'))),
      /unique: x/,
    ],
    ['an id with a space', said(hi, assistant(use('x y')), user(result('x y'))), /messages\.1\.content\.0\.id/],
    ['an id with a dot', said(hi, assistant(use('x.y')), user(result('x.y'))), /messages\.1\.content\.0\.id/],
    [
      'a called name with a slash',
      said(hi, assistant({ ...use('x'), name: 'a/b' }), user(result('x'))),
      /messages\.1\.content\.0\.name/,
    ],
    [
      'a called name of 129 characters',
      said(hi, assistant({ ...use('x'), name: 'n'.repeat(129) }), user(result('x'))),
      /\.name/,
    ],
    [
      'an input that is no object',
      said(hi, assistant({ ...use('x'), input: ['a'] }), user(result('x'))),
      /messages\.1\.content\.0\.input/,
    ],
    [
      'an empty result of a failure',
      said(hi, assistant(use('x')), user({ ...result('x'), content: '', is_error: true })),
      /cannot be empty if `is_error`/,
    ],
    [
      'a reply that ends on a thought',
      said(hi, assistant({ type: 'thinking', thinking: '', signature: 'x' }), hi),
      /final block .* cannot be `thinking`/,
    ],
    ['a tool name with a dot', { tools: [{ ...tool, name: 'a.b' }] }, /tools\.0\.name/],
    ['a tool twice', { tools: [tool, tool] }, /unique/],
    ['a tool without a schema', { tools: [{ name: 'bash' }] }, /tools\.0\.input_schema/],
    ['five breakpoints', said(user(...[1, 2, 3, 4, 5].map((n) => text(`${n}`, short)))), /maximum of 4 .* Found 5/],
    [
      'a breakpoint within a result as the fifth',
      said(
        hi,
        assistant(use('x')),
        user({ ...result('x'), content: [1, 2, 3, 4].map((n) => text(`${n}`, short)), cache_control: short }),
      ),
      /Found 5/,
    ],
    [
      'an hour after five minutes',
      said(user(text('a', short), text('b', { type: 'ephemeral', ttl: '1h' }))),
      /ttl='1h'/,
    ],
    ['a lone surrogate', said(user(text('a\ud800'))), /surrogate/],
    ['an unknown field', { cheap: true }, /cheap/],
    ['an unknown field of a message', said({ ...hi, clear_at: 'never' }), /clear_at/],
    ['max_tokens 0', { max_tokens: 0 }, /max_tokens/],
    ['max_tokens above the model', { max_tokens: 128_001 }, /max_tokens: 128001 > 128000/],
    [
      'a prompt beyond the window',
      { model: 'claude-haiku-4-5', ...said(user(text('x'.repeat(700_000)))) },
      /prompt is too long: \d+ tokens > 200000 maximum/,
    ],
    ['a system message first', said(system('Note.'), hi), /top-level 'system' parameter/],
    ['a system message before a person', said(hi, system('Note.'), hi), /messages\.1: role 'system' must precede/],
    [
      'a system message after the model',
      said(hi, ho, system('Note.')),
      /messages\.2: role 'system' must follow a 'user'/,
    ],
    [
      'a system message between call and result',
      said(hi, assistant(use('x')), system('Note.'), user(result('x'))),
      /role 'system' must follow/,
    ],
    ['an image in a system message', said(hi, system([{ type: 'image', source: {} }])), /supports text/],
    ['an invisible system message', said(hi, system(' ')), /non-whitespace/],
    [
      'a system message on Sonnet 5',
      { model: 'claude-sonnet-5', ...said(hi, system('Note.')) },
      /not supported on this model/,
    ],
    [
      'thinking off on Sonnet 5.5',
      { thinking: { type: 'disabled' } },
      /"thinking\.type\.disabled" is not supported.*between_tools/,
    ],
    [
      'thinking off on Opus 5.5',
      { model: 'claude-opus-5-5', thinking: { type: 'disabled' } },
      /"thinking\.type\.disabled" is not supported/,
    ],
    [
      'a budget on Haiku 5.5',
      { model: 'claude-haiku-5-5', max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 1_024 } },
      /"thinking\.type\.enabled" is not supported/,
    ],
    [
      'adaptive thinking on Haiku 4.5',
      { model: 'claude-haiku-4-5', thinking: { type: 'adaptive' } },
      /adaptive thinking is not supported/,
    ],
    [
      'a budget below the least',
      { model: 'claude-haiku-4-5', thinking: { type: 'enabled', budget_tokens: 100 } },
      /greater than or equal to 1024/,
    ],
    [
      'a budget above max_tokens',
      { model: 'claude-haiku-4-5', thinking: { type: 'enabled', budget_tokens: 1_024 } },
      /must be greater than `thinking\.budget_tokens`/,
    ],
    ['an unknown display', { thinking: { type: 'adaptive', display: 'all' } }, /display/],
    [
      'a display between tools',
      { thinking: { type: 'between_tools', display: 'omitted' } },
      /thinking\.between_tools\.display: Extra inputs/,
    ],
    [
      'the highest effort between tools',
      { thinking: { type: 'between_tools' }, output_config: { effort: 'max' } },
      /between_tools/,
    ],
    [
      'block_binding without its header',
      { thinking: { type: 'adaptive', block_binding: {} } },
      /block_binding: Extra inputs are not permitted/,
    ],
    ['an unknown effort', { output_config: { effort: 'utmost' } }, /output_config\.effort/],
    [
      'effort on Haiku 4.5',
      { model: 'claude-haiku-4-5', output_config: { effort: 'low' } },
      /does not support the effort parameter/,
    ],
    ['xhigh on Opus 4.6', { model: 'claude-opus-4-6', output_config: { effort: 'xhigh' } }, /'xhigh' is not supported/],
    ['temperature', { temperature: 0.2 }, /`temperature` is deprecated for this model/],
    ['top_k', { top_k: 5 }, /`top_k` is deprecated/],
    [
      'a forced tool',
      { tool_choice: { type: 'any' } },
      /tool_choice: type "tool" and "any" are not supported for this model/,
    ],
    ['a tool forced by name', { tool_choice: { type: 'tool', name: 'bash' } }, /not supported for this model/],
    [
      'a forced tool that is not there',
      { model: 'claude-haiku-5-5', tool_choice: { type: 'tool', name: 'no' } },
      /Tool 'no' not found/,
    ],
  ])('%s', (_, more, message) => {
    expect(refusal(more)).toEqual({
      status: 400,
      type: 'invalid_request_error',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['claude-hasUnreadMessages-of', '2026-11-22'],
    ['claude-3-opus-20240229', '2026-11-22'],
    ['claude-opus-4-1', '2026-08-05'],
    ['claude-sonnet-4-5', '2026-11-30'],
  ])('%s on %s, as a model that is not there', (model, day) => {
    const asked = { account: 'a', now: Date.parse(day) };
    expect(validate({ ...base, model }, asked)).toEqual({
      status: 404,
      type: 'not_found_error',
      message: `model: ${model}`,
    });
    const before = { ...asked, now: asked.now - 1 };
    expect(validate({ ...base, model }, before)?.status ?? 200).toBe(
      model === 'claude-opus-4-1' || model === 'claude-sonnet-4-5' ? 200 : 404,
    );
  });
});
