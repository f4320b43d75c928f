import { z } from 'zod';

/** A person's main id and the other ids of the same person. */
export type People = Readonly<Record<string, readonly string[]>>;

/** Somebody whom the configuration names: a person, or the members of a user group. */
export const userOrGroup = z.string().regex(/^[USW][A-Z0-9]{2,20}$/, 'a Slack user id (U…) or user-group id (S…)');
const account = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'the Slack user id of one person (U…)');

/** `{ U0MAIN: [U0SECOND] }`: each person once, each id with one person. */
export const people = z
  .record(account, z.array(account).min(1))
  .default({})
  .superRefine((all, context) => {
    const owner = new Map<string, string>();
    for (const [main, others] of Object.entries(all)) {
      for (const [index, id] of others.entries()) {
        const before = owner.get(id);
        const problem = Object.hasOwn(all, id)
          ? `${id} stands here as a person of its own, so it cannot be another id of ${main}`
          : before !== undefined
            ? `${id} belongs to ${before} already`
            : null;
        if (problem !== null) context.addIssue({ code: 'custom', path: [main, index], message: problem });
        owner.set(id, main);
      }
    }
  });

/** The person behind an id: their main id, which is the id itself for those who have but one. */
export function personOf(all: People, id: string): string {
  return Object.entries(all).find(([, others]) => others.includes(id))?.[0] ?? id;
}

/** Every id of a person, the main one first. */
export function accountsOf(all: People, person: string): readonly string[] {
  return [person, ...(Object.hasOwn(all, person) ? (all[person] ?? []) : [])];
}
