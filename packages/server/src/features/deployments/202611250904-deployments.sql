create table deployments (
  app_id uuid not null,
  id uuid not null,
  -- Hash of the app's deployed state after this deployment.
  state_hash text not null,
  changes jsonb not null,
  message text,
  created_by uuid,
  created_at timestamptz not null default now(),
  constraint deployments_pkey primary key (app_id, id),
  constraint deployments_app_id_fkey foreign key (app_id) references apps (id) on delete cascade
);
