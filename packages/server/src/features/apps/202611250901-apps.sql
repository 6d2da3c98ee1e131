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
