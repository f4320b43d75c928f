import { z } from 'zod';
import { profileDocument } from './profile.ts';

/** The published schema of a profile, for editors: what docs/profile.schema.json holds. It knows less than `profile validate`. */
export function profileSchemaText(): string {
  const { required = [], ...schema } = z.toJSONSchema(profileDocument, { io: 'input', reused: 'ref' });
  // A profile that extends another only has to say what is different.
  const published = { ...schema, title: 'Twokey profile', anyOf: [{ required: ['name', 'extends'] }, { required }] };
  return `${JSON.stringify(published, null, 2)}\n`;
}
