-- Durable messages are events that are kept whether a trigger matched or not: who follows topics reads them in the order of
-- their commits, as far back as events are kept.
alter table events add column xid xid8 not null default pg_current_xact_id();
create index events_topics on events (app_id, xid, id) where source = 'pubsub';
