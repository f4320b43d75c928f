import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { commandParams } from '../../../../src/operations/profile/encode.ts';
import { composeFolder } from '../../../support/compose-folder.ts';

describe('P8 R22 what Compose says of a file that it does not take', () => {
  const its = composeFolder({});
  afterAll(() => its[Symbol.dispose]());
  /** What is left of a text that Compose has printed, where `words` stood in the path that was typed. */
  const left = (said: string, words = '') => {
    its.write('said', said);
    const command = commandParams('do', { runs: [['cat', 'said'], ['false']], folder: its.folder });
    const ran = its.run({ step: 'compose.validate', params: { ...command, words } });
    expect(ran.code).toBe(1);
    return ran.output.split('\n').slice(1).join('\n').trim();
  };

  it.each([
    [
      'yaml: line 12: mapping values are not allowed in this context',
      'yaml: line 12: mapping values are not allowed in this ***',
    ],
    [
      'validating /srv/acme/.twokey-staged_acme.yml: services.app.mem_limit must be a string',
      'validating ***: services.app.mem_limit must be a string',
    ],
    ["services.app additional properties 'hunter2' not allowed", 'services.app additional properties *** not allowed'],
    [
      'invalid interpolation format for services.app.environment.MODE.\nYou may need to escape any $ with another $.\n${hunter2',
      'invalid interpolation format for services.app.environment.MODE.\nYou may *** to *** any *** with *** ***.',
    ],
    ['    PGPASSWORD: hunter2: x\n                  ^', ''],
    [
      'The "HUNTER2" variable is not set. Defaulting to a blank string.',
      'The *** variable is not set. Defaulting to a blank string.',
    ],
    ['services.web.ports contains an invalid type', 'services.***.ports contains an invalid type'],
  ])('%j', (said, told) => {
    expect(left(said, 'services app environment MODE')).toBe(told);
  });

  it('holds no word that is not known, whatever stands around it', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!@#$%^&*=+/-]{3,20}[0-9][A-Za-z]{3}$/);
    const around = fc.constantFrom(
      'line 3: ',
      'services.app.image ',
      '"',
      "'",
      '    A: ',
      'is invalid: ',
      '\n',
      'ß',
      '${',
      '=',
      ' ',
    );
    fc.assert(
      fc.property(
        secret,
        fc.array(around, { maxLength: 4 }),
        fc.array(around, { maxLength: 4 }),
        (word, before, after) => {
          const told = left(`${before.join('')}${word}${after.join('')}\n`, 'services app');
          for (const piece of word.match(/[A-Za-z0-9]{4,}/g) ?? []) expect(told).not.toContain(piece);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is twenty lines at most, and nothing of it stays on the host', () => {
    expect(left('is invalid\n'.repeat(500)).split('\n')).toHaveLength(20);
    expect(its.list()).toEqual(['said']);
    expect(
      its.run({
        step: 'compose.validate',
        params: { ...commandParams('do', { runs: [['no-such-compose']], folder: its.folder }), words: '' },
      }).told,
    ).toContain('program of Compose is not on the host');
  });
});
