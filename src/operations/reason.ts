/** The sentence that tells those who read a plan why it was asked for; none when nobody said. */
export function reasonOf(args: Readonly<Record<string, string>>): readonly string[] {
  return args.reason === undefined ? [] : [`Reason: ${args.reason.replace(/\.$/, '')}.`];
}
