/** The words in which permissions are written; presets, grants and commands share them. */

/**
 * What a command is about. `site`: an application and its services. `data`: databases and files, their backups and
 * copies. `host`: machines, their system and network. `estate`: what Twokey knows of clusters, hosts, sites and releases.
 * `monitoring`: checks, alerts and reports. `oversight`: the audit log, freezes, and whatever watches over the others.
 */
export const AREAS = ['site', 'data', 'host', 'estate', 'monitoring', 'oversight'] as const;
export type Area = (typeof AREAS)[number];

/** How much harm a command can do, the least first. */
export const RISKS = ['read', 'routine', 'disruptive', 'break-glass'] as const;

/** What a host is there for; a host may have several of these roles. */
export const HOST_ROLES = ['app', 'api', 'db', 'transcoding', 'proxy', 'mail', 'cache', 'failover'] as const;
export type HostRole = (typeof HOST_ROLES)[number];
