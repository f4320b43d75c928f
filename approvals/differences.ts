const orNone = (value: string | undefined) => (value === undefined || value === '' ? '(none)' : value);

/** How two sets of named values differ, one sentence a difference: `quorum: 2 → 3`. `shown` says a value in words, undefined for one that is not there. */
export function describeDifferences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
  shown: (value: string | undefined) => string = orNone,
): string[] {
  return [...new Set([...Object.keys(after), ...Object.keys(before)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => `${key}: ${shown(before[key])} → ${shown(after[key])}`);
}
