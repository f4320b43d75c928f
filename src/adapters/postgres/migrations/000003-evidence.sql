-- What stays to be shown later: plans of every generation, the scripts that ran, and what was told to whom.

-- Every plan that people were asked to approve; the operation's own row holds only the present one.
create table twokey.generation (
  operation text not null references twokey.operation (id),
  generation integer not null,
  plan jsonb not null,
  plan_hash text not null,
  verdict jsonb not null,
  quorum integer not null,
  at timestamptz not null default clock_timestamp(),
  primary key (operation, generation)
);
insert into twokey.generation (operation, generation, plan, plan_hash, verdict, quorum, at)
  select id, generation, plan, plan_hash, verdict, quorum, created_at from twokey.operation;

-- A trigger, so that no way of replacing a plan can forget it.
create function twokey.keep_generation() returns trigger language plpgsql as $$
begin
  insert into twokey.generation (operation, generation, plan, plan_hash, verdict, quorum)
  values (new.id, new.generation, new.plan, new.plan_hash, new.verdict, new.quorum)
  on conflict (operation, generation) do nothing;
  return null;
end
$$;
create trigger operation_keeps_generations after insert or update of generation, plan on twokey.operation
  for each row execute function twokey.keep_generation();

-- The text of each script that has run, once; a later version of the program has others.
create table twokey.script (
  sha256 text primary key,
  body text not null
);
alter table twokey.job add column script text references twokey.script (sha256);

-- The head of the audit log that was told on a day (UTC): the row comes first, so that it is told once.
create table twokey.audit_day (
  day date primary key,
  rows bigint not null,
  head text not null,
  at timestamptz not null default clock_timestamp()
);

-- That the approvers of a request were written to: when it opened, and at half time.
create table twokey.reminder (
  operation text not null references twokey.operation (id),
  generation integer not null,
  kind text not null check (kind in ('opened', 'half')),
  at timestamptz not null default clock_timestamp(),
  primary key (operation, generation, kind)
);

alter table twokey.post alter column operation drop not null;
alter table twokey.post drop constraint post_kind_check;
alter table twokey.post add constraint post_kind_check
  check (kind in ('card', 'log', 'note', 'file', 'alarm', 'head', 'reminder'));
-- dropped: it was decided before it could be sent
alter table twokey.post drop constraint post_state_check;
alter table twokey.post add constraint post_state_check check (state in ('new', 'sending', 'sent', 'failed', 'dropped'));
alter table twokey.post add constraint post_of_operation check (kind = 'head' or operation is not null);

create index audit_by_subject on twokey.audit (subject, seq);
