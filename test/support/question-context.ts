import type { QuestionContext } from '../../commands/contract/command.ts';
import { parseConfig } from '../../src/config/load.ts';
import { loadDutyLists } from '../../src/estate/duty-lists.ts';
import { buildEstate } from '../../src/estate/estate.ts';
import { loadProfiles } from '../../src/estate/profile-load.ts';
import { estateDocument } from '../../src/estate/types.ts';
import { refusal } from '../../src/kernel/errors.ts';
import { err, ok } from '../../src/kernel/result.ts';

const CONFIG = `
slack: { command: /ops, channels: { operations: C0OPS } }
roles: { admin: [U0ADM], operator: [U0REQ], approver: [U0APA, U0APB], viewer: [U0VIEW] }
calendars: { office: { timezone: Europe/Berlin, working_hours: {} } }
policy: { production: { calendar: office }, staging: {} }
`;
const ESTATE = {
  clusters: [
    {
      name: 'acme',
      hosts: [{ name: 'acme-app', address: '127.0.0.1', user: 'app', key_file: '/nowhere/key' }],
      sites: [
        {
          name: 'acme',
          environment: 'production',
          host: 'acme-app',
          site_dir: '/srv/acme',
          version: '8.1.0',
          database: { host: '127.0.0.1', name: 'acme', user: 'twokey_backup' },
        },
      ],
    },
  ],
};

// Read once: they cost more than most tests.
const profiles = loadProfiles('/nowhere');
const duties = loadDutyLists('/nowhere', profiles);

/**
 * A context for testing questions: one host `acme-app` with one site `acme`, nothing has ever been run. The host prints
 * `prints` when the script it is asked to run contains `run`, and is out of reach for anything else.
 */
export function questionContext(host: { readonly run?: string; readonly prints?: string } = {}): QuestionContext {
  const estate = buildEstate(estateDocument.parse(ESTATE));
  if (!estate.ok) throw new Error(estate.error.message);
  const away = () => err(refusal('host_unreachable', 'acme-app does not answer'));
  return {
    asker: { person: 'U0REQ', name: 'operator', roles: ['operator'], grants: [] },
    tell: () => undefined,
    config: parseConfig(CONFIG, 'question-context.ts'),
    estate: estate.value,
    estateBook: {
      document: () => Promise.resolve({ clusters: [] }),
      removals: () => Promise.resolve([]),
      uses: () => Promise.resolve([]),
      changesOf: () => Promise.resolve([]),
      lastChange: () => Promise.resolve(null),
      contacts: () => Promise.resolve(new Map()),
      noteContact: () => Promise.resolve(),
    },
    dial: {
      presentedKey: () => Promise.resolve(away()),
      check: () => Promise.reject(new Error('no host is dialled here')),
    },
    profiles,
    releases: {
      place: 'store:here',
      list: () => Promise.resolve([]),
      files: () => Promise.resolve([]),
      find: () => Promise.resolve(away()),
      runBy: () => Promise.resolve([]),
      add: () => Promise.resolve(away()),
      scan: () => Promise.resolve({ added: [], refused: [] }),
      verify: () => Promise.resolve([]),
      glance: () => Promise.resolve([]),
      remove: () => Promise.resolve(away()),
    },
    patches: {
      look: () => Promise.reject(new Error('no files are compared here')),
      acknowledge: () => Promise.resolve(away()),
    },
    settings: {
      state: () =>
        Promise.resolve({
          version: 0,
          document: {},
          running: 0,
          runningDocument: {},
          uncertain: false,
          pendingRedeploy: false,
        }),
      history: () => Promise.resolve([]),
      documentOf: () => Promise.resolve(null),
      writtenBy: () => Promise.resolve(null),
    },
    book: {
      now: () => Promise.resolve(new Date('2026-11-20T12:00:00Z')),
      open: () => Promise.reject(new Error('a question records no operation')),
      view: () => Promise.resolve(null),
      history: () => Promise.resolve([]),
      runBefore: () => Promise.resolve(null),
      estimate: () => Promise.resolve(null),
      active: () => Promise.resolve([]),
      cancel: () => Promise.resolve(away()),
      leave: () => Promise.resolve(away()),
      markSeen: () => Promise.resolve(away()),
    },
    audit: { last: () => Promise.resolve([]) },
    evidence: () => Promise.resolve(null),
    journal: { read: () => Promise.resolve(new Uint8Array(0)) },
    hosts: {
      run: (_host, script) =>
        Promise.resolve(
          host.run !== undefined && script.includes(host.run)
            ? ok({ code: 0, output: new TextEncoder().encode(host.prints ?? '') })
            : away(),
        ),
      start: () => Promise.resolve(away()),
      follow: () => {
        throw new Error('a question follows no job');
      },
      kill: () => Promise.resolve(away()),
      remove: () => Promise.resolve(away()),
      strip: () => Promise.resolve(away()),
    },
    duties: {
      lists: duties,
      book: { owners: () => Promise.resolve([]), set: () => Promise.resolve(null), clear: () => Promise.resolve(null) },
    },
    hostFacts: { note: () => Promise.resolve(), of: () => Promise.resolve([]) },
    commands: [],
    freezes: {
      current: () => Promise.resolve([]),
      begin: () => Promise.reject(new Error('nothing is frozen here')),
      lift: () => Promise.resolve(away()),
    },
    stepUp: { people: () => Promise.resolve([]), reset: () => Promise.resolve(away()) },
    approvers: () => Promise.resolve(['U0APA', 'U0APB']),
    sees: () => true,
    whoMay: () => Promise.resolve(['U0REQ']),
    cancel: () => Promise.resolve(away()),
    reviews: {
      list: () => Promise.resolve([]),
      close: () => Promise.resolve(away()),
      closers: () => Promise.resolve(['U0APA', 'U0APB', 'U0ADM']),
    },
    standing: {
      list: () => Promise.resolve([]),
      find: () => Promise.resolve(null),
      ask: () => Promise.resolve(away()),
    },
  };
}
