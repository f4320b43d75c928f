import { z } from 'zod';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { userOrGroup } from './people.ts';
import { HOST_ROLES } from './permission-words.ts';
import { PRESET_NAMES } from './presets.ts';

/** Says what an unknown word may have meant. */
function offering(kind: string, names: readonly string[]) {
  return ({ input }: { readonly input?: unknown }) => {
    const near = typeof input === 'string' ? didYouMean(input, names) : undefined;
    return `there is no ${kind} "${String(input)}"${near === undefined ? `; there are ${names.join(', ')}` : `, did you mean "${near}"?`}`;
  };
}

const KEYS = ['who', 'preset', 'cluster', 'site', 'environment', 'hosts'];

/**
 * A preset given to people, everywhere or within limits. Each limit that stands there has to hold; `hosts` are roles of
 * hosts, and hold for a command when each host it touches has one of them.
 */
export const grant = z.strictObject(
  {
    who: z.array(userOrGroup).min(1),
    preset: z.enum(PRESET_NAMES, { error: offering('preset', PRESET_NAMES) }),
    cluster: z.string().min(1).optional(),
    site: z.string().min(1).optional(),
    environment: z.string().min(1).optional(),
    hosts: z
      .array(z.enum(HOST_ROLES, { error: offering('role of hosts', HOST_ROLES) }))
      .min(1)
      .optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .map((key) => {
              const near = didYouMean(key, KEYS);
              return `unknown key "${key}"${near === undefined ? '' : `, did you mean "${near}"?`}`;
            })
            .join('; ')
        : undefined,
  },
);

export type Grant = z.output<typeof grant>;

/** `operations-engineer for the site acme-staging on db hosts`, `infrastructure everywhere`. */
export function grantInWords(it: Grant): string {
  const limits = [
    ...(it.site === undefined ? [] : [`the site ${it.site}`]),
    ...(it.cluster === undefined ? [] : [`the cluster ${it.cluster}`]),
    ...(it.environment === undefined ? [] : [`the environment ${it.environment}`]),
  ];
  const where = limits.length === 0 ? 'everywhere' : `for ${limits.join(' and ')}`;
  return `${it.preset} ${where}${it.hosts === undefined ? '' : ` on ${it.hosts.join(' and ')} hosts`}`;
}
