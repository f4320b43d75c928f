import { Scalar } from 'yaml';
import { UNSEEN } from '../../estate/parameter.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { sha256 } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { differingPaths, type Leaves, pathKey, readDocument } from './document.ts';
import { findPlace, type Place, pathInWords } from './path.ts';
import { type OldScalar, writeScalar } from './scalar.ts';
import { holdsSecret, isSecretName, mayBeTold, namedItem } from './secrets.ts';
import { pathTold } from './words.ts';

/** One value of a file in place of another, as bytes: all that a plan holds of the file. */
export interface Edit {
  readonly path: readonly string[];
  /** Where the old text begins, and how long it is, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** The new text, quoted as YAML needs it. */
  readonly text: string;
  /** Lower-case hexadecimal SHA-256 of what the whole file is then. */
  readonly after: string;
  /** The old value, where it may be told. */
  readonly told: string | null;
}

const PREPARE = 'Prepare the whole file on the host and use `--from`.';
const bytesOf = (text: string) => Buffer.byteLength(text, 'utf8');

/**
 * Why a value may not be typed: it looks like a secret, or nobody could read what it is. The value itself is never
 * repeated. Null when it may.
 */
export function refuseValue(typed: string, value: string): Refusal | null {
  const last = /\[([^[\]]+)\]$/.exec(typed)?.[1] ?? typed.split('.').at(-1) ?? '';
  const named = /^([\w.-]+)=/.exec(value)?.[1] ?? '';
  if (isSecretName(last) || isSecretName(named) || holdsSecret(value) || holdsSecret(typed)) return looksSecret();
  if (!value.isWellFormed() || UNSEEN.test(value.replaceAll(/[\n\t]/g, ' ')))
    return refusal('bad_arguments', 'The value holds characters that nobody can see.', PREPARE);
  return null;
}

function looksSecret(): Refusal {
  return refusal(
    'not_allowed',
    'That looks like a secret, and a secret must not pass through Slack. If it was one, change it: Slack has seen it.',
    'Copy the compose file on the host, put the secret into the copy, and send `compose edit <site> --from <its name>`.',
  );
}

/**
 * Whether the place that was found bears the name of a secret: by its key, as an item `KEY=value` of a list, or after an
 * option such as `--requirepass`.
 */
function isSecretPlace({ node, path }: Place, leaves: Leaves): boolean {
  const last = path.at(-1) ?? '';
  const item = namedItem(path.at(-2) ?? '', String(node.value));
  if (isSecretName(last) || (item !== null && isSecretName(item.name))) return true;
  const before = leaves.get(pathKey([...path.slice(0, -1), String(Number(last) - 1)]))?.text ?? '';
  return before.startsWith('string -') && (isSecretName(before) || holdsSecret(`${before} `));
}

/**
 * Puts a value, which refuseValue has let through, in the place of the one that a path leads to. Pure. Every other byte
 * stays as it is, and the outcome is read again to prove that it means the same but for that one value. Refusals, none of
 * which repeats a value of the file: those of readDocument and findPlace, not_allowed for the place of a secret, and
 * not_supported for what cannot be changed in one place.
 */
export function editScalar(text: string, name: string, typed: string, value: string): Result<Edit, Refusal> {
  const read = readDocument(text, name);
  if (!read.ok) return read;
  const { document, leaves } = read.value;
  const found = findPlace(document.contents, typed);
  if (!found.ok) return found;
  const place = found.value;
  if (isSecretPlace(place, leaves)) return err(looksSecret());
  const where = pathInWords(place.path);
  const old = oldScalar(text, place);
  if (!old.ok) return old;
  const { start, end, style, source } = old.value;
  const written = writeScalar(place.prefix + value, { style, source, inFlow: place.inFlow });
  const edited = text.slice(0, start) + written.text + text.slice(end);
  if (edited === text || place.node.value === written.means)
    return err(
      refusal(
        'bad_arguments',
        `\`${where}\` has that value already.`,
        'Nothing to change. `redeploy <site>` applies what stands in the file.',
      ),
    );
  const after = readDocument(edited, name);
  const changed = after.ok ? differingPaths(leaves, after.value.leaves) : [];
  const others = changed.filter((path) => pathKey(path) !== pathKey(place.path));
  if (others.length > 0)
    return err(
      refusal(
        'not_supported',
        `The value at \`${where}\` is used in other places too, by an anchor: ${others.slice(0, 5).map(pathTold).join(', ').slice(0, 300).toWellFormed()}.`,
        PREPARE,
      ),
    );
  const now = after.ok ? after.value.leaves.get(pathKey(place.path))?.text : undefined;
  if (changed.length !== 1 || now !== `${typeof written.means} ${String(written.means)}`)
    return err(
      refusal('not_supported', `\`${where}\` cannot be changed without a look at what is around it.`, PREPARE),
    );
  const offset = bytesOf(text.slice(0, start));
  const plain = String(place.node.value);
  return ok({
    path: place.path,
    offset,
    length: bytesOf(source),
    text: written.text,
    after: sha256(edited),
    told: mayBeTold(place.path, plain) ? plain : null,
  });
}

/** How the old value stands in the file, where one value can take its place. */
function oldScalar(
  text: string,
  { node, path, inFlow }: Place,
): Result<OldScalar & { readonly start: number; readonly end: number }, Refusal> {
  const where = pathInWords(path);
  const no = (what: string) => err(refusal('not_supported', `\`${where}\` ${what}.`, PREPARE));
  const [start, end] = node.range ?? [0, 0];
  const style = node.type;
  if (end <= start) return no('has no value in the file');
  if (node.anchor !== undefined) return no('has an anchor (`&`): other parts of the file use it');
  if (node.tag !== undefined) return no('has a tag (`!`)');
  if (style === Scalar.BLOCK_LITERAL || style === Scalar.BLOCK_FOLDED) return no('is a text of several lines');
  return ok({ start, end, style, source: text.slice(start, end), inFlow });
}
