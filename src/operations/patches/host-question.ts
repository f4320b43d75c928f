import { foldersAbove } from '../../estate/release-manifest.ts';
import type { Expected } from './shipped-tree.ts';

/**
 * How many files one question is about, and about how many characters of them and of their folders. With so many, the
 * longest answer (each of them differs) stays below what a question may print.
 */
const MOST_FILES = 10_000;
const MOST_CHARACTERS = 4_000_000;
/** About how many of them a line takes beside its names. */
const EACH_LINE = 100;

const LETTERS = { file: 'f', link: 'l', either: 'h' } as const;

/** One question to a host: what goes to its standard input, and what the numbers of its answer stand for. */
export interface HostQuestion {
  readonly input: string;
  /** By line, from 1: a file, or the path of a folder that has to be one. */
  readonly about: readonly (Expected | { readonly kind: 'folder'; readonly path: string })[];
}

/** Asks about files and all the folders above them; sorted, a folder comes after the one that it lies in. */
function ask(files: readonly Expected[], above: ReadonlySet<string>): HostQuestion {
  const numbers = new Map<string, number>();
  const lineOf = (letter: string, path: string, rest: readonly string[]) => {
    const folder = numbers.get(path.slice(0, Math.max(0, path.lastIndexOf('/')))) ?? 0;
    const [size = '0', sha256 = '', link = ''] = rest;
    return [letter, folder, size, sha256, `./${path}`, link].join('\t');
  };
  const folders = [...above].sort().map((path, index) => {
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

/** The questions about these files, in their order; made one by one, because those of a large release take much room. */
export function* hostQuestions(files: readonly Expected[]): Generator<HostQuestion> {
  let some: Expected[] = [];
  let folders = new Set<string>();
  let characters = 0;
  for (const file of files) {
    if (some.length >= MOST_FILES || characters >= MOST_CHARACTERS) {
      yield ask(some, folders);
      [some, folders, characters] = [[], new Set(), 0];
    }
    some.push(file);
    characters += file.path.length + (file.link?.length ?? 0) + EACH_LINE;
    for (const above of foldersAbove(file.path)) {
      // Then those above it are known as well.
      if (folders.has(above)) break;
      folders.add(above);
      characters += above.length + EACH_LINE;
    }
  }
  if (some.length > 0) yield ask(some, folders);
}
