-- Calendars were connected for reading alone. What a consent grants beyond that is written down with the
-- connection: only then may email be sent or events be made through it. Nothing is known of the consents
-- that were given before, so those connections read as they did and do nothing else.

alter table public.calendar_connections add column scopes text[] not null default '{}';
comment on column public.calendar_connections.scopes is '[class: operational] What the person''s consent granted beyond reading the calendar, by the provider''s names; empty where nothing is known.';
