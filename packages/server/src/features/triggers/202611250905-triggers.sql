create table triggers (
  app_id uuid not null,
  id uuid not null,
  script_id uuid not null,
  kind text not null,
  -- Exact name, `prefix:*` (`prefix.*` for topics) or `*`.
  pattern text collate "C" not null,
  -- Empty: all.
  ops text[] not null default '{}',
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
  constraint triggers_backoff_check check (backoff in ('exponential', 'linear', 'constant'))
);
create index triggers_script on triggers (app_id, script_id);
-- What a write statement looks up; paused triggers still receive, their deliveries are held.
create index triggers_match on triggers (app_id, kind, pattern) where enabled;
