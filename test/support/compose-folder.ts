import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationCommand } from '../../commands/contract/command.ts';
import { findProfile, loadProfiles } from '../../src/estate/profile-load.ts';
import type { SettingsDocument } from '../../src/estate/site-settings.ts';
import type { Estate } from '../../src/estate/types.ts';
import type { Refusal } from '../../src/kernel/errors.ts';
import { ok, type Result } from '../../src/kernel/result.ts';
import type { Edit } from '../../src/operations/compose/edit.ts';
import { lookAtCompose, wantedBy } from '../../src/operations/compose/look.ts';
import type { SiteFacts } from '../../src/operations/facts.ts';
import type { Plan, PlannedStep } from '../../src/operations/plan.ts';
import type { HostPort } from '../../src/operations/ports.ts';
import { stepByName } from '../../src/operations/steps/index.ts';
import { scriptWith } from '../../src/shell/scripts.ts';
import { estate, hostInput, siteFacts, siteInput } from './builders.ts';
import { profileHome } from './profile-home.ts';
import { questionContext } from './question-context.ts';

type Args = Readonly<Record<string, string>>;

interface Options {
  readonly profile?: string;
  readonly own?: Readonly<Record<string, string>>;
  readonly stored?: SettingsDocument;
  /** What `sh` is, as a command line. */
  readonly shell?: readonly [string, ...string[]];
  readonly change?: Partial<SiteFacts>;
  readonly estate?: (site: object) => Estate;
}

/** Operation and start of whatever runs here, as they stand in the names of backups. */
export const OPERATION = '7k3m9q2x';
const STARTED = '20261121T093000Z';
export const BACKUP = `docker-compose.yml.${STARTED}-${OPERATION}.bak`;

/** What a host makes of a file by an edit. */
export function applyEdit(text: string, { offset, length, text: fresh }: Edit): string {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes.subarray(0, offset), Buffer.from(fresh), bytes.subarray(offset + length)]).toString();
}

/** A folder of a compose project on this machine, with the real texts that are sent to hosts run in a real shell. */
export function composeFolder(files: Readonly<Record<string, string>>, options: Options = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'twokey-compose-'));
  const folder = join(dir, 'site');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [program, ...words] = options.shell ?? ['/bin/sh'];
  const env = { PATH: process.env.PATH, TWOKEY_DIR: dir, HOME: dir };
  const sh = (script: string) => {
    writeFileSync(join(dir, 'cmd'), script);
    return spawnSync(program, [...words, join(dir, 'cmd')], { env });
  };
  const hosts: HostPort = {
    ...questionContext().hosts,
    run: (_host, script, params) => {
      const ran = sh(scriptWith(script, params));
      return Promise.resolve(ok({ code: ran.status ?? -1, output: ran.stdout }));
    },
  };
  using its = profileHome(options.own ?? {});
  const profile = findProfile(loadProfiles(its.home), options.profile ?? 'compose-v1');
  if (!profile.ok) throw new Error(profile.error.message);
  const site = siteInput('acme', 'db1', { site_dir: folder });
  const document = { project: 'acme', ...options.stored };
  const base = siteFacts({
    estate: options.estate?.(site) ?? estate([hostInput('db1')], [site]),
    profile: profile.value,
    freshBackup: true,
    settings: {
      version: 3,
      document,
      running: 3,
      runningDocument: document,
      uncertain: false,
      pendingRedeploy: false,
    },
    ...options.change,
  });

  async function ask(command: OperationCommand, args: Args): Promise<Result<Plan, Refusal>> {
    if (command.on === 'estate') throw new Error(`${command.name} works on no site`);
    const parsed = command.parse(args);
    if (!parsed.ok) return parsed;
    const compose = await lookAtCompose(hosts, base, wantedBy(parsed.value));
    return compose.ok ? command.plan({ ...base, compose: compose.value }, parsed.value) : compose;
  }

  /** Runs one step of a plan as a job does. */
  function run({ step, params }: Pick<PlannedStep, 'step' | 'params'>) {
    const definition = stepByName(step);
    if (!definition) throw new Error(`no step ${step}`);
    const ran = sh(`exec 2>&1\n${scriptWith(definition.body, { ...params, operation: OPERATION, started: STARTED })}`);
    const output = ran.stdout.toString();
    return { code: ran.status ?? -1, output, told: definition.explain(ran.status ?? -1, output).message };
  }

  return {
    dir,
    folder,
    hosts,
    base,
    ask,
    /** The plan; throws on a refusal. */
    async plan(command: OperationCommand, args: Args): Promise<Plan> {
      const plan = await ask(command, args);
      if (!plan.ok) throw new Error(`${plan.error.code}: ${plan.error.message} ${plan.error.next}`);
      return plan.value;
    },
    /** What a refusal says; throws on a plan. */
    async refused(command: OperationCommand, args: Args): Promise<string> {
      const plan = await ask(command, args);
      if (plan.ok) throw new Error(`planned: ${plan.value.effects.join(' ')}`);
      return `${plan.error.message} ${plan.error.next}`;
    },
    run,
    /** Runs the steps of a plan that touch the file, up to the one named, all of which have to succeed. */
    through(plan: Plan, last = 'compose.swap') {
      const steps = plan.steps.filter(({ step }) => step.startsWith('compose.'));
      for (const step of steps.slice(0, steps.findIndex((one) => one.step === last) + 1)) {
        const ran = run(step);
        if (ran.code !== 0) throw new Error(`${step.step}: ${ran.output}`);
      }
    },
    read: (name: string) => readFileSync(join(folder, name), 'utf8'),
    write: (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text),
    list: () => readdirSync(folder).sort(),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
