create table apps (
  id uuid not null,
  slug text collate "C" not null,
  name text not null,
  state text not null default 'active',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint apps_pkey primary key (id),
  constraint apps_slug_key unique (slug),
  constraint apps_state_check check (state in ('active', 'deleting'))
);

create table members (
  app_id uuid not null,
  user_id uuid not null,
  role text not null,
  created_at timestamptz not null default now(),
  constraint members_pkey primary key (app_id, user_id),
  constraint members_app_id_fkey foreign key (app_id) references apps (id) on delete cascade,
  constraint members_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint members_role_check check (role in ('viewer', 'editor', 'app_admin'))
);
create index members_user_id on members (user_id);

-- What an instance does once in its life, such as making the default app: a row says that it was done.
create table instance_marks (
  name text not null,
  made_at timestamptz not null default now(),
  constraint instance_marks_pkey primary key (name)
);

-- Slugs and hosts of deleted apps: nobody else gets them before their time, so that old links and clients do not end up
-- at a stranger's app. `app_id` has no foreign key: the app is gone.
create table reserved_names (
  kind text not null,
  name text collate "C" not null,
  app_id uuid not null,
  reserved_at timestamptz not null default now(),
  reserved_until timestamptz not null,
  constraint reserved_names_pkey primary key (kind, name),
  constraint reserved_names_kind_check check (kind in ('slug', 'host'))
);
create index reserved_names_until on reserved_names (reserved_until);

-- Apps whose deletion is under way; one node at a time works on each.
create table app_deletions (
  app_id uuid not null,
  -- stopping: writes that were open when the app was switched off may still commit; clearing: rows go.
  phase text not null default 'stopping',
  started_at timestamptz not null default now(),
  rows_deleted bigint not null default 0,
  locked_by uuid,
  lease_until timestamptz,
  constraint app_deletions_pkey primary key (app_id),
  constraint app_deletions_app_id_fkey foreign key (app_id) references apps (id) on delete cascade,
  constraint app_deletions_phase_check check (phase in ('stopping', 'clearing'))
);
