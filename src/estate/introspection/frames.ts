/** How the look at one thing ended, as the script says it. `lost` is ours: the answer broke off in the middle. */
export type FrameState =
  | 'ok'
  /** Only the beginning was read. */
  | 'cut'
  | 'absent'
  /** The account may not read it. */
  | 'denied'
  /** A symbolic link to nothing. */
  | 'broken'
  /** Not a regular file or a folder. */
  | 'odd'
  /** A link into the kernel's own file systems. */
  | 'refused'
  | 'timeout'
  | 'failed'
  /** Not asked: the time was over, or a program may hang and the host cannot limit its time. */
  | 'unasked'
  | 'lost';

/** One thing that was looked at. */
export interface Frame {
  readonly kind: string;
  /** A path or a word; may hold anything but a line feed. */
  readonly name: string;
  readonly state: FrameState;
  /** What the script itself noted, for example `mode -rw-r--r--`. */
  readonly notes: readonly string[];
  /** Content, secrets left out. */
  readonly text: string;
}

const STATES: ReadonlySet<string> = new Set<FrameState>([
  'ok',
  'cut',
  'absent',
  'denied',
  'broken',
  'odd',
  'refused',
  'timeout',
  'failed',
  'unasked',
]);

const isState = (word: string): word is FrameState => STATES.has(word);

/** A frame of an honest host has no more (MOST_BYTES of frames.sh), so that what reads it may take its time. */
const MOST_CHARACTERS = 65_536;
/** Almost twice as many as gather.sh can make; what comes after them is not read. */
const MOST_FRAMES = 10_000;

/** The frames of an answer; `whole` is false when its end is missing. Never throws, whatever the answer holds. */
export function readFrames(output: Uint8Array): { readonly frames: readonly Frame[]; readonly whole: boolean } {
  const frames: Frame[] = [];
  let open: { kind: string; name: string; notes: string[]; lines: string[]; size: number } | null = null;
  const close = (said: FrameState): void => {
    if (open) {
      const { kind, name, notes, lines, size } = open;
      const state = said === 'ok' && size > MOST_CHARACTERS + 1 ? 'cut' : said;
      frames.push({ kind, name, state, notes, text: joined(lines) });
    }
    open = null;
  };
  for (const line of new TextDecoder().decode(output).split('\n')) {
    if (frames.length >= MOST_FRAMES) break;
    const head = /^@([a-z][a-z-]*) (.*)$/u.exec(line);
    if (head) {
      close('lost');
      open = { kind: head[1] ?? '', name: head[2] ?? '', notes: [], lines: [], size: 0 };
    } else if (line.startsWith('@. ')) {
      const word = line.slice(3).split(' ')[0] ?? '';
      close(isState(word) ? word : 'failed');
    } else if (line.startsWith('@: ')) open?.notes.push(line.slice(3));
    else if (line.startsWith('>') && open) {
      open.size += line.length;
      if (open.size <= MOST_CHARACTERS + 1) open.lines.push(line.slice(1));
    }
  }
  close('lost');
  return { frames, whole: frames.some((frame) => frame.kind === 'whole' && frame.state === 'ok') };
}

/** One text, without empty lines at its end. */
function joined(lines: readonly string[]): string {
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1).join('\n');
}

/** The frames of one kind. */
export function ofKind(frames: readonly Frame[], kind: string): readonly Frame[] {
  return frames.filter((frame) => frame.kind === kind);
}

/** The text of the first frame of that kind (and name, where given) that was read well; null when nothing is known. */
export function textOf(frames: readonly Frame[], kind: string, name?: string): string | null {
  const frame = frames.find(
    (one) => one.kind === kind && one.state === 'ok' && (name === undefined || one.name === name),
  );
  return frame?.text.trim() || null;
}
