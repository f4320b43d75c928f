import { expect, it } from 'vitest';
import { outcomeOf } from '../../../src/operations/runner.ts';

const STAYS = 'Maintenance stays ON.';
const ended = (message: string, aftermath: string) =>
  outcomeOf({ kind: 'failed', message, next: 'Read the log.', aftermath }, {}, null).reason;

it('keeps the last words of a program apart from what holds now', () => {
  expect(ended('It failed (exit code 1): no such unit', STAYS)).toBe(
    'It failed (exit code 1): no such unit. Maintenance stays ON.',
  );
  expect(ended('The site did not become healthy in time.', STAYS)).toBe(
    'The site did not become healthy in time. Maintenance stays ON.',
  );
  expect(ended('It failed (exit code 1): no such unit', '')).toBe('It failed (exit code 1): no such unit');
});
