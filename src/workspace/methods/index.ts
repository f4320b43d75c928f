import { AUTH_METHODS } from './auth.ts';
import { CHAT_METHODS } from './chat.ts';
import { CONVERSATION_METHODS } from './conversations.ts';
import type { Method } from './define.ts';
import { FILE_METHODS } from './files.ts';
import { REACTION_METHODS } from './reactions.ts';
import { USER_METHODS } from './users.ts';
import { VIEW_METHODS } from './views.ts';

/** Every method of the Web API that the workspace knows. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...AUTH_METHODS,
    ...USER_METHODS,
    ...CONVERSATION_METHODS,
    ...CHAT_METHODS,
    ...VIEW_METHODS,
    ...FILE_METHODS,
    ...REACTION_METHODS,
  }),
);
