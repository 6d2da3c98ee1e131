-- UUID v7 for rows whose number only the statement knows (one delivery for each matching trigger).
create function picloud_uuid_v7() returns uuid language sql volatile parallel safe as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
    substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid
$$;

create table events (
  app_id uuid not null,
  id uuid not null,
  source text not null,
  op text not null,
  -- `ctx.event.<source>` as JSON text; json keeps 4.0 and long integers as they were written.
  payload json not null,
  written_by uuid,
  root_execution_id uuid,
  depth integer not null,
  created_at timestamptz not null default now(),
  constraint events_pkey primary key (app_id, id)
);
create index events_created_at on events (created_at);

create table outbox (
  app_id uuid not null,
  id uuid not null,
  event_id uuid not null,
  dead_letter_id uuid,
  trigger_id uuid,
  script_id uuid not null,
  -- Of the first attempt; later attempts get ids of their own.
  execution_id uuid not null,
  root_execution_id uuid not null,
  parent_execution_id uuid,
  depth integer not null,
  -- Attempts used up.
  attempt integer not null default 0,
  takeovers integer not null default 0,
  replays integer not null default 0,
  -- Somebody ran the trigger by hand: it runs although the trigger is off.
  by_hand boolean not null default false,
  state text not null default 'ready',
  -- Of a ready row: `no_free_slot` when the last claim found the gate full; nothing else reads it than who asks why.
  held_reason text,
  run_after timestamptz not null default now(),
  first_attempt_at timestamptz,
  last_error json,
  group_key text,
  group_seq bigint,
  locked_by uuid,
  locked_at timestamptz,
  claim bigint not null default 0,
  lease_until timestamptz,
  reply_to text,
  created_at timestamptz not null default now(),
  constraint outbox_pkey primary key (app_id, id),
  constraint outbox_state_check check (state in ('ready', 'held'))
);
create index outbox_ready on outbox (app_id, run_after) where state = 'ready' and locked_by is null;
create index outbox_leases on outbox (lease_until) where locked_by is not null;
create index outbox_held on outbox (app_id, script_id) where state = 'held';
create index outbox_trigger on outbox (app_id, trigger_id);
-- Not of claimed rows: a claim moves its row in every index that has it.
create index outbox_script on outbox (app_id, script_id) where locked_by is null;
create index outbox_dead_letter on outbox (app_id, dead_letter_id) where dead_letter_id is not null;
-- Every row is written three times and then dead: what is dead is removed early, before it is in the way.
alter table outbox set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0);

-- One row, counted up in the transaction of every control-plane change; nodes read it to see that they are current.
create table control_changes (
  id boolean not null default true,
  counter bigint not null default 0,
  constraint control_changes_pkey primary key (id),
  constraint control_changes_id_check check (id)
);
insert into control_changes default values;
