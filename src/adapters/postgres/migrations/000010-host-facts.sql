-- What was seen of a host, each fact with the time at which it was seen last. Secrets are left out on the host already.

create table twokey.host_fact (
  host text not null references twokey.host (name) on update cascade on delete cascade,
  -- empty for the machine, else the folder and the label of a site on it
  subject text not null,
  name text not null,
  value text not null,
  seen_at timestamptz not null default clock_timestamp(),
  primary key (host, subject, name)
);
