-- What people have set of sites, version by version. A version is never changed: the next one is written instead.
create table twokey.settings_version (
  site text not null,
  version integer not null check (version > 0),
  document jsonb not null check (jsonb_typeof(document) = 'object'),
  why text not null,
  by text not null,
  operation text not null unique references twokey.operation (id),
  at timestamptz not null default clock_timestamp(),
  primary key (site, version)
);

create function twokey.settings_version_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'a version of settings is never changed';
end
$$;
create trigger settings_version_is_kept before update or delete or truncate on twokey.settings_version
  for each statement execute function twokey.settings_version_is_kept();

-- What runs at a site: the version that was deployed last, 0 before the first time.
create table twokey.settings_running (
  site text primary key,
  version integer not null default 0,
  -- true when what is stored holds only after a redeploy
  pending_redeploy boolean not null default false,
  deployed_at timestamptz,
  deployed_by text references twokey.operation (id)
);

-- Versions of applications that can be installed. Removing hides a row; what it was stays.
create table twokey.release (
  id text primary key check (id ~ '^[0-9a-z]{8}$'),
  product text not null,
  version text not null,
  file_name text not null,
  size bigint not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  -- where it came from, in words
  source text not null,
  -- false when its files were not read, because it lies on a host
  manifest boolean not null,
  added_at timestamptz not null default clock_timestamp(),
  added_by text not null,
  removed_at timestamptz,
  removed_by text
);
create unique index release_once on twokey.release (product, version) where removed_at is null;

-- Where the file of a release lies: in the data directory of a Twokey, or on a host.
create table twokey.release_copy (
  release text not null references twokey.release (id),
  -- `store:<id of the data directory>` or `host:<name>`
  place text not null,
  -- who that is, for people: the machine's name, or the host's
  machine text not null,
  -- within the data directory, or on the host
  path text not null,
  added_at timestamptz not null default clock_timestamp(),
  verified_at timestamptz not null default clock_timestamp(),
  -- what the last look found wrong; null when it was what was added
  problem text,
  primary key (release, place)
);

-- What a release ships, file by file.
create table twokey.release_file (
  release text not null references twokey.release (id),
  path text not null,
  size bigint not null,
  -- null for a link
  sha256 text,
  link text,
  primary key (release, path)
);
