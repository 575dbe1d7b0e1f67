-- Emails as the copilot reads and prepares them, with the caller's own rights: one thread with what was
-- written, and what a draft is made from. Whoever wrote to the person may have written anything.

-- An email is found by who wrote it also where no contact is known for them.
create index emails_org_id_from_email_idx on public.emails (org_id, from_email, sent_at desc);

create function private.find_email(
  p_org_id uuid, p_thread_id text, p_email_id uuid, p_contact_id uuid, p_from_email text
)
returns public.emails
language plpgsql stable security invoker set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_email public.emails;
begin
  select e.* into v_email
  from public.emails as e
  where e.org_id = p_org_id
    and (p_thread_id is null or e.thread_id = p_thread_id)
    and (p_email_id is null or e.id = p_email_id)
    and (p_contact_id is null or e.contact_id = p_contact_id)
    and (p_from_email is null or e.from_email = lower(p_from_email))
  -- The same thread in two mailboxes: the caller's own.
  order by e.user_id <> v_user_id, e.sent_at desc, e.id
  limit 1;
  return v_email;
end;
$$;
comment on function private.find_email(uuid, text, uuid, uuid, text) is
  'The latest email of a thread, with a contact or from an address, the caller''s own mailbox first; all null where there is none. Planned anew for each question.';

create function private.describe_thread(p_email public.emails, p_limit integer)
returns jsonb
language plpgsql stable set search_path = ''
as $$
begin
  return (
    with messages as (
      select e.*, b.body_text, row_number() over (order by e.sent_at desc, e.id) as place
      from public.emails as e
      left join public.email_bodies as b on b.org_id = e.org_id and b.email_id = e.id
      where e.org_id = p_email.org_id and e.user_id = p_email.user_id
        -- A message without a thread stands alone.
        and case when p_email.thread_id is null then e.id = p_email.id else e.thread_id = p_email.thread_id end
    )
    select jsonb_build_object(
      'thread_id', p_email.thread_id,
      'subject', p_email.subject,
      'is_mine', p_email.user_id = (select private.current_user_id()),
      'last_sent_at', max(m.sent_at),
      'total', count(*),
      'contact', (
        select jsonb_build_object('id', k.id, 'name', coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), k.email))
        from public.contacts as k where k.org_id = p_email.org_id and k.id = p_email.contact_id
      ),
      'deal', (
        select jsonb_build_object('id', d.id, 'name', d.name)
        from public.deals as d where d.org_id = p_email.org_id and d.id = p_email.deal_id
      ),
      'messages', coalesce(
        jsonb_agg(
          jsonb_build_object(
            'email_id', m.id, 'direction', m.direction, 'from_email', m.from_email, 'to_emails', m.to_emails[:20],
            'cc_emails', m.cc_emails[:20], 'subject', m.subject, 'sent_at', m.sent_at,
            'body', left(coalesce(m.body_text, m.snippet), 4000),
            'is_cut', char_length(m.body_text) > 4000
          )
          order by m.sent_at, m.id
        ) filter (where m.place <= p_limit),
        '[]'
      )
    )
    from messages as m
  );
end;
$$;
comment on function private.describe_thread(public.emails, integer) is
  'The thread of an email in its mailbox: the last messages, oldest first, with what was written.';

create function public.get_email_thread(
  p_org_id uuid default null,
  p_thread_id text default null,
  p_email_id uuid default null,
  p_contact_id uuid default null,
  p_from_email text default null,
  p_limit integer default 10
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_email public.emails;
begin
  if num_nonnulls(p_thread_id, p_email_id, p_contact_id, p_from_email) = 0 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  v_email := private.find_email(v_org_id, p_thread_id, p_email_id, p_contact_id, p_from_email);
  if v_email.id is null and num_nonnulls(p_thread_id, p_email_id) > 0 then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  return jsonb_build_object(
    'org_id', v_org_id,
    'time_zone', private.my_time_zone(),
    'thread', case when v_email.id is not null then
      private.describe_thread(v_email, least(greatest(coalesce(p_limit, 10), 1), 25))
    end
  );
end;
$$;
comment on function public.get_email_thread(uuid, text, uuid, uuid, text, integer) is
  'An email thread that the caller may read, by its id or one of its emails, or the latest with a contact or from an address; null where there is none with them. Raises organization_not_found, no_active_organization, invalid_request or not_found.';

create function private.draft_recipients(
  p_org_id uuid, p_contact_id uuid, p_addresses text[], p_people jsonb, p_message public.emails, p_deal_id uuid
)
returns jsonb
language plpgsql stable set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_emails text[] := array(
    select distinct lower(t.email) from unnest(p_addresses) as t (email) where t.email is not null
  );
begin
  -- The first of these that names anybody: who was named, who wrote, who was there, whose deal it is.
  if p_contact_id is not null then
    v_emails := v_emails || array(
      select k.email from public.contacts as k where k.org_id = p_org_id and k.id = p_contact_id and k.email is not null
    );
  elsif cardinality(v_emails) = 0 and p_message.id is not null then
    v_emails := case p_message.direction
      when 'inbound' then array[p_message.from_email]
      else array(select lower(t.email) from unnest(p_message.to_emails) as t (email))
    end;
  elsif cardinality(v_emails) = 0 and p_people is not null then
    v_emails := array(
      select p.email from jsonb_to_recordset(p_people) as p (email text, is_colleague boolean)
      where p.email is not null and not p.is_colleague
    );
  elsif cardinality(v_emails) = 0 and p_deal_id is not null then
    v_emails := array(
      select k.email
      from public.deals as d
      join public.contacts as k on k.org_id = d.org_id and k.id = d.primary_contact_id
      where d.org_id = p_org_id and d.id = p_deal_id and k.email is not null
    );
  end if;
  return coalesce(
    (
      select jsonb_agg(
        jsonb_build_object(
          'email', r.email, 'first_name', k.first_name,
          'name', coalesce(nullif(concat_ws(' ', k.first_name, k.last_name), ''), p.name),
          'contact_id', k.id, 'company_id', k.company_id
        )
        order by r.place
      )
      from (
        select u.email, min(u.place) as place
        from unnest(v_emails) with ordinality as u (email, place) group by u.email order by min(u.place) limit 20
      ) as r
      left join lateral (
        select k.id, k.first_name, k.last_name, k.company_id
        from public.contacts as k
        where k.org_id = p_org_id and k.email = r.email
        order by k.id <> coalesce(p_contact_id, k.id), k.user_id <> v_user_id, k.created_at, k.id
        limit 1
      ) as k on true
      left join lateral (
        select o.name from jsonb_to_recordset(p_people) as o (email text, name text) where o.email = r.email limit 1
      ) as p on true
    ),
    '[]'
  );
end;
$$;
comment on function private.draft_recipients(uuid, uuid, text[], jsonb, public.emails, uuid) is
  'Whom an email is for, with what the caller may read of them: who was named; else who wrote last; else the outsiders of the meeting; else the deal''s contact. At most 20.';

create function private.draft_rows_exist(
  p_org_id uuid, p_contact_id uuid, p_meeting_id uuid, p_calendar_event_id uuid, p_deal_id uuid
)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return (p_contact_id is null or exists (
      select from public.contacts as k where k.org_id = p_org_id and k.id = p_contact_id
    ))
    and (p_meeting_id is null or exists (
      select from public.meetings as m where m.org_id = p_org_id and m.id = p_meeting_id
    ))
    and (p_calendar_event_id is null or exists (
      select from public.calendar_events as e where e.org_id = p_org_id and e.id = p_calendar_event_id
    ))
    and (p_deal_id is null or exists (
      select from public.deals as d where d.org_id = p_org_id and d.id = p_deal_id
    ));
end;
$$;
comment on function private.draft_rows_exist(uuid, uuid, uuid, uuid, uuid) is
  'Whether each of the rows that a draft names is there for the caller.';

create function public.get_email_draft_context(
  p_org_id uuid default null,
  p_contact_id uuid default null,
  p_addresses text[] default null,
  p_meeting_id uuid default null,
  p_calendar_event_id uuid default null,
  p_thread_id text default null,
  p_email_id uuid default null,
  p_deal_id uuid default null,
  p_now timestamptz default now()
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_now constant timestamptz := coalesce(p_now, now());
  v_zone constant text := private.my_time_zone();
  v_email public.emails;
  v_event_id uuid;
  v_meeting_id uuid;
  v_people jsonb;
  v_recipients jsonb;
  v_is_meeting constant boolean := num_nonnulls(p_meeting_id, p_calendar_event_id) > 0;
  v_addresses text[];
  v_contact_ids uuid[];
begin
  if not private.draft_rows_exist(v_org_id, p_contact_id, p_meeting_id, p_calendar_event_id, p_deal_id) then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  if num_nonnulls(p_thread_id, p_email_id) > 0 then
    v_email := private.find_email(v_org_id, p_thread_id, p_email_id, null, null);
    if v_email.id is null then
      raise sqlstate 'PT404' using message = 'not_found';
    end if;
  end if;
  if v_is_meeting then
    select p.event_id, p.meeting_id into v_event_id, v_meeting_id
    from private.place_of_brief(v_org_id, p_calendar_event_id, p_meeting_id, 'next', null, v_now) as p;
    v_people := private.brief_people(v_org_id, v_event_id, v_meeting_id);
  end if;
  v_recipients := private.draft_recipients(v_org_id, p_contact_id, p_addresses, v_people, v_email, p_deal_id);
  select coalesce(array_agg(r.email), '{}'), coalesce(array_agg(r.contact_id) filter (where r.contact_id is not null), '{}')
  into v_addresses, v_contact_ids
  from jsonb_to_recordset(v_recipients) as r (email text, contact_id uuid);
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', v_zone, 'now', v_now,
    'recipients', v_recipients,
    'participants', (select coalesce(jsonb_agg(p.email), '[]') from jsonb_to_recordset(v_people) as p (email text)),
    'event', case when v_is_meeting then private.brief_event(v_org_id, v_event_id, v_meeting_id, v_zone) end,
    'outcome', case when v_is_meeting then
      private.brief_history(v_org_id, array_remove(array[v_meeting_id], null), v_zone) - 'meetings'
    end,
    'thread', case when v_email.id is not null then private.describe_thread(v_email, 5) end,
    'last_meeting', private.brief_history(
      v_org_id,
      array(select m.id from private.meetings_with(v_org_id, v_addresses, v_contact_ids, '{}', v_now, null) as m limit 1),
      v_zone
    ) -> 'meetings' -> 0,
    'deal', (
      select jsonb_build_object('id', d.id, 'name', d.name, 'next_step', d.next_step)
      from public.deals as d
      where d.org_id = v_org_id
        and d.id = coalesce(
          p_deal_id, v_email.deal_id,
          (select m.deal_id from public.meetings as m where m.org_id = v_org_id and m.id = v_meeting_id)
        )
    )
  );
end;
$$;
comment on function public.get_email_draft_context(uuid, uuid, text[], uuid, uuid, text, uuid, uuid, timestamptz) is
  'What an email is drafted from: whom it is for, the meeting or thread it follows, what was agreed, the deal. Nothing is composed and nothing sent. Raises organization_not_found, no_active_organization or not_found.';
grant execute on function
  private.find_email(uuid, text, uuid, uuid, text),
  private.describe_thread(public.emails, integer),
  public.get_email_thread(uuid, text, uuid, uuid, text, integer),
  private.draft_recipients(uuid, uuid, text[], jsonb, public.emails, uuid),
  private.draft_rows_exist(uuid, uuid, uuid, uuid, uuid),
  public.get_email_draft_context(uuid, uuid, text[], uuid, uuid, text, uuid, uuid, timestamptz)
to authenticated;
