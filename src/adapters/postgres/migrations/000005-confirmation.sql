-- What the requester has confirmed of the present plan, and how often its approvers were called.

alter table twokey.operation
  add column confirmed_at timestamptz,
  -- whether the site's name was typed, or only a button pressed
  add column confirmed_typed boolean,
  add column confirmed_reason text,
  -- grows whenever a request that was complete needs votes again, so that its approvers are called again
  add column call integer not null default 1;

alter table twokey.reminder add column call integer not null default 1;
alter table twokey.reminder drop constraint reminder_pkey;
alter table twokey.reminder add primary key (operation, generation, call, kind);

-- the same command of the same person that still waits
create index operation_waiting on twokey.operation (requester, site, command) where state in ('awaiting', 'held');
