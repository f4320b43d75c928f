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
