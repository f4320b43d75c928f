/** The password of the account that dumps; tests look for it in places where it must not be. */
export const DUMP_PASSWORD = 'correct-horse-battery';

/** What a site's database holds: four tables, a sequence, and the account that dumps. */
export const CONTENT = `
  create table users (id integer primary key, email text not null, name text not null);
  create table projects (id integer primary key, owner integer not null references users, title text not null);
  create table media (id integer primary key, project integer not null references projects, path text not null);
  create table events (id bigint generated always as identity primary key, actor integer not null references users, what text not null, at timestamptz not null);
  create sequence ticket start 7;
  insert into users select n, 'user' || n || '@example.org', 'Üser № ' || n from generate_series(1, 500) n;
  insert into projects select n, 1 + n % 500, 'Project ' || n from generate_series(1, 200) n;
  insert into media select n, 1 + n % 200, '/media/' || md5(n::text) from generate_series(1, 1000) n;
  insert into events (actor, what, at) select 1 + n % 500, md5(n::text), '2026-01-01'::timestamptz + n * interval '1 minute' from generate_series(1, 20000) n;
  do $$ begin if not exists (select from pg_roles where rolname = 'twokey_backup') then create role twokey_backup login password '${DUMP_PASSWORD}'; end if; end $$;
  grant pg_read_all_data to twokey_backup;
`;
