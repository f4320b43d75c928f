import { type Engine, startEngine } from '../adapters/engine/engine.ts';
import type { Logger } from '../adapters/log/logger.ts';
import { messageOf } from '../kernel/errors.ts';
import { type RunContext, runOperation } from '../operations/runner.ts';

/** Starts the engine, which brings each run from the claim to its outcome. */
export function startRuns(
  connectionString: string,
  context: RunContext,
  log: Logger,
  /** An operation waits for people again. */
  waitsAgain: () => void,
): Promise<Engine> {
  return startEngine({
    connectionString,
    run: async (durable, operation, runNumber) => {
      const end = await runOperation(durable, context, operation, runNumber);
      if (end === 'reopen' || end === 'drift') waitsAgain();
      return end;
    },
    onBroken: async (operation, error) => {
      log.error({ operation, error: String(error) }, 'a run broke');
      const reason = `Twokey itself failed in the middle of it: ${messageOf(error)}. Nobody knows how the command on the host ended.`;
      await context.store.finish(operation, {
        state: 'lost',
        reason,
        next: 'Look at the host, then press Retry or Leave.',
      });
    },
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });
}
