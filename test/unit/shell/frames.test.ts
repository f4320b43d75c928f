import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameParser, type Frame } from '../../../src/shell/frames.ts';

const NONCE = '0123456789abcdef';
const MARK = `\nT2K ${NONCE}\n`;
const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

/** One frame as the helper sends it, and as it has to arrive. */
type Sent = readonly [wire: Buffer, frame: Frame];

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll(/[\p{Cc}\n]/gu, '_'));
const plain: fc.Arbitrary<Sent> = fc.oneof(
  fc.constant<Sent>([bytes('H\n'), { kind: 'alive' }]),
  text.map<Sent>((value) => [bytes(`P ${value}\n`), { kind: 'progress', text: value }]),
  fc.nat(255).map<Sent>((code) => [bytes(`C ${code}\n`), { kind: 'code', code }]),
  fc.constant<Sent>([
    bytes('S end exited 3 10 1 0\n'),
    { kind: 'state', how: 'end', state: { kind: 'exited', code: 3, size: 10, truncated: true, cancelled: false } },
  ]),
  fc.constant<Sent>([bytes('E nodir /a b\n'), { kind: 'refused', code: 'nodir', detail: '/a b' }]),
  fc.constant<Sent>([bytes('F home /home/x y\n'), { kind: 'fact', name: 'home', value: '/home/x y' }]),
  fc
    .tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 300 }))
    .map<Sent>(([offset, data]) => [
      Buffer.concat([bytes(`D ${offset} ${data.length}\n`), data, bytes('')]),
      { kind: 'data', offset, bytes: data },
    ]),
);

/** The frames with neighbouring pieces of output put together, so that chunking does not show. */
function whole(frames: readonly Frame[]): unknown[] {
  const out: unknown[] = [];
  let open: { kind: string; offset: number; bytes: Buffer } | null = null;
  for (const frame of frames) {
    if (frame.kind === 'data' && open?.kind === 'data' && frame.offset === open.offset + open.bytes.length) {
      open.bytes = Buffer.concat([open.bytes, frame.bytes]);
    } else if (frame.kind === 'data') {
      open = { kind: 'data', offset: frame.offset, bytes: Buffer.from(frame.bytes) };
      out.push(open);
    } else {
      open = null;
      out.push(frame);
    }
  }
  return out;
}

/** Feeds the wire in pieces whose lengths repeat. */
function fed(wire: Buffer, lengths: readonly number[]): Frame[] {
  const parser = createFrameParser(NONCE);
  const frames: Frame[] = [];
  for (let at = 0, index = 0; at < wire.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1;
    frames.push(...parser.push(wire.subarray(at, at + length)));
    at += length;
  }
  return frames;
}

const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });

describe('createFrameParser', () => {
  it('reads the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(plain, { maxLength: 20 }),
        lengths,
        (noise, sent, cuts) => {
          const wire = Buffer.concat([noise, bytes(MARK), ...sent.map(([part]) => part)]);

          const frames = fed(wire, cuts);

          expect(whole(frames)).toEqual(whole([{ kind: 'hello' }, ...sent.map(([, frame]) => frame)]));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('delivers every byte of data as soon as it is there: any prefix of the wire gives a prefix of the data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), lengths, (data, place, cuts) => {
        const head = bytes(`${MARK}D 5 ${data.length}\n`);
        const got = place % (data.length + 1);
        const wire = Buffer.concat([head, data]).subarray(0, head.length + got);

        const pieces = fed(wire, cuts).flatMap((frame) => (frame.kind === 'data' ? [frame.bytes] : []));

        expect(Buffer.concat(pieces)).toEqual(Buffer.from(data.subarray(0, got)));
      }),
    );
  });

  it('passes the output of a short script through, whatever it holds and wherever its code comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(), lengths, (output, place, cuts) => {
        const at = place % (output.length + 1);
        const [before, after] = [output.subarray(0, at), output.subarray(at)];
        const inner = `T2K ${NONCE} `;
        const wire = Buffer.concat([bytes(`${MARK}O\n`), before, bytes(`${inner}C 7\n`), after, bytes(`${inner}Z\n`)]);

        const frames = fed(wire, cuts);

        const pieces = frames.flatMap((frame) => (frame.kind === 'output' ? [frame.bytes] : []));
        expect(Buffer.concat(pieces)).toEqual(Buffer.from(output));
        expect(frames.filter(({ kind }) => kind !== 'output')).toEqual([
          { kind: 'hello' },
          { kind: 'code', code: 7 },
          { kind: 'done' },
        ]);
      }),
    );
  });

  it('keeps the beginning of what a login prints, without control characters', () => {
    const parser = createFrameParser(NONCE);
    parser.push(bytes('This account\r\nis closed\u0007.\n'));
    expect(parser.noise()).toBe('This account is closed .');
  });

  it('is not taken in by the mark of another call', () => {
    const parser = createFrameParser(NONCE);
    expect(parser.push(bytes('\nT2K ffffffffffffffff\nH\n'))).toEqual([]);
    expect(parser.push(bytes(`${MARK}H\n`))).toEqual([{ kind: 'hello' }, { kind: 'alive' }]);
  });

  it.each([
    ['an unknown frame', 'Y 1\n'],
    ['data without a length', 'D 1\n'],
    ['a negative offset', 'D -1 5\n'],
    ['an absurd length', 'D 0 99999999999999999999\n'],
    ['an unknown state', 'S now dreaming 1\n'],
    ['a code that is none', 'C x\n'],
    ['a line without an end', 'P '.padEnd(9000, 'x')],
  ])('throws at %s', (_name, line) => {
    const parser = createFrameParser(NONCE);
    expect(() => parser.push(bytes(MARK + line))).toThrow(expect.objectContaining({ code: 'protocol_error' }));
  });

  it('throws at a login that never stops printing', () => {
    const parser = createFrameParser(NONCE);
    const push = (): void => {
      for (let round = 0; round < 100; round += 1) parser.push(new Uint8Array(1024));
    };
    expect(push).toThrow(expect.objectContaining({ code: 'protocol_error' }));
  });
});
