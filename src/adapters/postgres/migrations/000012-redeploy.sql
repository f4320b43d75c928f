-- True from the moment a redeploy begins to change a site until one has succeeded: what runs meanwhile is not certain.
alter table twokey.settings_running add column uncertain boolean not null default false;
