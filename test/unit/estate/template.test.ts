import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkValue } from '../../../src/estate/parameter.ts';
import { expandArgv, problemsOfArgv, type Slot, type Slots } from '../../../src/estate/template.ts';

const slots: Slots = new Map<string, Slot>([
  ['site_dir', { type: 'path', place: true }],
  ['version', { type: 'version' }],
  ['name', { type: 'name' }],
  ['text', { type: 'text' }],
  ['port', { type: 'port' }],
  ['count', { type: 'integer', min: -5, max: 5 }],
  ['mode', { type: 'choice', values: ['on', '-x'] }],
  ['token', { type: 'text', secret: true }],
]);
const good = {
  site_dir: '/srv/acme',
  version: '8.1.0',
  name: 'acme',
  text: 'back soon',
  port: '5432',
  count: '3',
  mode: 'on',
};
const problems = (...argv: string[]) => problemsOfArgv(argv, slots).map((one) => `${one.index}: ${one.message}`);
const expand = (argv: string[], change: Record<string, string> = {}) => {
  const expanded = expandArgv(argv, slots, { ...good, ...change });
  return expanded.ok ? expanded.value : `${expanded.error.code}: ${expanded.error.message}`;
};

/** What people and attackers put into a field. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...' \t\n\0\'"`$();&|<>*?[]{}\\-=#~!/.a0,'.split('')), maxLength: 20 }),
  fc.constantFrom(
    '$(id)',
    '`id`',
    '; rm -rf /',
    '&& id',
    '| sh',
    '-rf',
    '--output=/etc/passwd',
    '-',
    '--',
    '{name}',
    '{{',
    'a\0b',
    'a\nb',
    '../../etc/passwd',
    '/srv/../etc',
    '',
    ' ',
    '\ud800',
    '\u202egnp.exe',
    '*',
    '~root',
    '\'"',
    '%s',
    'a b',
    '=x',
  ),
);

describe('a template', () => {
  it('fills arguments and parts of them, and braces when they are doubled', () => {
    expect(
      expand(['{site_dir}/bin/app', 'load', '{name}-{version}.tar', '--port={port}', '{{{name}}}', 'a[{name}]']),
    ).toEqual(['/srv/acme/bin/app', 'load', 'acme-8.1.0.tar', '--port=5432', '{acme}', 'a[acme]']);
  });

  it('keeps a value in one piece, whatever is in it (P8)', () => {
    expect(expand(['app', '{text}', 'x'], { text: `a b; $(id) 'q' "r" * {name}` })).toEqual([
      'app',
      `a b; $(id) 'q' "r" * {name}`,
      'x',
    ]);
  });

  it('refuses a value that would become an option, unless the template says that it is none', () => {
    expect(expand(['app', '{text}'], { text: '-rf' })).toContain('bad_arguments: `text` begins with "-"');
    expect(expand(['app', '{mode}'], { mode: '-x' })).toContain('would take it for an option');
    expect(expand(['app', '{count}'], { count: '-3' })).toContain('would take it for an option');
    expect(expand(['app', '--', '{text}'], { text: '-rf' })).toEqual(['app', '--', '-rf']);
    expect(expand(['app', '--message={text}'], { text: '-rf' })).toEqual(['app', '--message=-rf']);
  });

  it('never repeats a value that it refuses: it may be a secret', () => {
    expect(expand(['app', '{version}'], { version: 'hunter2 hunter2' })).toBe(
      'bad_arguments: `version` has to be a version such as 8.1.0.',
    );
  });

  it('needs every value', () => {
    expect(expandArgv(['app', '{name}'], slots, {})).toMatchObject({ ok: false, error: { code: 'bad_arguments' } });
    expect(expandArgv(['app', '{name}'], slots, Object.create({ name: 'inherited' })).ok).toBe(false);
  });

  it.each([
    [['app', '{nmae}'], '1: there is nothing to fill {nmae} with; did you mean {name}?'],
    [['app', '{Name}'], '1: a brace stands alone'],
    [['app', 'a}'], '1: a brace stands alone'],
    [['{name}'], '0: {name} cannot be part of the program'],
    [['/opt/{text}/run'], '0: {text} cannot be part of the program'],
    [[''], '0: the program is missing'],
    [['app', '-{name}'], '1: a placeholder in an option has to follow "="'],
    [['app', '--{name}'], '1: a placeholder in an option has to follow "="'],
    [['app', '-I{name}'], '1: a placeholder in an option has to follow "="'],
    [['app', '--token={token}'], '1: {token} is a secret'],
    [['app', 'x{text}'], '1: {text} is free text'],
    [['app', 'a\0b'], '1: it holds a character that no command line can carry'],
    [['sh', '-c', 'echo {name}'], '2: a placeholder in a text of code would be code'],
    [['docker', 'exec', 'app', '/bin/bash', '-lc', '{text}'], '5: a placeholder in a text of code would be code'],
    [['psql', '--command={text}'], '1: a placeholder in a text of code would be code'],
    [['python3.12', '-c', '{text}'], '2: a placeholder in a text of code would be code'],
    [['ruby', '-e', '{text}'], '2: a placeholder in a text of code would be code'],
    [['ssh', 'db', 'restart', '{name}'], '3: a placeholder may not follow a program that joins'],
  ])('%j is refused', (argv, said) => {
    expect(problems(...argv).join('\n')).toContain(said);
    expect(expand(argv)).toContain('internal:');
  });

  it('may hand a value to code as an argument', () => {
    expect(problems('sh', '-c', 'exec app "$1"', 'sh', '{text}')).toEqual([]);
    expect(problems('docker', 'run', '-e', 'NAME={name}', 'image')).toEqual([]);
  });
});

describe('hostile values (P8)', () => {
  const names = ['version', 'name', 'text', 'port', 'count', 'site_dir'] as const;
  const word = fc.oneof(
    fc.constantFrom('up', '-d', '--wait', '--', 'a[b]', '{{', '--format={{json}}'),
    fc.constantFrom(...names.filter((name) => name !== 'text')).map((name) => `x-{${name}}`),
    fc.constantFrom(...names).map((name) => `{${name}}`),
    fc.constantFrom(...names).map((name) => `--key={${name}}`),
  );
  const template = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => ['app', ...words]);

  it('never change the number of arguments, nor turn one into an option that the template has not', () => {
    const seen = { expanded: 0, refused: 0 };
    fc.assert(
      fc.property(template, fc.record(Object.fromEntries(names.map((name) => [name, hostile]))), (argv, values) => {
        expect(problemsOfArgv(argv, slots)).toEqual([]);
        const expanded = expandArgv(argv, slots, values);
        if (!expanded.ok) {
          seen.refused += 1;
          expect(expanded.error.code).toBe('bad_arguments');
          return;
        }
        seen.expanded += 1;
        expect(expanded.value.length).toBe(argv.length);
        for (const [index, made] of expanded.value.entries()) {
          expect(made).not.toMatch(/[\0\n\r]/);
          expect(made.isWellFormed()).toBe(true);
          const open = !argv.slice(0, index).includes('--');
          if (open && made.startsWith('-')) expect(argv[index]?.startsWith('-')).toBe(true);
        }
      }),
      { numRuns: 4_000 },
    );
    // A walk that only ever refuses, or never does, would show nothing.
    expect(seen.expanded).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(1_000);
  });

  it('are handed on byte for byte or not at all', () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const expanded = expandArgv(['app', '--message={text}'], slots, { text: value });
        expect(expanded.ok ? expanded.value : null).toEqual(expanded.ok ? ['app', `--message=${value}`] : null);
        expect(expanded.ok).toBe(checkValue('text', { type: 'text' }, value).ok);
      }),
      { numRuns: 2_000 },
    );
  });
});
