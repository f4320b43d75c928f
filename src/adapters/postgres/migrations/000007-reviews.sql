-- Reviews of what did not wait or broke the glass, and standing approvals for schedules.

create table twokey.review (
  operation text primary key references twokey.operation (id),
  kind text not null check (kind in ('emergency', 'break-glass')),
  -- who asked for the operation, and so may not close its review
  person text not null,
  opened_at timestamptz not null default clock_timestamp(),
  -- a person, or twokey where it closed itself because the operation never ran
  closed_by text,
  closed_at timestamptz,
  note text,
  -- true once the message shows that it is closed
  closing_shown boolean not null default false,
  constraint review_closed_whole check ((closed_at is null) = (closed_by is null) and (closed_at is null) = (note is null)),
  constraint review_by_another check (closed_by <> person)
);
create index review_open on twokey.review (person) where closed_at is null;
create index review_unshown on twokey.review (closed_at) where closed_at is not null and not closing_shown;

-- Emergencies from before this are reviewed only where something of them is still to come.
insert into twokey.review (operation, kind, person, opened_at)
  select o.id, 'emergency', o.requester, o.created_at from twokey.operation o
   where o.emergency is not null and (o.ended_at is null or exists (
     select from twokey.post p where p.operation = o.id and p.kind = 'alarm' and p.state in ('new', 'sending')));

create table twokey.standing_approval (
  id text primary key check (id ~ '^[0-9a-z]{8}$'),
  definition jsonb not null,
  definition_hash text not null,
  rules jsonb not null,
  rules_hash text not null,
  requester text not null,
  requester_counts boolean not null,
  quorum integer not null check (quorum > 0),
  state text not null check (state in ('open', 'active', 'suspended', 'denied', 'expired', 'void', 'revoked')),
  reason text,
  asked_at timestamptz not null default clock_timestamp(),
  decide_by timestamptz not null,
  -- how long it holds once it is active, in milliseconds
  valid_ms bigint not null,
  active_at timestamptz,
  expires_at timestamptz,
  ended_at timestamptz,
  -- when it was said that it expires within a week
  announced_at timestamptz,
  channel text not null,
  revision bigint not null default 1,
  shown_revision bigint not null default 0,
  constraint standing_active_expires check (state not in ('active', 'suspended') or expires_at is not null)
);
-- A definition has one approval that holds, and beside it at most one that is asked for: the one that takes its place.
create unique index standing_asked on twokey.standing_approval (definition_hash) where state = 'open';
create unique index standing_held on twokey.standing_approval (definition_hash) where state in ('active', 'suspended');
create index standing_by_time on twokey.standing_approval (asked_at desc);

create table twokey.standing_vote (
  approval text not null references twokey.standing_approval (id),
  person text not null,
  verdict text not null check (verdict in ('approve', 'deny')),
  -- whether a code of the voter's authenticator app was given with it
  step_up boolean not null default false,
  reason text,
  at timestamptz not null default clock_timestamp(),
  withdrawn_at timestamptz,
  void_reason text,
  primary key (approval, person)
);

-- alarm: opens a review · review: it is still open · standing: a standing approval · remark: what became of one.
-- Which kinds there are is the program's business; a list here would have to be written anew for each of them.
alter table twokey.post drop constraint post_kind_check;
alter table twokey.post add constraint post_kind_check check (kind ~ '^[a-z]{3,20}$');
alter table twokey.post add column standing text references twokey.standing_approval (id);
alter table twokey.post drop constraint post_of_operation;
alter table twokey.post add constraint post_of_something
  check (operation is not null or standing is not null or kind not in ('card', 'log', 'note', 'file', 'alarm', 'review', 'reminder', 'standing', 'remark'));
create index post_by_standing on twokey.post (standing, id) where standing is not null;
