import type { SettingsDocument } from '../../estate/site-settings.ts';

/** One version of a site's settings; it is never changed. Version 0 is what a site has before anybody sets anything. */
export interface SettingsVersion {
  readonly version: number;
  readonly document: SettingsDocument;
  /** Why it was written, in words: `set smtp_host`, `rollback to version 3`. */
  readonly why: string;
  readonly by: string;
  readonly operation: string;
  readonly at: Date;
}

/** What is stored for a site and what runs there. */
export interface SettingsState {
  /** Number of the newest version; 0 when nothing was ever set. */
  readonly version: number;
  readonly document: SettingsDocument;
  /** The version that was deployed last; 0 when Twokey never deployed it. */
  readonly running: number;
  readonly runningDocument: SettingsDocument;
  /** True while a redeploy is under way, and when the last one began to change the site and did not end well. */
  readonly uncertain: boolean;
  /** True when what is stored holds only after a redeploy; always when what runs is uncertain. */
  readonly pendingRedeploy: boolean;
}

/** The settings of sites as rows, for those who read them. */
export interface SettingsBook {
  state(site: string): Promise<SettingsState>;
  /** The newest versions first. */
  history(site: string, limit: number): Promise<readonly SettingsVersion[]>;
  /** The document of a version; null when there is none of that number. Version 0 is always there, and empty. */
  documentOf(site: string, version: number): Promise<SettingsDocument | null>;
  /** What an operation wrote; null when it wrote no settings. */
  writtenBy(operation: string): Promise<{ readonly site: string; readonly version: number } | null>;
}
