/** Arguments that a person gives, by the schema of an MCP server: it may ask for nothing that takes for ever. */
import { expect, it } from 'vitest';
import { boundedSchema, misfits } from '../../lib/core/json-schema.ts';

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });

it('checks types, fields and bounds, and no pattern', () => {
  const schema = object({ to: { type: 'string', pattern: '^(a+)+$', maxLength: 40 } }, { required: ['to'] });
  expect(misfits(schema, { to: 'aaaaaaaaaaaaaaaaaaaaaa!' })).toEqual([]);
  expect(misfits(schema, { to: 'a'.repeat(41) })).toMatchObject([{ path: 'to' }]);
  expect(misfits(schema, {})).toMatchObject([{ path: 'to' }]);
});

it('follows no shape that refers to itself', () => {
  const tree = { anyOf: [{ type: 'array', items: { $ref: '#/$defs/tree' } }, { $ref: '#/$defs/tree' }] };
  expect(misfits(object({ tree: { $ref: '#/$defs/tree' } }, { $defs: { tree } }), { tree: [[['x']]] })).toEqual([]);
});

it('leaves what is a name or data as it is', () => {
  const named = object({ pattern: { type: 'string' }, $ref: { enum: ['a', { pattern: 'b' }] } });
  expect(boundedSchema(named)).toEqual(named);
  const open = object({ a: { type: 'string' } }, { patternProperties: { '^x': {} }, additionalProperties: false });
  expect(boundedSchema(open)).toEqual(object({ a: { type: 'string' } }));
  expect(misfits(open, { a: 'b', x1: 1 })).toEqual([]);
});
