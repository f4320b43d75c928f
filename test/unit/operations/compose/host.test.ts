import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command as edit } from '../../../../commands/compose-edit.ts';
import { command as revert } from '../../../../commands/compose-revert.ts';
import { sha256 } from '../../../../src/kernel/ids.ts';
import type { Plan, PlannedStep } from '../../../../src/operations/plan.ts';
import { hasComposeV1 } from '../../../support/compose-engine.ts';
import { BACKUP, composeFolder } from '../../../support/compose-folder.ts';
import { SHELLS } from '../../../support/local-questions.ts';

const SECRET = 'oder-neisse-4711';
const FILE = `version: "2.4"
services:
  app:
    image: shop:1.4 # pinned, ß
    environment: { PGPASSWORD: ${SECRET}, MODE: fast }
`;
const IMAGE = { site: 'acme', path: 'services.app.image', value: 'shop:1.5' };
const stepOf = (plan: Plan, name: string): PlannedStep => {
  const found = [...plan.steps, ...plan.cleanup].find((one) => one.step === name);
  if (!found) throw new Error(`no step ${name}`);
  return found;
};
const composeV1 = await hasComposeV1();

describe.each(SHELLS.map((shell) => ({ name: shell.join(' '), shell })))(
  'R22 the compose file on a host, in $name',
  ({ shell }) => {
    const folderOf = (files: Readonly<Record<string, string>>) => composeFolder(files, { shell });

    it('P2 puts exactly the approved bytes into force, after a dated copy with its sha256; revert brings the old ones back', async () => {
      using its = folderOf({ 'docker-compose.yml': FILE });
      chmodSync(join(its.folder, 'docker-compose.yml'), 0o640);
      const plan = await its.plan(edit, IMAGE);
      its.run(stepOf(plan, 'compose.stage'));
      expect(its.read('docker-compose.yml')).toBe(FILE);
      expect(statSync(join(its.folder, '.twokey-staged_acme.yml')).mode & 0o777).toBe(0o640);
      const swapped = its.run(stepOf(plan, 'compose.swap'));
      expect(swapped.code).toBe(0);
      expect(its.read('docker-compose.yml')).toBe(FILE.replace('1.4', '1.5'));
      expect(its.read(BACKUP)).toBe(FILE);
      expect(its.read(`${BACKUP}.sha256`)).toBe(`${sha256(FILE)}  ${BACKUP}\n`);
      expect(its.list()).toEqual(['docker-compose.yml', BACKUP, `${BACKUP}.sha256`]);
      for (const name of its.list()) expect(statSync(join(its.folder, name)).mode & 0o777, name).toBe(0o640);
      expect(readFileSync(join(its.dir, 'result'), 'utf8')).toMatch(
        new RegExp(
          `compose_backup=${its.folder}/${BACKUP}\n[\\s\\S]*\nnext=The way back: \`compose revert acme\`\\.\n`,
        ),
      );

      const back = await its.plan(revert, { site: 'acme' });
      expect(back.effects.join('\n')).toMatch(
        /as it was before operation 7k3m9q2x.*\n.*services\.app\.image \(shop:1\.5 → shop:1\.4\)/,
      );
      its.run(stepOf(back, 'compose.stage'));
      // Another operation, and so another name of its own backup.
      const again = { ...stepOf(back, 'compose.swap') };
      expect(its.run({ ...again, params: { ...again.params, started: '20261122T093000Z' } }).code).toBe(0);
      expect(sha256(its.read('docker-compose.yml'))).toBe(sha256(FILE));
    });

    it('P3 each step can be entered again wherever it was cut off', async () => {
      using its = folderOf({ 'docker-compose.yml': FILE });
      const plan = await its.plan(edit, IMAGE);
      const [stage, swap, discard] = ['compose.stage', 'compose.swap', 'compose.discard'].map((name) =>
        stepOf(plan, name),
      );
      if (!stage || !swap || !discard) throw new Error('a step is missing');
      its.write('.twokey-staged_acme.yml', 'half of a f');
      its.write(`${BACKUP}.part`, 'half');
      its.write(`${BACKUP}.sha256`, 'half');
      for (const step of [stage, stage, swap, swap]) expect(its.run(step).code, step.step).toBe(0);
      expect(its.read(BACKUP)).toBe(FILE);
      its.write('docker-compose.yml', FILE);
      its.run(stage);
      // The copy was there already, and only the rename was missing.
      expect(its.run(swap).code).toBe(0);
      expect(its.read('docker-compose.yml')).toContain('shop:1.5');
      for (const _twice of [1, 2]) expect(its.run(discard).code).toBe(0);
      expect(its.list()).toEqual(['docker-compose.yml', BACKUP, `${BACKUP}.sha256`]);
    });

    it('takes the copy away again where the file was not replaced, so that the newest is that of a change', async () => {
      using its = folderOf({ 'docker-compose.yml': FILE });
      const plan = await its.plan(edit, IMAGE);
      its.through(plan);
      its.run(stepOf(plan, 'compose.discard'));
      expect(its.list()).toEqual(['docker-compose.yml', BACKUP, `${BACKUP}.sha256`]);
      // As it is when only the rename was missing.
      its.write('docker-compose.yml', FILE);
      expect(its.run(stepOf(plan, 'compose.discard')).code).toBe(0);
      expect(its.list()).toEqual(['docker-compose.yml']);
    });

    it('P2 leaves a file alone that somebody else has changed, before and after it was staged', async () => {
      using its = folderOf({ 'docker-compose.yml': FILE });
      const plan = await its.plan(edit, IMAGE);
      its.run(stepOf(plan, 'compose.stage'));
      const changed = FILE.replace('fast', 'slow');
      its.write('docker-compose.yml', changed);
      for (const name of ['compose.swap', 'compose.stage']) {
        const ran = its.run(stepOf(plan, name));
        expect(ran.code).toBe(41);
        expect(ran.told).toContain('changed by somebody else after this was approved');
      }
      unlinkSync(join(its.folder, 'docker-compose.yml'));
      symlinkSync('/etc/hostname', join(its.folder, 'docker-compose.yml'));
      expect(its.run(stepOf(plan, 'compose.swap')).code).toBe(41);
      its.run(stepOf(plan, 'compose.discard'));
      expect(its.list()).toEqual(['docker-compose.yml']);
    });

    it('does not swap without the new file, or a new file that is not what was approved', async () => {
      using its = folderOf({ 'docker-compose.yml': FILE, 'next.yml': FILE.replace('fast', 'slow') });
      const plan = await its.plan(edit, { site: 'acme', from: 'next.yml' });
      expect(its.run(stepOf(plan, 'compose.swap'))).toMatchObject({
        code: 45,
        told: expect.stringContaining('left alone'),
      });
      its.write('next.yml', FILE.replace('fast', 'odd'));
      expect(its.run(stepOf(plan, 'compose.stage')).code).toBe(43);
      expect(its.read('docker-compose.yml')).toBe(FILE);
    });

    it('takes values of every sort into the file, byte for byte', async () => {
      using its = folderOf({ 'docker-compose.yml': FILE });
      for (const value of [
        "it's",
        'a: b # c',
        '*x',
        '!x',
        '🚀 ß',
        'line\nline',
        '$(touch pwned) `id` \\',
        '%s',
        ' ',
        '',
      ]) {
        const plan = await its.plan(edit, { site: 'acme', path: 'services.app.environment.MODE', value });
        const ran = its.run(stepOf(plan, 'compose.stage'));
        expect(ran.output, value).toContain(`sha256 ${stepOf(plan, 'compose.swap').params.after}`);
      }
      expect(its.list()).toEqual(['.twokey-staged_acme.yml', 'docker-compose.yml']);
    });

    it('P8 nothing of the file is in the plan, in what a step prints or in what it leaves as its result', async () => {
      using its = folderOf({
        'docker-compose.yml': FILE,
        'next.yml': `${FILE}# ${SECRET}\n`,
        'docker-compose.override.yml': FILE,
      });
      const plans = [await its.plan(edit, IMAGE), await its.plan(edit, { site: 'acme', from: 'next.yml' })];
      its.through(plans[0] as Plan, 'compose.stage');
      const printed = plans.flatMap((plan) =>
        plan.steps.filter((one) => /^compose\.(?:stage|swap)$/.test(one.step)).map((one) => its.run(one).output),
      );
      expect(printed.join('')).toContain('is in force');
      const everything = JSON.stringify([plans, printed, readFileSync(join(its.dir, 'result'), 'utf8')]);
      expect(everything).not.toContain(SECRET);
      expect(everything).not.toContain('fast');
    });

    it.skipIf(!composeV1)(
      'has the real docker-compose judge it with what lies over it, and repeats none of its values',
      async () => {
        using its = folderOf({
          'docker-compose.yml': FILE,
          'docker-compose.override.yml': 'version: "2.4"\nservices: { app: { network_mode: none } }\n',
        });
        const validate = async (args: Readonly<Record<string, string>>) => {
          const plan = await its.plan(edit, { site: 'acme', ...args });
          its.through(plan, 'compose.stage');
          return its.run(stepOf(plan, 'compose.validate'));
        };
        expect(await validate(IMAGE)).toMatchObject({
          code: 0,
          output: expect.stringContaining('the file is valid'),
        });
        const bad = await validate({ path: 'services.app.environment.MODE', value: '${NO' });
        expect(bad.code).not.toBe(0);
        expect(bad.told).toMatch(
          /^Compose refuses the file \(exit code 1\): .*nvalid interpolation format for environment/,
        );
        its.write('next.yml', `${FILE}    mem_limit: [${SECRET}]\n    restart: "\${${SECRET}"\n`);
        const worse = await validate({ from: 'next.yml' });
        expect(worse.code).not.toBe(0);
        its.write('next.yml', `${FILE}    colour: [${SECRET}]\n    mem_limit: [${SECRET}]\n`);
        const odd = await validate({ from: 'next.yml' });
        expect(odd.output).toMatch(/nsupported config option for services\.\*\*\*|mem_limit contains an invalid type/);
        its.write('docker-compose.override.yml', 'services: { app: { network_mode: [x] } }\n');
        expect((await validate(IMAGE)).code).not.toBe(0);
        for (const { output } of [bad, worse, odd]) expect(output).not.toContain(SECRET);
        expect(its.read('docker-compose.yml')).toBe(FILE);
      },
    );
  },
);

describe('R22 P10 what the folder has to be like', () => {
  type Folder = ReturnType<typeof composeFolder>;
  const asked = async (files: Readonly<Record<string, string>>, then: (its: Folder) => void = () => undefined) => {
    using its = composeFolder(files);
    then(its);
    return await its.refused(edit, IMAGE);
  };

  it('is one folder with one file of its own, that Twokey may read and replace', async () => {
    expect(await asked({})).toContain('There is no compose file in');
    expect(await asked({ 'docker-compose.yml': FILE, '.env': 'A=1\nexport COMPOSE_FILE=a.yml:b.yml\n' })).toMatch(
      /named by COMPOSE_FILE in .*\/\.env: they may be several/,
    );
    expect(await asked({ 'docker-compose.yml': `#${'x'.repeat(66_000)}` })).toContain('is too large: 66001 bytes');
    const link = (its: Folder) => symlinkSync('other.yml', join(its.folder, 'docker-compose.yml'));
    expect(await asked({ 'other.yml': FILE }, link)).toContain('is a symbolic link');
    expect(await asked({}, (its) => mkdirSync(join(its.folder, 'docker-compose.yml')))).toContain('is no file');
    const gone = (its: Folder) => rmSync(its.folder, { recursive: true });
    expect(await asked({}, gone)).toContain('is not on db1');
    const odd = (its: Folder) => its.write('docker-compose.yml', Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    expect(await asked({}, odd)).toContain('is not UTF-8');
    const over = { 'docker-compose.override.yml': '', 'docker-compose.override.yaml': '' };
    expect(await asked({ 'docker-compose.yml': FILE, ...over })).toContain('several files laid over');
  });

  it('takes the file that Compose itself takes, and says which it leaves', async () => {
    const files = {
      'compose.yml': FILE,
      'docker-compose.yml': FILE.replace('1.4', '1.3'),
      'docker-compose.yaml': FILE,
    };
    const told = async (profile: string) => {
      using its = composeFolder(files, { profile });
      return (await its.plan(edit, IMAGE)).effects.join('\n');
    };
    expect(await told('compose-v1')).toContain(
      'takes docker-compose.yml, and leaves docker-compose.yaml, compose.yml beside',
    );
    expect(await told('compose')).toContain(
      'takes compose.yml, and leaves docker-compose.yml, docker-compose.yaml beside',
    );
  });

  it.skipIf(process.getuid?.() !== 0)(
    'names the `sudo` of the host where the project belongs to somebody else',
    async () => {
      using its = composeFolder({ 'docker-compose.yml': FILE });
      const as = async (uid: number) => {
        const shell = ['/usr/bin/setpriv', `--reuid=${uid}`, '--regid=65534', '--clear-groups', '/bin/sh'] as const;
        using other = composeFolder({}, { shell: [...shell] });
        rmSync(other.folder, { recursive: true });
        symlinkSync(its.folder, other.folder);
        chmodSync(other.dir, 0o755);
        return await other.refused(edit, IMAGE);
      };
      chmodSync(its.dir, 0o755);
      expect(await as(65534)).toMatch(
        /belongs to root, and the account nobody may not write.*`host edit db1 sudo root`/,
      );
      chmodSync(its.folder, 0o777);
      expect(await as(65534)).toMatch(
        /docker-compose\.yml on db1 belongs to root, and after a change it would belong to nobody.*sudo root/,
      );
      chownSync(join(its.folder, 'docker-compose.yml'), 65534, 0);
      expect(await as(65534)).toMatch(/has a group that the account nobody is not in.*`chgrp`.*sudo root/);
    },
  );
});
