import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { z } from 'zod';

const Remembered = z.record(z.string(), z.number().int());

/** Whether a server of ours could listen on the loopback port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The ports of the demonstration, kept in a file so that addresses stay the same from one start to the next. */
export class Ports {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The port last used under `name`. */
  remembered(name: string): number | undefined {
    return this.#read()[name];
  }

  /** A free port for `name`: the remembered one, else `preferred`, else the next one that is free and not taken. */
  async choose(name: string, preferred: number): Promise<number> {
    const last = this.remembered(name);
    const candidates = [...(last === undefined ? [] : [last]), ...Array.from({ length: 200 }, (_, i) => preferred + i)];
    for (const port of candidates) {
      if (!(await isFree(port))) continue;
      const known = this.#read();
      if (Object.entries(known).some(([other, taken]) => other !== name && taken === port)) continue;
      this.#write({ ...known, [name]: port });
      return port;
    }
    throw new Error(`no free loopback port from ${preferred} to ${preferred + 199} for ${name}`);
  }

  #read(): Record<string, number> {
    return existsSync(this.#file) ? Remembered.parse(JSON.parse(readFileSync(this.#file, 'utf8'))) : {};
  }

  #write(known: Record<string, number>): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, `${JSON.stringify(known, null, 2)}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
