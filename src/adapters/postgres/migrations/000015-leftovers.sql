-- What a job leaves in its folder on the host is removed some time after its operation has ended.
alter table twokey.job add column removed_at timestamptz, add column remove_tried_at timestamptz;
create index job_leftover on twokey.job (created_at) where removed_at is null;
