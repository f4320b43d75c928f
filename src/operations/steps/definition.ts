/** One low-level step: a constant POSIX sh text and the meaning of its exit codes. */
export interface StepDefinition {
  readonly name: string;
  /**
   * Run by /bin/sh on the host. Parameters arrive as $P_name, never as text; secrets on standard input.
   * A line `key=value` in the file $TWOKEY_DIR/result is given to the operation's result.
   */
  readonly body: string;
  /** What an exit code other than 0 means, from the code and the last lines of the output. */
  readonly explain: (code: number, tail: string) => { readonly message: string; readonly next: string };
}

/** The last line of an output that says something, for explanations; without control characters, which no row can hold. */
export function lastLine(tail: string): string {
  return (
    tail
      .replaceAll(/\p{Cc}+/gu, (run) => (run.includes('\n') ? '\n' : ' '))
      .trimEnd()
      .split('\n')
      .at(-1)
      ?.trim() ?? ''
  );
}

/** Picks the explanation whose pattern the output matches, else the general one with the last line. */
export function explainBy(
  rules: readonly { readonly when: RegExp; readonly message: string; readonly next: string }[],
  general: { readonly message: string; readonly next: string },
): StepDefinition['explain'] {
  return (code, tail) => {
    const rule = rules.find((one) => one.when.test(tail));
    if (rule) return { message: rule.message, next: rule.next };
    return { message: `${general.message} (exit code ${code}): ${lastLine(tail)}`, next: general.next };
  };
}
