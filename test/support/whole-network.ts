import { type Engine, startWholeHost, type WholeHost } from './whole-host.ts';
import { must } from './whole-host-run.ts';

/** Three hosts in a row, each of which knows its neighbours only: this machine - bastion - app - database. */
export interface WholeNetwork extends AsyncDisposable {
  /** The only one that this machine has a way to. */
  readonly bastion: WholeHost;
  /** Reachable at its `address`, but from the bastion and the database host only. */
  readonly app: WholeHost;
  /** Reachable at its `address`, but from the app host only. */
  readonly database: WholeHost;
  /** What the app host's address is to the database host, for rules about who may come in. */
  readonly appAsSeenByDatabase: string;
}

/**
 * Boots the three and lays the cables: each inner one takes the place, and the network 10.77.N.0/30, of the cable that
 * led from that host to this machine. So nothing has to be routed, and what a killed test leaves is what single hosts
 * leave: the claims on their networks, which the next engine gives up; the inner cables go with the hosts.
 */
export async function startWholeNetwork(engine: Engine): Promise<WholeNetwork> {
  await using undo = new AsyncDisposableStack();
  const start = async (name: string) => undo.use(await startWholeHost(engine, { name }));
  const [bastion, app, database] = await Promise.all(['bastion', 'studio-app', 'studio-db'].map(start));
  if (!bastion || !app || !database) throw new Error('three hosts were started, and one is missing');
  await layCable(bastion, app, 'inner0');
  const appAsSeenByDatabase = await layCable(app, database, 'inner0');
  const owned = undo.move();
  return {
    bastion,
    app,
    database,
    appAsSeenByDatabase,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Moves the outer end of `inner`'s only cable from this machine to `outer`, with its address, which is answered. */
async function layCable(outer: WholeHost, inner: WholeHost, name: string): Promise<string> {
  const near = inner.address.replace(/\d+$/, '1');
  await inside(inner, 'link', 'delete', 'eth0');
  const ends = ['name', name, 'netns', String(outer.firstProcess()), 'type', 'veth', 'peer', 'name', 'eth0'];
  await must('ip', ['link', 'add', ...ends, 'netns', String(inner.firstProcess())]);
  await inside(outer, 'address', 'add', `${near}/30`, 'dev', name);
  await inside(outer, 'link', 'set', name, 'up');
  await inside(inner, 'address', 'add', `${inner.address}/30`, 'dev', 'eth0');
  await inside(inner, 'link', 'set', 'eth0', 'up');
  return near;
}

async function inside(host: WholeHost, ...args: string[]): Promise<void> {
  const ran = await host.exec(['ip', ...args]);
  if (ran.code !== 0) throw new Error(`ip ${args.join(' ')} on ${host.name}: ${ran.stderr.trim()}`);
}
