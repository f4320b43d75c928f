import type { ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import {
  enrolModal,
  offModal,
  submittedCode,
  totpDone,
  totpLoading,
  voteMemory,
  voteModal,
} from '../../../../../src/adapters/slack/render/totp.ts';
import { Secret } from '../../../../../src/kernel/secret.ts';
import { parseView } from '../../../../../src/workspace/blocks/view.ts';
import { operation } from '../../../../support/builders.ts';
import { NASTY } from '../../../../support/slack-limits.ts';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const LINK = `otpauth://totp/Twokey:${encodeURIComponent('Ü'.repeat(200))}?secret=${SECRET}`;

describe('the windows of codes', () => {
  const all: [string, ModalView][] = [
    ['loading', totpLoading()],
    ['enrolment', enrolModal(new Secret(SECRET), LINK)],
    ['off', offModal()],
    ['done', totpDone('You are enrolled.')],
    ...NASTY.map((text): [string, ModalView] => [
      `vote on ${text.slice(0, 24)}`,
      voteModal(operation({ command: text, site: text, environment: text, generation: 99 }), 'C0OPS'),
    ]),
  ];
  it.each(all)('%s is taken by Slack', (_name, view) => {
    expect(() => parseView(JSON.parse(JSON.stringify(view)), 'modal')).not.toThrow();
  });

  it('P8 the secret is in nothing that Slack sends back with the form', () => {
    const { blocks, ...kept } = enrolModal(new Secret(SECRET), LINK);
    expect(JSON.stringify(kept)).not.toContain(SECRET);
    expect(JSON.stringify(blocks)).toContain(SECRET.match(/.{4}/g)?.join(' '));
  });

  it('the form of a vote carries the operation and the generation of its plan', () => {
    const view = voteModal(operation({ generation: 3 }), 'C0OPS');
    expect(voteMemory.parse(JSON.parse(view.private_metadata ?? ''))).toEqual({
      on: 'operation',
      id: '7k3m9q2x',
      generation: 3,
      channel: 'C0OPS',
    });
    expect(JSON.stringify(view.blocks)).toContain('version 3 of its plan');
  });
});

describe('a typed code', () => {
  const typed = (value: string | null) => submittedCode({ values: { code: { value: { value } } } });
  it.each([
    ['123456', '123456'],
    [' 123 456 ', '123456'],
    ['123-456', '123456'],
    ['000000', '000000'],
  ])('%j is read', (given, read) => {
    expect(typed(given)).toBe(read);
  });
  it.each(['12345', '1234567', '12345a', '١٢٣٤٥٦', ''])('%j is none', (given) => {
    expect(typed(given)).toBeNull();
  });
  it('and nothing is none', () => {
    expect(typed(null)).toBeNull();
    expect(submittedCode({})).toBeNull();
  });
});
