-- Whether there are enough approvers, as it was told last; `told` is the list of environments that are short of them.
create table twokey.approver_pool (
  the_one boolean primary key default true check (the_one),
  told jsonb not null default '[]',
  -- grows with each change that was told, so that each is told once
  version bigint not null default 0
);
insert into twokey.approver_pool default values;

-- Who can still approve a waiting operation, when these are fewer than it needs; null while they suffice.
alter table twokey.operation add column approvers_left text[];

alter table twokey.post drop constraint post_kind_check;
alter table twokey.post add constraint post_kind_check
  check (kind in ('card', 'log', 'note', 'file', 'alarm', 'head', 'reminder', 'pool'));
alter table twokey.post drop constraint post_of_operation;
alter table twokey.post add constraint post_of_operation check (kind in ('head', 'pool') or operation is not null);
