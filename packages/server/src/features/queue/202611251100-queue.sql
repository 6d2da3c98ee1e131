-- A message is a row of the outbox with the name of its queue; `events` has its data. Its id is that of its event.
alter table outbox add column queue text collate "C";
-- A message without a consumer has no script yet.
alter table outbox alter column script_id drop not null;
alter table outbox add constraint outbox_script_check check (script_id is not null or state = 'held');
-- Lists, counts, and what a change of the queue's consumer or a pause goes over.
create index outbox_queue on outbox (app_id, queue, id) where queue is not null;
create index outbox_group on outbox (app_id, queue, group_key, group_seq) where group_key is not null;

-- A row: the queue is paused.
create table queue_pauses (
  app_id uuid not null,
  queue text collate "C" not null,
  created_at timestamptz not null default now(),
  constraint queue_pauses_pkey primary key (app_id, queue)
);

-- What was sent with the key within the last 24 hours.
create table queue_dedupe (
  app_id uuid not null,
  queue text collate "C" not null,
  dedupe_key text collate "C" not null,
  message_id uuid not null,
  expires_at timestamptz not null,
  constraint queue_dedupe_pkey primary key (app_id, queue, dedupe_key)
);
create index queue_dedupe_expires_at on queue_dedupe (expires_at);

-- Numbers the messages of a group: its row is locked from the number to the commit, so their order is that of commits.
create table queue_groups (
  app_id uuid not null,
  queue text collate "C" not null,
  group_key text collate "C" not null,
  last_seq bigint not null,
  -- Not in an index: each message of the group updates it.
  used_at timestamptz not null default now(),
  constraint queue_groups_pkey primary key (app_id, queue, group_key)
);

-- Takes `n` numbers and says whether the first of them comes first of all. The second statement of a volatile function
-- has a snapshot of its own, taken when the lock is held: it sees what the holder before has committed.
create function picloud_queue_enter(app uuid, q text, g text, n integer, out last_seq bigint, out is_first boolean)
language plpgsql volatile as $$
begin
  insert into queue_groups as x (app_id, queue, group_key, last_seq) values (app, q, g, n)
    on conflict on constraint queue_groups_pkey do update set last_seq = x.last_seq + n, used_at = now()
    returning x.last_seq into last_seq;
  -- In the order of the group's index, so that no other one is read through.
  is_first := (select o.group_seq from outbox o where o.app_id = app and o.queue = q and o.group_key = g
    order by o.app_id, o.queue, o.group_key, o.group_seq limit 1) is null;
end $$;

-- Frees the first message of a group if it is held as one behind another. The update, not a mere lock, makes a
-- serializable transaction that sent to the group on an older snapshot begin again.
create function picloud_queue_next(app uuid, q text, g text) returns boolean
language plpgsql volatile as $$
begin
  update queue_groups x set used_at = now() where x.app_id = app and x.queue = q and x.group_key = g;
  update outbox o set state = case when o.script_id is null then 'held' else 'ready' end,
      held_reason = case when o.script_id is null then 'no_consumer' end
    where o.app_id = app and o.held_reason = 'group' and o.state = 'held' and o.id = (
      select f.id from outbox f where f.app_id = app and f.queue = q and f.group_key = g
      order by f.app_id, f.queue, f.group_key, f.group_seq limit 1);
  return found;
end $$;

-- Whatever removes the first of a group frees the next, in the same statement. In the snapshot of a
-- serializable transaction each send to the group meanwhile would be a conflict: there the sweep does it.
create function picloud_queue_removed() returns trigger language plpgsql volatile as $$
begin
  if current_setting('transaction_isolation') = 'read committed' then
    perform picloud_queue_next(old.app_id, old.queue, old.group_key);
  end if;
  return null;
end $$;
create trigger outbox_queue_removed after delete on outbox for each row
  when (old.group_key is not null and (old.state = 'ready' or old.held_reason is distinct from 'group'))
  execute function picloud_queue_removed();
