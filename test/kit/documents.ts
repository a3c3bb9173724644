/** The rules of the documents as functions from texts to sentences, so that they can be tried on planted faults too. */
import { posix } from 'node:path';

/** Path from the repository's root → text. */
export type Texts = Record<string, string>;
type Exists = (path: string) => boolean;

const FENCE = /^(```|~~~)[\s\S]*?^\1\s*$/gm;
const INDENTED = /^ {4}.*$/gm;
const prose = (markdown: string): string => markdown.replace(FENCE, '').replace(INDENTED, '');

export const words = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

/** The anchors that a code host gives a document's headings. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of prose(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const text = heading!.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim();
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

const linksOf = (markdown: string): string[] =>
  [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);

/** Links to files or anchors that are not there. */
export function linkFaults(documents: Texts, exists: Exists): string[] {
  return Object.entries(documents).flatMap(([path, text]) =>
    linksOf(text).flatMap((target) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file, anchor] = target.split('#') as [string, string?];
      const to = file === '' ? path : posix.normalize(posix.join(posix.dirname(path), file));
      if (file !== '' && !exists(to)) return [`${path} links to ${target}, which is not there`];
      if (anchor === undefined || documents[to] === undefined) return [];
      return anchorsOf(documents[to]).has(anchor) ? [] : [`${path} links to ${target}: no such heading`];
    }),
  );
}

const PATH = /`((?:cli|client|functions|lib|schema|test|docs|migrations)\/[\w./-]*)`/g;

/** Paths in code spans that are not there. */
export const pathFaults = (documents: Texts, exists: Exists): string[] =>
  Object.entries(documents).flatMap(([path, text]) =>
    [...prose(text).matchAll(PATH)]
      .map(([, named]) => named!.replace(/[/.]$/, ''))
      .filter((named) => !exists(named))
      .map((named) => `${path} names ${named}, which is not there`),
  );

const TAG = /\b[RG][1-9]\d?\b/g;

/** Tags of rules and guarantees that no heading of the invariants defines. */
export function tagFaults(sources: Texts, invariants: string): string[] {
  const defined = new Set([...invariants.matchAll(/^### ([RG]\d+)$/gm)].map(([, tag]) => tag));
  return Object.entries(sources).flatMap(([path, text]) =>
    [...new Set(text.match(TAG))]
      .filter((tag) => !defined.has(tag))
      .map((tag) => `${path} refers to ${tag}: no such rule`),
  );
}

/** Rules and guarantees that name no test, or one that is not there. */
export function proofFaults(invariants: string, exists: Exists): string[] {
  const sections = invariants.split(/^### /m).slice(1);
  return sections.flatMap((section) => {
    const tag = section.split('\n', 1)[0];
    const proof = /^Proof: (.+)$/m.exec(section)?.[1] ?? '';
    const tests = linksOf(proof).map((target) => posix.join('docs', target));
    if (tests.length === 0) return [`${tag} names no test`];
    return tests
      .filter((test) => !test.startsWith('test/') || !exists(test))
      .map((test) => `${tag} names ${test}, which is no test here`);
  });
}

/** `npm run` commands that package.json does not have. */
export const scriptFaults = (documents: Texts, scripts: string[]): string[] =>
  Object.entries(documents).flatMap(([path, text]) =>
    [...text.matchAll(/\bnpm run\s+([a-z][a-z:]*)/g)]
      .filter(([, script]) => !scripts.includes(script!))
      .map(([command]) => `${path} names ${command}: no such script`),
  );

/** Figures of a section that another document does not have. A figure: a decimal, a percentage, a sum, or a number of three digits and more. */
export function figureFaults(text: string, heading: string, evidence: string): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  const figures = prose(section).match(/\$?\d[\d,]*(?:\.\d+)?(?: %)?/g) ?? [];
  const stands = (figure: string): boolean =>
    new RegExp(`(?<![\\d.,])${figure.replace(/[$ ]/g, '').replaceAll('.', '\\.').replace('%', ' %')}(?!\\d)`).test(
      evidence,
    );
  return [...new Set(figures.map((figure) => figure.replace(/,$/, '')))]
    .filter((figure) => /[$.%]|\d{3}/.test(figure) && !stands(figure))
    .map((figure) => `${heading}: ${figure} stands nowhere in the evidence`);
}

/** Words of a picture of the terminal that the program does not print; `lines`: those of its lines that have words of their own. */
export const pictureFaults = (markdown: string, lines: RegExp, program: string): string[] =>
  [...markdown.matchAll(FENCE)]
    .flatMap(([block]) => block.split('\n'))
    .filter((line) => lines.test(line))
    .flatMap((line) => line.split(/\$?\d[\d.:TZ-]*|[()/]/))
    .map((part) => part.trim())
    .filter((part) => /\w+\W+\w+/.test(part) && !/\.\w/.test(part) && !program.includes(part))
    .map((part) => `nothing prints "${part}"`);

/** References to a design that the repository does not hold. Written in pieces, so as not to find itself. */
const ELSEWHERE = new RegExp(`\\bDES${'IGN'}\\b`);
export const elsewhereFaults = (sources: Texts): string[] =>
  Object.entries(sources)
    .filter(([, text]) => ELSEWHERE.test(text))
    .map(([path]) => `${path} refers to a document that is not here`);
