import { fileURLToPath } from 'node:url';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Identity } from '../../../../src/adapters/slack/identity.ts';
import { parseConfig } from '../../../../src/config/load.ts';
import { startWorkspace, type Workspace } from '../../../../src/workspace/server.ts';
import { CONFIG_TEXT } from '../../../support/builders.ts';

const MANIFEST = fileURLToPath(new URL('../../../../manifest.yml', import.meta.url));
const CONFIG = `${CONFIG_TEXT.replace('approver: [U0APA, U0APB]', 'approver: [U0APA, U0APB, U0BTWO, U0EX, U0GONE]').replace('operator: [U0REQ]', 'operator: [U0REQ, U0EX]')}
people: { U0APA: [U0ATWO], U0APB: [U0BTWO], U0VIEW: [U0EX] }
grants:
  - { who: [U0ATWO], preset: infrastructure, site: acme }
  - { who: [U0EX, U0GUEST, S0OPER], preset: operations-engineer }
`;

describe('people as Slack knows them', () => {
  let slack: Workspace;
  let identity: Identity;
  beforeAll(async () => {
    slack = await startWorkspace({ manifestFile: MANIFEST });
    for (const id of ['U0ATWO', 'U0BTWO']) slack.addUser(id, id.toLowerCase());
    slack.addUser('U0EX', 'elsewhere', { guest: true });
    const client = new WebClient(slack.env.SLACK_BOT_TOKEN, {
      slackApiUrl: slack.env.SLACK_API_URL ?? '',
      retryConfig: { retries: 0 },
    });
    identity = new Identity(client, parseConfig(CONFIG, 'twokey.yml'), 'T0LOCAL');
  });
  afterAll(() => slack.close());

  it('whichever id they use, they are the same person and hold what any of their ids holds', async () => {
    for (const account of ['U0APA', 'U0ATWO'])
      expect(await identity.person(account)).toMatchObject({
        id: 'U0APA',
        account,
        fullMember: true,
        roles: ['approver'],
        grants: [{ preset: 'infrastructure' }],
      });
  });

  it('P1 what a guest’s id holds gives nothing to the person’s other ids, and a guest cannot act as them', async () => {
    expect(await identity.person('U0VIEW')).toMatchObject({ fullMember: true, roles: ['viewer'], grants: [] });
    expect(await identity.person('U0EX')).toMatchObject({ id: 'U0VIEW', fullMember: false });
    expect(await identity.person('U0GUEST')).toMatchObject({ fullMember: false });
    expect(await identity.standing('U0GUEST')).toEqual({ roles: [], grants: [] });
    expect((await identity.eligibleHolders('approver')).map(({ person }) => person)).toEqual(['U0APA', 'U0APB']);
  });

  it('an approver counts while one of their ids is active and an approver, and is written to there', async () => {
    slack.updateUser('U0APB', { deactivated: true });
    expect(await identity.eligible(['U0APA', 'U0APB'], 'U0REQ', false)).toEqual(
      new Map([
        ['U0APA', true],
        ['U0APB', true],
      ]),
    );
    expect(await identity.eligibleHolders('approver')).toContainEqual({ person: 'U0APB', account: 'U0BTWO' });
    // The second id of the other one is a member, but no approver.
    slack.updateUser('U0APA', { guest: true });
    expect((await identity.eligible(['U0APA'], 'U0REQ', false)).get('U0APA')).toBe(false);
    expect((await identity.standing('U0APA')).roles).toEqual([]);
    slack.updateUser('U0APA', { guest: false });
    slack.updateUser('U0APB', { deactivated: false });
  });

  it('P1 an id that became another person’s does not vote, nor does the one who asked by another id', async () => {
    const eligible = await identity.eligible(['U0ATWO', 'U0APA', 'U0APB'], 'U0ATWO', false);
    expect([...eligible]).toEqual([
      ['U0ATWO', false],
      ['U0APA', false],
      ['U0APB', true],
    ]);
    // Where the policy lets the requester count, they do.
    expect((await identity.eligible(['U0REQ'], 'U0REQ', true)).get('U0REQ')).toBe(true);
    expect((await identity.eligible(['U0REQ'], 'U0ADM', true)).get('U0REQ')).toBe(false);
  });

  it('an id that Slack does not know is nobody', async () => {
    expect((await identity.eligible(['U0GONE'], 'U0REQ', false)).get('U0GONE')).toBe(false);
    await expect(identity.person('U0GONE')).rejects.toThrow('user_not_found');
  });

  it('who may use a command: by role and by grant, each person once, guests left out', async () => {
    const backup = { name: 'backup', area: 'data', risk: 'routine', roles: ['operator'] } as const;
    const site = { name: 'acme', cluster: 'acme', environment: 'production' };
    expect(await identity.whoMay(backup, { kind: 'site', site, hosts: null })).toEqual(['U0REQ']);
    const reboot = { name: 'reboot', area: 'host', risk: 'disruptive', roles: [] } as const;
    expect(await identity.whoMay(reboot, { kind: 'site', site, hosts: null })).toEqual(['U0APA']);
    expect(await identity.whoMay(reboot, { kind: 'everywhere' })).toEqual([]);
  });

  it('holders are told by role and grant, and are known from then on', async () => {
    expect(identity.isKnown('U0OUT')).toBe(false);
    const holders = await identity.allHolders();
    expect(holders).toMatchObject({
      approver: ['U0APA', 'U0APB', 'U0GONE', 'U0VIEW'],
      'grant infrastructure for the site acme': ['U0APA'],
    });
    expect(identity.isKnown('U0ATWO')).toBe(true);
    expect(identity.isKnown('U0OUT')).toBe(false);
  });
});
