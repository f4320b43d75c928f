import { readdir, readFile, stat } from 'node:fs/promises';

/** Does this file exist? */
export async function present(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Has something been written to this file? A shell makes it before it writes. */
export async function written(path: string): Promise<boolean> {
  return stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );
}

/** Does this process run? A zombie does not. */
export async function alive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) [ZX] /.test(text);
}

/** The processes of a group. Zombies do not count. */
export async function processGroup(group: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_pid, index) => {
    const [state, , own] = stats[index]?.split(') ').at(-1)?.split(' ') ?? [];
    return Number(own) === group && state !== 'Z' && state !== 'X';
  });
}
