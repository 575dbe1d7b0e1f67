-- Meetings of every origin in one table (U60-046, U60-131), who took part, and what was agreed.
-- The parts of a meeting carry its owner, kept true by a foreign key, so that their policies are
-- as cheap as the meeting's own.

create table public.meetings (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  owner_user_id uuid not null default private.current_user_id(),
  source_type text not null default 'manual',
  external_id text,
  title text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  scheduled_start_at timestamptz,
  scheduled_end_at timestamptz,
  summary text,
  language text,
  share_url text,
  video_url text,
  audio_url text,
  thumbnail_url text,
  calendar_event_id uuid,
  company_id uuid,
  deal_id uuid,
  origin text not null generated always as (
    case when source_type = 'manual' then 'user_input' else 'external_provider' end
  ) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, owner_user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, calendar_event_id) references public.calendar_events (org_id, id) on delete set null (calendar_event_id),
  foreign key (org_id, company_id) references public.companies (org_id, id) on delete set null (company_id),
  foreign key (org_id, deal_id) references public.deals (org_id, id) on delete set null (deal_id),
  constraint meetings_are_recorded_once unique (org_id, source_type, external_id),
  constraint meetings_parts_follow_their_owner unique (org_id, id, owner_user_id),
  constraint meetings_source_type_is_known check (source_type in ('fathom', '60_notetaker', 'manual')),
  constraint meetings_end_after_they_start check (ended_at >= started_at),
  constraint meetings_title_length check (char_length(title) between 1 and 500)
);
comment on table public.meetings is 'A meeting that took place, however it was recorded.';
comment on column public.meetings.org_id is '[class: operational] Organization whose row this is.';
comment on column public.meetings.id is '[class: operational] Made by the server.';
comment on column public.meetings.owner_user_id is '[class: operational] Owner: who recorded it.';
comment on column public.meetings.source_type is '[class: operational] fathom, 60_notetaker or manual.';
comment on column public.meetings.external_id is '[class: operational] Id at the source, unique per organization and source.';
comment on column public.meetings.title is '[class: service] Title.';
comment on column public.meetings.started_at is '[class: conversation] Start.';
comment on column public.meetings.ended_at is '[class: conversation] End.';
comment on column public.meetings.scheduled_start_at is '[class: service] When it should have started.';
comment on column public.meetings.scheduled_end_at is '[class: service] When it should have ended.';
comment on column public.meetings.summary is '[class: conversation] Summary of what was said.';
comment on column public.meetings.language is '[class: conversation] Language spoken.';
comment on column public.meetings.share_url is '[class: conversation] Page of the recording at its source.';
comment on column public.meetings.video_url is '[class: conversation] Permanent place of the video; never readable without a signed address.';
comment on column public.meetings.audio_url is '[class: conversation] Permanent place of the sound; never readable without a signed address.';
comment on column public.meetings.thumbnail_url is '[class: generated] Permanent place of the preview picture.';
comment on column public.meetings.calendar_event_id is '[class: operational] Event it was planned as.';
comment on column public.meetings.company_id is '[class: operational] Company it was held with.';
comment on column public.meetings.deal_id is '[class: operational] Deal it was about.';
comment on column public.meetings.origin is '[class: operational] user_input for manual ones, else external_provider.';
comment on column public.meetings.created_at is '[class: operational] When the row was made.';
comment on column public.meetings.updated_at is '[class: operational] Last change of the row.';
create index meetings_org_id_started_at_idx on public.meetings (org_id, started_at desc) include (owner_user_id);
create index meetings_org_id_owner_user_id_idx on public.meetings (org_id, owner_user_id, started_at desc);
-- What the policies read and no more, so that counting is cheap.
create index meetings_policy_idx on public.meetings (org_id, owner_user_id);
create index meetings_org_id_calendar_event_id_idx on public.meetings (org_id, calendar_event_id);
create index meetings_org_id_company_id_idx on public.meetings (org_id, company_id);
create index meetings_org_id_deal_id_idx on public.meetings (org_id, deal_id);

create table public.meeting_attendees (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  meeting_id uuid not null,
  owner_user_id uuid not null,
  name text,
  email text,
  is_external boolean not null default false,
  is_organizer boolean not null default false,
  contact_id uuid,
  origin text not null default 'external_provider',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, meeting_id, owner_user_id)
  references public.meetings (org_id, id, owner_user_id) on update cascade on delete cascade,
  foreign key (org_id, contact_id) references public.contacts (org_id, id) on delete set null (contact_id),
  constraint meeting_attendees_are_listed_once unique nulls not distinct (org_id, meeting_id, email, name),
  constraint meeting_attendees_have_a_name_or_address check (num_nonnulls(name, email) > 0),
  constraint meeting_attendees_email_is_lower_case check (email = lower(email)),
  constraint meeting_attendees_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.meeting_attendees is 'Somebody invited to or present in a meeting.';
comment on column public.meeting_attendees.org_id is '[class: operational] Organization whose row this is.';
comment on column public.meeting_attendees.id is '[class: operational] Made by the server.';
comment on column public.meeting_attendees.meeting_id is '[class: operational] The meeting.';
comment on column public.meeting_attendees.owner_user_id is '[class: operational] Owner of the meeting.';
comment on column public.meeting_attendees.name is '[class: identity] Name shown in the meeting.';
comment on column public.meeting_attendees.email is '[class: identity] Address, lower case.';
comment on column public.meeting_attendees.is_external is '[class: conversation] Whether they are from outside the organization.';
comment on column public.meeting_attendees.is_organizer is '[class: conversation] Whether they invited.';
comment on column public.meeting_attendees.contact_id is '[class: operational] Contact recognized by the address.';
comment on column public.meeting_attendees.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.meeting_attendees.created_at is '[class: operational] When the row was made.';
comment on column public.meeting_attendees.updated_at is '[class: operational] Last change of the row.';
create index meeting_attendees_org_id_meeting_id_idx on public.meeting_attendees (org_id, meeting_id, owner_user_id);
create index meeting_attendees_org_id_email_idx on public.meeting_attendees (org_id, email);
create index meeting_attendees_org_id_contact_id_idx on public.meeting_attendees (org_id, contact_id);

create table public.meeting_action_items (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  meeting_id uuid not null,
  owner_user_id uuid not null,
  seq integer not null,
  description text not null,
  assignee_name text,
  assignee_email text,
  is_completed boolean not null default false,
  recorded_at_ms integer,
  playback_url text,
  origin text not null default 'external_provider',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, meeting_id, owner_user_id)
  references public.meetings (org_id, id, owner_user_id) on update cascade on delete cascade,
  constraint meeting_action_items_are_numbered unique (org_id, meeting_id, seq),
  constraint meeting_action_items_description_length check (char_length(description) between 1 and 5000),
  constraint meeting_action_items_assignee_email_is_lower_case check (assignee_email = lower(assignee_email)),
  constraint meeting_action_items_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.meeting_action_items is 'What somebody agreed to do in a meeting.';
comment on column public.meeting_action_items.org_id is '[class: operational] Organization whose row this is.';
comment on column public.meeting_action_items.id is '[class: operational] Made by the server.';
comment on column public.meeting_action_items.meeting_id is '[class: operational] The meeting.';
comment on column public.meeting_action_items.owner_user_id is '[class: operational] Owner of the meeting.';
comment on column public.meeting_action_items.seq is '[class: operational] Order in the meeting, from 1.';
comment on column public.meeting_action_items.description is '[class: conversation] What is to be done.';
comment on column public.meeting_action_items.assignee_name is '[class: identity] Who agreed to do it.';
comment on column public.meeting_action_items.assignee_email is '[class: identity] Their address, lower case.';
comment on column public.meeting_action_items.is_completed is '[class: conversation] Whether it is done.';
comment on column public.meeting_action_items.recorded_at_ms is '[class: conversation] Where in the recording it was said.';
comment on column public.meeting_action_items.playback_url is '[class: conversation] That moment at the source.';
comment on column public.meeting_action_items.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.meeting_action_items.created_at is '[class: operational] When the row was made.';
comment on column public.meeting_action_items.updated_at is '[class: operational] Last change of the row.';
create index meeting_action_items_org_id_meeting_id_idx
on public.meeting_action_items (org_id, meeting_id, owner_user_id);

create trigger touch_updated_at before update on public.meetings
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.meeting_attendees
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.meeting_action_items
for each row execute function private.touch_updated_at();
select private.audit_table('public.meetings');
select private.audit_table('public.meeting_attendees');
select private.audit_table('public.meeting_action_items');

alter table public.meetings enable row level security;
alter table public.meetings force row level security;
alter table public.meeting_attendees enable row level security;
alter table public.meeting_attendees force row level security;
alter table public.meeting_action_items enable row level security;
alter table public.meeting_action_items force row level security;
revoke all on table public.meetings, public.meeting_attendees, public.meeting_action_items
from anon, authenticated, service_role;

grant select, delete on table public.meetings to authenticated;
-- Only manual meetings are members' to make: source and external id are not in the list.
grant insert (
  org_id, owner_user_id, title, started_at, ended_at, scheduled_start_at, scheduled_end_at, summary,
  language, company_id, deal_id
) on table public.meetings to authenticated;
grant update (title, summary, company_id, deal_id) on table public.meetings to authenticated;
grant select on table public.meeting_attendees, public.meeting_action_items to authenticated;
grant update (is_completed) on table public.meeting_action_items to authenticated;

create policy "members read own and shared meetings"
on public.meetings for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create policy "writers create meetings of their own"
on public.meetings for insert to authenticated
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and owner_user_id = (select private.current_user_id())
);

create policy "writers change own and editable meetings"
on public.meetings for update to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
)
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create policy "writers delete their own meetings"
on public.meetings for delete to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and owner_user_id = (select private.current_user_id())
);

create policy "members read attendees of own and shared meetings"
on public.meeting_attendees for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create policy "members read action items of own and shared meetings"
on public.meeting_action_items for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);

create policy "writers complete action items of own and editable meetings"
on public.meeting_action_items for update to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
)
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('meetings'))::uuid[]) then true
    else owner_user_id = (select private.current_user_id())
  end
);
