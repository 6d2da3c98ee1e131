-- `Idempotency-Key`s of requests to transaction scripts (EXE-9), for a day. The row is written by the transaction of the
-- script, so it is there exactly when what the script wrote is.
create table idempotency_keys (
  app_id uuid not null,
  -- SHA-256 of route, principal and key, hex.
  id text collate "C" not null,
  -- SHA-256 of method, path, query, body and credentials, hex.
  fingerprint text not null,
  execution_id uuid not null,
  -- The answer; null if it was too large to keep.
  status integer,
  headers json,
  body bytea,
  is_text boolean,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (app_id, id)
);
create index idempotency_keys_created_at on idempotency_keys (created_at);
