-- Companies and contacts. Own and assigned records always; colleagues' while the organization
-- shares its CRM and the role may read shared records (U60-047, U60-153, U60-159, C-02, C-15).

create table public.companies (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null default private.current_user_id(),
  assigned_to uuid,
  name text not null,
  domain text,
  industry text,
  employee_count integer,
  notes text,
  origin text not null default 'user_input',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, assigned_to) references public.organization_members (org_id, user_id),
  constraint companies_name_length check (char_length(name) between 1 and 200),
  constraint companies_domain_shape check (domain ~ '^[a-z0-9.-]{3,253}$'),
  constraint companies_employee_count_is_positive check (employee_count > 0),
  constraint companies_notes_length check (char_length(notes) <= 20000),
  constraint companies_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.companies is 'A company the organization sells to.';
comment on column public.companies.org_id is '[class: operational] Organization whose row this is.';
comment on column public.companies.id is '[class: operational] Made by the server.';
comment on column public.companies.user_id is '[class: operational] Owner.';
comment on column public.companies.assigned_to is '[class: operational] Member who works on it besides its owner.';
comment on column public.companies.name is '[class: customer_input] Name.';
comment on column public.companies.domain is '[class: customer_input] Internet domain, lower case; matches attendees to the company.';
comment on column public.companies.industry is '[class: customer_input] Line of business.';
comment on column public.companies.employee_count is '[class: customer_input] Size.';
comment on column public.companies.notes is '[class: customer_input] What members wrote about it.';
comment on column public.companies.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.companies.created_at is '[class: operational] When the row was made.';
comment on column public.companies.updated_at is '[class: operational] Last change of the row.';
create index companies_org_id_created_at_idx on public.companies (org_id, created_at desc) include (user_id, assigned_to);
create index companies_org_id_user_id_idx on public.companies (org_id, user_id, created_at desc);
create index companies_org_id_assigned_to_idx on public.companies (org_id, assigned_to, created_at desc);
-- What the policies read and no more: a tenth of the other indexes' size, so counting is cheap.
create index companies_policy_idx on public.companies (org_id, user_id, assigned_to);
create index companies_org_id_domain_idx on public.companies (org_id, domain);
create index companies_org_id_name_idx on public.companies (org_id, lower(name));

create table public.contacts (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null default private.current_user_id(),
  owner_id uuid not null generated always as (user_id) stored,
  assigned_to uuid,
  company_id uuid,
  first_name text,
  last_name text,
  email text,
  phone text,
  job_title text,
  notes text,
  last_interaction_at timestamptz,
  origin text not null default 'user_input',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, assigned_to) references public.organization_members (org_id, user_id),
  foreign key (org_id, company_id) references public.companies (org_id, id) on delete set null (company_id),
  constraint contacts_have_a_name_or_address check (num_nonnulls(first_name, last_name, email) > 0),
  constraint contacts_name_length check (char_length(first_name) <= 100 and char_length(last_name) <= 100),
  constraint contacts_email_is_lower_case check (email = lower(email) and char_length(email) <= 320),
  constraint contacts_phone_length check (char_length(phone) <= 40),
  constraint contacts_notes_length check (char_length(notes) <= 20000),
  constraint contacts_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.contacts is 'A person outside the organization: prospect or customer.';
comment on column public.contacts.org_id is '[class: operational] Organization whose row this is.';
comment on column public.contacts.id is '[class: operational] Made by the server.';
comment on column public.contacts.user_id is '[class: operational] Owner.';
comment on column public.contacts.owner_id is '[class: operational] The owner under the product''s other name for it; always equals user_id.';
comment on column public.contacts.assigned_to is '[class: operational] Member who works on it besides its owner.';
comment on column public.contacts.company_id is '[class: operational] Company the person works for.';
comment on column public.contacts.first_name is '[class: identity] Given name.';
comment on column public.contacts.last_name is '[class: identity] Family name.';
comment on column public.contacts.email is '[class: identity] Address, lower case; matches attendees to the contact.';
comment on column public.contacts.phone is '[class: identity] Number as given.';
comment on column public.contacts.job_title is '[class: identity] Position.';
comment on column public.contacts.notes is '[class: customer_input] What members wrote about the person.';
comment on column public.contacts.last_interaction_at is '[class: operational] Last meeting, call or message.';
comment on column public.contacts.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.contacts.created_at is '[class: operational] When the row was made.';
comment on column public.contacts.updated_at is '[class: operational] Last change of the row.';
create index contacts_org_id_created_at_idx on public.contacts (org_id, created_at desc) include (user_id, assigned_to);
create index contacts_org_id_user_id_idx on public.contacts (org_id, user_id, created_at desc);
create index contacts_org_id_assigned_to_idx on public.contacts (org_id, assigned_to, created_at desc);
-- What the policies read and no more: a tenth of the other indexes' size, so counting is cheap.
create index contacts_policy_idx on public.contacts (org_id, user_id, assigned_to);
create index contacts_org_id_company_id_idx on public.contacts (org_id, company_id);
create index contacts_org_id_email_idx on public.contacts (org_id, email);
create index contacts_org_id_first_name_idx on public.contacts (org_id, lower(first_name));

create trigger touch_updated_at before update on public.companies
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.contacts
for each row execute function private.touch_updated_at();
select private.audit_table('public.companies');
select private.audit_table('public.contacts');

alter table public.companies enable row level security;
alter table public.companies force row level security;
alter table public.contacts enable row level security;
alter table public.contacts force row level security;
revoke all on table public.companies, public.contacts from anon, authenticated, service_role;

grant select, delete on table public.companies to authenticated;
grant insert (org_id, user_id, assigned_to, name, domain, industry, employee_count, notes)
on table public.companies to authenticated;
grant update (assigned_to, name, domain, industry, employee_count, notes)
on table public.companies to authenticated;

grant select, delete on table public.contacts to authenticated;
grant insert (
  org_id, user_id, assigned_to, company_id, first_name, last_name, email, phone, job_title, notes,
  last_interaction_at
) on table public.contacts to authenticated;
grant update (
  assigned_to, company_id, first_name, last_name, email, phone, job_title, notes, last_interaction_at
) on table public.contacts to authenticated;

create policy "members read own, assigned and shared companies"
on public.companies for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('crm'))::uuid[]) then true
    else case (select private.current_user_id())
      when user_id then true
      when assigned_to then true
      else false
    end
  end
);

create policy "writers create companies of their own"
on public.companies for insert to authenticated
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and user_id = (select private.current_user_id())
);

create policy "writers change own, assigned and editable companies"
on public.companies for update to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
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
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else case (select private.current_user_id())
      when user_id then true
      when assigned_to then true
      else false
    end
  end
);

create policy "writers delete own and editable companies"
on public.companies for delete to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);

create policy "members read own, assigned and shared contacts"
on public.contacts for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('crm'))::uuid[]) then true
    else case (select private.current_user_id())
      when user_id then true
      when assigned_to then true
      else false
    end
  end
);

create policy "writers create contacts of their own"
on public.contacts for insert to authenticated
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and user_id = (select private.current_user_id())
);

create policy "writers change own, assigned and editable contacts"
on public.contacts for update to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
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
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else case (select private.current_user_id())
      when user_id then true
      when assigned_to then true
      else false
    end
  end
);

create policy "writers delete own and editable contacts"
on public.contacts for delete to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);
