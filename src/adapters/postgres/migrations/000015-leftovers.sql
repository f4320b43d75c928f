-- Some time after its operation has ended, what a job left in its folder on the host is removed but for how it ended.
alter table twokey.job add column removed_at timestamptz, add column remove_tried_at timestamptz;
create index job_leftover on twokey.job (created_at) where removed_at is null;
