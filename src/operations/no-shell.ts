import type { Estate, Host } from '../estate/types.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import type { Plan } from './plan.ts';

/** Why nothing can be run on a host without a shell, and what can be done instead. */
export function noShell(host: Pick<Host, 'name'>): Refusal {
  return refusal(
    'no_shell',
    `${host.name} has no shell for Twokey (\`shell: none\` in the estate), so nothing can be run on it.`,
  );
}

/** Refuses a plan that has a step on a host without a shell; null when there is none. */
export function shellsFor(plan: Plan, estate: Estate): Refusal | null {
  for (const step of [...plan.steps, ...plan.cleanup]) {
    const host = estate.hosts.get(step.host);
    if (host?.shell !== 'none') continue;
    const { code, message, next } = noShell(host);
    return refusal(code, `${message} \`${plan.command}\` would do this there: ${step.title} (${step.step}).`, next);
  }
  return null;
}
