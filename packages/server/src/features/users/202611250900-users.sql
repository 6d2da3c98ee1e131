create table users (
  id uuid not null,
  username text collate "C" not null,
  role text not null,
  password_hash text not null,
  is_bootstrap boolean not null default false,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_pkey primary key (id),
  constraint users_role_check check (role in ('owner', 'admin', 'member'))
);
create unique index users_username_key on users (lower(username));
-- Two nodes on an empty database: one of them makes the first owner (INS-1).
create unique index users_bootstrap_key on users (is_bootstrap) where is_bootstrap;

-- One row an open set-up link; only a hash is stored.
create table setup_tokens (
  token_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint setup_tokens_pkey primary key (token_hash)
);

create table sessions (
  id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz not null default now(),
  remote_addr text,
  user_agent text,
  constraint sessions_pkey primary key (id),
  constraint sessions_token_hash_key unique (token_hash),
  constraint sessions_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);
create index sessions_user_id on sessions (user_id);
