-- Calendars: which account of a member is connected, and the events copied from it. A calendar is
-- its owner's alone, whatever the organization shares (U60-051, U60-056).

create table public.calendar_connections (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  provider text not null default 'google',
  account_email text not null,
  calendar_id text not null default 'primary',
  scopes text[] not null default '{}',
  status text not null default 'active',
  last_synced_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  constraint calendar_connections_one_per_calendar unique (org_id, user_id, provider, account_email, calendar_id),
  constraint calendar_connections_provider_is_known check (provider in ('google')),
  constraint calendar_connections_account_email_is_lower_case check (account_email = lower(account_email)),
  constraint calendar_connections_status_is_known check (status in ('active', 'needs_reconnect', 'disconnected'))
);
comment on table public.calendar_connections is 'A calendar of a member that is copied into calendar_events.';
comment on column public.calendar_connections.org_id is '[class: operational] Organization whose row this is.';
comment on column public.calendar_connections.id is '[class: operational] Made by the server.';
comment on column public.calendar_connections.user_id is '[class: operational] Owner.';
comment on column public.calendar_connections.provider is '[class: operational] google.';
comment on column public.calendar_connections.account_email is '[class: identity] Account at the provider, lower case.';
comment on column public.calendar_connections.calendar_id is '[class: identity] Calendar at the provider; the only one that is read.';
comment on column public.calendar_connections.scopes is '[class: operational] What the person''s consent granted beyond reading the calendar, by the provider''s names; empty where nothing is known.';
comment on column public.calendar_connections.status is '[class: operational] active, needs_reconnect (the grant is dead) or disconnected.';
comment on column public.calendar_connections.last_synced_at is '[class: operational] End of the last complete synchronization.';
comment on column public.calendar_connections.last_error is '[class: operational] Code of the last failure; null after a success.';
comment on column public.calendar_connections.created_at is '[class: operational] When the row was made.';
comment on column public.calendar_connections.updated_at is '[class: operational] Last change of the row.';

create table private.calendar_credentials (
  org_id uuid not null,
  connection_id uuid not null,
  refresh_token_secret_id uuid,
  access_token_secret_id uuid,
  access_token_expires_at timestamptz,
  sync_token text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, connection_id),
  foreign key (org_id, connection_id) references public.calendar_connections (org_id, id) on delete cascade
);
comment on table private.calendar_credentials is 'Where the tokens of a connection lie in the vault, and how far its copy is.';
comment on column private.calendar_credentials.org_id is '[class: operational] Organization whose row this is.';
comment on column private.calendar_credentials.connection_id is '[class: operational] The connection.';
comment on column private.calendar_credentials.refresh_token_secret_id is '[class: secret] Vault id of the refresh token; never the token.';
comment on column private.calendar_credentials.access_token_secret_id is '[class: secret] Vault id of the last access token; never the token.';
comment on column private.calendar_credentials.access_token_expires_at is '[class: operational] When that access token ends.';
comment on column private.calendar_credentials.sync_token is '[class: operational] Where the next incremental synchronization goes on; null asks for a full one.';
comment on column private.calendar_credentials.created_at is '[class: operational] When the row was made.';
comment on column private.calendar_credentials.updated_at is '[class: operational] Last change of the row.';

create table public.calendar_events (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  calendar_id text not null default 'primary',
  external_id text not null,
  ical_uid text,
  recurring_event_id text,
  title text,
  description text,
  location text,
  start_time timestamptz not null,
  end_time timestamptz not null,
  time_zone text,
  all_day boolean not null default false,
  attendees jsonb not null default '[]',
  attendees_count integer not null default 0,
  organizer_email text,
  meeting_url text,
  html_link text,
  status text not null default 'confirmed',
  response_status text,
  etag text,
  auto_join_enabled boolean not null default true,
  provider_updated_at timestamptz,
  origin text not null default 'external_provider',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  constraint calendar_events_external_id_is_unique unique (org_id, user_id, calendar_id, external_id),
  constraint calendar_events_end_after_they_start check (end_time >= start_time),
  constraint calendar_events_attendees_is_a_list check (jsonb_typeof(attendees) = 'array'),
  constraint calendar_events_attendees_count_is_not_negative check (attendees_count >= 0),
  constraint calendar_events_status_is_known check (status in ('confirmed', 'tentative', 'cancelled')),
  constraint calendar_events_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.calendar_events is 'Copy of an event of a member''s calendar.';
comment on column public.calendar_events.org_id is '[class: operational] Organization whose row this is.';
comment on column public.calendar_events.id is '[class: operational] Made by the server.';
comment on column public.calendar_events.user_id is '[class: operational] Owner of the calendar.';
comment on column public.calendar_events.calendar_id is '[class: identity] Calendar at the provider.';
comment on column public.calendar_events.external_id is '[class: operational] Id at the provider, unique per person and calendar.';
comment on column public.calendar_events.ical_uid is '[class: operational] The event''s id across calendars.';
comment on column public.calendar_events.recurring_event_id is '[class: operational] Series that an instance belongs to.';
comment on column public.calendar_events.title is '[class: service] Title as invited.';
comment on column public.calendar_events.description is '[class: service] Text of the invitation; untrusted.';
comment on column public.calendar_events.location is '[class: service] Room, address or link.';
comment on column public.calendar_events.start_time is '[class: service] Start; of a whole-day event, midnight in its time zone.';
comment on column public.calendar_events.end_time is '[class: service] End, exclusive.';
comment on column public.calendar_events.time_zone is '[class: service] IANA zone in which it was planned.';
comment on column public.calendar_events.all_day is '[class: service] Whether it takes whole days.';
comment on column public.calendar_events.attendees is '[class: identity] List of {email, name, response_status, organizer, self, resource}.';
comment on column public.calendar_events.attendees_count is '[class: service] People invited, rooms not counted.';
comment on column public.calendar_events.organizer_email is '[class: identity] Who invited.';
comment on column public.calendar_events.meeting_url is '[class: service] Where to join.';
comment on column public.calendar_events.html_link is '[class: service] The event in the provider''s own calendar.';
comment on column public.calendar_events.status is '[class: service] confirmed, tentative or cancelled.';
comment on column public.calendar_events.response_status is '[class: service] The owner''s own answer to the invitation.';
comment on column public.calendar_events.etag is '[class: operational] Version at the provider.';
comment on column public.calendar_events.auto_join_enabled is '[class: customer_input] Whether the notetaker may join by itself.';
comment on column public.calendar_events.provider_updated_at is '[class: operational] Last change at the provider.';
comment on column public.calendar_events.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.calendar_events.created_at is '[class: operational] When the row was made.';
comment on column public.calendar_events.updated_at is '[class: operational] Last change of the row.';
create index calendar_events_org_id_user_id_start_time_idx on public.calendar_events (org_id, user_id, start_time);
create index calendar_events_org_id_start_time_idx on public.calendar_events (org_id, start_time) include (user_id);

create trigger touch_updated_at before update on public.calendar_connections
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on private.calendar_credentials
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.calendar_events
for each row execute function private.touch_updated_at();
select private.audit_table('public.calendar_connections');
create trigger audit after insert or update or delete on private.calendar_credentials
for each row execute function private.audit_row_change('org_id', 'connection_id');
select private.audit_table('public.calendar_events');

create function private.forget_calendar_secrets()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from vault.secrets as s
  where s.id in (old.refresh_token_secret_id, old.access_token_secret_id);
  return null;
end;
$$;
comment on function private.forget_calendar_secrets() is
  'Trigger: tokens leave the vault with the row that knew them. Definer: the vault is readable to nobody.';
create trigger forget_secrets after delete on private.calendar_credentials
for each row execute function private.forget_calendar_secrets();

create function private.end_calendar_connections()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update public.calendar_connections as c set status = 'disconnected'
  where c.org_id = new.org_id and c.user_id = new.user_id and c.status <> 'disconnected';
  delete from private.calendar_credentials as k
  using public.calendar_connections as c
  where c.org_id = new.org_id and c.user_id = new.user_id
    and k.org_id = c.org_id and k.connection_id = c.id;
  return null;
end;
$$;
comment on function private.end_calendar_connections() is
  'Trigger: a member who is removed takes the access to their calendar with them. Definer: the tokens are another person''s.';
create trigger end_calendar_connections after update of status on public.organization_members
for each row when (new.status = 'removed' and old.status <> 'removed')
execute function private.end_calendar_connections();

alter table public.calendar_connections enable row level security;
alter table public.calendar_connections force row level security;
alter table private.calendar_credentials enable row level security;
alter table private.calendar_credentials force row level security;
alter table public.calendar_events enable row level security;
alter table public.calendar_events force row level security;
revoke all on table public.calendar_connections, public.calendar_events from anon, authenticated, service_role;
revoke all on table private.calendar_credentials from anon, authenticated, service_role;

grant select on table public.calendar_connections to authenticated;
grant select on table public.calendar_events to authenticated;
-- The rest of an event is the provider's to change.
grant update (auto_join_enabled) on table public.calendar_events to authenticated;

create policy "members read their own calendar connections"
on public.calendar_connections for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and user_id = (select private.current_user_id())
);

create policy "members read their own calendar events"
on public.calendar_events for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and user_id = (select private.current_user_id())
);

create policy "members decide whether the notetaker joins their own events"
on public.calendar_events for update to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and user_id = (select private.current_user_id())
)
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and user_id = (select private.current_user_id())
);
