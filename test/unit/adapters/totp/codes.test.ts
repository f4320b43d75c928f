import { describe, expect, it } from 'vitest';
import { judgeCode, NO_HISTORY, STEP_MS } from '../../../../approvals/step-up.ts';
import { otpCodes } from '../../../../src/adapters/totp/codes.ts';
import { Secret } from '../../../../src/kernel/secret.ts';

describe('codes by RFC 6238', () => {
  // Appendix B, SHA-1: the seed 12345678901234567890 in base 32; of its eight digits ours are the last six.
  const seed = new Secret('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at %i s', (seconds, eight) => {
    const code = eight.slice(-6);
    expect(otpCodes.codeAt(seed, Math.floor((seconds * 1000) / STEP_MS))).toBe(code);
    const judged = judgeCode(NO_HISTORY, code, new Date(seconds * 1000), (step) => otpCodes.codeAt(seed, step));
    expect(judged.verdict.kind).toBe('right');
  });

  it('a secret has 160 bits, each another, and the link says what the app has to do', () => {
    const secret = otpCodes.newSecret();
    expect(secret.reveal()).toMatch(/^[A-Z2-7]{32}$/);
    expect(otpCodes.newSecret().reveal()).not.toBe(secret.reveal());
    const link = new URL(otpCodes.link(secret, 'Ada Löve: & <b>'));
    expect(`${link.protocol}//${link.host}`).toBe('otpauth://totp');
    expect(decodeURIComponent(link.pathname)).toBe('/Twokey:Ada Löve: & <b>');
    expect(Object.fromEntries(link.searchParams)).toEqual({
      issuer: 'Twokey',
      secret: secret.reveal(),
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});
