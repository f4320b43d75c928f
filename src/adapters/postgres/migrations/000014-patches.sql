-- Who has said of which local changes of shipped files that they may be overwritten. Only the last of a site counts.
create table twokey.patch_acknowledgement (
  id bigint generated always as identity primary key,
  -- no reference: a site that is removed and put back keeps what was said of it
  site text not null,
  product text not null,
  version text not null,
  -- of the archive whose files were compared
  release_sha256 text not null check (release_sha256 ~ '^[0-9a-f]{64}$'),
  -- the name of the set of findings: the hash of what differs from which release
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  -- [{host, path, kind, found}], by host and path
  findings jsonb not null check (jsonb_typeof(findings) = 'array'),
  reason text not null,
  by_person text not null,
  at timestamptz not null default clock_timestamp()
);
create index patch_acknowledgement_of_site on twokey.patch_acknowledgement (site, id desc);
