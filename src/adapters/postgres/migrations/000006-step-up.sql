-- Codes for approvals, and what is told when nobody answers.

-- The second factor of those who approve. The secret is sealed with a key that the database never sees.
create table twokey.totp (
  person text primary key,
  -- pending until the first right code
  state text not null check (state in ('pending', 'active')),
  sealed bytea not null,
  -- time step of the last code that was accepted
  last_step bigint,
  wrong timestamptz[] not null default '{}',
  locked_until timestamptz,
  at timestamptz not null default clock_timestamp()
);

-- a code was given with the vote
alter table twokey.vote add column step_up boolean not null default false;

-- late: three quarters of the time to decide are over
alter table twokey.reminder drop constraint reminder_kind_check;
alter table twokey.reminder add constraint reminder_kind_check check (kind in ('opened', 'half', 'late'));

-- One more kind of posts: `word` is a sentence to somebody or to a channel that belongs to no operation. Added to
-- whatever the constraints allow by now.
do $$
declare
  kinds text;
  owners text;
begin
  select pg_get_expr(conbin, conrelid) into strict kinds from pg_constraint
   where conrelid = 'twokey.post'::regclass and conname = 'post_kind_check';
  select pg_get_expr(conbin, conrelid) into strict owners from pg_constraint
   where conrelid = 'twokey.post'::regclass and conname = 'post_of_operation';
  execute 'alter table twokey.post drop constraint post_kind_check, drop constraint post_of_operation';
  execute format('alter table twokey.post add constraint post_kind_check check (%s or kind = ''word'')', kinds);
  execute format('alter table twokey.post add constraint post_of_operation check (%s or kind = ''word'')', owners);
end
$$;
