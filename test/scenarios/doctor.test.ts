import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runTool } from '../support/evidence.ts';
import { type Lab, labConfiguration, startLab } from '../support/lab.ts';

describe('twokey doctor', () => {
  let lab: Lab;
  const tool = (...words: string[]) => runTool(lab, ...words);
  const importEstate = async (file: string) =>
    expect((await tool('estate', 'import', file, '--yes')).said).toContain('imported');
  const configure = (channels: Readonly<Record<string, string>>) => {
    const usual = labConfiguration({});
    const configuration = { ...usual, slack: { ...usual.slack, channels } };
    return writeFile(join(lab.home, 'twokey.yml'), stringify(configuration));
  };
  const CHANNELS = { operations: 'C0OPS', alerts: 'C0ALERT', reports: 'C0REPORT', audit: 'C0AUDIT' };

  beforeAll(async () => {
    lab = await startLab();
    await importEstate(join(lab.home, 'estate.yml'));
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('finds nothing to mend where all is well', async () => {
    const { code, said } = await tool('doctor');
    expect(said).toMatch(/\d+ checks, 0 to mend, 0 unknown$/);
    expect(said).not.toContain('✘');
    for (const line of [
      '✔ bot token: ',
      '✔ scopes: all ',
      '✔ Socket Mode: ',
      '✔ channel audit: #audit',
      '✔ approvers of production: exactly 2 people',
      '✔ database of DATABASE_URL',
      '✔ audit log intact',
      '✔ secret acme-db of acme',
      '✔ host acme-app: ',
    ])
      expect(said).toContain(line);
    expect(code).toBe(0);
  });

  it('says what it means that there is no audit channel, which is no mistake', async () => {
    const { audit: _audit, ...others } = CHANNELS;
    await configure(others);
    const { code, said } = await tool('doctor');
    expect(said).toMatch(/^! no audit channel: .*\n {4}\S.*slack\.channels\.audit/m);
    expect(said).toContain('0 to mend, 0 unknown');
    expect(code).toBe(0);
  });

  it('P8 P10 names a host key that has changed and a channel that is none, each with the next step, and fails', async () => {
    await configure({ ...CHANNELS, alerts: 'C0NOWHERE' });
    const estate = await readFile(join(lab.home, 'estate.yml'), 'utf8');
    const [key = ''] = /AAAAC3[A-Za-z0-9+/]{60,}/.exec(estate) ?? [];
    const other = `${key.slice(0, 40)}${key.charAt(40) === 'A' ? 'B' : 'A'}${key.slice(41)}`;
    const file = join(lab.home, 'other.yml');
    await writeFile(file, estate.replaceAll(key, other));
    await importEstate(file);
    const { code, said } = await tool('doctor');
    expect(said).toMatch(/^✘ channel alerts \(C0NOWHERE\): .*channel_not_found.*\n {4}Check the id/m);
    expect(said).toMatch(/^✘ host acme-app: .*key.*\n {4}Find out why the key changed/m);
    expect(said).toMatch(/2 to mend, 0 unknown$/);
    expect(code).toBe(1);
  });
});
