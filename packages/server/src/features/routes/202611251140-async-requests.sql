-- Requests that were answered before they ran; they go soon after.
create index events_requests on events (created_at) where source = 'http';
