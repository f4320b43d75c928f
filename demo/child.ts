import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs, sleep } from '../src/kernel/clock.ts';
import { endRemembered, remember } from './process.ts';

/** A program of the demonstration that is kept running. */
export interface ChildSpec {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What its output says once it is ready; the first group, if there is one, is handed back. */
  readonly ready: RegExp;
}

const GRACE_MS = 10_000;
const READY_MS = 60_000;
const BACKOFF_MS = 1_000;
const STARTS_WITHOUT_READY = 3;

/**
 * Runs a Node program with its output in `<directory>/<name>.log`, and starts it again when it dies. The output goes
 * to a file and not to a pipe, so that the program does not die of our own end; what an earlier start left is ended.
 */
export class Child {
  readonly #spec: ChildSpec;
  readonly #root: string;
  readonly #log: string;
  readonly #pidFile: string;
  readonly #say: (text: string) => void;
  #process: ChildProcess | undefined;
  #stopping = false;
  #failures = 0;

  constructor(spec: ChildSpec, root: string, directory: string, say: (text: string) => void) {
    this.#spec = spec;
    this.#root = root;
    this.#log = join(directory, `${spec.name}.log`);
    this.#pidFile = join(directory, `${spec.name}.pid`);
    this.#say = say;
  }

  get logFile(): string {
    return this.#log;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts it and waits until it is ready; throws with its last lines when it does not become so. */
  async start(): Promise<string> {
    await endRemembered(this.#pidFile, GRACE_MS);
    return this.#launch();
  }

  /** Ends it: TERM, then KILL after ten seconds. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await endRemembered(this.#pidFile, GRACE_MS);
  }

  async #launch(): Promise<string> {
    const offset = existsSync(this.#log) ? statSync(this.#log).size : 0;
    const output = openSync(this.#log, 'a', 0o600);
    const child = spawn(process.execPath, this.#spec.args, {
      cwd: this.#root,
      env: this.#spec.env,
      // A session of its own: Ctrl-C in the terminal reaches us alone, and we end things in order.
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#process = child;
    if (child.pid !== undefined) remember(this.#pidFile, child.pid);
    let ended: string | undefined;
    let ready = false;
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('exit', (code, signal) => {
      ended = signal ? `was killed (${signal})` : `ended with exit status ${code}`;
      if (!this.#stopping && ready) void this.#again(`${this.#spec.name} (process ${child.pid}) ${ended}`);
    });
    const began = monotonicMs();
    for (;;) {
      const found = this.#spec.ready.exec(readFileSync(this.#log).subarray(offset).toString('utf8'));
      if (found && ended === undefined) {
        ready = true;
        this.#failures = 0;
        return found[1] ?? found[0];
      }
      if (ended !== undefined || this.#stopping || monotonicMs() - began > READY_MS) {
        throw new Error(`${this.#spec.name} ${ended ?? 'did not get ready'}; ${this.#lastLines(offset)}`);
      }
      await sleep(25);
    }
  }

  async #again(why: string): Promise<void> {
    while (!this.#stopping) {
      this.#say(`${why}; starting it again`);
      await sleep(BACKOFF_MS);
      if (this.#stopping) return;
      try {
        await this.#launch();
        this.#say(`${this.#spec.name} is back (process ${this.pid})`);
        return;
      } catch (error) {
        this.#failures += 1;
        why = error instanceof Error ? error.message : String(error);
        if (this.#failures >= STARTS_WITHOUT_READY) this.#say(`${this.#spec.name} does not come up; still trying`);
        await endRemembered(this.#pidFile, GRACE_MS);
      }
    }
  }

  #lastLines(offset: number): string {
    const text = readFileSync(this.#log).subarray(offset).toString('utf8').trimEnd();
    return `its last lines, from ${this.#log}:\n${text.split('\n').slice(-12).join('\n')}`;
  }
}
