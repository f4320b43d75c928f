import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/operations/redact.ts';

/** Runs text through a redactor in pieces of the given lengths; the rest is the last piece. */
function redact(secrets: readonly string[], input: Uint8Array, lengths: readonly number[]): Buffer {
  const redactor = new Redactor(secrets);
  const output: Uint8Array[] = [];
  let at = 0;
  for (const length of [...lengths, input.length]) {
    output.push(redactor.push(input.subarray(at, at + length)));
    at += Math.min(length, input.length - at);
  }
  output.push(redactor.flush());
  return Buffer.concat(output);
}

/** Which bytes belong to an occurrence of a secret, found the slow way. */
function covered(secrets: readonly string[], input: Buffer): boolean[] {
  const marks = Array.from(input, () => false);
  for (const secret of secrets.map((one) => Buffer.from(one))) {
    for (let at = input.indexOf(secret); at >= 0; at = input.indexOf(secret, at + 1)) {
      marks.fill(true, at, at + secret.length);
    }
  }
  return marks;
}

// Few letters, so that secrets overlap, begin like one another and begin again within themselves.
const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '😀'), minLength: 4, maxLength: 8 });
const noise = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '😀', '\n', ' '), maxLength: 20 });
const lengths = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 60 });

describe('redaction', () => {
  it('leaves no secret, keeps every offset, and touches nothing else, however the stream is cut', () => {
    let hidden = 0;
    const parts = fc.array(fc.oneof(noise, fc.nat(2)), { maxLength: 10 });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), parts, lengths, (secrets, pieces, cuts) => {
        const text = pieces.map((piece) => (typeof piece === 'number' ? (secrets[piece] ?? '') : piece)).join('');
        const input = Buffer.from(text);
        const output = redact(secrets, input, cuts);
        expect(output.length).toBe(input.length);
        for (const one of secrets) expect(output.includes(one)).toBe(false);
        const marks = covered(secrets, input);
        const strays = [...output.keys()].filter(
          (at) => output[at] !== input[at] && !(output[at] === 0x2a && marks[at]),
        );
        expect(strays).toEqual([]);
        hidden += output.filter((byte, at) => byte !== input[at]).length;
      }),
      { numRuns: 1_500 },
    );
    expect(hidden).toBeGreaterThan(1_000);
  });

  it('hides the whole of one secret byte by byte, wherever the cut is', () => {
    const input = Buffer.from('password=correct horse; again: correct horse');
    for (let cut = 0; cut <= input.length; cut += 1) {
      expect(redact(['correct horse'], input, [cut]).toString()).toBe('password=*************; again: *************');
    }
    expect(redact(['correct horse'], input, Array(input.length).fill(1)).toString()).not.toContain('horse');
  });

  it('hides a secret whole when another is its beginning', () => {
    expect(redact(['pass', 'password1'], Buffer.from('password1'), []).toString()).toBe('*********');
  });

  it('holds back no more than could be a beginning', () => {
    const redactor = new Redactor(['abcdef']);
    expect(redactor.push(Buffer.from('xxabc')).length).toBe(2);
    expect(redactor.push(Buffer.from('d')).length).toBe(0);
    expect(Buffer.from(redactor.push(Buffer.from('x'))).toString()).toBe('abcdx');
    expect(redactor.flush().length).toBe(0);
  });

  it('gives back at the end what turned out to be harmless', () => {
    const redactor = new Redactor(['abcdef']);
    redactor.push(Buffer.from('abc'));
    expect(Buffer.from(redactor.flush()).toString()).toBe('abc');
    expect(redactor.flush().length).toBe(0);
  });

  it('passes everything through when there is nothing to hide, and does not look for what is too short', () => {
    const binary = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(redact([], binary, [100])).toEqual(Buffer.from(binary));
    expect(redact(['abc'], Buffer.from('abc'), []).toString()).toBe('abc');
  });
});
