#!/usr/bin/env node
// Writes docs/profile.schema.json anew, from the schema that Twokey itself uses. Needs Node 24.
import { writeFileSync } from 'node:fs';
import { profileSchemaText } from '../src/estate/profile-schema.ts';

writeFileSync(new URL('../docs/profile.schema.json', import.meta.url), profileSchemaText());
