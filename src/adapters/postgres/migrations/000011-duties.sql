-- Who answers for which duty of which site. What was before stands in the audit log.

create table twokey.duty_owner (
  -- no reference: a site that is removed and put back keeps its owners
  site text not null,
  item text not null,
  kind text not null check (kind in ('person', 'words')),
  owner text not null,
  by_person text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (site, item)
);
