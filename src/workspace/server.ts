import { once } from 'node:events';
import { now } from '../kernel/clock.ts';
import type { Core } from './core.ts';
import { Faults } from './faults.ts';
import { FileBytes } from './fileBytes.ts';
import { createHttp } from './http.ts';
import { Human } from './human.ts';
import { Journal } from './journal.ts';
import { DEFAULT_LIMITS, RateLimits, type WorkspaceLimits } from './limits.ts';
import { readManifest } from './manifest.ts';
import type { Channel, User } from './model.ts';
import { emit } from './people.ts';
import { Persistence } from './persist.ts';
import { groupJson, userJson } from './render.ts';
import { RequestUrlLink } from './requestUrl.ts';
import { ResponseUrls } from './responses.ts';
import { defaultSeed, person, type WorkspaceSeed } from './seed.ts';
import { type DisconnectReason, SocketLink } from './socket.ts';
import { Store } from './store.ts';
import { Triggers } from './triggers.ts';
import { Uploads } from './uploads.ts';
import { Views } from './views.ts';

export interface WorkspaceOptions {
  /** 0 (the default) takes a free one. */
  readonly port?: number;
  /** Folder of the built browser page, served at "/". */
  readonly pageDir?: string;
  /** People, channels, messages and files survive a restart here. Without it nothing does. */
  readonly dataDir?: string;
  readonly seed?: WorkspaceSeed;
  /** The app's manifest.yml. */
  readonly manifestFile: string;
  /** Deliver by signed HTTP requests to this URL instead of Socket Mode. */
  readonly requestUrl?: string;
  readonly limits?: WorkspaceLimits;
}

/** A running workspace, with what a test needs to look into it and to make it misbehave. */
export interface Workspace extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The app's SLACK_API_URL. */
  readonly apiUrl: string;
  /** SLACK_BOT_TOKEN, SLACK_APP_TOKEN (Socket Mode only), SLACK_SIGNING_SECRET, SLACK_API_URL. */
  readonly env: Readonly<Record<string, string>>;
  readonly journal: Journal;
  readonly faults: Faults;
  /** Open Socket Mode connections that take payloads. */
  readonly connections: number;
  /** A person by id or name. Throws when there is none. */
  human(idOrName: string): Human;
  /** Adds a person to every public channel; the app hears team_join. */
  addUser(id: string, name: string, patch?: Partial<User>): Human;
  /** Deactivates, makes a guest, ...; the app hears user_change. */
  updateUser(idOrName: string, patch: Partial<Omit<User, 'id'>>): void;
  /** Sets the members of a user group; the app hears subteam_members_changed. */
  setGroup(id: string, users: readonly string[]): void;
  putChannel(channel: Channel): void;
  /** Deletes a file as the person who uploaded it would. */
  deleteFile(id: string): void;
  /** Deletes a message as a workspace admin would. Throws when it is not there. */
  deleteMessage(channel: string, ts: string): void;
  disconnectAll(reason?: DisconnectReason): void;
  close(): Promise<void>;
}

const TOKENS = { bot: 'xoxb-local-bot', app: 'xapp-local-app' } as const;
const SIGNING_SECRET = 'local-signing-secret';

/** Starts a local stand-in for Slack on loopback. Throws when the port is taken or the manifest cannot be read. */
export async function startWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const manifest = readManifest(options.manifestFile);
  const store = new Store(options.seed ?? defaultSeed());
  const persistence = options.dataDir === undefined ? undefined : new Persistence(store, options.dataDir);
  const journal = new Journal();
  let socket: SocketLink | undefined;
  const faults = new Faults(() => {
    socket?.cut();
  });
  if (options.requestUrl === undefined) socket = new SocketLink(journal, faults, limits);
  const app =
    options.requestUrl === undefined
      ? (socket ?? new SocketLink(journal, faults, limits))
      : new RequestUrlLink(options.requestUrl, SIGNING_SECRET, journal, faults, limits);
  let url = '';
  const core: Core = {
    store,
    views: new Views(),
    bytes: new FileBytes(options.dataDir),
    uploads: new Uploads(),
    journal,
    faults,
    rates: new RateLimits(limits),
    triggers: new Triggers(limits.triggerMs),
    responses: new ResponseUrls(limits.responseUrlMs),
    manifest,
    app,
    socket,
    tokens: TOKENS,
    url: () => url,
    changed: () => persistence?.changed(),
  };
  const { server, pages } = createHttp(core, options.pageDir);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the workspace has no port');
  url = `http://127.0.0.1:${address.port}`;

  const close = async (): Promise<void> => {
    app.close();
    pages.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    await persistence?.flush();
  };
  return {
    ...controls(core),
    url,
    apiUrl: `${url}/api/`,
    env: environment(url, socket),
    journal,
    faults,
    close,
    [Symbol.asyncDispose]: close,
    get connections() {
      return socket?.size ?? 0;
    },
    disconnectAll: (reason = 'refresh_requested') => socket?.disconnectAll(reason),
  };
}

function environment(url: string, socket: SocketLink | undefined): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: TOKENS.bot,
    ...(socket === undefined ? {} : { SLACK_APP_TOKEN: TOKENS.app }),
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_API_URL: `${url}/api/`,
  };
}

type Controls = Pick<
  Workspace,
  'human' | 'addUser' | 'updateUser' | 'setGroup' | 'putChannel' | 'deleteFile' | 'deleteMessage'
>;

function controls(core: Core): Controls {
  const { store } = core;
  const userCalled = (idOrName: string): User => {
    const user = store.findUser(idOrName);
    if (user === undefined) throw new Error(`there is no person ${idOrName}`);
    return user;
  };
  const tell = (type: string, event: Record<string, unknown>): void => {
    core.changed();
    void emit(core, type, event);
  };
  return {
    human: (idOrName) => new Human(core, userCalled(idOrName).id),
    addUser: (id, name, patch = {}) => {
      const user = person(id, name, patch);
      store.users.set(id, user);
      for (const channel of store.channels.values()) {
        if (channel.kind === 'public') store.putChannel({ ...channel, members: [...channel.members, id] });
      }
      tell('team_join', { user: userJson(user, false) });
      return new Human(core, id);
    },
    updateUser: (idOrName, patch) => {
      const user = { ...userCalled(idOrName), ...patch, updated: Math.floor(now().getTime() / 1000) };
      store.users.set(user.id, user);
      tell('user_change', { user: userJson(user, false), cache_ts: user.updated });
    },
    setGroup: (id, users) => {
      const before = store.groups.get(id) ?? { id, handle: id.toLowerCase(), name: id, users: [] };
      const group = { ...before, users: [...users] };
      store.groups.set(id, group);
      tell('subteam_members_changed', {
        subteam_id: id,
        team_id: 'T0LOCAL',
        added_users: users.filter((user) => !before.users.includes(user)),
        removed_users: before.users.filter((user) => !users.includes(user)),
        subteam: groupJson(group, true),
      });
    },
    putChannel: (channel) => store.putChannel(channel),
    deleteFile: (id) => {
      store.files.delete(id);
      core.changed();
    },
    deleteMessage: (idOrName, ts) => {
      const channel = store.findChannel(idOrName);
      const message = channel === undefined ? undefined : store.message(channel.id, ts);
      if (message === undefined) throw new Error(`there is no message ${ts} in ${idOrName}`);
      store.remove(message);
    },
  };
}
