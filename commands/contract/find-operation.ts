import { z } from 'zod';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../src/kernel/result.ts';
import type { OperationBook } from '../../src/operations/book.ts';
import type { OperationView } from '../../src/operations/records.ts';

/** An operation's id as a person types it. */
export const operationId = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-z]{8}$/, 'an operation id has 8 letters and digits, for example 7k3m9q2x');

/** The operation of that id, with its steps and votes, or a refusal. */
export async function findOperation(book: OperationBook, id: string): Promise<Result<OperationView, Refusal>> {
  const view = await book.view(id);
  return view ? ok(view) : err(refusal('unknown_operation', `There is no operation "${id}".`));
}
