import { describe, expect, it } from 'vitest';
import { grantInWords } from '../../../src/config/grants.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { accountsOf, personOf } from '../../../src/config/people.ts';
import { CodedError } from '../../../src/kernel/errors.ts';
import { CONFIG_TEXT } from '../../support/builders.ts';

const read = (more: string, text = CONFIG_TEXT) => parseConfig(`${text}${more}\n`, 'twokey.yml');

function complaint(more: string, text = CONFIG_TEXT): string {
  try {
    read(more, text);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'bad_configuration') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('grants', () => {
  it('are none by default', () => {
    expect(read('')).toMatchObject({ grants: [], people: {} });
  });

  it.each([
    ['{ who: [U0ONE, S0TEAM], preset: infrastructure }', 'infrastructure everywhere'],
    ['{ who: [U0ONE], preset: operations-engineer, site: acme }', 'operations-engineer for the site acme'],
    [
      '{ who: [U0ONE], preset: cluster-management, cluster: acme, environment: staging, hosts: [db, cache] }',
      'cluster-management for the cluster acme and the environment staging on db and cache hosts',
    ],
  ])('%s', (text, words) => {
    expect(read(`grants: [${text}]`).grants.map(grantInWords)).toEqual([words]);
  });

  it.each([
    [
      '{ who: [U0ONE], preset: operation-engineer }',
      'there is no preset "operation-engineer", did you mean "operations-engineer"?',
    ],
    ['{ who: [U0ONE], preset: king }', 'there is no preset "king"; there are infrastructure, cluster-management'],
    ['{ who: [U0ONE], preset: infrastructure, sites: acme }', 'unknown key "sites", did you mean "site"?'],
    ['{ who: [U0ONE], preset: infrastructure, hosts: [dbs] }', 'there is no role of hosts "dbs", did you mean "db"?'],
    ['{ who: [U0ONE], preset: infrastructure, hosts: [] }', 'grants[0].hosts'],
    [
      '{ who: [U0ONE], preset: infrastructure, environment: stagin }',
      'the policy has no environment "stagin", did you mean "staging"?',
    ],
    ['{ who: [], preset: infrastructure }', 'grants[0].who'],
    ['{ who: [anna], preset: infrastructure }', 'a Slack user id'],
    ['{ preset: infrastructure }', 'grants[0].who'],
  ])('%s is refused', (text, words) => {
    expect(complaint(`grants: [${text}]`)).toContain(words);
  });
});

describe('people with several ids', () => {
  it('are one person', () => {
    const { people } = read('people: { U0APA: [U0TWO, U0THREE] }');
    expect(['U0APA', 'U0TWO', 'U0THREE', 'U0APB', 'constructor'].map((id) => personOf(people, id))).toEqual([
      'U0APA',
      'U0APA',
      'U0APA',
      'U0APB',
      'constructor',
    ]);
    expect(accountsOf(people, 'U0APA')).toEqual(['U0APA', 'U0TWO', 'U0THREE']);
    expect(accountsOf(people, 'constructor')).toEqual(['constructor']);
  });

  it.each([
    ['{ U0ONE: [U0TWO], U0THREE: [U0TWO] }', 'U0TWO belongs to U0ONE already'],
    ['{ U0ONE: [U0TWO, U0TWO] }', 'U0TWO belongs to U0ONE already'],
    ['{ U0ONE: [U0TWO], U0TWO: [U0THREE] }', 'U0TWO stands here as a person of its own'],
    ['{ U0ONE: [U0ONE] }', 'U0ONE stands here as a person of its own'],
    ['{ U0ONE: [S0TEAM] }', 'the Slack user id of one person'],
    ['{ S0TEAM: [U0ONE] }', 'people'],
    ['{ U0ONE: [] }', 'people.U0ONE'],
  ])('%s is refused', (text, words) => {
    expect(complaint(`people: ${text}`)).toContain(words);
  });

  it('P1 a quorum that only their ids would reach is refused at the start', () => {
    expect(complaint('people: { U0APA: [U0APB] }')).toContain('2 approvals can never be reached: U0APA can approve');
    const three = CONFIG_TEXT.replace('[U0APA, U0APB]', '[U0APA, U0APB, U0APC]');
    expect(read('people: { U0APA: [U0APB] }', three).people).toEqual({ U0APA: ['U0APB'] });
  });
});
