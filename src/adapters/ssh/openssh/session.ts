import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

import { newUuid } from '../../../kernel/ids.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import type { OpenFailure, Session } from '../driver.ts';
import { shellStream } from '../stream.ts';
import { ALIAS, type LinkFiles } from './config.ts';
import { type Child, spawnSsh } from './program.ts';

/** What ssh itself ends with when it failed, and when the remote command was killed. */
const OUR_END = 255;
/** A login prints less than this before its shell reads the first line. */
const NOISE_LIMIT = 256 * 1024;

/**
 * Opens a session over the link of `files`. ssh does not say when a session is open; so the shell's first line makes it
 * say a random word, and only then does it get the text of the caller. That the word does not come proves that nothing ran.
 */
export function openSession(
  files: LinkFiles,
  command: string,
  timeoutMs: number,
): Promise<Result<Session, OpenFailure>> {
  return new Promise((resolve) => {
    const word = newUuid();
    const wanted = Buffer.from(`\nT2K-OPEN ${word}\n`);
    // Without a link, ssh would make one of its own: the way that always fails keeps it from that.
    const alone = ['-o', 'ProxyCommand=false', '-o', 'LogLevel=ERROR'];
    const child = spawnSsh(['-F', files.config, '-S', files.socket, ...alone, ALIAS, command]);
    if (child === null) return resolve(err({ kind: 'lost' }));
    const { stdin, stdout, stderr } = child;
    let heard = Buffer.alloc(0);
    let said = Buffer.alloc(0);

    const settle = (result: Result<Session, OpenFailure>): void => {
      clearTimeout(timer);
      stdout.removeListener('data', hear);
      stderr.removeListener('data', listen);
      child.removeListener('close', endEarly);
      if (!result.ok) {
        child.kill();
        stdout.resume();
        stderr.resume();
      }
      resolve(result);
    };
    const hear = (bytes: Buffer): void => {
      heard = Buffer.concat([heard, bytes]);
      const at = heard.indexOf(wanted);
      if (at < 0) {
        if (heard.length > NOISE_LIMIT) settle(err({ kind: 'lost' }));
        return;
      }
      stdout.pause();
      stderr.pause();
      const rest = Buffer.concat([heard.subarray(0, at), heard.subarray(at + wanted.length)]);
      if (rest.length > 0) stdout.unshift(rest);
      if (said.length > 0) stderr.unshift(said);
      settle(ok(running(child)));
    };
    const listen = (bytes: Buffer): void => {
      said = Buffer.concat([said, bytes]).subarray(-NOISE_LIMIT);
    };
    const endEarly = (code: number | null): void => {
      if (code !== null && code !== OUR_END) settle(ok(over(code, heard, said)));
      else settle(err({ kind: said.includes('Session open refused by peer') ? 'full' : 'lost' }));
    };
    const timer = setTimeout(() => settle(err({ kind: 'lost' })), timeoutMs);
    stdin.on('error', () => undefined);
    stdout.on('data', hear);
    stderr.on('data', listen);
    child.on('error', () => settle(err({ kind: 'lost' })));
    child.on('close', endEarly);
    stdin.write(`printf '\\nT2K-OPEN %s\\n' ${word}\n`);
  });
}

/** A session whose shell waits. Its streams stand still until somebody takes them. */
function running(child: Child): Session {
  const { stdin, stdout, stderr } = child;
  return {
    begin(done) {
      const stream = shellStream(
        {
          stdout,
          stderr,
          onEnd: (listener) => child.once('close', (code) => listener(code === OUR_END ? null : code)),
          close: () => child.kill(),
        },
        done,
      );
      stdout.resume();
      stderr.resume();
      return stream;
    },
    send(text, more) {
      if (more === 'end') stdin.end(text);
      else stdin.write(text);
    },
  };
}

/** A session that ended before any shell read its first line: a refused sudo, a forced command. */
function over(code: number, heard: Buffer, said: Buffer): Session {
  return {
    begin(done) {
      const [stdout, stderr] = [Readable.from([heard]), Readable.from([said])];
      const read = Promise.all([finished(stdout), finished(stderr)]);
      const onEnd = (listener: (code: number) => void) => void read.then(() => listener(code));
      return shellStream({ stdout, stderr, onEnd, close: () => undefined }, done);
    },
    send: () => undefined,
  };
}
