-- Append only. `app_id` has no foreign key: entries outlive the app, the user and whatever they name.
create table audit (
  id uuid not null,
  at timestamptz not null default now(),
  app_id uuid,
  -- Who: the principal, and the user in whose right it acts (of an API key its owner).
  principal_kind text not null,
  principal_id uuid,
  principal_name text,
  user_id uuid,
  remote_addr text,
  request_id uuid,
  execution_id uuid,
  -- What: name of feature and endpoint, and the thing it was done to.
  action text collate "C" not null,
  resource_kind text not null,
  resource_id text,
  resource_name text,
  before jsonb,
  after jsonb,
  constraint audit_pkey primary key (id),
  constraint audit_principal_kind_check check (principal_kind in ('user', 'api_key', 'end_user', 'nobody', 'server'))
);
create index audit_app_id on audit (app_id, id desc) where app_id is not null;

create function picloud_audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append only';
end
$$;
create trigger audit_append_only before update or delete on audit
  for each statement execute function picloud_audit_refuse();
