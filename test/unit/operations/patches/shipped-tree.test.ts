import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostQuestions } from '../../../../src/operations/patches/host-question.ts';
import { shippedTree } from '../../../../src/operations/patches/shipped-tree.ts';
import { shippedFile, shippedLink } from '../../../support/patched-tree.ts';

describe('R23 what a release puts into its folder', () => {
  it('is what it ships, the smallest first', () => {
    const { files, unnamed } = shippedTree(
      [shippedFile('a', 'long'), shippedFile('b/c', 'x'), shippedLink('l', 'a')],
      0,
    );
    expect(files).toMatchObject([
      { kind: 'file', path: 'b/c', size: 1, link: null },
      { kind: 'file', path: 'a', size: 4, link: null },
      { kind: 'either', path: 'l', size: 4, link: 'a' },
    ]);
    expect(unnamed).toEqual([]);
  });

  it('loses as many folders in front as the profile says, and what has no more is not unpacked', () => {
    const shipped = [shippedFile('app-8/run', 'x'), shippedFile('app-8/lib/a', 'y'), shippedFile('README', 'z')];
    expect(shippedTree(shipped, 1).files.map((one) => one.path)).toEqual(['lib/a', 'run']);
    expect(shippedTree(shipped, 2).files.map((one) => one.path)).toEqual(['a']);
    expect(shippedTree(shipped, 3).files).toEqual([]);
  });

  it('may hold a file or a link where the archive has a second name of a file, found from its root', () => {
    const shipped = [
      shippedFile('v/a', 'x'),
      shippedLink('v/b', 'v/a'),
      shippedLink('v/c', 'v/b'),
      shippedLink('v/d', 'a'),
    ];
    const { files } = shippedTree(shipped, 1);
    const [{ sha256 } = { sha256: '' }] = shipped;
    expect(files).toEqual([
      { kind: 'link', path: 'd', size: 0, sha256: null, link: 'a' },
      { kind: 'file', path: 'a', size: 1, sha256, link: null },
      { kind: 'either', path: 'b', size: 1, sha256, link: 'v/a' },
      { kind: 'either', path: 'c', size: 1, sha256, link: 'v/b' },
    ]);
  });

  it('ends where links of a hostile archive go round in a circle', () => {
    const { files } = shippedTree([shippedLink('a', 'b'), shippedLink('b', 'a')], 0);
    expect(files.map((one) => one.kind)).toEqual(['link', 'link']);
  });

  it('names no file of which two are shipped for one place', () => {
    const { files, unnamed } = shippedTree(
      ['x/a', 'y/a', 'z/a', 'x/b'].map((path) => shippedFile(path, path)),
      1,
    );
    expect(files.map((one) => one.path)).toEqual(['b']);
    expect(unnamed).toEqual(['a']);
  });

  it('names no file where another one needs a folder, so that nothing is looked at behind what may be a link', () => {
    const { files, unnamed } = shippedTree([shippedFile('x/a', '1'), shippedFile('y/a/b/c', '2')], 1);
    expect(files.map((one) => one.path)).toEqual(['a/b/c']);
    expect(unnamed).toEqual(['a']);
  });

  it('P8 never leads out of its folder, nor through a name that is more than one line or word of a question', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '~', '-rf', 'a\nb', 'a\tb', 'a\\b', 'a\u202eb', 'a\0', 'ü b'),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
        fc.nat(2),
        (paths, strip) => {
          const shipped = paths.map((parts) => shippedFile(parts.join('/'), 'x'));
          const tree = shippedTree(shipped, strip);
          for (const { path } of tree.files) {
            expect(path.startsWith('/')).toBe(false);
            expect(path.split('/')).not.toContain('..');
            expect(path).not.toMatch(/[\\\p{Cc}]/u);
          }
          for (const { input, about } of hostQuestions(tree.files)) {
            const lines = input.split('\n');
            expect(lines.pop()).toBe('');
            expect(lines).toHaveLength(about.length);
            for (const [index, line] of lines.entries()) {
              expect(line.split('\t')).toHaveLength(6);
              expect(line.split('\t')[4]).toBe(`./${about[index]?.path}`);
            }
          }
          // Nothing is dropped in silence but what strip takes away.
          const kept = shipped.filter((one) => one.path.split('/').slice(strip).join('/') !== '');
          expect(new Set(kept.map((one) => one.path.split('/').slice(strip).join('/')))).toEqual(
            new Set([...tree.files.map((one) => one.path), ...tree.unnamed]),
          );
        },
      ),
    );
  });
});

describe('R23 what a host is asked', () => {
  const many = Array.from({ length: 25_000 }, (_, index) => shippedFile(`a/b/${index}`, ''));

  it('names each folder before what lies in it', () => {
    const [question] = hostQuestions(shippedTree([shippedFile('a/b/c', 'x'), shippedFile('d', 'y')], 0).files);
    const sum = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(
      question?.input

        .slice(0, -1)
        .split('\n')
        .map((line) => line.split('\t')),
    ).toEqual([
      ['d', '0', '0', '', './a', ''],
      ['d', '1', '0', '', './a/b', ''],
      ['f', '2', '1', sum, './a/b/c', ''],
      ['f', '0', '1', sum, './d', ''],
    ]);
  });

  it('is one question for ten thousand files, so that the longest answer is not cut off', () => {
    const questions = [...hostQuestions(shippedTree(many, 0).files)];
    expect(questions.map((one) => one.about.length)).toEqual([10_002, 10_002, 5_002]);
    const longest = `${10_002} modified ${'0'.repeat(64)}\n`.length * 10_002;
    expect(longest).toBeLessThan(1024 * 1024);
  });

  it('is bounded in its length too', () => {
    const deep = Array.from({ length: 9_000 }, (_, index) => shippedFile(`${'x'.repeat(1_000)}${index}`, ''));
    const questions = [...hostQuestions(shippedTree(deep, 0).files)];
    expect(questions.length).toBe(3);
    for (const { input } of questions) expect(input.length).toBeLessThan(5_000_000);
    const folders = Array.from({ length: 1_000 }, (_, index) => shippedFile(`${index}/${'x/'.repeat(60)}y`, ''));
    for (const { input } of hostQuestions(shippedTree(folders, 0).files)) expect(input.length).toBeLessThan(5_000_000);
    expect([...hostQuestions(shippedTree(folders, 0).files)].length).toBeGreaterThan(1);
  });
});
