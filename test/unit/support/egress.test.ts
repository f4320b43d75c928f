import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { beyond } from '../../support/egress.ts';

it('R15 what a process reaches for is written down, and what is not the lab’s own stands out', () => {
  const dir = mkdtempSync(join(tmpdir(), 'egress-'));
  const note = join(dir, 'note');
  const dial = `import net from 'node:net'; net.connect(9, '127.0.0.1').on('error', () => {});`;
  const egress = new URL('../../support/egress.ts', import.meta.url).href;
  const flags = ['--disable-warning=ExperimentalWarning', '--import', egress, '--input-type=module', '-e', dial];
  const { status, stderr } = spawnSync(process.execPath, flags, {
    env: { TWOKEY_TEST_EGRESS: note },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(readFileSync(note, 'utf8')).toBe('127.0.0.1\n');
  rmSync(dir, { recursive: true });
});

it('R15 an address of the Internet, and a name that is looked up there, are beyond it', () => {
  const reached = '127.0.0.1\n10.77.0.2\n::1\nlocalhost undefined\ndb.acme.example undefined\n';
  expect(beyond(reached)).toEqual([]);
  expect(beyond(`${reached}203.0.113.7\n2001:db8::1\nusage.vendor.com 203.0.113.7\n127.0.0.1\n`)).toEqual([
    '203.0.113.7',
    '2001:db8::1',
    'usage.vendor.com 203.0.113.7',
  ]);
});
