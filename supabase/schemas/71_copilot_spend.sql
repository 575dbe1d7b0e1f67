-- What a person's copilot may cost in a day, so that one of them, or whoever has their session, does not
-- use up the organization's month.

create table private.copilot_spend (
  org_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  day date not null,
  cost numeric(16, 8) not null,
  primary key (org_id, user_id, day),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade
);
comment on table private.copilot_spend is 'What a person''s turns have cost in a day, in the currency of model_usage. Kept for that day.';
comment on column private.copilot_spend.org_id is '[class: operational] The organization that pays.';
comment on column private.copilot_spend.user_id is '[class: operational] The person.';
comment on column private.copilot_spend.day is '[class: operational] The day (UTC).';
comment on column private.copilot_spend.cost is '[class: operational] Sum of the costs.';
alter table private.copilot_spend enable row level security;
alter table private.copilot_spend force row level security;
revoke all on table private.copilot_spend from anon, authenticated, service_role;

create function private.note_copilot_spend(p_org_id uuid, p_user_id uuid, p_cost numeric)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.copilot_spend as s (org_id, user_id, day, cost)
  values (p_org_id, p_user_id, (now() at time zone 'UTC')::date, p_cost)
  on conflict (org_id, user_id, day) do update set cost = s.cost + excluded.cost;
end;
$$;
comment on function private.note_copilot_spend(uuid, uuid, numeric) is
  'Adds to what a person''s copilot has cost today. Definer: the table is nobody''s to write. Granted to nobody.';

create function private.copilot_budget_left(p_org_id uuid, p_user_id uuid)
returns numeric
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_day constant date := (now() at time zone 'UTC')::date;
begin
  return (
    select least(
      private.model_budget_left(p_org_id),
      coalesce(b.daily_limit_per_person, l.daily_limit_per_person, 0) - coalesce(s.cost, 0)
    )
    from public.organizations as o
    left join lateral (
      select g.daily_limit_per_person from private.model_budgets as g
      where g.org_id = o.id and g.valid_from <= v_day
      order by g.valid_from desc
      limit 1
    ) as b on true
    left join private.model_plan_budgets as l on l.plan = o.plan
    left join private.copilot_spend as s on s.org_id = o.id and s.user_id = p_user_id and s.day = v_day
    where o.id = p_org_id
  );
end;
$$;
comment on function private.copilot_budget_left(uuid, uuid) is
  'What a person''s copilot may still spend: of the organization''s month and of their own day (UTC), the less. Definer: budgets are nobody''s to read. Granted to nobody.';
