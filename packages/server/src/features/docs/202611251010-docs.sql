create table docs (
  app_id uuid not null,
  collection text collate "C" not null,
  id uuid not null,
  -- Number of (app, collection), made by the server: what declared indexes are restricted to.
  scope bigint not null,
  -- The document as the only member of an object, under the text of `scope`: so the entries of the GIN index differ
  -- between collections, and a search meets none of another app. Numbers keep all their digits.
  doc jsonb not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  -- Execution that wrote it last; null for the admin API.
  written_by uuid,
  constraint docs_pkey primary key (app_id, collection, id)
);
-- What was inserted last is read row by row in every search until it is merged into the index. By default that may be
-- 4 MB; after 20,000 inserts a search for a rare value took twice as long.
create index docs_gin on docs using gin (doc jsonb_path_ops) with (gin_pending_list_limit = 256);

-- Indexes that apps declare. The index itself is named docs_x_<id without dashes> and made without blocking writes.
create table docs_indexes (
  app_id uuid not null,
  collection text collate "C" not null,
  name text collate "C" not null,
  id uuid not null,
  -- In order: a path of names with dots, `-` before it for descending.
  fields text[] not null,
  -- Why the last try to make it failed.
  problem text,
  created_at timestamptz not null default now(),
  constraint docs_indexes_pkey primary key (app_id, collection, name),
  constraint docs_indexes_id_key unique (id)
);

-- RFC 7396: members of the patch replace those of the target, null removes them, objects are merged in the same way.
create function picloud_merge_patch(target jsonb, patch jsonb) returns jsonb
  language plpgsql immutable parallel safe as $$
begin
  if jsonb_typeof(patch) <> 'object' then
    return patch;
  end if;
  return coalesce((
    select jsonb_object_agg(key, case when p.value is null then t.value
      when jsonb_typeof(p.value) = 'object' then picloud_merge_patch(t.value, p.value) else p.value end)
    from jsonb_each(case when jsonb_typeof(target) = 'object' then target else '{}' end) t
    full join jsonb_each(patch) p using (key)
    where p.value is null or jsonb_typeof(p.value) <> 'null'), '{}');
end $$;
