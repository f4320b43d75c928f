import { expect, it } from 'vitest';
import { gatherHostFacts } from '../../../src/operations/facts.ts';
import { estate, hostInput, siteInput, siteOf } from '../../support/builders.ts';
import { questionContext } from '../../support/question-context.ts';

const site = siteOf(estate([hostInput('db1')], [siteInput('acme', 'db1')]), 'acme');
const facts = (prints: string) => gatherHostFacts(questionContext({ run: 'pg_dump', prints }).hosts, site);

it('tells a host without a dump program from one that did not answer to the end', async () => {
  expect(await facts('tool=15.18\nsite_dir=yes\n')).toEqual({
    ok: true,
    value: { toolVersion: '15.18', siteDirectory: true },
  });
  expect(await facts('tool=\nsite_dir=no\n')).toMatchObject({ ok: true, value: { toolVersion: null } });
  for (const cut of ['', 'tool=15.18\n', 'Killed\n'])
    expect(await facts(cut)).toMatchObject({ ok: false, error: { code: 'protocol_error' } });
});
