-- The pipeline: stages that the admins of an organization define, and deals that move over them.
-- A deal's status follows its stage, and the other way round (U60-048).

create table public.deal_stages (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  name text not null,
  position integer not null,
  kind text not null default 'open',
  win_probability integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  constraint deal_stages_name_is_unique_in_org unique (org_id, name),
  constraint deal_stages_name_length check (char_length(name) between 1 and 60),
  constraint deal_stages_position_is_positive check (position > 0),
  constraint deal_stages_kind_is_known check (kind in ('open', 'won', 'lost')),
  constraint deal_stages_win_probability_is_a_percentage check (win_probability between 0 and 100)
);
comment on table public.deal_stages is 'The stages of an organization''s pipeline, in order.';
comment on column public.deal_stages.org_id is '[class: operational] Organization whose row this is.';
comment on column public.deal_stages.id is '[class: operational] Made by the server.';
comment on column public.deal_stages.name is '[class: customer_input] Name, unique in the organization.';
comment on column public.deal_stages.position is '[class: customer_input] Order on the board.';
comment on column public.deal_stages.kind is '[class: customer_input] open, won or lost: the status of the deals in it.';
comment on column public.deal_stages.win_probability is '[class: customer_input] Percentage used by forecasts.';
comment on column public.deal_stages.created_at is '[class: operational] When the row was made.';
comment on column public.deal_stages.updated_at is '[class: operational] Last change of the row.';
create index deal_stages_org_id_position_idx on public.deal_stages (org_id, position);

create table public.deals (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null default private.current_user_id(),
  owner_id uuid not null generated always as (user_id) stored,
  assigned_to uuid,
  company_id uuid,
  primary_contact_id uuid,
  stage_id uuid not null,
  name text not null,
  amount numeric(14, 2) not null default 0,
  currency text not null default 'USD',
  status text not null default 'open',
  probability integer,
  expected_close_on date,
  next_step text,
  lost_reason text,
  stage_changed_at timestamptz not null default now(),
  closed_at timestamptz,
  origin text not null default 'user_input',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, assigned_to) references public.organization_members (org_id, user_id),
  foreign key (org_id, company_id) references public.companies (org_id, id) on delete set null (company_id),
  foreign key (org_id, primary_contact_id) references public.contacts (org_id, id) on delete set null (primary_contact_id),
  foreign key (org_id, stage_id) references public.deal_stages (org_id, id),
  constraint deals_name_length check (char_length(name) between 1 and 200),
  constraint deals_amount_is_not_negative check (amount >= 0),
  constraint deals_currency_is_iso check (currency ~ '^[A-Z]{3}$'),
  constraint deals_status_is_known check (status in ('open', 'won', 'lost')),
  constraint deals_probability_is_a_percentage check (probability between 0 and 100),
  constraint deals_closed_iff_decided check ((closed_at is null) = (status = 'open')),
  constraint deals_next_step_length check (char_length(next_step) <= 2000),
  constraint deals_lost_reason_length check (char_length(lost_reason) <= 2000),
  constraint deals_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.deals is 'A sale in progress, won or lost.';
comment on column public.deals.org_id is '[class: operational] Organization whose row this is.';
comment on column public.deals.id is '[class: operational] Made by the server.';
comment on column public.deals.user_id is '[class: operational] Owner.';
comment on column public.deals.owner_id is '[class: operational] The owner under the product''s other name for it; always equals user_id.';
comment on column public.deals.assigned_to is '[class: operational] Member who works on it besides its owner.';
comment on column public.deals.company_id is '[class: operational] Company that would buy.';
comment on column public.deals.primary_contact_id is '[class: operational] Person the deal is negotiated with.';
comment on column public.deals.stage_id is '[class: operational] Stage it is in; without one it starts in the first open stage.';
comment on column public.deals.name is '[class: customer_input] What is being sold to whom.';
comment on column public.deals.amount is '[class: customer_input] Value in the deal''s currency.';
comment on column public.deals.currency is '[class: customer_input] ISO 4217 code.';
comment on column public.deals.status is '[class: operational] open, won or lost; kept equal to the kind of the stage.';
comment on column public.deals.probability is '[class: customer_input] Percentage that overrides the stage''s.';
comment on column public.deals.expected_close_on is '[class: customer_input] Day on which a decision is expected.';
comment on column public.deals.next_step is '[class: customer_input] What happens next.';
comment on column public.deals.lost_reason is '[class: customer_input] Why it was lost.';
comment on column public.deals.stage_changed_at is '[class: operational] Since when it is in its stage; a stalled deal has an old one.';
comment on column public.deals.closed_at is '[class: operational] When it was won or lost.';
comment on column public.deals.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.deals.created_at is '[class: operational] When the row was made.';
comment on column public.deals.updated_at is '[class: operational] Last change of the row.';
create index deals_org_id_created_at_idx on public.deals (org_id, created_at desc) include (user_id, assigned_to);
create index deals_org_id_user_id_idx on public.deals (org_id, user_id, created_at desc);
create index deals_org_id_assigned_to_idx on public.deals (org_id, assigned_to, created_at desc);
-- What the policies read and no more: a tenth of the other indexes' size, so counting is cheap.
create index deals_policy_idx on public.deals (org_id, user_id, assigned_to);
create index deals_org_id_stage_id_idx on public.deals (org_id, stage_id, created_at desc) include (user_id, assigned_to);
create index deals_org_id_status_idx on public.deals (org_id, status, created_at desc) include (user_id, assigned_to);
create index deals_org_id_company_id_idx on public.deals (org_id, company_id);
create index deals_org_id_primary_contact_id_idx on public.deals (org_id, primary_contact_id);

create function private.create_default_stages(p_org_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.deal_stages (org_id, name, position, kind, win_probability)
  values
    (p_org_id, 'Lead', 1, 'open', 10),
    (p_org_id, 'Qualified', 2, 'open', 25),
    (p_org_id, 'Proposal', 3, 'open', 50),
    (p_org_id, 'Negotiation', 4, 'open', 75),
    (p_org_id, 'Won', 5, 'won', 100),
    (p_org_id, 'Lost', 6, 'lost', 0)
  on conflict (org_id, name) do nothing;
end;
$$;
comment on function private.create_default_stages(uuid) is
  'Gives a new organization a pipeline to start with. Definer: called while its creator has no rights in it yet.';

create function private.align_deal_stage()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_kind text;
begin
  if new.stage_id is null
    or (tg_op = 'UPDATE' and new.stage_id = old.stage_id and new.status is distinct from old.status)
  then
    -- Only the status was given: take the first stage of that kind.
    select s.id into new.stage_id
    from public.deal_stages as s
    where s.org_id = new.org_id and s.kind = new.status
    order by s.position, s.id limit 1;
  end if;
  select s.kind into v_kind
  from public.deal_stages as s where s.org_id = new.org_id and s.id = new.stage_id;
  -- An unknown stage is left for the foreign key to refuse.
  new.status := coalesce(v_kind, new.status);
  if tg_op = 'INSERT' or new.stage_id is distinct from old.stage_id then
    new.stage_changed_at := case when tg_op = 'INSERT' then new.stage_changed_at else now() end;
  end if;
  if new.status = 'open' then
    new.closed_at := null;
  elsif new.closed_at is null then
    new.closed_at := now();
  end if;
  return new;
end;
$$;
comment on function private.align_deal_stage() is
  'Trigger: stage and status of a deal agree, whichever of them was written. Definer: stages are read before the row''s policies are checked.';

create trigger align_stage before insert or update of stage_id, status on public.deals
for each row execute function private.align_deal_stage();
create trigger touch_updated_at before update on public.deal_stages
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.deals
for each row execute function private.touch_updated_at();
select private.audit_table('public.deal_stages');
select private.audit_table('public.deals');

alter table public.deal_stages enable row level security;
alter table public.deal_stages force row level security;
alter table public.deals enable row level security;
alter table public.deals force row level security;
revoke all on table public.deal_stages, public.deals from anon, authenticated, service_role;

grant select, delete on table public.deal_stages to authenticated;
grant insert (org_id, name, position, kind, win_probability) on table public.deal_stages to authenticated;
grant update (name, position, win_probability) on table public.deal_stages to authenticated;

grant select, delete on table public.deals to authenticated;
grant insert (
  org_id, user_id, assigned_to, company_id, primary_contact_id, stage_id, name, amount, currency,
  status, probability, expected_close_on, next_step, lost_reason
) on table public.deals to authenticated;
grant update (
  assigned_to, company_id, primary_contact_id, stage_id, name, amount, currency, status,
  probability, expected_close_on, next_step, lost_reason
) on table public.deals to authenticated;

create policy "members read their organization's stages"
on public.deal_stages for select to authenticated
using (org_id = any((select private.my_orgs())::uuid[]));

create policy "admins create stages"
on public.deal_stages for insert to authenticated
with check (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]));

create policy "admins change stages"
on public.deal_stages for update to authenticated
using (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]))
with check (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]));

create policy "admins delete stages"
on public.deal_stages for delete to authenticated
using (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]));

create policy "creating stages needs the second factor it demands"
on public.deal_stages as restrictive for insert to authenticated
with check (org_id = any((select private.my_second_factor_orgs())::uuid[]));

create policy "changing stages needs the second factor it demands"
on public.deal_stages as restrictive for update to authenticated
using (org_id = any((select private.my_second_factor_orgs())::uuid[]))
with check (org_id = any((select private.my_second_factor_orgs())::uuid[]));

create policy "deleting stages needs the second factor it demands"
on public.deal_stages as restrictive for delete to authenticated
using (org_id = any((select private.my_second_factor_orgs())::uuid[]));

create policy "members read own, assigned and shared deals"
on public.deals for select to authenticated
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

create policy "writers create deals of their own"
on public.deals for insert to authenticated
with check (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and user_id = (select private.current_user_id())
);

create policy "writers change own, assigned and editable deals"
on public.deals for update to authenticated
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

create policy "writers delete own and editable deals"
on public.deals for delete to authenticated
using (
  org_id = any((select private.my_orgs_with('crm.write'))::uuid[])
  and case
    when org_id = any((select private.my_editable_orgs('crm'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);
