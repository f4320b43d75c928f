/** How a job ended. */
export type JobEnd =
  | {
      readonly kind: 'exited';
      /** 128 + n stands for signal n, but also for a command that returned that number. */
      readonly code: number;
      /** Bytes of output; the log is whole when so many are stored. */
      readonly size: number;
      /** The cap, a full disk, or a crash of the host took some of the output. */
      readonly truncated: boolean;
      /** Somebody asked for the end before it came. */
      readonly cancelled: boolean;
    }
  /** The lock was held by the job `holder`; the command never ran. */
  | { readonly kind: 'busy'; readonly holder: string }
  | {
      readonly kind: 'lost';
      /**
       * nostart: proof that the command never ran and never will · reboot: the host restarted · killed: all of the job is
       * dead, the exit code is unknown · orphan: the command is alive, its exit code will be unknown · gone: no directory.
       */
      readonly why: 'nostart' | 'reboot' | 'killed' | 'orphan' | 'gone';
      readonly size: number;
    };

export type JobState =
  | { readonly kind: 'none' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly size: number }
  | JobEnd;

/** The end that a state is, or null while the job may still go on. */
export function endOf(state: JobState): JobEnd | null {
  switch (state.kind) {
    case 'none':
      return { kind: 'lost', why: 'gone', size: 0 };
    case 'starting':
    case 'running':
      return null;
    case 'exited':
    case 'busy':
    case 'lost':
      return state;
  }
}

/** Reads the helper's words for a state; null when they are none. */
export function parseState(words: readonly string[]): JobState | null {
  const [kind = '', first = '', second = '', third = '', fourth = ''] = words;
  switch (kind) {
    case 'none':
      return { kind };
    case 'starting':
      return { kind };
    case 'running': {
      const size = count(first);
      return size === null ? null : { kind, size };
    }
    case 'busy':
      return first === '' ? null : { kind, holder: first };
    case 'exited': {
      const code = count(first);
      const size = count(second);
      if (code === null || size === null) return null;
      return { kind, code, size, truncated: third === '1', cancelled: fourth === '1' };
    }
    case 'lost': {
      const size = count(second);
      if (size === null) return null;
      if (first !== 'nostart' && first !== 'reboot' && first !== 'killed' && first !== 'orphan') return null;
      return { kind, why: first, size };
    }
    default:
      return null;
  }
}

/** A whole number as the helper writes it, or null. */
export function count(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
