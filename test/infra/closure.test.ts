import { expect, it } from 'vitest';
import { bytesOf, staticClosure } from './kit/closure.ts';

const code = (texts: Record<string, string>) =>
  new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
const names = (entry: string, more: Record<string, string> = {}) => [
  ...staticClosure(code({ 'bundle.mjs': entry, 'a.mjs': '', 'b.mjs': '', 'c.mjs': '', ...more })),
];

it.each([
  ['import"./a.mjs";'],
  ['import{a as s,c as $o}from"./a.mjs";var x=1;'],
  ['import s from"./a.mjs";'],
  ['import*as s from"./a.mjs";'],
  ['import s,{t}from"./a.mjs";'],
  ['export{a as handler}from"./a.mjs";'],
  ['export*from"./a.mjs";'],
  ['import { createRequire } from "module";\nconst r = 1;\nimport{a}from"./a.mjs";'],
])('%s is static', (entry) => expect(names(entry)).toEqual(['bundle.mjs', 'a.mjs']));

it.each([
  ['const l=()=>import("./a.mjs");'],
  ['import{a}from"node:crypto";import"zod";'],
  ['const text="from ./a.mjs";'],
])('%s is not', (entry) => expect(names(entry)).toEqual(['bundle.mjs']));

it('goes on from file to file, takes each once, and adds them up', () => {
  const files = code({
    'bundle.mjs': 'import"./a.mjs";import"./chunks/b.mjs";',
    'a.mjs': 'import"./bundle.mjs";',
    'chunks/b.mjs': 'import"../a.mjs";',
    'c.mjs': 'never',
  });
  const found = staticClosure(files);
  expect([...found]).toEqual(['bundle.mjs', 'a.mjs', 'chunks/b.mjs']);
  expect(bytesOf(files, found)).toBe(38 + 22 + 17);
});

it('throws for what was not sent along', () => {
  expect(() => names('import"./gone.mjs";')).toThrow('gone.mjs was not sent along');
});
