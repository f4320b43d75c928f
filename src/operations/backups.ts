/** When verified backups of a site ended, on the database's clock, for the question whether a plan has to take one. */
export interface BackupTimes {
  readonly now: Date;
  /** When the operation in question was asked for; now for one that is only being asked for. */
  readonly askedAt: Date;
  /** Ends of backups that were read back and put in place, the newest first. */
  readonly verified: readonly Date[];
}

export interface BackupBook {
  /** Of the operation `self` that is planned again, or null. A backup that another operation took counts as well. */
  verified(site: string, self: string | null): Promise<BackupTimes>;
}

/**
 * Whether a plan may rely on a backup that is there, at most `freshMs` old. A plan that took one when it was asked for
 * goes on taking one, whatever the schedule did meanwhile, because otherwise a nightly backup would void its approvals.
 */
export function hasFreshBackup({ now, askedAt, verified }: BackupTimes, freshMs: number): boolean {
  const freshAt = (at: Date) => verified.some((end) => end <= at && at.getTime() - end.getTime() <= freshMs);
  return freshAt(askedAt) && freshAt(now);
}
