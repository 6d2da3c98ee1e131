create table users (
  id uuid not null,
  username text collate "C" not null,
  role text not null,
  -- Null until an invitation is accepted: nobody can log in then.
  password_hash text,
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

-- The open invitation or password reset of a user: at most one, so that a newer link voids the one before. Whoever uses
-- it deletes it. Only a hash of the token is stored.
create table user_links (
  user_id uuid not null,
  kind text not null,
  token_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint user_links_pkey primary key (user_id),
  constraint user_links_token_hash_key unique (token_hash),
  constraint user_links_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint user_links_kind_check check (kind in ('invite', 'reset'))
);

-- Second factor (RFC 6238); the secret is sealed with the secret key. A code of step `last_step` or before is refused.
create table user_totp (
  user_id uuid not null,
  sealed_secret bytea not null,
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  confirmed_at timestamptz,
  constraint user_totp_pkey primary key (user_id),
  constraint user_totp_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);

-- One row an unused recovery code.
create table user_recovery_codes (
  user_id uuid not null,
  code_hash bytea not null,
  constraint user_recovery_codes_pkey primary key (user_id, code_hash),
  constraint user_recovery_codes_user_id_fkey foreign key (user_id) references user_totp (user_id) on delete cascade
);

-- Attempts to log in that have not succeeded, by hash of an address, of an account, or of both together; a row is void
-- after `expires_at`. Not logged: after a crash the count begins anew.
create unlogged table login_attempts (
  key bytea not null,
  attempts integer not null,
  refused_until timestamptz not null,
  expires_at timestamptz not null,
  constraint login_attempts_pkey primary key (key)
);
create index login_attempts_expires_at on login_attempts (expires_at);
