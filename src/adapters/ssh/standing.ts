import type { Session } from './driver.ts';
import type { Connection, Pool, Standing } from './pool.ts';

export interface Place<L> {
  readonly pool: Pool<L>;
  /** The connection that the session was opened over, which counts it. */
  readonly connection: Connection<L>;
  readonly command: string;
  /** What the shell is sent once, in the beginning. */
  readonly opening: string;
}

/**
 * Makes a new session a shell that stays. Lent, its session counts as in use; kept, it stands idle in the pool until
 * it is claimed, gives way or ends.
 */
export function standIn<L>(session: Session, { pool, connection, command, opening }: Place<L>): Standing {
  let lent = true;
  let over = false;
  const stream = session.begin(() => {
    over = true;
    if (lent) pool.release(connection);
    else connection.idleShells.delete(standing);
  });
  const output = stream.stdout[Symbol.asyncIterator]();
  session.send(opening, 'more');

  const standing: Standing = {
    command,
    close: stream.close,
    lend(fresh) {
      lent = true;
      return {
        fresh,
        closed: stream.closed,
        diagnostics: () => stream.diagnostics(),
        close: stream.close,
        read: async () => {
          const next = await output.next();
          return next.done ? null : next.value;
        },
        write: (text) => session.send(text, 'more'),
        keep() {
          if (over) return;
          lent = false;
          if (pool.park(connection, standing)) return;
          lent = true;
          stream.close();
        },
        giveUpLink() {
          pool.retire(connection);
          stream.close();
        },
      };
    },
  };
  return standing;
}
