import type { Added } from '../../src/operations/releases/add.ts';
import type { ReleaseRecord } from '../../src/operations/releases/ports.ts';
import type { Glance } from '../../src/operations/releases/verify.ts';
import { type Part, type Span, text } from './answer.ts';
import { bytesInWords } from './words.ts';

/** Where a copy lies, on a host or in the data directory of a Twokey that may be another one, and how it is there. */
export function copySpans({ copy, state, words }: Glance, ownPlace: string): readonly Span[] {
  const where = copy.place.startsWith('host:')
    ? `on the host ${copy.machine}, ${copy.path}`
    : copy.place === ownPlace
      ? `here, releases/${copy.path}`
      : `in the data directory of ${copy.machine}, releases/${copy.path}`;
  const problem = copy.problem ?? (state === 'wrong' ? words : null);
  const last = copy.problem === null ? '' : `; the last look found: ${copy.problem}`;
  const how: Span =
    state === 'unknown'
      ? { strong: `UNKNOWN: ${words}${last}` }
      : problem === null
        ? words
        : { strong: `DAMAGED: ${problem}` };
  return [`${where}; `, how, '; read last ', { at: copy.verifiedAt, style: 'day-time' }];
}

/** What became of an addition. */
export function addedPart({ release, fresh }: Added): Part {
  const { product, version, size, sha256, manifest } = release;
  return text(
    { strong: `${product} ${version}` },
    fresh ? ' is added: ' : ' was there already, byte for byte the same; this copy of it is noted: ',
    `${bytesInWords(size)}, SHA-256 `,
    { code: sha256 },
    manifest
      ? '. What it ships is known, file by file.'
      : '. Its host’s tar cannot list it, so what it ships is not known.',
  );
}

/** `acme-app 8.2.0`, as a word that other commands take. */
export function nameOf({ product, version }: ReleaseRecord): string {
  return `${product}-${version}`;
}

export const RELEASE_FIELD = {
  key: 'release',
  label: 'release',
  of: 'text',
  required: true,
  hint: 'its version, its file, or product-version',
} as const;

/** Who added it and when. */
export function originSpans({ source, addedBy, addedAt }: ReleaseRecord): readonly Span[] {
  const who: Span = addedBy === 'twokey' ? 'Twokey' : { person: addedBy };
  return [who, ' ', { at: addedAt, style: 'day-time' }, `, from ${source}`];
}
