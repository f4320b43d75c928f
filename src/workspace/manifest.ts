import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const manifestSchema = z.looseObject({
  display_information: z.looseObject({ name: z.string().max(35) }),
  features: z.looseObject({
    slash_commands: z
      .array(
        z.looseObject({
          command: z.string().startsWith('/'),
          description: z.string(),
          usage_hint: z.string().default(''),
        }),
      )
      .default([]),
  }),
  oauth_config: z.looseObject({ scopes: z.looseObject({ bot: z.array(z.string()) }) }),
  settings: z.looseObject({
    event_subscriptions: z.looseObject({ bot_events: z.array(z.string()).default([]) }).default({ bot_events: [] }),
    interactivity: z.looseObject({ is_enabled: z.boolean() }).default({ is_enabled: false }),
  }),
});

/** What the installed app declared: nothing else can be sent to it, and it can do nothing else. */
export interface Manifest {
  readonly name: string;
  readonly commands: readonly { readonly command: string; readonly usage: string; readonly description: string }[];
  readonly scopes: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  readonly interactive: boolean;
}

/** Reads an app manifest (YAML). Throws when the file is missing or is no manifest. */
export function readManifest(file: string): Manifest {
  const manifest = manifestSchema.parse(parse(readFileSync(file, 'utf8')));
  return {
    name: manifest.display_information.name,
    commands: manifest.features.slash_commands.map((entry) => ({
      command: entry.command,
      usage: entry.usage_hint,
      description: entry.description,
    })),
    scopes: new Set(manifest.oauth_config.scopes.bot),
    events: new Set(manifest.settings.event_subscriptions.bot_events),
    interactive: manifest.settings.interactivity.is_enabled,
  };
}
