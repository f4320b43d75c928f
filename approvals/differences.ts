/** How two sets of named values differ, one sentence a difference: `quorum: 2 → 3`. */
export function describeDifferences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const shown = (value: string | undefined) => (value === undefined || value === '' ? '(none)' : value);
  return [...new Set([...Object.keys(after), ...Object.keys(before)])]
    .filter((key) => before[key] !== after[key])
    .map((key) => `${key}: ${shown(before[key])} → ${shown(after[key])}`);
}
