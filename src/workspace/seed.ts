import type { Channel, User, UserGroup } from './model.ts';
import { BOT_USER, TEAM } from './model.ts';

/** The people, channels and user groups a workspace starts with. */
export interface WorkspaceSeed {
  readonly users: readonly User[];
  readonly channels: readonly Channel[];
  readonly groups: readonly UserGroup[];
}

const CREATED = 1_767_225_600;

/** A person with everything ordinary, for seeds and `addUser`. */
export function person(id: string, name: string, patch: Partial<User> = {}): User {
  return {
    id,
    teamId: TEAM.id,
    name,
    title: '',
    color: '4a5568',
    email: `${name}@example.com`,
    timezone: 'Europe/Berlin',
    bot: false,
    admin: false,
    guest: false,
    foreign: false,
    deactivated: false,
    updated: CREATED,
    ...patch,
  };
}

/** A public channel; `members` are user ids. */
export function publicChannel(id: string, name: string, topic: string, members: readonly string[]): Channel {
  return { id, name, topic, kind: 'public', members: [...members], archived: false, created: CREATED };
}

/** People named by role, the four channels of the configuration, and one user group. */
export function defaultSeed(): WorkspaceSeed {
  const users = [
    person('U0REQ', 'operator', { title: 'Operator', color: '2b6cb0' }),
    person('U0APA', 'approver-a', { title: 'Approver', color: '2f855a' }),
    person('U0APB', 'approver-b', { title: 'Approver', color: '975a16' }),
    person('U0ADM', 'admin', { title: 'Admin', color: '9b2c2c', admin: true }),
    person('U0VIEW', 'viewer', { title: 'Viewer', color: '6b46c1' }),
    person('U0OUT', 'outsider', { title: 'No role', color: '718096' }),
    person('U0GUEST', 'guest', { title: 'Guest', color: 'b83280', guest: true }),
    person('U0FOREIGN', 'foreign', { title: 'Another workspace', color: '285e61', foreign: true, teamId: 'T0FOREIGN' }),
    person(BOT_USER, 'twokey', { title: 'App', color: '1f2a44', bot: true, email: '' }),
  ];
  const everyone = users.map((user) => user.id);
  return {
    users,
    channels: [
      publicChannel('C0OPS', 'operations', 'Operations, approvals and their logs', everyone),
      publicChannel('C0ALERT', 'alerts', 'What monitoring has to say', everyone),
      publicChannel('C0REPORT', 'reports', 'Daily and weekly reports', everyone),
      publicChannel('C0AUDIT', 'audit', 'Decisions, emergencies and reviews', everyone),
    ],
    groups: [{ id: 'S0OPER', handle: 'operators', name: 'Operators', users: ['U0REQ'] }],
  };
}
