import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterFindings, findSites, newCandidates } from '../../../../src/estate/introspection/find-sites.ts';
import { bySeverity, type Finding, word } from '../../../../src/estate/introspection/finding.ts';
import { readFrames } from '../../../../src/estate/introspection/frames.ts';
import { siteDocument } from '../../../../src/estate/types.ts';
import { quote } from '../../../../src/shell/quote.ts';
import { hostileFile, hostileName, ranByCommands } from '../../../support/hostile.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const KINDS = [
  'vhost',
  'rails',
  'database',
  'version',
  'compose-file',
  'containers',
  'container-env',
  'dot-env',
  'commcare',
  'commcare-yml',
  'inventory',
  'karl',
  'karl-instances',
  'karl-ini',
  'units',
  'env-file',
  'connections',
  'pid-units',
  'cron',
  'os',
  'disks',
  'ports',
  'memory',
  'httpd',
  'httpd-elsewhere',
  'conf-dir',
  'rails-dir',
  'docker-socket',
  'commcare-code',
  'whole',
];
const PLACES = [
  '/etc/httpd/conf.d/N',
  '/var/rails/N',
  '/var/rails/N/config/database.yml',
  '/opt/N/docker-compose.yml',
  '/home/N/environments/N',
  '/home/N/environments/N/public.yml',
  '/home/N/production',
  '/home/N/production/current/etc/instances.ini',
  'N',
  '-',
];
const STATES = [
  'ok',
  'ok',
  'ok',
  'cut',
  'absent',
  'denied',
  'broken',
  'odd',
  'refused',
  'timeout',
  'failed 3',
  'nonsense',
  '',
];
/** A frame as the script makes it: content behind marks, a name without a line feed. */
const frame = fc
  .tuple(fc.constantFrom(...KINDS), fc.constantFrom(...PLACES), hostileName, hostileFile, fc.constantFrom(...STATES))
  .map(([kind, place, name, text, state]) => {
    const body = text.split('\n').map((line) => `>${line}\n`);
    return `@${kind} ${place.replaceAll('N', () => name)}\n@: build 7\n@: mode -rw-r--r--\n${body.join('')}\n@. ${state}\n`;
  });

describe('the frames of an answer', () => {
  it('are read with names, notes, states and contents', () => {
    const { frames, whole } = readFrames(
      bytes('noise\n@os /etc/os-release\n@: mode x\n>a\n>@. ok\n>\n\n@. cut\n@whole -\n@. ok\n'),
    );
    expect(frames[0]).toEqual({
      kind: 'os',
      name: '/etc/os-release',
      state: 'cut',
      notes: ['mode x'],
      text: 'a\n@. ok',
    });
    expect(whole).toBe(true);
  });

  it('that never end are lost, and the answer is not whole', () => {
    const { frames, whole } = readFrames(bytes('@os a\n>x\n@uname -\n>y\n'));
    expect(frames.map((one) => one.state)).toEqual(['lost', 'lost']);
    expect(whole).toBe(false);
    expect(findSites('h', bytes('@os a\n')).findings.map((one) => one.code)).toContain('look_cut');
  });

  it('of any bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (output) => {
        findSites('h', output);
      }),
      { numRuns: 1_000 },
    );
  });

  it('1,000 hosts full of hostile names and files: no parser throws, every document is valid', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 12 }), (frames) => {
        const finds = findSites('host', bytes(frames.join('')));
        clusterFindings([finds, { ...finds, host: 'other' }]);
        const { fresh } = newCandidates({ clusters: new Map(), hosts: new Map(), sites: new Map() }, [finds]);
        const names = fresh.flatMap((one) => (one.document === null ? [] : [one.document.name]));
        expect(new Set(names).size).toBe(names.length);
        for (const { document, missing } of fresh) {
          if (document === null) expect(missing.length).toBeGreaterThan(0);
          else expect(siteDocument.parse(document)).toEqual(document);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('P8 no command that is offered takes a found name for syntax', { timeout: 60_000 }, async () => {
    const hosts = fc.sample(fc.array(frame, { minLength: 4, maxLength: 12 }), { numRuns: 400, seed: 7 });
    const findings = hosts.flatMap((frames) => findSites('host', bytes(frames.join(''))).findings);
    expect(findings.filter((one) => one.mend !== null).length).toBeGreaterThan(300);
    expect(await ranByCommands(findings)).toEqual([]);
    // The trap does catch what it is there for.
    const trapped: Finding = { code: 'x', severity: 'info', subject: 'x', meaning: 'x', mend: 'ls $(touch pwned)' };
    expect(await ranByCommands([trapped])).toEqual(['pwned']);
  });
});

describe('findings', () => {
  it('come the worst first, and quote what is not a plain word', () => {
    const of = (severity: 'critical' | 'warning' | 'unknown' | 'info') => ({
      code: severity,
      severity,
      subject: '',
      meaning: '',
      mend: null,
    });
    expect(bySeverity([of('info'), of('unknown'), of('critical'), of('warning')]).map((one) => one.code)).toEqual([
      'critical',
      'warning',
      'unknown',
      'info',
    ]);
    expect(word('/var/rails/com_a')).toBe('/var/rails/com_a');
    expect(word('a b')).toBe(quote('a b'));
    expect(word('')).toBe("''");
    expect(word('~root')).toBe("'~root'");
  });
});
