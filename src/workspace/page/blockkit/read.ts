/** Readers for Block Kit documents: they come from an app, so every property may be absent or of another type. */

export type Json = Readonly<Record<string, unknown>>;

/** True for a plain JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The string at `key`, or an empty one. */
export function str(from: Json, key: string): string {
  const value = from[key];
  return typeof value === 'string' ? value : '';
}

/** The finite number at `key`, or undefined. */
export function num(from: Json, key: string): number | undefined {
  const value = from[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** True only when the document says `true` at `key`. */
export function flag(from: Json, key: string): boolean {
  return from[key] === true;
}

/** The object at `key`, or undefined. */
export function child(from: Json, key: string): Json | undefined {
  const value = from[key];
  return isJson(value) ? value : undefined;
}

/** The objects of the array at `key`; anything else in it is left out. */
export function list(from: Json, key: string): readonly Json[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isJson) : [];
}

/** The strings of the array at `key`. */
export function strings(from: Json, key: string): readonly string[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The written text of a text object at `key`, without any formatting. */
export function plain(from: Json, key: string): string {
  const value = child(from, key);
  return value === undefined ? '' : str(value, 'text');
}
