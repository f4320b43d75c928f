-- The rows behind everything a person sees. Times are the database's own.

create table twokey.cluster (
  name text primary key,
  created_at timestamptz not null default clock_timestamp()
);

create table twokey.host (
  name text primary key,
  cluster text not null references twokey.cluster (name),
  document jsonb not null,
  updated_at timestamptz not null default clock_timestamp()
);

create table twokey.site (
  name text primary key,
  cluster text not null references twokey.cluster (name),
  host text not null references twokey.host (name),
  environment text not null,
  document jsonb not null,
  updated_at timestamptz not null default clock_timestamp()
);

create table twokey.operation (
  id text primary key check (id ~ '^[0-9a-z]{8}$'),
  command text not null,
  args jsonb not null,
  line text not null,
  site text not null,
  environment text not null,
  requester text not null,
  plan jsonb not null,
  plan_hash text not null,
  verdict jsonb not null,
  quorum integer not null,
  requester_counts boolean not null,
  state text not null check (state in ('awaiting', 'held', 'queued', 'running', 'unreachable',
    'succeeded', 'failed', 'cancelled', 'denied', 'expired', 'lost')),
  reason text,
  next text,
  result jsonb,
  generation integer not null default 1,
  run_number integer not null default 0,
  revision bigint not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  -- how long votes are taken whenever it waits for them, in milliseconds
  decide_within_ms bigint not null,
  decide_by timestamptz,
  start_by timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  estimate_ms bigint,
  cancel_by text,
  cancel_at timestamptz,
  seen_by text,
  -- who gave up waiting for a host that does not answer; its operation ends as lost
  left_by text,
  -- what the chat calls the one act by which it was asked for; a payload that is delivered twice asks once
  request_key text unique
);
create index operation_by_site on twokey.operation (site, created_at desc);
create index operation_by_time on twokey.operation (created_at desc);
create index operation_open on twokey.operation (state)
  where state in ('awaiting', 'held', 'queued', 'running', 'unreachable');

create table twokey.vote (
  operation text not null references twokey.operation (id),
  generation integer not null,
  person text not null,
  verdict text not null check (verdict in ('approve', 'deny')),
  reason text,
  at timestamptz not null default clock_timestamp(),
  withdrawn_at timestamptz,
  void_reason text,
  primary key (operation, generation, person)
);

create table twokey.step (
  operation text not null references twokey.operation (id),
  n integer not null,
  step text not null,
  title text not null,
  cleanup boolean not null,
  host text not null,
  state text not null check (state in ('waiting', 'running', 'unreachable', 'succeeded', 'failed', 'cancelled', 'lost', 'skipped')),
  attempt integer not null default 1,
  started_at timestamptz,
  ended_at timestamptz,
  exit_code integer,
  detail text,
  progress text,
  primary key (operation, n)
);

-- One row per remote job; stored_bytes is how much of its output the journal holds.
create table twokey.job (
  jid text primary key,
  operation text not null,
  n integer not null,
  host text not null,
  stored_bytes bigint not null default 0,
  posted_bytes bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  foreign key (operation, n) references twokey.step (operation, n)
);
create index job_by_operation on twokey.job (operation, n);

create table twokey.chunk (
  jid text not null references twokey.job (jid),
  start bigint not null,
  bytes bytea not null,
  -- line feeds in these bytes, so that skipped lines can be counted without reading them
  lines integer not null,
  at timestamptz not null default clock_timestamp(),
  primary key (jid, start)
);
-- Output is mostly small and short-lived; compressing it costs more than it saves.
alter table twokey.chunk alter column bytes set storage external;

-- What has to appear in Slack. A row is written first and sent after; `key` goes into the message's metadata.
create table twokey.post (
  id bigint generated always as identity primary key,
  key text not null unique,
  operation text not null references twokey.operation (id),
  kind text not null check (kind in ('card', 'log', 'note', 'file')),
  channel text not null,
  body jsonb not null,
  state text not null check (state in ('new', 'sending', 'sent', 'failed')),
  ts text,
  attempts integer not null default 0,
  problem text,
  created_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz
);
create index post_unsent on twokey.post (id) where state in ('new', 'sending');
create index post_by_operation on twokey.post (operation, kind);

-- The card's message and the revision it shows.
create table twokey.card (
  operation text primary key references twokey.operation (id),
  channel text not null,
  ts text,
  shown_revision bigint not null default 0,
  shown_at timestamptz,
  log_done boolean not null default false
);

-- Exactly one process posts; a new holder gets a higher epoch, and an old one's writes are refused.
create table twokey.announcer (
  the_one boolean primary key default true check (the_one),
  holder text not null default '',
  epoch bigint not null default 0
);
insert into twokey.announcer default values;

create table twokey.lease (
  executor text primary key,
  beat timestamptz not null
);

-- Append-only and chained: each row's hash covers the hash before it.
create table twokey.audit (
  seq bigint primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  data jsonb not null,
  previous text not null,
  hash text not null
);

create function twokey.audit_hash(seq bigint, at timestamptz, actor text, action text, subject text, data jsonb, previous text)
returns text language sql stable as $$
  select encode(sha256(convert_to(
    previous || chr(10) || seq::text || chr(10) || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || chr(10)
    || to_json(actor)::text || chr(10) || to_json(action)::text || chr(10) || to_json(subject)::text || chr(10) || data::text, 'UTF8')), 'hex')
$$;

create function twokey.audit_append(p_actor text, p_action text, p_subject text, p_data jsonb)
returns bigint language plpgsql as $$
declare
  last_seq bigint;
  last_hash text;
  stamp timestamptz := clock_timestamp();
begin
  perform pg_advisory_xact_lock(hashtextextended('twokey.audit', 0));
  select seq, hash into last_seq, last_hash from twokey.audit order by seq desc limit 1;
  last_seq := coalesce(last_seq, 0);
  last_hash := coalesce(last_hash, repeat('0', 64));
  insert into twokey.audit (seq, at, actor, action, subject, data, previous, hash)
  values (last_seq + 1, stamp, p_actor, p_action, p_subject, p_data, last_hash,
    twokey.audit_hash(last_seq + 1, stamp, p_actor, p_action, p_subject, p_data, last_hash));
  return last_seq + 1;
end
$$;

create function twokey.audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end
$$;
create trigger audit_rows_stay before update or delete on twokey.audit for each row execute function twokey.audit_refuse();
create trigger audit_stays before truncate on twokey.audit for each statement execute function twokey.audit_refuse();
