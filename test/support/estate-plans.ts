import type { OperationCommand } from '../../commands/contract/command.ts';
import { loadCommands } from '../../commands/index.ts';
import { applyEdit } from '../../src/estate/edit.ts';
import { buildEstate } from '../../src/estate/estate.ts';
import { readKeyLine } from '../../src/estate/host-key.ts';
import { loadProfiles } from '../../src/estate/profile-load.ts';
import { type EstateDocument, estateDocument } from '../../src/estate/types.ts';
import { readEdit } from '../../src/operations/estate/encode.ts';
import type { EstateFacts, EstatePlannable } from '../../src/operations/estate/facts.ts';
import type { Plan } from '../../src/operations/plan.ts';
import { hostInput, siteInput } from './builders.ts';

/** A public key line that reads well. */
export const KEY = readKeyLine('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl');
const commands = await loadCommands();
/** A command that changes the estate; throws for any other name. */
export const commandOf = (name: string): OperationCommand & EstatePlannable => {
  const found = commands.find((one) => one.name === name);
  if (found?.kind !== 'operation' || found.on !== 'estate') throw new Error(`${name} does not change the estate`);
  return found;
};

const profiles = loadProfiles('/nowhere');
/** Two clusters: a production site on a host, and a host by itself. */
export const document = estateDocument.parse({
  clusters: [
    { name: 'main', hosts: [hostInput('app1')], sites: [siteInput('acme', 'app1')] },
    { name: 'beta', hosts: [hostInput('beta1', { host_keys: ['ssh-ed25519 AAAA'] })] },
  ],
});
export function facts(change: Partial<EstateFacts> = {}): EstateFacts {
  const its = change.document ?? document;
  const estate = buildEstate(its);
  if (!estate.ok) throw new Error(estate.error.message);
  return {
    document: its,
    estate: estate.value,
    profiles,
    removals: [],
    uses: [],
    changes: [],
    presented: null,
    settings: null,
    ...change,
  };
}
/** The plan of a command; throws with the refusal. */
export function planOf(name: string, args: Readonly<Record<string, string>>, change: Partial<EstateFacts> = {}): Plan {
  const plan = commandOf(name).plan(facts(change), args);
  if (!plan.ok) throw new Error(`${plan.error.code}: ${plan.error.message} ${plan.error.next}`);
  return plan.value;
}
export const refusalOf = (name: string, args: Readonly<Record<string, string>>, change: Partial<EstateFacts> = {}) => {
  const plan = commandOf(name).plan(facts(change), args);
  return plan.ok ? 'a plan' : `${plan.error.code}: ${plan.error.message} ${plan.error.next}`;
};
/** The estate after a plan's edits. */
export function carriedOut(plan: Plan, on: EstateDocument = document): EstateDocument {
  return plan.steps.reduce((before, step) => {
    const edit = readEdit(step);
    if (!edit) throw new Error(`${step.step} is no edit`);
    const after = applyEdit(before, edit);
    if (!after.ok) throw new Error(after.error.message);
    return after.value;
  }, on);
}
