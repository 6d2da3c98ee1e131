create table triggers (
  app_id uuid not null,
  id uuid not null,
  script_id uuid not null,
  kind text not null,
  -- Exact name, `prefix:*` (`prefix.*` for topics) or `*`; of a queue its name; empty for cron, which nothing matches.
  pattern text collate "C" not null,
  -- Empty: all.
  ops text[] not null default '{}',
  -- queue: messages of one run, at most.
  batch_size integer,
  -- cron; the version counts the changes of schedule and timezone.
  schedule text,
  timezone text,
  overlap text,
  schedule_version integer not null default 1,
  -- dead_letter; null: any.
  source_filter text,
  trigger_id_filter uuid,
  script_id_filter uuid,
  enabled boolean not null default true,
  paused_reason text,
  max_attempts integer not null,
  backoff text not null,
  base_ms bigint not null,
  max_ms bigint not null,
  jitter_pct integer not null,
  registered_by uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint triggers_pkey primary key (app_id, id),
  constraint triggers_script_fkey foreign key (app_id, script_id) references scripts (app_id, id) on delete cascade,
  constraint triggers_registered_by_fkey foreign key (registered_by) references users (id),
  constraint triggers_kind_check
    check (kind in ('kv', 'docs', 'files', 'pubsub', 'cron', 'email', 'dead_letter', 'queue')),
  constraint triggers_backoff_check check (backoff in ('exponential', 'linear', 'constant')),
  constraint triggers_overlap_check check (overlap in ('allow', 'skip')),
  constraint triggers_cron_check
    check (kind <> 'cron' or (schedule is not null and timezone is not null and overlap is not null)),
  constraint triggers_batch_size_check check (batch_size between 1 and 1000)
);
create index triggers_script on triggers (app_id, script_id);
-- What a write statement looks up; paused triggers still receive, their deliveries are held.
create index triggers_match on triggers (app_id, kind, pattern) where enabled;
-- One consumer of a queue.
create unique index triggers_queue_consumer on triggers (app_id, pattern) where kind = 'queue' and enabled;
create index triggers_registered_by on triggers (registered_by);
