import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { usageOf } from '../../../commands/contract/command.ts';
import { parseLine } from '../../../commands/contract/line.ts';
import { loadCommands } from '../../../commands/index.ts';
import { hashPlan } from '../../../src/operations/plan.ts';
import { siteFacts } from '../../support/builders.ts';
import { samplePlan } from '../../support/compose-facts.ts';

const commands = await loadCommands();
const files = readdirSync(new URL('../../../commands/', import.meta.url)).filter((file) =>
  /^(?!index\.).*\.ts$/.test(file),
);

describe('the commands', () => {
  it('are one a file, and named as their file', () => {
    expect(commands.length).toBe(files.length);
    expect(commands.length).toBeGreaterThanOrEqual(10);
    expect(commands.map((one) => `${one.name.replaceAll(' ', '-')}.ts`).sort()).toEqual([...files].sort());
  });

  it('have names of one or two plain words, each once', () => {
    const names = commands.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(?: [a-z]+)?$/);
  });

  it('come questions first, then by name', () => {
    const kinds = commands.map((one) => one.kind);
    expect(kinds).toEqual([...kinds].sort().reverse());
    for (const kind of ['question', 'operation']) {
      const names = commands.filter((one) => one.kind === kind).map((one) => one.name);
      expect(names).toEqual([...names].sort((left, right) => left.localeCompare(right)));
    }
  });
});

describe.each(commands.map((one) => [one.name, one] as const))('%s', (_name, command) => {
  it('says in a sentence what it does', () => {
    expect(command.summary).toMatch(/^[A-Z].{10,}\.$/);
    expect(command.summary.length).toBeLessThanOrEqual(200);
  });

  it('has fields whose names are said once', () => {
    const keys = command.fields.map((field) => field.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const field of command.fields) {
      expect(field.key).toMatch(/^[a-z]+(?:[._][a-z]+)*$/);
      expect(field.label.length).toBeGreaterThan(0);
    }
    // An optional word before a required one could not be left out.
    const places = command.fields.filter((field) => !field.flag).map((field) => field.required);
    expect(places).toEqual([...places].sort((left, right) => Number(right) - Number(left)));
  });

  it('is for somebody, and never for nobody', () => {
    expect(command.roles.length).toBeGreaterThan(0);
    if (command.kind === 'operation') expect(command.roles).not.toContain('viewer');
  });

  it('is understood when it is typed as its usage shows', () => {
    const parsed = parseLine(
      usageOf(command)
        .replace(/<([^>]*)>/g, (_, label: string) => label.replaceAll(' ', '-'))
        .replace(/\[.*\]/, ''),
      commands,
      '/ops',
    );
    expect(parsed).toMatchObject({ ok: true, value: { kind: 'command', command: { name: command.name } } });
  });

  if (command.kind === 'operation' && command.on === 'estate') {
    it('refuses names that make no sense', () => {
      const named = Object.fromEntries(command.fields.map((field) => [field.key, field.initial ?? 'x']));
      const [first] = command.fields;
      for (const bad of ['', 'a b', '../x', '-x', '$(id)', 'x'.repeat(61), 'A'])
        expect(command.parse({ ...named, [first?.key ?? '']: bad })).toMatchObject({
          ok: false,
          error: { code: 'bad_arguments' },
        });
      expect(command.parse({ ...named, other: 'x' }).ok).toBe(false);
      expect(command.parse({}).ok).toBe(false);
    });
  }

  if (command.kind === 'operation' && command.on !== 'estate') {
    const { factsOf, args } = samplePlan(command);

    it('works on a site, named first', () => {
      expect(command.fields[0]).toMatchObject({ key: 'site', of: 'site', required: true });
    });

    it('refuses arguments that make no sense', () => {
      for (const site of ['', 'a b', '../x', '-x', '$(id)', 'x'.repeat(61), 'A']) {
        expect(command.parse({ site })).toMatchObject({ ok: false, error: { code: 'bad_arguments' } });
      }
      expect(command.parse({ site: 'acme', other: 'x' }).ok).toBe(false);
      expect(command.parse({}).ok).toBe(false);
      expect(command.plan(siteFacts(), { site: 'a b' }).ok).toBe(false);
    });

    it('plans the same from the same facts, and something else from others', () => {
      const hash = (facts = factsOf()) => {
        const plan = command.plan(facts, args);
        return plan.ok ? hashPlan(plan.value) : plan.error.code;
      };
      expect(hash()).toBe(hash());
      expect(hash()).toMatch(/^[0-9a-f]{64}$/);
      expect(hash(factsOf({ toolVersion: '16.1' }))).not.toBe(hash());
      expect(hash(factsOf({ siteDirectory: false }))).toBe('precheck_failed');
    });

    it('names the site, its environment and what it does to it', () => {
      const plan = command.plan(factsOf(), args);
      expect(plan).toMatchObject({
        ok: true,
        value: { command: command.name, site: 'acme', environment: 'production', lock: 'acme' },
      });
      if (plan.ok) expect(plan.value.effects.join(' ').length).toBeGreaterThan(20);
    });
  }
});
