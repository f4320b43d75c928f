import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Readiness by name; every one must be true. */
export type Readiness = () => Promise<Readonly<Record<string, boolean>>>;

export class Metrics {
  readonly registry = new Registry();
  readonly ack = new Histogram({
    name: 'twokey_ack_seconds',
    help: 'Time from the arrival of a Slack payload to its acknowledgement',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
    registers: [this.registry],
  });

  /** `active` counts the operations that have not ended, by state; asked at each look. */
  constructor(active: () => Promise<ReadonlyMap<string, number>>) {
    collectDefaultMetrics({ register: this.registry });
    this.registry.registerMetric(
      new Gauge({
        name: 'twokey_operations_active',
        help: 'Operations that have not ended',
        labelNames: ['state'],
        registers: [],
        async collect() {
          this.reset();
          // Without the database nobody knows, and no number is better than a wrong one.
          for (const [state, count] of await active().catch(() => [])) this.set({ state }, count);
        },
      }),
    );
  }
}

/** One page that is served, by its path. */
export interface Page {
  readonly path: string;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
}

/** /healthz (the process), /readyz (what it depends on) and /metrics (Prometheus), for whichever server carries them. */
export function healthPages(ready: Readiness, metrics: Metrics): readonly Page[] {
  const page = (path: string, make: () => Promise<readonly [status: number, type: string, body: string]>): Page => ({
    path,
    serve: (_request, response) => {
      make()
        .catch(() => [500, 'text/plain', 'failed\n'] as const)
        .then(([status, type, body]) => response.writeHead(status, { 'content-type': type }).end(body))
        .catch(() => response.destroy());
    },
  });
  return [
    page('/healthz', async () => [200, 'text/plain', 'ok\n']),
    page('/readyz', async () => {
      const parts = await ready();
      return [Object.values(parts).every(Boolean) ? 200 : 503, 'application/json', `${JSON.stringify(parts)}\n`];
    }),
    page('/metrics', async () => [200, metrics.registry.contentType, await metrics.registry.metrics()]),
  ];
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the pages on a port of their own. Port 0 means none is wanted. */
export async function startHealth(host: string, port: number, pages: readonly Page[]): Promise<HealthServer> {
  if (port === 0) return { port: 0, close: () => Promise.resolve() };
  const server: Server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0];
    const page = pages.find((one) => one.path === path);
    if (page) page.serve(request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('not here\n');
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A scraper keeps its connection open; it must not keep this process alive.
        server.closeAllConnections();
      }),
  };
}
