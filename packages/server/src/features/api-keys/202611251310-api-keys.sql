create table api_keys (
  id uuid not null,
  user_id uuid not null,
  name text not null,
  -- Shown in lists, and enough to find the key in a configuration; of the token itself only a hash is stored.
  prefix text collate "C" not null,
  token_hash bytea not null,
  scopes text[] not null,
  app_id uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  -- Exact to a minute: written in batches, not by the requests themselves.
  last_used_at timestamptz,
  constraint api_keys_pkey primary key (id),
  constraint api_keys_token_hash_key unique (token_hash),
  constraint api_keys_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint api_keys_app_id_fkey foreign key (app_id) references apps (id) on delete cascade,
  constraint api_keys_scopes_check check (cardinality(scopes) > 0 and scopes <@ array['script:read', 'script:write',
    'route:write', 'log:read', 'domain:manage', 'app:admin', 'instance:admin'])
);
create index api_keys_user_id on api_keys (user_id, id);
create index api_keys_app_id on api_keys (app_id) where app_id is not null;
