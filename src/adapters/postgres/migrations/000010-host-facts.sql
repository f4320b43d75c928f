-- What was seen of a host, each fact with the time at which it was seen last.

create table twokey.host_fact (
  host text not null references twokey.host (name) on update cascade on delete cascade,
  name text not null check (length(name) between 1 and 1000),
  -- a text, or for a site on the host an object of texts; secrets are left out on the host
  value jsonb not null check (jsonb_typeof(value) in ('string', 'object')),
  seen_at timestamptz not null default clock_timestamp(),
  primary key (host, name)
);
