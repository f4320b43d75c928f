import { z } from 'zod';
import { profileDocument } from './profile.ts';

/** The published schema of a profile, for editors: what docs/profile.schema.json holds. It knows less than `profile validate`. */
export function profileSchemaText(): string {
  const schema = z.toJSONSchema(profileDocument, { io: 'input' });
  return `${JSON.stringify({ title: 'Twokey profile', ...schema }, null, 2)}\n`;
}
