-- Which script imports which module, as its live version says; type-only imports are not here.
create table script_imports (
  app_id uuid not null,
  importer_id uuid not null,
  imported_id uuid not null,
  constraint script_imports_pkey primary key (app_id, importer_id, imported_id),
  constraint script_imports_importer_fkey foreign key (app_id, importer_id) references scripts (app_id, id)
    on delete cascade,
  -- A module in use can't go. Looked at when the transaction ends, because a script and its modules may go together.
  constraint script_imports_imported_fkey foreign key (app_id, imported_id) references scripts (app_id, id)
    deferrable initially deferred
);
create index script_imports_imported on script_imports (app_id, imported_id);

-- The artifact of the live version has the script's modules inside: it is made again when one of them changes, without a
-- new version. This says what it was made from (a hash); null: from the source alone.
alter table script_versions add column linked_from text;
