-- Ids are UUID v7, so a range of ids is a range of time: both tables are partitioned by day on them.
create table executions (
  app_id uuid not null,
  id uuid not null,
  request_id uuid not null,
  root_execution_id uuid not null,
  parent_execution_id uuid,
  script_id uuid not null,
  script_name text not null,
  script_version integer not null,
  kind text not null,
  route_id uuid,
  trigger_id uuid,
  event_id uuid,
  attempt integer not null default 0,
  depth integer not null default 0,
  -- running, ok, failed, lost
  status text not null,
  http_status integer,
  error_code text,
  error_message text,
  error_stack text,
  started_at timestamptz not null,
  ended_at timestamptz,
  duration_ms double precision,
  cpu_ms double precision,
  heap_bytes bigint,
  context_call integer,
  -- What its service calls wrote and sent: {lines: [{call, target?, id?, count?}], omitted}. Null if nothing.
  receipt json,
  node_id uuid not null,
  -- Place in commit order, for the live tail.
  xid xid8 not null default pg_current_xact_id(),
  constraint executions_pkey primary key (app_id, id)
) partition by range (id);
create table executions_default partition of executions default;
create index executions_script on executions (app_id, script_id, id);
create index executions_xid on executions (app_id, xid, id);
create index executions_running on executions (node_id) where status = 'running';

-- One row an execution that logged: its lines as a JSON array of {at, level, message, fields?}.
create table logs (
  app_id uuid not null,
  execution_id uuid not null,
  lines json not null,
  bytes integer not null,
  constraint logs_pkey primary key (app_id, execution_id)
) partition by range (execution_id);
create table logs_default partition of logs default;

-- Outcomes that nobody waited for any more (EXE-7).
create table abandoned_executions (
  app_id uuid not null,
  execution_id uuid not null,
  script_id uuid not null,
  reason text not null,
  status text not null,
  error_code text,
  created_at timestamptz not null default now(),
  constraint abandoned_executions_pkey primary key (app_id, execution_id)
);
create index abandoned_executions_created_at on abandoned_executions (created_at);
