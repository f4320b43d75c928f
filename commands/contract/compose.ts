import { z } from 'zod';
import { checkValue } from '../../src/estate/parameter.ts';
import type { Field } from './field.ts';

/** For sites that several hosts serve, each with a compose file of its own. */
export const composeHostField: Field = {
  key: 'host',
  label: 'host',
  of: 'host',
  required: false,
  flag: true,
  hint: 'where several hosts have the file; the site’s own without one',
};

/** The name of a file beside the compose file. */
export const fileName = z
  .string()
  .max(200)
  .refine((text) => checkValue('file', { type: 'file_name' }, text).ok, 'the name of a file, without a folder');
