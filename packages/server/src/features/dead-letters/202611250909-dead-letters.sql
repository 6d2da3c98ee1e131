create table dead_letters (
  app_id uuid not null,
  id uuid not null,
  outbox_id uuid not null,
  event_id uuid not null,
  trigger_id uuid,
  script_id uuid not null,
  source text not null,
  op text not null,
  -- Copy of the event: {id, source, op, occurred_at, <source>: …}.
  event json not null,
  attempts integer not null,
  last_error json not null,
  root_execution_id uuid not null,
  last_execution_id uuid,
  depth integer not null,
  -- How often scripts have replayed the event in a row; a person's replay begins anew.
  replays integer not null default 0,
  -- Deliveries to handlers that have not ended.
  handlers_left integer not null default 0,
  first_attempt_at timestamptz,
  last_attempt_at timestamptz not null,
  resolution text,
  resolved_at timestamptz,
  note text,
  created_at timestamptz not null default now(),
  constraint dead_letters_pkey primary key (app_id, id),
  constraint dead_letters_resolution_check
    check (resolution in ('replayed', 'ignored', 'handled_by_script', 'handler_failed'))
);
create index dead_letters_created_at on dead_letters (created_at);
create index dead_letters_open on dead_letters (app_id, id) where resolved_at is null;
