import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../../src/kernel/ids.ts';
import { editScalar, refuseValue } from '../../../../src/operations/compose/edit.ts';
import { applyEdit } from '../../../support/compose-folder.ts';

const FILE = `# The shop; keep the order
services:
  app:   # the web application
    image: shop:1.4 # pinned
    restart: "always"
    environment:
      PGPASSWORD: 'oder-neisse'
      WORKERS: 4
      MODE: fast
      EMPTY:
    labels:
      com.example.role: app
      com.example: { role: other }
    ports: ["80:80", 443:443]
    mem_limit: 512m
    privileged: no
    healthcheck: { test: [CMD, curl, -f, "http://127.0.0.1/"], retries: 3 }
  worker:
    image: shop:1.4
    environment:
      - PGPASSWORD=oder-neisse
      - WORKERS=4
    command: |
      run
      all
x-log: &log
  driver: json-file
other:
  logging: *log
  more:
    <<: *log
    size: \${SIZE:-5}
`;

function edited(path: string, value: string, text = FILE): string {
  const edit = editScalar(text, 'docker-compose.yml', path, value);
  if (!edit.ok) throw new Error(`${edit.error.code}: ${edit.error.message} ${edit.error.next}`);
  const after = applyEdit(text, edit.value);
  expect(edit.value.after).toBe(sha256(after));
  return after;
}
/** The lines that an edit changed, as they are then. */
function lines(path: string, value: string, text = FILE): string {
  const before = text.split('\n');
  return edited(path, value, text)
    .split('\n')
    .filter((line, at) => line !== before[at])
    .join('\n')
    .trim();
}
function refused(path: string, value: string, text = FILE): string {
  const edit = editScalar(text, 'docker-compose.yml', path, value);
  if (edit.ok) throw new Error(`${path} was changed: ${edit.value.text}`);
  return `${edit.error.message} ${edit.error.next}`;
}

describe('R22 one value of a compose file', () => {
  it('changes where it stands; comments, order and all other bytes stay', () => {
    expect(lines('services.app.image', 'shop:1.5')).toBe('image: shop:1.5 # pinned');
    expect(edited('services.app.image', 'shop:1.5').length).toBe(FILE.length);
    expect(lines('services.app.ports.0', '8080:80')).toBe('ports: ["8080:80", 443:443]');
    expect(lines('services.worker.environment.1', 'WORKERS=8')).toBe('- WORKERS=8');
  });

  it('keeps the type that was there, for YAML 1.1 and for 1.2', () => {
    expect(lines('services.app.environment.WORKERS', '8')).toBe('WORKERS: 8');
    expect(lines('services.app.environment.MODE', 'slow')).toBe('MODE: slow');
    expect(lines('services.app.environment.MODE', 'no')).toBe('MODE: "no"');
    expect(lines('services.app.environment.MODE', '22:22')).toBe('MODE: "22:22"');
    expect(lines('services.app.restart', 'no')).toBe('restart: "no"');
    expect(lines('services.app.mem_limit', '1g')).toBe('mem_limit: 1g');
    expect(lines('services.app.privileged', 'true')).toBe('privileged: true');
    expect(lines('services.app.healthcheck.retries', '5')).toContain('retries: 5 }');
    expect(lines('other.more.size', '7')).toBe('size: 7');
  });

  it('counts in bytes, with a byte order mark, other line ends and characters of several bytes', () => {
    const text = '\ufeff# ß 🚀\r\na: "ß" # c\r\nb: 1\r\n';
    expect(edited('a', 'é🚀', text)).toBe(text.replace('"ß" #', '"é🚀" #'));
    expect(edited('b', '2', text)).toBe(text.replace('1', '2'));
  });

  it('finds keys with dots in them, and an item KEY=value of a list by its key', () => {
    expect(lines('services.app.labels[com.example.role]', 'web')).toBe('com.example.role: web');
    expect(lines('services.worker.environment.WORKERS', '8')).toBe('- WORKERS=8');
    expect(refused('services.app.labels.com.example.role', 'web')).toContain('can be read in several ways');
  });

  it('P10 says what is wrong, what is near, and how it is done instead', () => {
    expect(refused('services.app.imgae', 'x:1')).toContain('has no "imgae". Did you mean `services.app.image`?');
    expect(refused('service.app.image', 'x:1')).toContain('Did you mean `services`?');
    expect(refused('services.app.stop_signal', 'x')).toMatch(/It has: image, restart.*prepare the whole file.*--from/);
    expect(refused('services.app', 'x')).toMatch(/is no single value\. It has: image/);
    expect(refused('services.app.environment.EMPTY', 'x')).toContain('has no value in the file');
    expect(refused('services.worker.command', 'run')).toContain('is a text of several lines');
    expect(refused('services.app.image', 'shop:1.4')).toContain('has that value already');
    expect(refused('services..image', 'x')).toContain('is not the path of a value');
    expect(refused('other.logging.driver', 'x')).toContain('is an alias');
    expect(refused('other.more.driver', 'x')).toContain('by `<<`');
    expect(refused('x-log.driver', 'syslog')).toMatch(/used in other places too.*other\.logging\.driver/);
    expect(refused('a', 'x', 'a: &x y\nb: 1\n')).toContain('has an anchor');
    expect(refused('a', 'x', 'a: !secret y\n')).toContain('has a tag');
  });

  it('reads only one document, of keys that stand once', () => {
    expect(refused('a', 'x', 'a: 1\n---\na: 2\n')).toContain('several YAML documents');
    expect(refused('a', 'x', 'a: 1\nb: 2\na: 3\n')).toContain('a key stands twice, line 3');
    expect(refused('a', 'x', '- a\n')).toContain('it is no mapping');
    expect(refused('a', 'x', '')).toContain('it is no mapping');
    expect(refused('a', 'x', `a: 1\nb: [hunter2\n`)).toMatch(/is not valid YAML: [a-z ]+, line \d/);
    expect(refused('a', 'x', 'a: 1\nb: *nobody\n')).toContain('aliases lead nowhere');
    expect(refused('a', 'x', `a: ${'['.repeat(20_000)}`)).toContain('is not valid YAML');
    expect(refused('a', 'x', `a: ${'&b '.repeat(3_000)}`)).toContain('too many anchors');
  });

  it('P8 tells the old value only where it can be no secret, and never repeats a value in a refusal', () => {
    const told = (path: string, text = FILE) => {
      const edit = editScalar(text, 'f', path, 'changed');
      return edit.ok ? edit.value.told : edit.error.message;
    };
    expect(told('services.app.image')).toBe('shop:1.4');
    expect(told('services.app.environment.MODE')).toBeNull();
    expect(told('services.app.healthcheck.test.3')).toBeNull();
    expect(told('services.app.labels[com.example.role]')).toBeNull();
    expect(told('x.y', 'x:\n  y: hunter2\n')).toBeNull();
    expect(told('services.a.image', 'services:\n  a:\n    image: https://me:hunter2@hub/x\n')).toBeNull();
    const list = `services:\n  a:\n    command: ['hunter2==', x]\n    environment: [MODE=hunter2]\n`;
    expect(refused('services.a.command.y', 'x', list)).toContain('has no "y"');
    expect(refused('services.a.environment.Y', 'x', list)).toContain('It has: MODE.');
    for (const at of ['services.a.command.y', 'services.a.environment.Y'])
      expect(refused(at, 'x', list)).not.toContain('hunter2');
    // A key that a missing blank has made of a value.
    const odd = 'services: {a: {image: x, environment: {DB:hunter2, OTHER=hunter2, MODE: x}}}\n';
    for (const at of ['services.a.environment.X', 'services.a.environment', 'services.a.environment.[DB:hunter3]']) {
      expect(refused(at, 'x', odd)).toContain('MODE');
      expect(refused(at, 'x', odd)).not.toContain('hunter2');
    }
    for (const broken of ['a: 1\nb: [hunter2', 'a: 1\nb: "hunter2\n', 'a: {hunter2: *hunter2}\n', '\thunter2: x'])
      expect(refused('a', 'x', broken)).not.toContain('hunter2');
  });

  it('P8 takes no secret: not by its name, not by what it is, and does not repeat it', () => {
    for (const [path, value] of [
      ['services.app.environment.PGPASSWORD', 'hunter2'],
      ['services.app.environment.SMTP_PASS', 'hunter2'],
      ['services.app.environment[API_KEY]', 'hunter2'],
      ['services.app.environment.apiToken', 'hunter2'],
      ['services.app.environment.0', 'PGPASSWORD=hunter2'],
      ['services.app.environment.DATABASE_URL', 'postgres://app:hunter2@db/app'],
      ['services.app.environment.REDIS', 'redis://:hunter2@cache'],
      ['services.app.environment.DSN_OF_IT', 'host=db password=hunter2'],
      ['services.app.command', '-----BEGIN hunter2'],
      ['services.app.command', 'redis-server --requirepass hunter2'],
    ] as const) {
      const refusal = refuseValue(path, value);
      expect(refusal?.code, path).toBe('not_allowed');
      expect(`${refusal?.message} ${refusal?.next}`).not.toContain('hunter2');
      expect(refusal?.next).toContain('--from');
    }
    expect(refuseValue('services.app.environment.URL=postgres://app:hunter2@db/app', 'x')?.code).toBe('not_allowed');
    expect(refuseValue('services.app.environment.CONFIG', '{"password": "hunter2"}')?.code).toBe('not_allowed');
    const option = 'services:\n  a:\n    command: [server, --requirepass, old, --api-key, old, --port, 80]\n';
    for (const at of ['services.a.command.2', 'services.a.command.4'])
      expect(refused(at, 'hunter2', option)).toMatch(/looks like a secret/);
    expect(lines('services.a.command.6', '81', option)).toContain('--port, 81]');
    // Typed in one word with its value: that is no path, and not repeated.
    for (const typed of ['services.app.environment.DB=hunter2', 'services.app.environment.DB:hunter2'])
      expect(refused(typed, 'x')).not.toContain('hunter2');
    for (const at of ['services.app.environment[PGPASSWORD]', 'services.worker.environment.0'])
      expect(refused(at, 'hunter2')).toMatch(/looks like a secret/);
    for (const [path, value] of [
      ['services.app.environment.POSTGRES_PASSWORD_FILE', '/run/secrets/db'],
      ['services.app.image', 'registry.example.org:5000/shop@sha256:abc'],
      ['services.app.environment.SITE_URL', 'https://shop.example.org/'],
      ['services.app.environment.MONKEY', 'x'],
    ] as const)
      expect(refuseValue(path, value), path).toBeNull();
  });
});
