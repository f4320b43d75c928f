-- Operations that wait for a time, freezes, emergencies, and the policy to which votes are bound.

alter table twokey.operation
  -- the time that somebody named with --at
  add column not_before timestamptz,
  -- when a held operation may go on: its window opens, or the named time comes; null while nobody can tell
  add column opens_at timestamptz,
  -- how long after that it may start, in milliseconds
  add column start_within_ms bigint not null default 14400000,
  -- why it could not wait for its window
  add column emergency text,
  -- the rules under which votes are given; other rules at the start void them
  add column rules jsonb;

create table twokey.freeze (
  id text primary key check (id ~ '^[0-9a-z]{8}$'),
  scope_kind text not null check (scope_kind in ('all', 'environment', 'cluster', 'site')),
  scope_name text not null,
  from_at timestamptz not null default clock_timestamp(),
  until_at timestamptz not null,
  reason text not null,
  by_person text not null,
  lifted_by text,
  lifted_at timestamptz
);
create index freeze_current on twokey.freeze (until_at) where lifted_at is null;

-- what has to be said aloud in the audit channel
alter table twokey.post drop constraint post_kind_check;
alter table twokey.post add constraint post_kind_check check (kind in ('card', 'log', 'note', 'file', 'alarm'));
