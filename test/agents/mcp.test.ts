/** MCP servers in circadian.config.ts: what is refused, and what a deployment makes of the rest. */
import { expect, it } from 'vitest';
import { ConfigError, catalogOf } from '../../lib/agents/catalog.ts';
import { type Config, secretNames } from '../../lib/agents/config.ts';
import { type ConfiguredMcpServer, mcpAccess } from '../../lib/agents/mcp.ts';
import { promptName, specsOf } from '../../lib/engine/mcp-tools.ts';

const server = (more: object = {}): ConfiguredMcpServer => ({
  ...{ name: 'notes', url: 'https://notes.example/mcp', secret: 'NOTES_KEY' },
  ...more,
});
const VALUE = 'sixteen letters!';

function told(config: Config, value: string | undefined = VALUE): string {
  try {
    catalogOf(config, { isKnownModel: () => true, secret: () => value });
    return 'nothing';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

it('takes a server, its secret, and an agent that names it', () => {
  const agent = { name: 'triage', description: 'Sorts.', system: 'Sort.', tools: [], mcp: ['notes'] };
  const config = { mcp: [server()], agents: [agent] };
  expect([told(config), secretNames(config)]).toEqual(['nothing', ['NOTES_KEY']]);
  const { find } = catalogOf(config, { isKnownModel: () => true, secret: () => VALUE });
  expect([find('triage')?.spec.mcp, find('assistant')?.spec.mcp]).toEqual([['notes'], undefined]);
  expect(Object.keys(find('assistant')!.spec)).not.toContain('mcp');
});

it.each([
  ['a name with two underscores', { name: 'my__notes' }, /needs a name of at most 20 lower-case letters/],
  ['plain http', { url: 'http://notes.example/mcp' }, /must be an https address on port 443/],
  ['another port', { url: 'https://notes.example:8443/mcp' }, /must be an https address on port 443/],
  ['a password in its address', { url: 'https://u:p@notes.example/mcp' }, /without a user name and a password/],
  ['no address', { url: undefined }, /has the address undefined/],
  ['a header without the secret', { header: 'x-key: abc' }, /of the form 'x-api-key: \{secret\}'/],
  ['a header and no secret', { secret: undefined, header: 'x-key: {secret}' }, /has a header and no secret for it/],
  ['tools that are no names', { tools: [7] }, /needs a list of names as its `tools`/],
  ['an effect that is none', { effect: 'twice' }, /has the effect "twice"/],
  ['an hour for a call', { timeoutSeconds: 3_600 }, /whole seconds from 1 to 300/],
  ['a field that is none', { hosts: [] }, /sets hosts, which is none of name, url, secret/],
  ['a secret’s name', { secret: 'notes-key' }, /its name must be of the form GITHUB_TOKEN/],
])('refuses %s', (_, more, why) => expect(told({ mcp: [server(more)] })).toMatch(why));

it('refuses two of one name, a secret without a value, and an agent whose server is not there', () => {
  expect(told({ mcp: [server(), server()] })).toMatch(/Two MCP servers are called notes\./);
  expect(told({ mcp: [server()] }, 'short')).toMatch(/TOOL_SECRET_NOTES_KEY is shorter than 12 characters/);
  expect(told({ mcp: 'notes' } as never)).toMatch(/`mcp` must be a list/);
  const agent = { name: 'triage', description: 'Sorts.', system: 'Sort.', mcp: ['other'] };
  expect(told({ mcp: [server()], agents: [agent] })).toMatch(/names the MCP server "other", which there is not/);
});

it('sends the secret in its field', () => {
  const secret = () => VALUE;
  expect(mcpAccess(server(), secret)).toMatchObject({
    ...{ headers: { authorization: `Bearer ${VALUE}` }, least: 'pure', timeoutMs: 60_000 },
  });
  expect(mcpAccess(server({ header: 'X-Key: {secret}' }), secret).headers).toEqual({ 'x-key': VALUE });
  expect(mcpAccess({ name: 'open', url: 'https://open.example' }, secret).headers).toEqual({});
});

it('names no two tools alike, whatever a server calls them', () => {
  const names = [
    ...['read', 'read ', 'r\u0435ad', 'read\u200B', '../read', 'a__b', 'a b', 'a\nb', '[runtime] read', 'x'.repeat(64)],
    ...['x'.repeat(65), `${'x'.repeat(64)}y`],
  ];
  const called = names.map((name) => promptName('notes', name));
  expect(new Set(called).size).toBe(names.length);
  for (const name of called) expect(name).toMatch(/^mcp__notes__[A-Za-z0-9_-]{1,52}$/);
  // A server cannot take the name of another tool by writing out the mark of that one.
  const tool = (name: string) => ({
    name,
    description: name,
    inputSchema: { type: 'object' },
    effect: 'once' as const,
  });
  const forged = promptName('notes', 'a b').slice('mcp__notes__'.length);
  const specs = specsOf('notes', [tool('a b'), tool(forged)]);
  expect(specs.map(({ remote }) => remote?.tool)).toEqual(['a b']);
});
