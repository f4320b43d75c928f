import { basename } from 'node:path';
import { z } from 'zod';
import type { Host } from '../../estate/types.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostPort } from '../ports.ts';
import type { FoundFile } from './ports.ts';

/** How long a host may take to read a release twice: some of them are large. */
const READ_MS = 600_000;

/** Reads the whole file on the host twice: for its checksum, and to see that it is a tar to its end. Changes nothing. */
const LOOK = `
export LC_ALL=C
if [ ! -f "$P_path" ]; then echo 'problem=it is not there, or it is no file'; exit 0; fi
if [ ! -r "$P_path" ]; then echo 'problem=this account may not read it'; exit 0; fi
sum=$(sha256sum < "$P_path") || { echo 'problem=its checksum could not be taken'; exit 0; }
printf 'sha256=%s\\n' "\${sum%% *}"
size=$(wc -c < "$P_path")
printf 'size=%s\\n' "$(printf '%s' "$size" | tr -d ' ')"
case $P_path in
  *.gz) gzip -t < "$P_path" 2>/dev/null && gzip -dc < "$P_path" | tar -tf - >/dev/null 2>&1 ;;
  *) tar -tf - < "$P_path" >/dev/null 2>&1 ;;
esac || echo 'problem=it is no tar, or it is damaged or cut short'
`;

const answer = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
});

/** Looks at a release that stays on a host; what it ships is not read. Refusals: bad_release, and those of the host. */
export async function lookOnHost(hosts: HostPort, host: Host, path: string): Promise<Result<FoundFile, Refusal>> {
  const ran = await hosts.run(host, LOOK, { path }, { timeoutMs: READ_MS });
  if (!ran.ok) return ran;
  const lines = Object.fromEntries(
    new TextDecoder()
      .decode(ran.value.output)
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  if (lines.problem !== undefined) return err(refusal('bad_release', `${path} on ${host.name}: ${lines.problem}.`));
  const read = answer.safeParse(lines);
  if (!read.success)
    return err(
      refusal('precheck_failed', `${host.name} gave no checksum of ${path}.`, 'It needs sha256sum, gzip and tar.'),
    );
  const place = { place: `host:${host.name}`, machine: host.name, path };
  return ok({ ...place, fileName: basename(path), ...read.data, files: null });
}
