/** sshd begins to drop handshakes at random when 10 are unfinished. */
const HANDSHAKES_PER_ENDPOINT = 8;

/** Runs the handshakes with one endpoint, so many at a time; the others wait for their turn. */
export function createHandshakes(): <T>(endpoint: string, work: () => Promise<T>) => Promise<T> {
  const gates = new Map<string, { running: number; waiting: (() => void)[] }>();

  return async (endpoint, work) => {
    const gate = gates.get(endpoint) ?? { running: 0, waiting: [] };
    gates.set(endpoint, gate);
    if (gate.running >= HANDSHAKES_PER_ENDPOINT) await new Promise<void>((go) => gate.waiting.push(go));
    else gate.running += 1;
    try {
      return await work();
    } finally {
      const next = gate.waiting.shift();
      if (next) next();
      else gate.running -= 1;
      if (gate.running === 0) gates.delete(endpoint);
    }
  };
}
