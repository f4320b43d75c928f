/** A frame of the look script: kind, name, content, how it ended, notes of the script's own. */
export type FrameSpec = readonly [kind: string, name: string, text?: string, state?: string, notes?: readonly string[]];

/** What the look script would have printed, whole. */
export function printedFrames(...frames: FrameSpec[]): Uint8Array {
  const one = ([kind, name, text = '', state = 'ok', notes = []]: FrameSpec) => {
    const lines = [...notes.map((note) => `@: ${note}`), ...text.split('\n').map((line) => `>${line}`)];
    return [`@${kind} ${name}`, ...lines, `@. ${state}`, ''].join('\n');
  };
  return new TextEncoder().encode(`${frames.map(one).join('')}@whole -\n@. ok\n`);
}
