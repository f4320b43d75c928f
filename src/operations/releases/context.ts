import type { Profiles } from '../../estate/profile-load.ts';
import type { Estate } from '../../estate/types.ts';
import type { HostPort } from '../ports.ts';
import type { ReleaseBook, ReleaseDownload, ReleaseShelf, SharedFiles } from './ports.ts';

/** All that releases need. */
export interface ReleaseContext {
  readonly book: ReleaseBook;
  readonly shelf: ReleaseShelf;
  readonly download: ReleaseDownload;
  readonly shared: SharedFiles;
  readonly hosts: HostPort;
  readonly estate: () => Promise<Estate>;
  readonly profiles: Profiles;
}
