import type { z } from 'zod';
import { ABSENT, type Thing } from '../../src/estate/thing.ts';
import type { Estate, HostDocument } from '../../src/estate/types.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err } from '../../src/kernel/result.ts';
import { planEdit } from '../../src/operations/estate/plan-edit.ts';
import { estateOperation, type RawArguments } from './command.ts';
import type { Field } from './field.ts';
import { hostFrom, newHostInWords, withPinnedKey } from './new-host.ts';

/** What a command that brings a new host into the estate says of itself. */
interface AddsHost<A> {
  readonly name: string;
  readonly summary: string;
  readonly fields: readonly Field[];
  readonly args: z.ZodType<A>;
  /** Why the place where it is to go stands against it; null when nothing does. */
  readonly objection: (args: RawArguments, estate: Estate) => Refusal | null;
  /** What is written, with the host in it. */
  readonly thing: (args: A, host: HostDocument) => Thing;
  /** What it works on, when that is not the thing itself. */
  readonly on?: (args: A) => string;
  /** `Adds the host …`, with the host in words. */
  readonly effect: (args: A, host: string) => string;
  readonly next: (args: A) => string;
}

/**
 * Makes a command that adds a host: its key is looked at, shown, and pinned once an admin has confirmed its fingerprint.
 * Pinning a key is a decision about trust, which no grant gives away.
 */
export function addsHost<A extends Readonly<Record<string, string>>>(it: AddsHost<A>) {
  return estateOperation({
    name: it.name,
    summary: it.summary,
    fields: it.fields,
    roles: ['admin'],
    area: 'oversight',
    risk: 'routine',
    args: it.args,
    keyOf: (args, { estate }) => {
      const { host = '' } = args;
      const objection = it.objection(args, estate);
      if (objection) return err(objection);
      if (estate.hosts.has(host)) return err(refusal('name_taken', `There is a host "${host}" already.`));
      return hostFrom(args);
    },
    plan: (facts, args) => {
      const host = hostFrom(args);
      if (!host.ok) return host;
      const added = withPinnedKey(host.value, facts.presented, it, args);
      if (!added.ok) return added;
      const { document, pinned } = added.value;
      return planEdit(facts, {
        command: it.name,
        args,
        edit: { act: 'put', before: ABSENT, thing: it.thing(args, document) },
        ...(it.on === undefined ? {} : { on: it.on(args) }),
        effects: [it.effect(args, newHostInWords(document)), pinned, 'Nothing is run on the host.'],
        next: it.next(args),
      });
    },
  });
}
