-- Clusters, hosts and sites are written, removed and put back by operations.

-- what a cluster says of itself beside its name
alter table twokey.cluster add column document jsonb not null default '{}',
  add column updated_at timestamptz not null default clock_timestamp();
update twokey.cluster set document = jsonb_build_object('name', name);

-- What was removed, whole, so that it can be put back; its name is free meanwhile.
create table twokey.removal (
  id text primary key check (id ~ '^[0-9a-z]{8}$'),
  kind text not null check (kind in ('cluster', 'host', 'site')),
  name text not null,
  cluster text not null,
  thing jsonb not null,
  operation text not null references twokey.operation (id),
  removed_at timestamptz not null default clock_timestamp(),
  removed_by text not null,
  restored_at timestamptz
);
create index removal_by_name on twokey.removal (kind, name, removed_at desc) where restored_at is null;

-- What each operation made of the estate; an undo reads here what to write back.
create table twokey.estate_change (
  operation text not null,
  n integer not null,
  kind text not null check (kind in ('cluster', 'host', 'site')),
  name text not null,
  before jsonb,
  after jsonb,
  at timestamptz not null default clock_timestamp(),
  primary key (operation, n),
  foreign key (operation, n) references twokey.step (operation, n)
);
create index estate_change_by_name on twokey.estate_change (kind, name, at desc);

-- What the last look at a host said.
create table twokey.contact (
  host text primary key,
  at timestamptz not null default clock_timestamp(),
  answered boolean not null,
  words text not null,
  answered_at timestamptz
);

-- What a step that Twokey did itself gave to its operation: written with its outcome, read when it is entered again.
alter table twokey.step add column result jsonb, add column next text;
