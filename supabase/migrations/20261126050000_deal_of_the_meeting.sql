-- A brief named the largest deal of a company first, and what was made of it (tasks, notes, emails) was
-- filed under that one, whichever deal the meeting was about. The meeting's own comes first now.

create or replace function private.brief_deals(p_org_id uuid, p_company_ids uuid[], p_contact_ids uuid[], p_deal_id uuid)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(d.deal order by d.is_of_meeting desc, d.amount desc, d.id), '[]')
    from (
      select d.id, d.amount, d.id is not distinct from p_deal_id as is_of_meeting,
        jsonb_build_object(
          'deal_id', d.id, 'name', d.name, 'amount', d.amount, 'currency', d.currency, 'stage', s.name,
          'probability', coalesce(d.probability, s.win_probability), 'expected_close_on', d.expected_close_on,
          'next_step', d.next_step, 'stage_changed_at', d.stage_changed_at, 'company_id', d.company_id,
          'primary_contact_id', d.primary_contact_id,
          'is_mine', d.user_id = (select private.current_user_id()) or coalesce(d.assigned_to = (select private.current_user_id()), false)
        ) as deal
      from (
        select private.deals_with(p_org_id, p_company_ids, p_contact_ids) union select p_deal_id
      ) as o (id)
      cross join lateral (
        select w.* from public.deals as w where w.org_id = p_org_id and w.id = o.id and w.status = 'open' offset 0
      ) as d
      join public.deal_stages as s on s.org_id = d.org_id and s.id = d.stage_id
      order by is_of_meeting desc, d.amount desc, d.id
      limit 10
    ) as d
  );
end;
$$;
comment on function private.brief_deals(uuid, uuid[], uuid[], uuid) is
  'Open deals of these companies and contacts: the one that the meeting is about, then the largest first. At most 10.';
