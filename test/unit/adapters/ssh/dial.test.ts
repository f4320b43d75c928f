import { expect, it } from 'vitest';
import { checkInWords, nextAfter } from '../../../../commands/contract/check-words.ts';
import { keyAfter } from '../../../../src/adapters/ssh/dial.ts';
import { answered } from '../../../../src/adapters/ssh/failures.ts';
import {
  keyUnreadable,
  keyUnusable,
  noAgent,
  noCommonWay,
  notLetIn,
  ofBastion,
} from '../../../../src/adapters/ssh/refusals.ts';
import { coded, type Refusal, refusal } from '../../../../src/kernel/errors.ts';
import { hostNowhere } from '../../../support/host-nowhere.ts';

const [db1, gate] = [hostNowhere('db1'), hostNowhere('gate')];

it.each<[string, Refusal, ReturnType<typeof keyAfter>]>([
  ['the host lets nobody in', notLetIn(db1, 'All configured authentication methods failed'), 'ok'],
  ['the host runs nothing', refusal('protocol_error', 'db1 does not run our shell script'), 'ok'],
  ['the host presents another key', refusal('host_key_changed', 'db1 presents another'), 'changed'],
  ['the host does not answer', refusal('host_unreachable', 'db1 cannot be reached'), 'unknown'],
  ['the two sides cannot speak', noCommonWay(db1, 'no matching key exchange'), 'unknown'],
  ['our own key cannot be used', keyUnusable(db1, 'its passphrase is wrong'), 'unknown'],
  ['our own key cannot be read', keyUnreadable(db1, new Error('ENOENT')), 'unknown'],
  ['our own key is in no agent', noAgent(db1), 'unknown'],
  ['the bastion lets nobody in', ofBastion(gate, db1, notLetIn(gate, 'no')), 'unknown'],
  ['the bastion presents another key', ofBastion(gate, db1, refusal('host_key_changed', 'gate')), 'unknown'],
])('P5 says of the host’s key only what was seen: %s', async (_name, refused, key) => {
  // What is thrown on the way has to say as well whose failure it was.
  const problem = await answered(() => Promise.reject(coded(refused)));
  expect(problem).toEqual({ ok: false, error: refused });
  expect(keyAfter(refused)).toBe(key);
});

it('sends nobody to pin the key of a host because that of its bastion has changed', () => {
  const problem = ofBastion(gate, db1, refusal('host_key_changed', 'gate presents another key'));
  const check = { tookMs: 1, key: keyAfter(problem), login: null, sudo: null, clock: null, problem };
  expect(checkInWords('db1', check, new Date(0))).toMatch(/the bastion of db1: .*\(key unknown\)$/);
  expect(nextAfter('db1', check)).not.toContain('host rekey db1');
});
