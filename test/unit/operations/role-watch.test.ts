import { expect, it } from 'vitest';
import { RoleWatch } from '../../../src/operations/role-watch.ts';
import { until } from '../../support/until.ts';

it('looks once more after changes that came during a look, one look at a time', async () => {
  const stopping = new AbortController();
  const finish: (() => void)[] = [];
  const problems: unknown[] = [];
  const look = () => new Promise<void>((resolve) => finish.push(resolve));
  const watch = new RoleWatch(look, (problem) => problems.push(problem), stopping.signal);
  for (let change = 0; change < 5; change += 1) watch.changed();
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await until('the second look', () => finish.length === 2);
  finish[1]?.();
  await until('it rests, and a later change has it look again', () => {
    if (finish.length === 2) watch.changed();
    return finish.length === 3;
  });
  expect(problems).toEqual([]);
  stopping.abort();
});

it('tries again what failed, and stops when it is told to', async () => {
  const stopping = new AbortController();
  const problems: unknown[] = [];
  let looks = 0;
  const look = () => {
    looks += 1;
    return looks < 3 ? Promise.reject(new Error('Slack is away')) : Promise.resolve();
  };
  const watch = new RoleWatch(look, (problem) => problems.push(problem), stopping.signal, 1);
  await watch.begin();
  expect(looks).toBe(1);
  await until('it has worked', () => looks === 3);
  expect(problems).toHaveLength(2);
  stopping.abort();
  watch.changed();
  expect(looks).toBe(3);
});
