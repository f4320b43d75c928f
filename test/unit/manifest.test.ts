import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfig } from '../../src/config/load.ts';
import { CONFIG_TEXT } from '../support/builders.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const manifest = z
  .object({
    display_information: z.object({ name: z.string().max(35), description: z.string().max(140) }),
    features: z.object({
      app_home: z.object({ home_tab_enabled: z.boolean() }),
      slash_commands: z.array(z.object({ command: z.string(), description: z.string(), usage_hint: z.string() })),
    }),
    oauth_config: z.object({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
      interactivity: z.object({ is_enabled: z.boolean() }),
      socket_mode_enabled: z.boolean(),
    }),
  })
  .parse(parse(readFileSync(resolve(ROOT, 'manifest.yml'), 'utf8')));
const granted = new Set(manifest.oauth_config.scopes.bot);

const folder = resolve(ROOT, 'src/adapters/slack');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(resolve(folder, file), 'utf8'));
const code = sources.join('\n');

/** What each Web API method needs of a bot token, from its page in Slack's reference. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  'apps.connections.open': [], // the app token's own connections:write
  'auth.test': [],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.members': ['channels:read', 'groups:read'],
  'conversations.open': ['im:write'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'files.completeUploadExternal': ['files:write'],
  'files.getUploadURLExternal': ['files:write'],
  'files.info': ['files:read'],
  'reactions.add': ['reactions:write'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.info': ['users:read'],
  'users.list': ['users:read'],
  'users.lookupByEmail': ['users:read.email'],
  'views.open': [],
  'views.publish': [],
  'views.push': [],
  'views.update': [],
};

const EVENTS: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  team_join: ['users:read'],
  user_change: ['users:read'],
  subteam_members_changed: ['usergroups:read'],
  subteam_updated: ['usergroups:read'],
  channel_deleted: ['channels:read'],
  member_left_channel: ['channels:read', 'groups:read'],
};

/** Methods of the Web API that a text calls, by the names of the client's own families. */
function methodsIn(text: string): string[] {
  const client = new WebClient();
  const families = Object.entries(client).filter(([, value]) => typeof value === 'object' && value !== null);
  const names = families.map(([name]) => name).filter((name) => /^[a-z]+$/.test(name));
  const call = new RegExp(`\\.((?:${names.join('|')})(?:\\s*\\.\\s*[a-z][A-Za-z]*)+)\\s*\\(`, 'g');
  return [...new Set([...text.matchAll(call)].map((found) => (found[1] ?? '').replaceAll(/\s/g, '')))]
    .filter((method) => typeof reach(client, method) === 'function')
    .sort();
}

function reach(root: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), root);
}

function eventsIn(text: string): string[] {
  return [...text.matchAll(/\.event(?:<[^>]*>)?\(\s*['"`]([a-z_]+)['"`]/g)].map((found) => found[1] ?? '');
}

describe('the manifest', () => {
  it('declares the slash command that the configuration has by default', () => {
    const config = parseConfig(CONFIG_TEXT.replace(/^ {2}command: .*\n/m, ''), 'twokey.yml');
    expect(manifest.features.slash_commands.map((one) => one.command)).toEqual([config.slack.command]);
  });

  it('lets buttons and forms work', () => {
    expect(manifest.settings.interactivity.is_enabled).toBe(true);
    expect(granted.has('commands')).toBe(true);
  });

  it('declares every event that is listened to', () => {
    const events = eventsIn(code);
    expect(events.length).toBeGreaterThanOrEqual(2);
    for (const event of events) expect(manifest.settings.event_subscriptions.bot_events).toContain(event);
  });

  it('has the scopes that its events need', () => {
    for (const event of manifest.settings.event_subscriptions.bot_events) {
      expect(EVENTS, event).toHaveProperty(event);
      for (const scope of EVENTS[event] ?? []) expect([...granted], event).toContain(scope);
    }
  });

  it('has the scopes that the called methods need', () => {
    const methods = methodsIn(code);
    expect(methods.length).toBeGreaterThanOrEqual(10);
    for (const method of methods) {
      expect(Object.keys(SCOPES), `${method} is not in the table`).toContain(method);
      for (const scope of SCOPES[method] ?? []) expect([...granted], method).toContain(scope);
    }
    // A method named by a string would not be seen.
    expect(code).not.toMatch(/\.apiCall\(/);
  });

  it('asks for no scope twice, and only for ones that are known', () => {
    expect(granted.size).toBe(manifest.oauth_config.scopes.bot.length);
    const known = new Set([...Object.values(SCOPES).flat(), ...Object.values(EVENTS).flat(), 'commands']);
    expect([...granted].filter((scope) => !known.has(scope))).toEqual([]);
  });
});

describe('the reading of the code', () => {
  it('sees a call however it is written', () => {
    const text = 'await control.chat.postMessage({});\nclient.usergroups.users.list({})\nweb.files\n  .info({ file });';
    expect(methodsIn(text)).toEqual(['chat.postMessage', 'files.info', 'usergroups.users.list']);
    expect(methodsIn('desk.identity.users.get(x); view.operation.includes(1)')).toEqual([]);
    expect(eventsIn(`app.event('team_join', x); app.event<"y">("user_change", y)`)).toEqual([
      'team_join',
      'user_change',
    ]);
  });
});
