import type { Expected } from './shipped-tree.ts';

/**
 * How many files one question is about, and about how many characters of them. With so many, the longest answer (each
 * of them differs) stays below what a question may print.
 */
const MOST_FILES = 10_000;
const MOST_CHARACTERS = 4_000_000;

const LETTERS = { file: 'f', link: 'l', either: 'h' } as const;

/** One question to a host: what goes to its standard input, and what the numbers of its answer stand for. */
export interface HostQuestion {
  readonly input: string;
  /** By line, from 1: a file, or the path of a folder that has to be one. */
  readonly about: readonly (Expected | { readonly kind: 'folder'; readonly path: string })[];
}

/** The folders above these files, each once and after the one that it lies in. */
function foldersOf(files: readonly Expected[]): readonly string[] {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      if (folders.has(path.slice(0, at))) break;
      folders.add(path.slice(0, at));
    }
  return [...folders].sort();
}

function ask(files: readonly Expected[]): HostQuestion {
  const numbers = new Map<string, number>();
  const lineOf = (letter: string, path: string, rest: readonly string[]) => {
    const above = numbers.get(path.slice(0, Math.max(0, path.lastIndexOf('/')))) ?? 0;
    const [size = '0', sha256 = '', link = ''] = rest;
    return [letter, above, size, sha256, `./${path}`, link].join('\t');
  };
  const folders = foldersOf(files).map((path, index) => {
    const line = lineOf('d', path, []);
    numbers.set(path, index + 1);
    return line;
  });
  const lines = files.map(({ kind, path, size, sha256, link }) =>
    lineOf(LETTERS[kind], path, [String(size), sha256 ?? '', link ?? '']),
  );
  return {
    input: `${[...folders, ...lines].join('\n')}\n`,
    about: [...[...numbers.keys()].map((path) => ({ kind: 'folder' as const, path })), ...files],
  };
}

/** The questions about these files, in their order. */
export function hostQuestions(files: readonly Expected[]): readonly HostQuestion[] {
  const questions: HostQuestion[] = [];
  let some: Expected[] = [];
  let characters = 0;
  for (const file of files) {
    const own = file.path.length + (file.link?.length ?? 0) + 100;
    if (some.length > 0 && (some.length >= MOST_FILES || characters + own > MOST_CHARACTERS)) {
      questions.push(ask(some));
      [some, characters] = [[], 0];
    }
    some.push(file);
    characters += own;
  }
  if (some.length > 0) questions.push(ask(some));
  return questions;
}
