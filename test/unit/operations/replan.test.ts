import { describe, expect, it } from 'vitest';
import { refusal } from '../../../src/kernel/errors.ts';
import { ok } from '../../../src/kernel/result.ts';
import { type ReplanContext, replanOperation } from '../../../src/operations/request.ts';
import { operation, plan, T0 } from '../../support/builders.ts';

const waiting = operation({ state: 'awaiting' });
const fresh = plan({ environment: 'staging' });

function context(change: Partial<ReplanContext> = {}): { readonly its: ReplanContext; readonly written: string[] } {
  const written: string[] = [];
  const its: ReplanContext = {
    book: {
      view: (id) =>
        Promise.resolve(id === waiting.id ? { operation: waiting, steps: [], votes: [], readAt: T0 } : null),
    },
    store: {
      replan: (_id, person) => {
        written.push(person);
        return Promise.resolve(ok('replaced'));
      },
    },
    replan: () => Promise.resolve(ok(fresh)),
    policy: () => Promise.resolve(never),
    resolvePeople: () => Promise.resolve({ eligible: new Map(), requester: null }),
    ...change,
  };
  return { its, written };
}

const never = (): never => {
  throw new Error('nothing is judged here');
};

describe('a plan that is built again', () => {
  it('replaces the old one in the name of the person who had it built', async () => {
    const { its, written } = context();
    expect(await replanOperation(its, waiting.id, 'U0APA')).toEqual(ok('replaced'));
    expect(written).toEqual(['U0APA']);
  });

  it('replaces nothing when it does what its requester may not, whoever had it built', async () => {
    const no = refusal('not_allowed', 'not on that host');
    const asked: unknown[] = [];
    const { its, written } = context({
      resolvePeople: (_operation, planned, voters) => {
        asked.push(planned, voters);
        return Promise.resolve({ eligible: new Map(), requester: no });
      },
    });
    expect(await replanOperation(its, waiting.id, 'U0ADM')).toEqual({ ok: false, error: no });
    expect(asked).toEqual([fresh, []]);
    expect(written).toEqual([]);
  });

  it('is refused where it cannot be built, and for an operation that is not there', async () => {
    const away = refusal('host_unreachable', 'db1 does not answer');
    const { its, written } = context({ replan: () => Promise.resolve({ ok: false, error: away }) });
    expect(await replanOperation(its, waiting.id, 'U0APA')).toEqual({ ok: false, error: away });
    expect(await replanOperation(its, '00000000', 'U0APA')).toMatchObject({ error: { code: 'unknown_operation' } });
    expect(written).toEqual([]);
  });
});
