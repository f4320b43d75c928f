import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { command as history } from '../../../../commands/compose-history.ts';
import { buildEstate } from '../../../../src/estate/estate.ts';
import { estateDocument } from '../../../../src/estate/types.ts';
import { sha256 } from '../../../../src/kernel/ids.ts';
import { readFolder } from '../../../../src/operations/compose/folder.ts';
import { composeNames, readBackupName, stagedName } from '../../../../src/operations/compose/names.ts';
import { isSecretName } from '../../../../src/operations/compose/secrets.ts';
import { BACKUP, composeFolder } from '../../../support/compose-folder.ts';
import { questionContext } from '../../../support/question-context.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('R22 what a host says of a compose folder', () => {
  it('is read with the bytes of files between the lines, whatever they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (content) => {
        const head = bytes(`folder=yes\naccount=0 root\ncontent=docker-compose.yml ${content.length}\n`);
        const read = readFolder(Buffer.concat([head, content, bytes('\nwhole=yes\n')]));
        expect(read?.contents.get('docker-compose.yml')?.sha256).toBe(sha256(content));
        expect(read?.account).toEqual({ uid: '0', name: 'root', groups: [''] });
      }),
    );
  });

  it('is nothing when it broke off anywhere, and never throws', () => {
    const whole = bytes('folder=yes\ncontent=a.yml 4\na: 1\nfile=a.yml file yes 4 0 0 root\nwhole=yes\n');
    expect(readFolder(whole)?.files).toHaveLength(1);
    for (let length = 0; length < whole.length; length += 1) expect(readFolder(whole.subarray(0, length))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (noise, words) => {
        readFolder(noise);
        readFolder(bytes(`${words}\nwhole=yes\n`));
      }),
    );
  });

  it('names backups so that they sort by time and say which operation made them', () => {
    expect(readBackupName(BACKUP)).toEqual({
      file: 'docker-compose.yml',
      at: new Date('2026-11-21T09:30:00Z'),
      operation: '7k3m9q2x',
    });
    for (const name of [
      'docker-compose.yml',
      `${BACKUP}.sha256`,
      `${BACKUP}.part`,
      'a.yml.20269999T999999Z-7k3m9q2x.bak',
      '../a.yml.20261121T093000Z-7k3m9q2x.bak',
    ])
      expect(readBackupName(name), name).toBeNull();
    expect(stagedName('acme')).not.toContain('/');
    expect(composeNames('v2').files[0]).toBe('compose.yaml');
    expect(composeNames('v1').files[0]).toBe('docker-compose.yml');
  });

  it('P8 knows names of secrets from other names', () => {
    for (const name of [
      'PGPASSWORD',
      'db_passwd',
      'SECRET_KEY_BASE',
      'API_KEY',
      'apiKey',
      'AUTH',
      'SMTP_PWD',
      'access-token',
      'dbCredentials',
      'com.example.token',
    ])
      expect(isSecretName(name), name).toBe(true);
    for (const name of ['image', 'MONKEY', 'KEYBOARD', 'AUTHOR', 'PASSENGER_POOL', 'DB_PASSWORD_FILE', 'compass'])
      expect(isSecretName(name), name).toBe(false);
  });
});

describe('R22 the history of a compose file', () => {
  const answer = async (files: Readonly<Record<string, string>>) => {
    using its = composeFolder(files);
    const cluster = {
      name: 'acme',
      hosts: [{ name: 'db1', address: '127.0.0.1', user: 'app', key_file: '/nowhere/key' }],
      sites: [
        {
          name: 'acme',
          environment: 'production',
          profile: 'compose-v1',
          host: 'db1',
          site_dir: its.folder,
          version: '1',
          database: { host: '127.0.0.1', name: 'acme', user: 'u' },
        },
      ],
    };
    const estate = buildEstate(estateDocument.parse({ clusters: [cluster] }));
    if (!estate.ok) throw new Error(estate.error.message);
    const context = questionContext();
    const stored = { ...(await context.settings.state('acme')), document: { project: 'acme' } };
    const settings = { ...context.settings, state: () => Promise.resolve(stored) };
    return await history.answer({ site: 'acme' }, { ...context, hosts: its.hosts, estate: estate.value, settings });
  };

  it('lists the newest first with sha256 and size, and says which is not intact', async () => {
    const older = BACKUP.replace('20261121', '20261120');
    const told = await answer({
      'docker-compose.yml': 'a: 1\n',
      [BACKUP]: 'a: 0\n',
      [`${BACKUP}.sha256`]: `${sha256('a: 0\n')}  ${BACKUP}\n`,
      [older]: 'tampered',
      [`${older}.sha256`]: `${sha256('a: 0\n')}  ${older}\n`,
      'docker-compose.yml.2026.bak': 'no backup of ours',
    });
    const table = told.ok ? told.value.parts.find((part) => part.kind === 'table') : undefined;
    expect(table).toMatchObject({
      rows: [
        [BACKUP, expect.anything(), sha256('a: 0\n'), 'intact'],
        [older, expect.anything(), sha256('tampered'), 'NOT what its .sha256 says'],
      ],
    });
    expect(told.ok && told.value.summary).toContain('has 2 dated backups');
  });

  it('says so when there is none', async () => {
    const told = await answer({ 'docker-compose.yml': 'a: 1\n' });
    expect(told.ok && told.value.summary).toContain('has no dated backup');
  });
});
