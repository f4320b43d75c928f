import { describe, expect, it } from 'vitest';
import { checkValue, type Parameter, problemsOfParameter } from '../../../src/estate/parameter.ts';

const takes = (parameter: Parameter, text: string) => checkValue('x', parameter, text).ok;

describe('a value', () => {
  const cases: [Parameter, string[], string[]][] = [
    [{ type: 'name' }, ['acme', 'com_studio', 'a..b', '8'], ['', '-a', '.a', 'a b', 'a/b', 'ä', 'a\n']],
    [{ type: 'version' }, ['8.1.0', '7.4.3.0', 'main', '1.0-rc.1+b'], ['', '-1', 'v 1', '1;id']],
    [{ type: 'path' }, ['/', '/srv/a b'], ['srv', '/a/../b', '/a\n', '/a\0', '/a\u202eb', '']],
    [{ type: 'port' }, ['1', '65535'], ['0', '65536', '-1', '1.5', '0x10', '']],
    [{ type: 'date' }, ['2026-11-21', '2024-02-29'], ['2026-02-29', '2026-13-01', '21.11.2026', 'today']],
    [{ type: 'duration' }, ['90s', '2d'], ['0s', '1w', '1', '-1h']],
    [{ type: 'integer', min: 1, max: 3 }, ['1', '3'], ['0', '4', '1.5', '1e0', ' 1', '']],
    [{ type: 'boolean' }, ['true', 'false'], ['yes', 'True', '1']],
    [{ type: 'choice', values: ['a', 'b'] }, ['a', 'b'], ['', 'c', 'A', 'constructor']],
    [
      { type: 'host' },
      ['db1', 'db.example.com', '10.0.0.1'],
      ['-db', 'db-', 'a..b', 'a b', 'a;id', `${'a'.repeat(64)}.com`],
    ],
    [
      { type: 'url' },
      ['https://site.example.com', 'http://a/b?c=d#e'],
      ['ftp://a', 'javascript:x', 'https://u:p@a', 'https://', 'https://a b', '//a'],
    ],
    [{ type: 'unit' }, ['app.service', 'app@1.service'], ['-app', '../app', 'a b', '']],
    [{ type: 'file_name' }, ['acme-db', 'x.pem'], ['..', '.x', 'a/b', '-x']],
    [{ type: 'text', max: 5 }, ['a b', '日本語'], ['', 'abcdef', 'a\tb', 'a\u200bb']],
  ];
  it.each(cases)('of %j is taken or refused', (parameter, good, bad) => {
    for (const text of good) expect([text, takes(parameter, text)]).toEqual([text, true]);
    for (const text of bad) expect([text, takes(parameter, text)]).toEqual([text, false]);
  });
});

it('a declaration that makes no sense is told', () => {
  expect(problemsOfParameter({ type: 'choice' })).toEqual(['a choice needs `values`']);
  expect(problemsOfParameter({ type: 'name', values: ['a'] })).toEqual(['`values` is only for a choice']);
  expect(problemsOfParameter({ type: 'name', min: 1, max: 2 })).toHaveLength(2);
  expect(problemsOfParameter({ type: 'integer', min: 2, max: 1 })).toEqual(['`min` is larger than `max`']);
  expect(problemsOfParameter({ type: 'integer', min: 1, max: 2 })).toEqual([]);
});
