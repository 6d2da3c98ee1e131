create table scripts (
  app_id uuid not null,
  id uuid not null,
  name text collate "C" not null,
  language text not null,
  kind text not null default 'endpoint',
  version integer not null,
  enabled boolean not null default true,
  invoke text not null default 'public',
  limits jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint scripts_pkey primary key (app_id, id),
  constraint scripts_id_key unique (id),
  constraint scripts_app_id_name_key unique (app_id, name),
  constraint scripts_app_id_fkey foreign key (app_id) references apps (id),
  constraint scripts_language_check check (language in ('rhai', 'typescript')),
  constraint scripts_kind_check check (kind in ('endpoint', 'module')),
  constraint scripts_invoke_check check (invoke in ('public', 'members'))
);

-- Immutable: a save inserts, nothing updates.
create table script_versions (
  app_id uuid not null,
  script_id uuid not null,
  version integer not null,
  source text not null,
  source_hash text not null,
  -- What executors load: compiled text, its source map, and settings the script exports.
  artifact_hash text not null,
  artifact text not null,
  source_map text not null,
  settings jsonb not null default '{}',
  compiler text not null,
  message text,
  created_by uuid,
  created_at timestamptz not null default now(),
  constraint script_versions_pkey primary key (app_id, script_id, version),
  constraint script_versions_script_fkey foreign key (app_id, script_id) references scripts (app_id, id) on delete cascade
);
