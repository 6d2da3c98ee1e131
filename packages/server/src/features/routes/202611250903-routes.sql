create table routes (
  app_id uuid not null,
  id uuid not null,
  script_id uuid not null,
  method text not null,
  path text collate "C" not null,
  -- The path with parameter names taken out: two routes of one shape would match the same requests.
  shape text collate "C" not null,
  dispatch_mode text not null default 'sync',
  auth text not null default 'public',
  cors jsonb,
  body_bytes_max bigint,
  rate_limit jsonb,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint routes_pkey primary key (app_id, id),
  constraint routes_shape_key unique (app_id, method, shape),
  constraint routes_script_fkey foreign key (app_id, script_id) references scripts (app_id, id) on delete cascade,
  constraint routes_dispatch_mode_check check (dispatch_mode in ('sync', 'async')),
  constraint routes_auth_check check (auth in ('public', 'user', 'member', 'key'))
);
create index routes_script on routes (app_id, script_id);
