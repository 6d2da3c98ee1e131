create table files (
  app_id uuid not null,
  collection text collate "C" not null,
  id uuid not null,
  name text not null,
  content_type text not null,
  size_bytes bigint not null,
  -- Of the whole content, hex.
  sha256 text not null,
  -- SHA-256 of each 1 MiB block, one after another: a part can be checked without the whole.
  block_hashes bytea not null,
  -- Name of the bytes in the store, below the app's id. New bytes always get a new one.
  content_id uuid not null,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Execution that wrote it; null for the admin API.
  written_by uuid,
  constraint files_pkey primary key (app_id, collection, id)
);
create unique index files_content on files (app_id, content_id);

-- Bytes in the store that no row of files has: not yet (pending, committed before the first byte), or not any more
-- (dropped). The sweep removes them after 24 hours. A transaction does not see the pending rows of its own uploads, and may
-- drop one of them: then there are both.
create table loose_contents (
  app_id uuid not null,
  content_id uuid not null,
  state text not null,
  since timestamptz not null default now(),
  constraint loose_contents_pkey primary key (app_id, content_id, state),
  constraint loose_contents_state_check check (state in ('pending', 'dropped'))
);
create index loose_contents_since on loose_contents (since);

-- Whose folder or bucket of files it is: the id is in both, so that two instances never share one by mistake.
create table instance_ids (
  name text not null,
  id uuid not null default gen_random_uuid(),
  constraint instance_ids_pkey primary key (name)
);
insert into instance_ids (name) values ('files');
