import { describe, expect, it } from 'vitest';
import { HELPER, helperCall } from '../../../src/shell/protocol.ts';
import { endOf, parseState } from '../../../src/shell/state.ts';

const START = { verb: 'start', script: 'true', capBytes: 1024, stdin: '' } as const;

describe('helperCall', () => {
  it('ends in one call with ten arguments, the last of them END', () => {
    const { text } = helperCall('/b', 'j1', { verb: 'read', offset: 7 }, 'n');

    expect(text).toBe(`${HELPER}main 'read' 'n' '/b' 'j1' '7' '' '' '' '' 'END'; exit $?\n`);
  });

  it('holds nothing but functions, so that no part of it runs by itself', () => {
    // Anything else would already run when a link is lost in the middle of the text.
    const outside = HELPER.split(/^\w+\(\) \{\n[\s\S]*?^\}\n(?=\w+\(\) \{|$)/m).join('');
    expect(outside.trim()).toBe('');
  });

  it('makes a new random word for each call', () => {
    expect(helperCall('/b', 'j1', START).nonce).not.toBe(helperCall('/b', 'j1', START).nonce);
  });

  it.each(['', '-a', 'a/b', '..', 'a b', 'a\nb', 'locks', 'ä', 'x'.repeat(81)])('refuses the job id %j', (jid) => {
    expect(() => helperCall('/b', jid, START)).toThrow(expect.objectContaining({ code: 'bad_arguments' }));
  });

  it.each(['.', '../x', '-n', 'a/b', 'a b'])('refuses the lock name %j', (lock) => {
    expect(() => helperCall('/b', 'j', { ...START, lock })).toThrow(expect.objectContaining({ code: 'bad_arguments' }));
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 60])('refuses the offset %d', (offset) => {
    expect(() => helperCall('/b', 'j', { verb: 'read', offset })).toThrow(
      expect.objectContaining({ code: 'bad_arguments' }),
    );
  });

  it.each(['jobs', '', '/', '/jobs/', '/a\nb', '~/jobs'])('refuses the job directory %j', (base) => {
    expect(() => helperCall(base, 'j', START)).toThrow(expect.objectContaining({ code: 'bad_arguments' }));
  });
});

describe('parseState', () => {
  it.each([
    ['none 0', { kind: 'none' }],
    ['starting 0', { kind: 'starting' }],
    ['running 12', { kind: 'running', size: 12 }],
    ['busy j2', { kind: 'busy', holder: 'j2' }],
    ['exited 137 9 1 0', { kind: 'exited', code: 137, size: 9, truncated: true, cancelled: false }],
    ['exited 0 0 0 1', { kind: 'exited', code: 0, size: 0, truncated: false, cancelled: true }],
    ['lost orphan 3', { kind: 'lost', why: 'orphan', size: 3 }],
  ])('reads %j', (text, state) => {
    expect(parseState(text.split(' '))).toEqual(state);
  });

  it.each([
    '',
    'exited',
    'exited x 1',
    'exited 1',
    'running -1',
    'lost',
    'lost love 3',
    'lost killed x',
    'busy',
    'done',
  ])('does not guess at %j', (text) => {
    expect(parseState(text.split(' '))).toBeNull();
  });

  it('takes a job without a directory for gone, and one that goes on for no end', () => {
    expect(endOf({ kind: 'none' })).toEqual({ kind: 'lost', why: 'gone', size: 0 });
    expect(endOf({ kind: 'starting' })).toBeNull();
    expect(endOf({ kind: 'running', size: 1 })).toBeNull();
    expect(endOf({ kind: 'busy', holder: 'j' })).toEqual({ kind: 'busy', holder: 'j' });
  });
});
