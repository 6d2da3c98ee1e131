-- The clock of cron: one place, so that a test can set it without setting the machine's. It is inlined.
create function picloud_cron_now() returns timestamptz language sql stable parallel safe as 'select now()';

-- What was decided last for each cron trigger. Made and brought up to date by the nodes when triggers change.
create table cron_states (
  app_id uuid not null,
  trigger_id uuid not null,
  -- `triggers.schedule_version` that the rest belongs to.
  version integer not null,
  -- The first occurrence that nothing has been decided about; null: none.
  next_at timestamptz,
  -- When something was last decided. It is later than now after the clock went back.
  seen_at timestamptz not null,
  -- Null: on. While it is off the occurrences from `next_at` on are not looked at.
  off_reason text,
  -- Version of the time-zone data behind `next_at`.
  zone_data text collate "C" not null,
  constraint cron_states_pkey primary key (app_id, trigger_id),
  constraint cron_states_trigger_fkey foreign key (app_id, trigger_id) references triggers (app_id, id) on delete cascade,
  constraint cron_states_off_reason_check check (off_reason in ('disabled', 'paused'))
);
create index cron_states_next on cron_states (next_at) where off_reason is null;
create index cron_states_seen on cron_states (seen_at) where off_reason is null;

-- What became of each expected occurrence: a row for each that fired or was skipped, one for a run of others. Without a
-- foreign key: a schedule of seconds has millions of rows, which age removes.
create table cron_ledger (
  app_id uuid not null,
  id uuid not null,
  trigger_id uuid not null,
  version integer not null,
  status text not null,
  -- The occurrence; of a gap its first one; of a clock that went back the time it waits for.
  scheduled_at timestamptz not null,
  -- Of a gap: its last one.
  scheduled_until timestamptz,
  occurrences bigint not null,
  late_ms bigint,
  -- Occurrences before this one that it makes up for.
  missed bigint,
  -- Of the first attempt.
  execution_id uuid,
  -- Skipped: the first attempt of the delivery that waited or ran.
  overlaps_execution_id uuid,
  recorded_at timestamptz not null,
  constraint cron_ledger_pkey primary key (app_id, id),
  constraint cron_ledger_status_check
    check (status in ('ran', 'caught_up', 'skipped', 'missed', 'disabled', 'paused', 'clock_went_back'))
);
-- An occurrence fires or is skipped once, whatever a clock does.
create unique index cron_ledger_occurrence on cron_ledger (app_id, trigger_id, scheduled_at, version)
  where status in ('ran', 'caught_up', 'skipped');
create index cron_ledger_newest on cron_ledger (app_id, trigger_id, id);
create index cron_ledger_recorded_at on cron_ledger (recorded_at);
