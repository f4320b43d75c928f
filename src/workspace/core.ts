import type { AppLink } from './appLink.ts';
import type { Faults } from './faults.ts';
import type { FileBytes } from './fileBytes.ts';
import type { Journal } from './journal.ts';
import type { RateLimits } from './limits.ts';
import type { Manifest } from './manifest.ts';
import type { ResponseUrls } from './responses.ts';
import type { SocketLink } from './socket.ts';
import type { Store } from './store.ts';
import type { Triggers } from './triggers.ts';
import type { Uploads } from './uploads.ts';
import type { Views } from './views.ts';

/** The parts of one running workspace, handed to whatever works on it. */
export interface Core {
  readonly store: Store;
  readonly views: Views;
  readonly bytes: FileBytes;
  readonly uploads: Uploads;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly rates: RateLimits;
  readonly triggers: Triggers;
  readonly responses: ResponseUrls;
  readonly manifest: Manifest;
  /** The way to the app that is in use. */
  readonly app: AppLink;
  /** Present in Socket Mode. */
  readonly socket: SocketLink | undefined;
  readonly tokens: { readonly bot: string; readonly app: string };
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  url(): string;
  /** To be called after a change that the store does not tell by itself. */
  changed(): void;
}
