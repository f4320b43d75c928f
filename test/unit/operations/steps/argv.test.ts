import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandParams } from '../../../../src/operations/profile/encode.ts';
import { composeFolder } from '../../../support/compose-folder.ts';
import { SHELLS } from '../../../support/local-questions.ts';

/** Says what both versions of Compose say of `PGPASSWORD: ab$geheim77`, and goes on. */
const COMPOSE = `#!/bin/sh
echo 'The geheim77 variable is not set. Defaulting to a blank string.' >&2
echo 'level=warning msg="The \\"geheim77\\" variable is not set. Defaulting to a blank string."' >&2
printf 'Creating acme_app_1 ... \\\\ done' >&2
echo "out $*"
echo "$P_do_folder" >seen
exit "$2"
`;

describe.each(SHELLS.map((shell) => ({ name: shell.join(' '), shell })))(
  'what a command prints, in $name',
  ({ shell }) => {
    it.each([['docker-compose'], ['docker', 'compose']])(
      'P8 names no variable that Compose misses: %s %s',
      (...program) => {
        using its = composeFolder({ 'docker-compose': COMPOSE, docker: COMPOSE }, { shell });
        for (const name of ['docker-compose', 'docker']) chmodSync(join(its.folder, name), 0o755);
        const [first = '', ...words] = program;
        const apply = (code: string) => {
          const run = [join(its.folder, first), ...(words.length > 0 ? words : ['up']), code];
          return its.run({ step: 'config.apply', params: commandParams('do', { runs: [run], folder: its.folder }) });
        };
        const { code, output } = apply('0');
        expect(code).toBe(0);
        expect(output).not.toContain('geheim77');
        expect(output).toContain('A variable of the compose file is not set');
        expect(output).toContain('Creating acme_app_1 ... \\ done\n');
        expect(output).toMatch(/^out (?:up|compose) 0$/m);
        expect(output).toContain('the configuration is applied');
        // It sees no parameter.
        expect(readFileSync(join(its.folder, 'seen'), 'utf8')).toBe('\n');
        expect(apply('7').code).toBe(7);
      },
    );

    it('leaves what other programs print as it is', () => {
      using its = composeFolder({}, { shell });
      const run = ['echo', 'The geheim77 variable is not set.'];
      const { code, output } = its.run({
        step: 'config.apply',
        params: commandParams('do', { runs: [run], folder: its.folder }),
      });
      expect({ code, output }).toEqual({ code: 0, output: `${run[1]}\nthe configuration is applied\n` });
    });
  },
);
