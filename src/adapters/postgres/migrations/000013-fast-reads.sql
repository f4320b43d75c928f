-- What is looked up all the time is found without reading every row there ever was. All that a process needs that still runs
-- is locked first, at once and in its own order, operations before cards, so that it waits and stands in no circle with this.
lock table twokey.operation, twokey.card in access exclusive mode;

-- The revision that the card has to show. A copy beside what it shows, because only the columns of one table can be indexed
-- together, and a flag of its own, because PostgreSQL cannot estimate how rarely one column is below another. A new
-- operation is at revision 1.
alter table twokey.card add column wanted_revision bigint not null default 1;
update twokey.card c set wanted_revision = o.revision from twokey.operation o where o.id = c.operation;
alter table twokey.card add column behind boolean not null generated always as (shown_revision < wanted_revision) stored;
create index card_behind on twokey.card (operation) where behind;
create index card_log_open on twokey.card (operation) where not log_done;
-- The indexes are not taken before their conditions are known to be rare.
analyze twokey.card;

-- A trigger, so that no way of raising a revision can forget it. The row of the operation is locked by then, and whoever
-- writes a card otherwise (the announcer) waits for nothing after it.
create function twokey.want_revision() returns trigger language plpgsql as $$
begin
  update twokey.card set wanted_revision = new.revision where operation = new.id;
  return null;
end
$$;
create trigger operation_wants_card after update of revision on twokey.operation
  for each row when (old.revision is distinct from new.revision) execute function twokey.want_revision();

-- The newest operations of some sites, without reading the operations.
create index operation_by_site_and_time on twokey.operation (site, created_at desc) include (id);
drop index twokey.operation_by_site;
-- How long a command takes on a site, and the run before this one.
create index operation_by_command on twokey.operation (site, command, created_at desc);

-- The newest rows of one kind of action, also of one actor, and the first since an instant. Actions are given by their
-- beginning, in whatever language the database sorts its texts.
create index audit_by_action on twokey.audit (action text_pattern_ops, seq);
create index audit_by_actor on twokey.audit (actor, action text_pattern_ops, seq);
create index audit_by_time on twokey.audit (at, seq);
