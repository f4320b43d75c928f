import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import BOT_FLAGS from '../../scripts/flags.json' with { type: 'json' };
import type { AuditRow } from '../../src/operations/audit.ts';
import { COMPILED } from './bot.ts';
import type { Lab } from './lab.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** How a program of ours ended. */
interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly said: string;
}

/** Runs `twokey …` beside the bots of a lab; answers its exit code and all that it said. */
export function runTool(lab: Lab, ...words: string[]): Promise<Ended> {
  return run([...BOT_FLAGS, MAIN, ...words], { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILED, ...lab.env });
}

/** Runs a script with this Node, likewise. */
export function runNode(script: string, ...words: string[]): Promise<Ended> {
  return run([script, ...words], process.env);
}

/** Never waits idly for it: the workspace lives in the test's own process, and its sockets must go on being served. */
function run(words: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, { env, encoding: 'utf8' }, (_error, out, err) =>
      resolve({ code: child.exitCode, said: `${out}${err}`.trim() }),
    );
  });
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
