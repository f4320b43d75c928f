import { parseArgs } from 'node:util';
import { startWorkspace } from './server.ts';

/** `node src/workspace/main.ts [--port N] [--data DIR] [--page DIR] [--manifest FILE]`: prints the URL once it answers. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    page: { type: 'string' },
    manifest: { type: 'string', default: 'manifest.yml' },
  },
});

const workspace = await startWorkspace({
  port: Number(values.port),
  manifestFile: values.manifest,
  ...(values.data === undefined ? {} : { dataDir: values.data }),
  ...(values.page === undefined ? {} : { pageDir: values.page }),
});
process.stdout.write(`${workspace.url}\n`);

let ending = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    // A disk that hangs must not hold up the exit.
    setTimeout(() => process.exit(1), 900).unref();
    void workspace.close().then(() => process.exit(0));
  });
}
