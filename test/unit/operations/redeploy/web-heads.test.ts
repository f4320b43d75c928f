import { describe, expect, it } from 'vitest';
import type { PlannedStep } from '../../../../src/operations/plan.ts';
import { estate, hostInput, siteInput } from '../../../support/builders.ts';
import { asked, planned, told } from '../../../support/redeploy-plans.ts';

describe('R2 a redeploy of a site on several hosts', () => {
  const on = (word: string) => `{ run: [[app, ${word}]], on: web-head }`;
  const own = {
    'many.yml': `name: many
title: Many
extends: script
commands:
  config_validate: ${on('check')}
  config_apply: ${on('apply')}
  healthcheck: ${on('health')}
maintenance:
  modes:
    - { name: "off", users: work, enter: ${on('"off"')}, shown_by: { exit: 1 } }
    - { name: "on", users: none, enter: ${on('"on"')}, shown_by: { exit: 0 } }
  probe: ${on('mode')}
services:
  - { name: web, kind: process, role: app, probe: { http: "https://acme.example.org/" } }
  - { name: worker, kind: process, role: api, probe: { tcp: "8080" } }
  - { name: store, kind: process, role: db, probe: { command: [store, ping] } }
`,
  };
  const hosts = [
    hostInput('a1', { roles: ['api'] }),
    hostInput('db1', { roles: ['app', 'db'] }),
    hostInput('m1', { roles: ['mail'] }),
  ];
  const plan = planned({ profile: 'many', own, change: { estate: estate(hosts, [siteInput('acme', 'db1')]) } });
  const where = (steps: readonly PlannedStep[]) => steps.map((one) => `${one.step} ${one.host}`.trim());

  it('is a step on each web head, everywhere before the next, and no other host is touched', () => {
    expect(where(plan.steps)).toEqual([
      'config.validate db1',
      'config.validate a1',
      'maintenance.on db1',
      'maintenance.on a1',
      'settings.deploying',
      'config.apply db1',
      'config.apply a1',
      'health.check db1',
      'health.check a1',
      'maintenance.off db1',
      'maintenance.off a1',
      'health.check db1',
      'settings.deployed',
    ]);
    expect(told(plan)).toContain('Applies on db1, a1: app apply');
  });

  it('asks a service on the web heads that have its role', () => {
    const asked = plan.steps.filter((one) => one.step === 'health.check').map((one) => one.title);
    expect(asked).toEqual([
      'Wait until it is healthy: the healthcheck on db1, store',
      'Wait until it is healthy: the healthcheck on a1, worker',
      'Wait until visitors are answered: web',
    ]);
  });

  it('P7 puts maintenance ON again on all of them when it goes wrong after it was ended on the first', () => {
    expect(where(plan.cleanup)).toEqual(['maintenance.on db1', 'maintenance.on a1']);
    const first = plan.steps.findIndex((one) => one.step === 'maintenance.off') + 1;
    expect(plan.cleanup.map((one) => one.since)).toEqual([first, first]);
    expect(plan.steps.slice(first - 1, first + 2).map((one) => one.params.checks)).toEqual(['0', '0', '1']);
    for (const one of plan.steps.slice(first - 1, first + 2))
      expect(one.aftermath).toContain('Maintenance goes ON again on db1, a1');
  });

  it('P10 is refused where nobody has said which hosts serve it', () => {
    const apart = [siteInput('acme', 'db1'), siteInput('beta', 'h2')];
    const change = { estate: estate([...hosts, hostInput('h2')], apart) };
    expect(asked({ profile: 'many', own, change })).toMatchObject({
      ok: false,
      error: { code: 'not_supported', next: expect.stringContaining('`site edit acme web_heads db1,a1`') },
    });
  });
});
