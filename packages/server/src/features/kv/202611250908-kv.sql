create table kv (
  app_id uuid not null,
  collection text collate "C" not null,
  key text collate "C" not null,
  -- json, not jsonb: the text a script wrote comes back as it was, member order and 4.0 included.
  value json not null,
  version bigint not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Execution that wrote it; null for the admin API.
  written_by uuid,
  constraint kv_pkey primary key (app_id, collection, key)
);
create index kv_expires_at on kv (expires_at) where expires_at is not null;
