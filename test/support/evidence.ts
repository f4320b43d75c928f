import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { AuditRow } from '../../src/operations/audit.ts';
import type { Lab } from './lab.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Runs `twokey …` beside the bots of a lab; answers its exit code and all that it said. */
export function runTool(lab: Lab, ...words: string[]): { readonly code: number | null; readonly said: string } {
  const done = spawnSync(process.execPath, ['--disable-warning=DeprecationWarning', MAIN, ...words], {
    env: { PATH: process.env.PATH, ...lab.env },
    encoding: 'utf8',
  });
  return { code: done.status, said: `${done.stdout}${done.stderr}`.trim() };
}

/** As `runTool`, without holding up the workspace, which lives in the test's own process. */
export async function runToolMeanwhile(lab: Lab, ...words: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, ...lab.env };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...words], { env });
  return stdout.trim();
}

/** An evidence file as somebody from outside would read it. */
export const evidenceDocument = z.object({
  operation: z.looseObject({ id: z.string(), requestedBy: z.string(), state: z.string(), planHash: z.string() }),
  plans: z.array(z.looseObject({ generation: z.number(), planHash: z.string() })),
  verdicts: z.array(z.looseObject({ action: z.string(), data: z.looseObject({ inputs: z.unknown() }) })),
  votes: z.array(z.looseObject({ person: z.string(), verdict: z.string() })),
  clicks: z.array(z.looseObject({ by: z.string() })),
  refusals: z.array(z.looseObject({ by: z.string(), data: z.looseObject({ code: z.string() }) })),
  steps: z.array(
    z.looseObject({
      step: z.string(),
      exitCode: z.number(),
      secrets: z.array(z.string()),
      jobs: z.array(
        z.looseObject({
          jid: z.string(),
          script: z.object({ sha256: z.string(), body: z.string() }),
          parameters: z.record(z.string(), z.string()),
          output: z.object({ bytes: z.number(), sha256: z.string() }),
        }),
      ),
    }),
  ),
  audit: z.object({ head: z.object({ rows: z.number() }), rows: z.array(z.custom<AuditRow>()) }),
});
