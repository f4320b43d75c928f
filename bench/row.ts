/** One measured figure beside what it is held against. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
  readonly held: boolean;
}

/** The value below which the share `p` (0 to 1) of the samples lies. */
export function percentile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}

/** `p50 12 ms, p99 40 ms, max 51 ms of 500`. */
export function spread(samples: readonly number[]): string {
  const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  return `p50 ${ms(percentile(samples, 0.5))}, p99 ${ms(percentile(samples, 0.99))}, max ${ms(Math.max(...samples))} of ${samples.length}`;
}
