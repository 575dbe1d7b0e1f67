-- Which meeting a brief is of, and what is about whom, with the caller's own rights.

create function private.people_of(p_attendees jsonb)
returns table (email text, name text, response_status text, is_organizer boolean, is_self boolean, place bigint)
language plpgsql immutable set search_path = ''
as $$
begin
  return query
  select lower(a.email), a.name, a.response_status, coalesce(a.organizer, false), coalesce(a.self, false), a.position
  from rows from (
    jsonb_to_recordset(p_attendees) as (
      email text, name text, response_status text, organizer boolean, self boolean, resource boolean
    )
  ) with ordinality as a (email, name, response_status, organizer, self, resource, position)
  where a.resource is not true;
end;
$$;
comment on function private.people_of(jsonb) is 'The people of a calendar event, rooms left out, in order.';

create function private.companies_of(p_org_id uuid, p_emails text[], p_company_id uuid)
returns text[]
language plpgsql stable set search_path = ''
as $$
begin
  return array(
    select c.name from public.companies as c where c.org_id = p_org_id and c.id = p_company_id
    union
    select c.name
    from public.contacts as k
    join public.companies as c on c.org_id = k.org_id and c.id = k.company_id
    where k.org_id = p_org_id and k.email = any(p_emails)
    union
    select c.name
    from public.companies as c
    where c.org_id = p_org_id and c.domain in (select split_part(e.email, '@', 2) from unnest(p_emails) as e (email))
  );
end;
$$;
comment on function private.companies_of(uuid, text[], uuid) is
  'Names of the companies of a meeting, as far as the caller may read them: its own, and those of its people by contact or by domain.';

create function private.is_meeting_with(
  p_org_id uuid, p_people jsonb, p_company_id uuid, p_title text, p_with text
)
returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_with constant text := lower(trim(p_with));
  v_words constant text[] := array_remove(regexp_split_to_array(v_with, '[^[:alnum:]]+'), '');
  v_emails constant text[] := array(select lower(p.email) from jsonb_to_recordset(p_people) as p (email text));
begin
  return private.is_with(
    -- By the name in the invitation, or by the contact's.
    p_people || coalesce(
      (
        select jsonb_agg(jsonb_build_object('name', concat_ws(' ', k.first_name, k.last_name), 'email', k.email))
        from public.contacts as k
        where k.org_id = p_org_id and k.email = any(v_emails)
      ),
      '[]'
    ),
    private.companies_of(p_org_id, v_emails, p_company_id), v_with, v_words
  ) or private.has_words(p_title, v_words);
end;
$$;
comment on function private.is_meeting_with(uuid, jsonb, uuid, text, text) is
  'Whether a person, company, address or word of the title is the one asked for.';

create function private.next_real_event(p_org_id uuid, p_with text, p_now timestamptz)
returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select e.id
    from public.calendar_events as e
    where e.org_id = p_org_id and e.user_id = (select private.current_user_id())
      and e.start_time >= p_now and e.start_time < p_now + interval '90 days'
      and e.attendees_count > 1 and not e.all_day
      and e.status <> 'cancelled' and e.response_status is distinct from 'declined'
      and (p_with is null or private.is_meeting_with(p_org_id, e.attendees, null, e.title, p_with))
    order by e.start_time, e.id
    limit 1
  );
end;
$$;
comment on function private.next_real_event(uuid, text, timestamptz) is
  'The caller''s next meeting with others: not cancelled, not declined, not a whole day (U60-101). Null where there is none in 90 days.';

create function private.last_real_meeting(p_org_id uuid, p_with text, p_now timestamptz)
returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select m.id
    from public.meetings as m
    cross join lateral (
      select jsonb_agg(jsonb_build_object('name', a.name, 'email', a.email)) as people, count(*) as attendees_count
      from public.meeting_attendees as a
      where a.org_id = m.org_id and a.meeting_id = m.id
    ) as a
    where m.org_id = p_org_id and m.owner_user_id = (select private.current_user_id())
      and m.started_at <= p_now and m.started_at > p_now - interval '90 days'
      and a.attendees_count > 1
      and (p_with is null or private.is_meeting_with(p_org_id, a.people, m.company_id, m.title, p_with))
    order by m.started_at desc, m.id
    limit 1
  );
end;
$$;
comment on function private.last_real_meeting(uuid, text, timestamptz) is
  'The caller''s latest recorded meeting with others. Null where there is none in 90 days.';

-- In PL/pgSQL, which keeps the plans of its queries from call to call.
-- What is about somebody is looked up person by person, company by company: each by its own index, and of
-- what grows for years only the last.

create function private.activities_about(p_org_id uuid, p_contact_ids uuid[], p_company_ids uuid[], p_deal_ids uuid[], p_now timestamptz)
returns setof uuid
language plpgsql stable rows 20 set search_path = ''
as $$
begin
  return query
    select o.id
    from unnest(p_contact_ids) as i (id)
    cross join lateral (
      select o.id from public.activities as o
      where o.org_id = p_org_id and o.contact_id = i.id and o.occurred_at <= p_now
      order by o.occurred_at desc limit 10
    ) as o
    union
    select o.id
    from unnest(p_company_ids) as i (id)
    cross join lateral (
      select o.id from public.activities as o
      where o.org_id = p_org_id and o.company_id = i.id and o.occurred_at <= p_now
      order by o.occurred_at desc limit 10
    ) as o
    union
    select o.id
    from unnest(p_deal_ids) as i (id)
    cross join lateral (
      select o.id from public.activities as o
      where o.org_id = p_org_id and o.deal_id = i.id and o.occurred_at <= p_now
      order by o.occurred_at desc limit 10
    ) as o;
end;
$$;
comment on function private.activities_about(uuid, uuid[], uuid[], uuid[], timestamptz) is
  'The last ten activities with each of these.';

create function private.tasks_about(p_org_id uuid, p_contact_ids uuid[], p_company_ids uuid[], p_deal_ids uuid[])
returns setof uuid
language plpgsql stable rows 20 set search_path = ''
as $$
begin
  return query
    select o.id
    from unnest(p_contact_ids) as i (id)
    cross join lateral (
      select o.id from public.tasks as o where o.org_id = p_org_id and o.contact_id = i.id
    ) as o
    union
    select o.id
    from unnest(p_company_ids) as i (id)
    cross join lateral (
      select o.id from public.tasks as o where o.org_id = p_org_id and o.company_id = i.id
    ) as o
    union
    select o.id
    from unnest(p_deal_ids) as i (id)
    cross join lateral (
      select o.id from public.tasks as o where o.org_id = p_org_id and o.deal_id = i.id
    ) as o;
end;
$$;
comment on function private.tasks_about(uuid, uuid[], uuid[], uuid[]) is
  'Tasks about any of these, whosesoever the caller may read.';

create function private.emails_about(p_org_id uuid, p_contact_ids uuid[], p_deal_ids uuid[], p_emails text[], p_now timestamptz)
returns setof uuid
language plpgsql stable rows 20 set search_path = ''
as $$
begin
  return query
    select o.id
    from unnest(p_contact_ids) as i (id)
    cross join lateral (
      select o.id from public.emails as o
      where o.org_id = p_org_id and o.contact_id = i.id and o.sent_at <= p_now
      order by o.sent_at desc limit 10
    ) as o
    union
    select o.id
    from unnest(p_deal_ids) as i (id)
    cross join lateral (
      select o.id from public.emails as o
      where o.org_id = p_org_id and o.deal_id = i.id and o.sent_at <= p_now
      order by o.sent_at desc limit 10
    ) as o
    union
    select o.id
    from unnest(p_emails) as i (id)
    cross join lateral (
      select o.id from public.emails as o
      where o.org_id = p_org_id and o.from_email = i.id and o.sent_at <= p_now
      order by o.sent_at desc limit 10
    ) as o;
end;
$$;
comment on function private.emails_about(uuid, uuid[], uuid[], text[], timestamptz) is
  'The last ten emails with each of these.';

create function private.deals_with(p_org_id uuid, p_company_ids uuid[], p_contact_ids uuid[])
returns setof uuid
language plpgsql stable rows 20 set search_path = ''
as $$
begin
  return query
    select o.id
    from unnest(p_company_ids) as i (id)
    cross join lateral (
      select o.id from public.deals as o where o.org_id = p_org_id and o.company_id = i.id
    ) as o
    union
    select o.id
    from unnest(p_contact_ids) as i (id)
    cross join lateral (
      select o.id from public.deals as o where o.org_id = p_org_id and o.primary_contact_id = i.id
    ) as o;
end;
$$;
comment on function private.deals_with(uuid, uuid[], uuid[]) is
  'Deals of these companies and contacts, whatever became of them.';

create function private.meetings_with(
  p_org_id uuid, p_emails text[], p_contact_ids uuid[], p_company_ids uuid[], p_before timestamptz, p_but uuid
)
returns setof public.meetings
language plpgsql stable set search_path = ''
as $$
begin
  return query
    select m.*
    from (
      select a.meeting_id
      from unnest(p_emails) as i (email)
      join public.meeting_attendees as a on a.org_id = p_org_id and a.email = i.email
      union
      select a.meeting_id
      from unnest(p_contact_ids) as i (id)
      join public.meeting_attendees as a on a.org_id = p_org_id and a.contact_id = i.id
      union
      select c.id
      from unnest(p_company_ids) as i (id)
      join public.meetings as c on c.org_id = p_org_id and c.company_id = i.id
    ) as o (id)
    cross join lateral (
      select w.* from public.meetings as w
      where w.org_id = p_org_id and w.id = o.id and w.started_at < p_before and w.id is distinct from p_but offset 0
    ) as m
    order by m.started_at desc, m.id
    limit 5;
end;
$$;
comment on function private.meetings_with(uuid, text[], uuid[], uuid[], timestamptz, uuid) is
  'The last five meetings, recorded by anybody the caller may read from, with one of these people or companies.';

grant execute on function
  private.people_of(jsonb),
  private.companies_of(uuid, text[], uuid),
  private.is_meeting_with(uuid, jsonb, uuid, text, text),
  private.next_real_event(uuid, text, timestamptz),
  private.last_real_meeting(uuid, text, timestamptz),
  private.activities_about(uuid, uuid[], uuid[], uuid[], timestamptz),
  private.tasks_about(uuid, uuid[], uuid[], uuid[]),
  private.emails_about(uuid, uuid[], uuid[], text[], timestamptz),
  private.deals_with(uuid, uuid[], uuid[]),
  private.meetings_with(uuid, text[], uuid[], uuid[], timestamptz, uuid)
to authenticated;
