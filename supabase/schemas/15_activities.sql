-- Activities: what happened with a contact, company or deal. Shared like the CRM they belong to
-- (U60-049).

create table public.activities (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null default private.current_user_id(),
  kind text not null,
  subject text not null,
  details text,
  occurred_at timestamptz not null default now(),
  company_id uuid,
  contact_id uuid,
  deal_id uuid,
  meeting_id uuid,
  origin text not null default 'user_input',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, company_id) references public.companies (org_id, id) on delete set null (company_id),
  foreign key (org_id, contact_id) references public.contacts (org_id, id) on delete set null (contact_id),
  foreign key (org_id, deal_id) references public.deals (org_id, id) on delete set null (deal_id),
  foreign key (org_id, meeting_id) references public.meetings (org_id, id) on delete set null (meeting_id),
  constraint activities_kind_is_known check (kind in ('call', 'email', 'meeting', 'note', 'proposal', 'stage_change')),
  constraint activities_subject_length check (char_length(subject) between 1 and 500),
  constraint activities_details_length check (char_length(details) <= 20000),
  constraint activities_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.activities is 'Something that a member did or noted about a contact, company or deal.';
comment on column public.activities.org_id is '[class: operational] Organization whose row this is.';
comment on column public.activities.id is '[class: operational] Made by the server.';
comment on column public.activities.user_id is '[class: operational] Owner: who did it.';
comment on column public.activities.kind is '[class: service] call, email, meeting, note, proposal or stage_change.';
comment on column public.activities.subject is '[class: customer_input] What happened, in a line.';
comment on column public.activities.details is '[class: customer_input] What happened, at length.';
comment on column public.activities.occurred_at is '[class: service] When.';
comment on column public.activities.company_id is '[class: operational] Company concerned.';
comment on column public.activities.contact_id is '[class: operational] Contact concerned.';
comment on column public.activities.deal_id is '[class: operational] Deal concerned.';
comment on column public.activities.meeting_id is '[class: operational] Meeting concerned.';
comment on column public.activities.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.activities.created_at is '[class: operational] When the row was made.';
comment on column public.activities.updated_at is '[class: operational] Last change of the row.';
create index activities_org_id_occurred_at_idx on public.activities (org_id, occurred_at desc) include (user_id);
create index activities_org_id_user_id_idx on public.activities (org_id, user_id, occurred_at desc);
-- What the policies read and no more, so that counting is cheap.
create index activities_policy_idx on public.activities (org_id, user_id);
create index activities_org_id_company_id_idx on public.activities (org_id, company_id, occurred_at desc);
create index activities_org_id_contact_id_idx on public.activities (org_id, contact_id, occurred_at desc);
create index activities_org_id_deal_id_idx on public.activities (org_id, deal_id, occurred_at desc);
create index activities_org_id_meeting_id_idx on public.activities (org_id, meeting_id);

create trigger touch_updated_at before update on public.activities
for each row execute function private.touch_updated_at();
select private.audit_table('public.activities');

alter table public.activities enable row level security;
alter table public.activities force row level security;
revoke all on table public.activities from anon, authenticated, service_role;
grant select, delete on table public.activities to authenticated;
grant insert (
  org_id, user_id, kind, subject, details, occurred_at, company_id, contact_id, deal_id, meeting_id
) on table public.activities to authenticated;
grant update (kind, subject, details, occurred_at, company_id, contact_id, deal_id, meeting_id)
on table public.activities to authenticated;

create policy "members read own and shared activities"
on public.activities for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('crm'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);

create policy "writers create activities of their own"
on public.activities for insert to authenticated
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and user_id = (select private.current_user_id())
);

create policy "writers change own and editable activities"
on public.activities for update to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
)
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);

create policy "writers delete own and editable activities"
on public.activities for delete to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);
