import { describe, expect, it } from 'vitest';
import type { OperationCommand } from '../../../../commands/contract/command.ts';
import { notedLine } from '../../../../commands/contract/noted-line.ts';
import { loadCommands } from '../../../../commands/index.ts';
import type { SettingsDocument } from '../../../../src/estate/site-settings.ts';
import type { EstateFacts, EstatePlannable } from '../../../../src/operations/estate/facts.ts';
import type { LocalTools } from '../../../../src/operations/local.ts';
import { describeDrift, hashPlan, riskOf } from '../../../../src/operations/plan.ts';
import type { SettingsState } from '../../../../src/operations/settings/book.ts';
import type { SettingsFacts } from '../../../../src/operations/settings/facts.ts';
import { planSettings, readWrite } from '../../../../src/operations/settings/plan-settings.ts';
import { SETTINGS_STEPS } from '../../../../src/operations/settings/steps.ts';
import { estate, hostInput, siteInput } from '../../../support/builders.ts';
import { settingsProfile } from '../../../support/settings.ts';

const profile = settingsProfile();
const its = estate([hostInput('app1')], [siteInput('acme', 'app1')]);

function facts(
  version: number,
  document: SettingsDocument,
  running = 0,
  runningDocument: SettingsDocument = {},
): SettingsFacts {
  const state = { version, document, running, runningDocument, uncertain: false, pendingRedeploy: false };
  return { site: 'acme', profile, state, wanted: null, written: null, secrets: new Set() };
}

async function commandOf(name: string): Promise<OperationCommand & EstatePlannable> {
  const found = (await loadCommands()).find((one) => one.name === name);
  if (found?.kind !== 'operation' || found.on !== 'estate') throw new Error(`${name} does not change the estate`);
  return found;
}

function estateFacts(settings: SettingsFacts): EstateFacts {
  const nothing = { removals: [], uses: [], presented: null, changes: [] };
  return { document: { clusters: [] }, estate: its, profiles: new Map(), settings, ...nothing };
}

function planned(from: SettingsFacts, document: SettingsDocument) {
  const wanted = { command: 'settings set', args: { site: 'acme' }, document, advanced: true, why: 'set title' };
  const plan = planSettings(its, from, wanted);
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value;
}

/** Rows of one site's settings, as a local step is given them. */
function tools(state: SettingsState) {
  const written: Parameters<LocalTools['settings']['write']>[0][] = [];
  const never = () => Promise.reject(new Error('settings touch no estate'));
  const its: LocalTools = {
    estate: { document: never, uses: never, reopen: never, write: never },
    settings: {
      hold: () => Promise.resolve(state),
      write: (version) => {
        written.push(version);
        return Promise.resolve();
      },
      deploying: never,
      deployed: never,
    },
  };
  return { its, written };
}

async function carryOut(plan: ReturnType<typeof planned>, state: SettingsState) {
  const [step] = plan.steps;
  const [definition] = SETTINGS_STEPS;
  if (!step || !definition) throw new Error('there is no step');
  const { its: given, written } = tools(state);
  return { done: await definition.run(given, step), written };
}

describe('R17 a plan of settings', () => {
  it('holds exactly what it sets and unsets, and the step writes that', async () => {
    const from = facts(3, { title: 'Old', smtp_host: 'mail.example.org' }, 2, { title: 'Old' });
    const plan = planned(from, { title: 'New' });
    expect(readWrite(plan.steps[0] ?? { step: '', title: '', host: '', params: {}, secrets: [] })).toMatchObject({
      from: 3,
      running: 2,
      pendingRedeploy: true,
      changes: [
        { key: 'smtp_host', after: null },
        { key: 'title', after: 'New' },
      ],
    });
    expect(plan.effects.join('\n')).toMatch(
      /version 4[\s\S]*smtp_host: mail\.example\.org → not set[\s\S]*title: Old → New/,
    );
    const { done, written } = await carryOut(plan, from.state);
    expect(done.ok && done.value.version).toBe('4');
    expect(written).toEqual([
      { site: 'acme', version: 4, document: { title: 'New' }, pendingRedeploy: true, why: 'set title' },
    ]);
  });

  it('made on a version that is no longer the newest writes nothing', async () => {
    const from = facts(3, {});
    const plan = planned(from, { title: 'New' });
    const late = await carryOut(plan, { ...from.state, version: 4 });
    expect(late.done.ok ? '' : late.done.error.message).toContain('Somebody else was faster: version 4');
    const deployed = await carryOut(plan, { ...from.state, running: 3 });
    expect(deployed.done.ok ? '' : deployed.done.error.code).toBe('drift');
    expect([...late.written, ...deployed.written]).toEqual([]);
  });

  it('P2 is another plan when somebody else was faster, and says so', () => {
    const before = planned(facts(3, {}), { title: 'New' });
    const after = planned(facts(4, {}), { title: 'New' });
    expect(hashPlan(before)).not.toBe(hashPlan(after));
    expect(describeDrift(before, after).join()).toContain('from: 3 → 4');
  });

  it('R18 is disruptive when it changes an advanced setting, whatever its command is', () => {
    expect(riskOf('routine', planned(facts(0, {}), { title: 'New' }))).toBe('routine');
    expect(riskOf('routine', planned(facts(0, {}), { workers: '8' }))).toBe('disruptive');
    expect(riskOf('routine', planned(facts(1, { workers: '8' }), { title: 'x' }))).toBe('disruptive');
    expect(riskOf('break-glass', planned(facts(0, {}), { workers: '8' }))).toBe('break-glass');
  });

  it('R17 unset goes back to the profile’s default, once, with --advanced where set asks for it', async () => {
    const unset = await commandOf('settings unset');
    const stored = facts(3, { title: 'New', workers: '8', gone: 'x' }, 3, { title: 'New', workers: '8', gone: 'x' });
    const asked = (key: string, more: Record<string, string> = {}) => {
      const plan = unset.plan(estateFacts(stored), { site: 'acme', key, ...more });
      return plan.ok ? plan.value : plan.error.message;
    };
    expect(asked('title')).toMatchObject({
      command: 'settings unset',
      site: 'acme',
      effects: [
        'Writes version 4 of the settings of acme:',
        'title: New → Acme (default)',
        expect.stringContaining('when the site is deployed again'),
      ],
      steps: [{ params: { 'unset title': '', why: 'unset title' } }],
    });
    expect(asked('workers')).toMatch(/usually not to be modified/);
    expect(asked('workers', { advanced: 'yes' })).toMatchObject({ steps: [{ risk: 'disruptive' }] });
    expect(asked('gone')).toMatchObject({ steps: [{ risk: 'disruptive', params: { 'unset gone': '' } }] });
    expect(asked('greeting')).toContain('Nothing is stored for greeting of acme: it is Hello (default)');
    expect(asked('titel')).toContain('Did you mean `title`?');
  });

  it('an undo tells its reason to the approvers and to the history', async () => {
    const undo = await commandOf('undo');
    const back = { ...facts(3, { title: 'New' }), wanted: { version: 2, document: {} }, written: 3 };
    const args = undo.parse({ operation: 'abcd1234', reason: ' the title was wrong. ' });
    const plan = args.ok ? undo.plan(estateFacts(back), args.value) : args;
    expect(plan).toMatchObject({
      ok: true,
      value: {
        args: { reason: 'the title was wrong.' },
        steps: [{ params: { why: expect.stringContaining('wrong') } }],
      },
    });
    expect(plan.ok && plan.value.effects.at(-1)).toBe('Reason: the title was wrong.');
    expect(undo.parse({ operation: 'abcd1234', reason: ' ' }).ok).toBe(false);
  });

  it('P8 a refused line is noted without what may be a secret', async () => {
    const commands = await loadCommands();
    const lines: [string, string][] = [
      ['settings set acme smtp_password hunter2', 'settings set acme smtp_password …'],
      ['settings  set acme smtp_password "hunter2 hunter3" --advanced', 'settings set acme smtp_password …'],
      ['settings set acme smtp_password "hunter2', 'settings set acme smtp_password …'],
      ['setings set acme smtp_password hunter2', 'setings set acme smtp_password …'],
      ['SETTINGS SET acme smtp_password hunter2', 'SETTINGS SET acme smtp_password …'],
      ['can settings set acme smtp_password hunter2', 'can settings set acme smtp_password …'],
      [
        'standing request "30 2 * * *" settings set acme smtp_password hunter2',
        'standing request 30 2 * * * settings set acme smtp_password …',
      ],
      ['settings set acme', 'settings set acme'],
      ['backup acme', 'backup acme'],
      ['bakup "acme', 'bakup "acme'],
      ['settings set acme smtp_password=hunter2', 'settings set acme …'],
    ];
    for (const [line, noted] of lines) expect(notedLine(line, commands)).toBe(noted);
  });
});
