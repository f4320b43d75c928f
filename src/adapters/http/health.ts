import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  readonly active = new Gauge({
    name: 'twokey_operations_active',
    help: 'Operations that have not ended',
    labelNames: ['state'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves /healthz (the process), /readyz (what it depends on) and /metrics (Prometheus). Port 0 means none is wanted. */
export async function startHealth(
  host: string,
  port: number,
  ready: Readiness,
  metrics: Metrics,
): Promise<HealthServer> {
  if (port === 0) return { port: 0, close: () => Promise.resolve() };
  const server: Server = createServer((request, response) => {
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    const path = (request.url ?? '').split('?')[0];
    const serve = async () => {
      if (path === '/healthz') return answer(200, 'text/plain', 'ok\n');
      if (path === '/readyz') {
        const parts = await ready();
        return answer(
          Object.values(parts).every(Boolean) ? 200 : 503,
          'application/json',
          `${JSON.stringify(parts)}\n`,
        );
      }
      if (path === '/metrics') return answer(200, metrics.registry.contentType, await metrics.registry.metrics());
      return answer(404, 'text/plain', 'not here\n');
    };
    serve().catch(() => answer(500, 'text/plain', 'failed\n'));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
