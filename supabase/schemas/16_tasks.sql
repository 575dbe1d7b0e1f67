-- Tasks. Private to their owner and who they are assigned to, unless the organization shares tasks
-- (U60-050, U60-155).

create table public.tasks (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null default private.current_user_id(),
  owner_id uuid not null generated always as (user_id) stored,
  assigned_to uuid,
  title text not null,
  details text,
  due_at timestamptz,
  priority text not null default 'normal',
  status text not null default 'open',
  completed_at timestamptz,
  company_id uuid,
  contact_id uuid,
  deal_id uuid,
  meeting_id uuid,
  origin text not null default 'user_input',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, assigned_to) references public.organization_members (org_id, user_id),
  foreign key (org_id, company_id) references public.companies (org_id, id) on delete set null (company_id),
  foreign key (org_id, contact_id) references public.contacts (org_id, id) on delete set null (contact_id),
  foreign key (org_id, deal_id) references public.deals (org_id, id) on delete set null (deal_id),
  foreign key (org_id, meeting_id) references public.meetings (org_id, id) on delete set null (meeting_id),
  constraint tasks_title_length check (char_length(title) between 1 and 500),
  constraint tasks_details_length check (char_length(details) <= 20000),
  constraint tasks_priority_is_known check (priority in ('low', 'normal', 'high', 'urgent')),
  constraint tasks_status_is_known check (status in ('open', 'in_progress', 'done', 'cancelled')),
  constraint tasks_completed_iff_done check ((completed_at is not null) = (status = 'done')),
  constraint tasks_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.tasks is 'Something a member has to do.';
comment on column public.tasks.org_id is '[class: operational] Organization whose row this is.';
comment on column public.tasks.id is '[class: operational] Made by the server.';
comment on column public.tasks.user_id is '[class: operational] Owner: who wants it done.';
comment on column public.tasks.owner_id is '[class: operational] The owner under the product''s other name for it; always equals user_id.';
comment on column public.tasks.assigned_to is '[class: operational] Who does it, if not the owner.';
comment on column public.tasks.title is '[class: customer_input] What is to be done.';
comment on column public.tasks.details is '[class: customer_input] The same, at length.';
comment on column public.tasks.due_at is '[class: service] Until when.';
comment on column public.tasks.priority is '[class: service] low, normal, high or urgent.';
comment on column public.tasks.status is '[class: service] open, in_progress, done or cancelled.';
comment on column public.tasks.completed_at is '[class: service] When it was done.';
comment on column public.tasks.company_id is '[class: operational] Company concerned.';
comment on column public.tasks.contact_id is '[class: operational] Contact concerned.';
comment on column public.tasks.deal_id is '[class: operational] Deal concerned.';
comment on column public.tasks.meeting_id is '[class: operational] Meeting it comes from.';
comment on column public.tasks.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.tasks.created_at is '[class: operational] When the row was made.';
comment on column public.tasks.updated_at is '[class: operational] Last change of the row.';
create index tasks_org_id_due_at_idx on public.tasks (org_id, due_at) include (user_id, assigned_to);
create index tasks_org_id_created_at_idx on public.tasks (org_id, created_at desc) include (user_id, assigned_to);
create index tasks_org_id_user_id_idx on public.tasks (org_id, user_id, due_at);
create index tasks_org_id_assigned_to_idx on public.tasks (org_id, assigned_to, due_at);
-- What the policies read and no more, so that counting is cheap.
create index tasks_policy_idx on public.tasks (org_id, user_id, assigned_to);
create index tasks_org_id_company_id_idx on public.tasks (org_id, company_id);
create index tasks_org_id_contact_id_idx on public.tasks (org_id, contact_id);
create index tasks_org_id_deal_id_idx on public.tasks (org_id, deal_id);
create index tasks_org_id_meeting_id_idx on public.tasks (org_id, meeting_id);

create function private.stamp_task_completion()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.completed_at := case when new.status = 'done' then coalesce(new.completed_at, now()) end;
  return new;
end;
$$;
comment on function private.stamp_task_completion() is 'Trigger: a task knows when it was done, exactly as long as it is.';

create trigger stamp_completion before insert or update of status on public.tasks
for each row execute function private.stamp_task_completion();
create trigger touch_updated_at before update on public.tasks
for each row execute function private.touch_updated_at();
select private.audit_table('public.tasks');

alter table public.tasks enable row level security;
alter table public.tasks force row level security;
revoke all on table public.tasks from anon, authenticated, service_role;
grant select, delete on table public.tasks to authenticated;
grant insert (
  org_id, user_id, assigned_to, title, details, due_at, priority, status, company_id, contact_id,
  deal_id, meeting_id
) on table public.tasks to authenticated;
grant update (
  assigned_to, title, details, due_at, priority, status, company_id, contact_id, deal_id, meeting_id
) on table public.tasks to authenticated;

create policy "members read own, assigned and shared tasks"
on public.tasks for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('tasks'))::uuid[]) then true
    else case (select private.current_user_id())
      when user_id then true
      when assigned_to then true
      else false
    end
  end
);

create policy "writers create tasks of their own"
on public.tasks for insert to authenticated
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and user_id = (select private.current_user_id())
);

create policy "writers change own, assigned and editable tasks"
on public.tasks for update to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('tasks'))::uuid[]) then true
    else case (select private.current_user_id())
      when user_id then true
      when assigned_to then true
      else false
    end
  end
)
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('tasks'))::uuid[]) then true
    else case (select private.current_user_id())
      when user_id then true
      when assigned_to then true
      else false
    end
  end
);

create policy "writers delete own and editable tasks"
on public.tasks for delete to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('tasks'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);
