-- Hosts that apps claim. A claim counts for requests once it is active; until then it is a wish that runs out, so that it
-- holds a host back from nobody for long.
create table domains (
  app_id uuid not null,
  host text collate "C" not null,
  state text not null default 'pending',
  proof text,
  created_at timestamptz not null default now(),
  active_at timestamptz,
  expires_at timestamptz,
  constraint domains_pkey primary key (app_id, host),
  constraint domains_app_id_fkey foreign key (app_id) references apps (id) on delete cascade,
  constraint domains_state_check check (state in ('pending', 'active')),
  constraint domains_proof_check check (proof in ('dns', 'approval')),
  constraint domains_active_check check (
    (state = 'active') = (proof is not null and active_at is not null and expires_at is null)
  )
);
create index domains_host on domains (host);
create unique index domains_active_host_key on domains (host) where state = 'active';
