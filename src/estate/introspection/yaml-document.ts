import { parseDocument } from 'yaml';
import { z } from 'zod';

/** A YAML mapping by its keys. */
export type YamlMap = Readonly<Record<string, unknown>>;

const mapping = z.record(z.string(), z.unknown());
/** Deeper or wider than any settings file; keeps a document of aliases upon aliases from growing without end. */
const MOST_ALIASES = 100;

/** The mapping that a text holds, or a sentence about why it holds none. Tags mean nothing; never throws. */
export function readYaml(text: string): { readonly map: YamlMap } | { readonly problem: string } {
  try {
    const document = parseDocument(text, { merge: true, uniqueKeys: false, logLevel: 'silent' });
    const [problem] = document.errors;
    if (problem) return { problem: (problem.message.split('\n')[0] ?? '').slice(0, 200) };
    const read = mapping.safeParse(document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {});
    return read.success ? { map: read.data } : { problem: 'it is not a mapping' };
  } catch (error) {
    // Unresolved aliases, and more of them than are allowed, are thrown by the conversion.
    return { problem: error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read' };
  }
}

/** A value as a mapping; an empty one when it is none. */
export function asMap(value: unknown): YamlMap {
  const read = mapping.safeParse(value);
  return read.success ? read.data : {};
}

/** A scalar as text; null for anything else, an empty one and a masked one. */
export function asText(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  const text = String(value).trim();
  return text === '' || text === 'MASKED' ? null : text;
}

/** A list of scalars as texts; `a: b` mappings give their keys. */
export function asTexts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(asText).filter((one) => one !== null);
  const single = asText(value);
  return single === null ? Object.keys(asMap(value)) : [single];
}
