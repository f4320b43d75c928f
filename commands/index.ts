import { readdirSync } from 'node:fs';
import { z } from 'zod';
import type { Command } from './contract/command.ts';

const isCommand = (value: unknown): value is Command =>
  z
    .looseObject({ kind: z.enum(['question', 'operation']), name: z.string(), fields: z.array(z.unknown()) })
    .safeParse(value).success;

const commandFile = z.object({
  command: z.custom<Command>(isCommand, 'it must export `command`, made by question() or operation()'),
});

/**
 * Everything that can be asked: each file beside this one exports one command. Questions come first, then by name.
 * @throws when a file exports no command, or two files the same name, so that a mistake shows at the first start
 */
export async function loadCommands(): Promise<readonly Command[]> {
  const folder = new URL('./', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  const loaded = await Promise.all(
    files.map(async (file) => {
      const module: unknown = await import(new URL(file, folder).href);
      const checked = commandFile.safeParse(module);
      if (!checked.success) throw new Error(`commands/${file}: ${z.prettifyError(checked.error)}`);
      return checked.data.command;
    }),
  );
  const doubled = loaded.find((one, index) => loaded.findIndex((other) => other.name === one.name) !== index);
  if (doubled) throw new Error(`two files in commands/ are named "${doubled.name}"`);
  const rank = (one: Command) => (one.kind === 'question' ? 0 : 1);
  return loaded.sort((left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name));
}
