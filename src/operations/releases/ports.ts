import type { ShippedFile } from '../../estate/release-manifest.ts';
import type { ReleaseName } from '../../estate/release-name.ts';
import type { Refusal } from '../../kernel/errors.ts';
import type { Result } from '../../kernel/result.ts';

/** Where the file of a release lies. */
export interface Place {
  /** `store:<id of the data directory>` or `host:<name>`. */
  readonly place: string;
  /** Who that is, for people: the machine's name, or the host's. */
  readonly machine: string;
  /** Within the data directory, or on the host. */
  readonly path: string;
}

export interface ReleaseCopy extends Place {
  readonly verifiedAt: Date;
  /** What the last look found wrong; null when it was what was added. */
  readonly problem: string | null;
}

/** A version of an application that can be installed. */
export interface ReleaseRecord extends ReleaseName {
  readonly id: string;
  readonly fileName: string;
  /** In bytes. */
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Where it came from, in words. */
  readonly source: string;
  /** True when what it ships is known, file by file. */
  readonly manifest: boolean;
  readonly addedAt: Date;
  readonly addedBy: string;
  readonly copies: readonly ReleaseCopy[];
}

/** A file that was looked at and may become a release. */
export interface FoundFile extends Place {
  readonly fileName: string;
  readonly size: number;
  readonly sha256: string;
  /** What it ships; null when it lies on a host whose tar cannot tell. */
  readonly files: readonly ShippedFile[] | null;
}

/** The rows of releases. */
export interface ReleaseBook {
  /** Those that are not removed, by product, the newest first. */
  list(): Promise<readonly ReleaseRecord[]>;
  files(id: string): Promise<readonly ShippedFile[]>;
  /** Paths at a place that belong to releases that were removed. */
  removedAt(place: string): Promise<readonly string[]>;
  /**
   * Adds a release, or another copy of one that is there. Refusal: name_taken when the same version is there with other
   * content.
   */
  add(
    name: ReleaseName,
    file: FoundFile,
    source: string,
    by: string,
  ): Promise<Result<{ readonly release: ReleaseRecord; readonly fresh: boolean }, Refusal>>;
  /** Notes what a look at a copy found; null for nothing wrong. */
  noteVerified(id: string, place: string, problem: string | null, by: string): Promise<void>;
  /** Hides a release. Refusal: unknown_release when it is not there any more. */
  remove(id: string, by: string): Promise<Result<true, Refusal>>;
}

/** The folder `releases` of this process's data directory. */
export interface ReleaseShelf {
  /** The name under which its copies are recorded. */
  readonly place: string;
  /**
   * Takes in bytes under a file name: read whole, checked, and only then in the folder; there for good once `keep` takes
   * what was found. Nothing is left behind when it is refused; `sha256` is what it has to be, or null.
   * Refusals: bad_release, name_taken when another file has that name, and those of `keep`.
   */
  take<T>(
    fileName: string,
    bytes: AsyncIterable<Uint8Array>,
    sha256: string | null,
    keep: (found: FoundFile) => Promise<Result<T, Refusal>>,
  ): Promise<Result<T, Refusal>>;
  /** Names of the files that somebody put there. */
  dropped(): Promise<readonly string[]>;
  /** Reads a file that is there already. Refusals: bad_release; precheck_failed when this account cannot read it. */
  look(fileName: string): Promise<Result<FoundFile, Refusal>>;
  /** The size in bytes of a file that is there; null when it is not, or is no file. */
  sizeOf(fileName: string): Promise<number | null>;
}

/** Fetches a release over https. */
export interface ReleaseDownload {
  /** The bytes, bounded in size and time. Refusal: bad_release with the reason; what fails later is thrown as CodedError. */
  open(url: string): Promise<Result<AsyncIterable<Uint8Array>, Refusal>>;
}

/** A file that somebody uploaded to Slack. */
export interface SharedFile {
  readonly name: string;
  /** In bytes, as Slack says. */
  readonly size: number;
  /** Its bytes, bounded in size and time. Refusal: bad_release; what fails later is thrown as CodedError. */
  open(): Promise<Result<AsyncIterable<Uint8Array>, Refusal>>;
}

/** Files that people gave to Slack. */
export interface SharedFiles {
  /**
   * The file of that id, as Slack tells of it now. Refusals, each with what to do: bad_release when it is gone, lies
   * elsewhere, or is another workspace's; not_allowed when `person` neither uploaded it nor reads it in a public channel.
   */
  find(id: string, person: string): Promise<Result<SharedFile, Refusal>>;
}
