-- "What meetings do I have …?": one function, run with the caller's own rights. Days begin and end in
-- the caller's time zone, computed by the database, so that daylight saving is right (C-24).
-- Only real meetings count: more than one person, not cancelled, not declined (U60-084, U60-101).

create function private.period_bounds(
  p_period text, p_weekday integer, p_now timestamptz, p_time_zone text
)
returns table (starts_at timestamptz, ends_at timestamptz, first_day date, last_day date)
language plpgsql stable set search_path = ''
as $$
declare
  v_today constant date := (p_now at time zone p_time_zone)::date;
  v_monday constant date := date_trunc('week', v_today::timestamp)::date;
begin
  case p_period
    when 'today' then first_day := v_today; last_day := v_today;
    when 'tomorrow' then first_day := v_today + 1; last_day := v_today + 1;
    when 'yesterday' then first_day := v_today - 1; last_day := v_today - 1;
    when 'this_week' then first_day := v_monday; last_day := v_monday + 6;
    when 'next_week' then first_day := v_monday + 7; last_day := v_monday + 13;
    when 'last_week' then first_day := v_monday - 7; last_day := v_monday - 1;
    when 'weekday' then
      -- The next such day, today included.
      first_day := v_today + (p_weekday - extract(isodow from v_today)::integer + 7) % 7;
      last_day := first_day;
    when 'from_today', 'upcoming' then first_day := v_today; last_day := v_today + 60;
    else raise sqlstate 'PT400' using message = 'invalid_request';
  end case;
  if first_day is null then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  starts_at := case p_period when 'upcoming' then p_now else first_day::timestamp at time zone p_time_zone end;
  ends_at := (last_day + 1)::timestamp at time zone p_time_zone;
  return next;
end;
$$;
comment on function private.period_bounds(text, integer, timestamptz, text) is
  'Where a period lies in a time zone. Weeks begin on Monday. Raises invalid_request for one it does not know.';
grant execute on function private.period_bounds(text, integer, timestamptz, text) to authenticated;

create function private.has_words(p_text text, p_words text[])
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  -- Nothing to look for stands nowhere.
  return cardinality(p_words) > 0
    and regexp_split_to_array(lower(coalesce(p_text, '')), '[^[:alnum:]]+') @> p_words;
end;
$$;
comment on function private.has_words(text, text[]) is 'Whether each of the words stands in the text as a whole word.';
grant execute on function private.has_words(text, text[]) to authenticated;

create function private.is_with(p_people jsonb, p_companies text[], p_with text, p_words text[])
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return exists (
    select
    from jsonb_to_recordset(p_people) as p (name text, email text)
    where private.has_words(p.name, p_words)
      or p.email = p_with
      or split_part(p.email, '@', 2) = p_with
      or split_part(split_part(p.email, '@', 2), '.', 1) = nullif(array_to_string(p_words, ''), '')
  ) or exists (
    select from unnest(p_companies) as c (name) where private.has_words(c.name, p_words)
  );
end;
$$;
comment on function private.is_with(jsonb, text[], text, text[]) is
  'Whether one of the people or companies is the one asked for: by name, address, domain, or the domain''s first part.';
grant execute on function private.is_with(jsonb, text[], text, text[]) to authenticated;

create function public.get_meetings_for_period(
  p_org_id uuid default null,
  p_period text default 'today',
  p_weekday integer default null,
  p_with text default null,
  p_now timestamptz default now(),
  p_limit integer default 50
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_with constant text := nullif(lower(trim(p_with)), '');
  v_words constant text[] := array_remove(regexp_split_to_array(v_with, '[^[:alnum:]]+'), '');
  v_now constant timestamptz := coalesce(p_now, now());
  v_email text;
  v_zone text;
  v_period record;
  v_result jsonb;
begin
  select p.email, p.time_zone into v_email, v_zone from public.profiles as p where p.id = v_user_id;
  select b.* into v_period from private.period_bounds(p_period, p_weekday, v_now, v_zone) as b;

  with events as (
    -- The same event in two calendars of one person is one event.
    select distinct on (coalesce(e.ical_uid, e.id::text), e.start_time)
      e.id, e.title, e.start_time, e.end_time, e.all_day, e.meeting_url, e.attendees, e.attendees_count,
      -- Whole days are dates where the calendar is; they do not move with the traveller.
      (e.start_time at time zone case when e.all_day then coalesce(e.time_zone, v_zone) else v_zone end)::date as day,
      (e.end_time at time zone coalesce(e.time_zone, v_zone))::date as day_after
    from public.calendar_events as e
    where e.org_id = v_org_id and e.user_id = v_user_id
      and e.start_time >= v_period.starts_at - interval '31 days'
      and e.start_time < v_period.ends_at + interval '1 day'
      and e.status <> 'cancelled' and e.attendees_count > 1
      and e.response_status is distinct from 'declined'
    order by coalesce(e.ical_uid, e.id::text), e.start_time, e.created_at
  ),
  planned as (
    select e.* from events as e
    where case
      when e.all_day then e.day <= v_period.last_day and e.day_after > v_period.first_day
      when p_period = 'upcoming' then e.start_time >= v_period.starts_at and e.start_time < v_period.ends_at
      else e.start_time < v_period.ends_at
        and (e.end_time > v_period.starts_at or e.start_time >= v_period.starts_at)
    end
  ),
  recorded as (
    select m.id, m.title, m.started_at, m.ended_at, m.scheduled_start_at, m.calendar_event_id,
      m.company_id, m.share_url,
      coalesce(a.people, '[]') as people, coalesce(a.attendees_count, 0) as attendees_count
    from public.meetings as m
    left join lateral (
      select count(*)::integer as attendees_count,
        jsonb_agg(
          jsonb_build_object('name', a.name, 'email', a.email) order by a.is_organizer desc, a.name, a.email
        ) filter (where a.email is distinct from v_email) as people
      from public.meeting_attendees as a
      where a.org_id = m.org_id and a.meeting_id = m.id
    ) as a on true
    where m.org_id = v_org_id and m.owner_user_id = v_user_id
      and m.started_at >= v_period.starts_at - interval '1 day'
      and m.started_at < v_period.ends_at
  ),
  merged as (
    select p.id as calendar_event_id, r.id as meeting_id, coalesce(p.title, r.title) as title,
      p.start_time, p.end_time, p.all_day, p.day, p.meeting_url, r.share_url, r.company_id,
      coalesce(
        (
          select jsonb_agg(jsonb_build_object('name', a.name, 'email', lower(a.email)) order by a.position)
          from rows from (
            jsonb_to_recordset(p.attendees) as (name text, email text, self boolean, resource boolean)
          ) with ordinality as a (name, email, self, resource, position)
          where a.self is not true and a.resource is not true and lower(a.email) is distinct from v_email
        ),
        '[]'
      ) as people,
      p.attendees_count
    from planned as p
    left join lateral (
      select r.id, r.title, r.share_url, r.company_id
      from recorded as r
      where r.calendar_event_id = p.id
        or (
          r.calendar_event_id is null
          and r.scheduled_start_at between p.start_time - interval '1 minute' and p.start_time + interval '1 minute'
          and lower(r.title) = lower(p.title)
        )
      order by r.calendar_event_id is null, r.started_at, r.id
      limit 1
    ) as r on true
    union all
    select null, r.id, r.title, r.started_at, r.ended_at, false,
      (r.started_at at time zone v_zone)::date, null, r.share_url, r.company_id, r.people,
      r.attendees_count
    from recorded as r
    where r.attendees_count > 1
      and r.started_at >= v_period.starts_at
      and not exists (
        select from planned as p
        where r.calendar_event_id = p.id
          or (
            r.calendar_event_id is null
            and r.scheduled_start_at between p.start_time - interval '1 minute' and p.start_time + interval '1 minute'
            and lower(r.title) = lower(p.title)
          )
      )
  ),
  matched as (
    select m.*,
      v_with is null or private.is_with(
        m.people,
        array(
          -- Companies as far as the caller may read them: the meeting's own and those of its people.
          select c.name from public.companies as c where c.org_id = v_org_id and c.id = m.company_id
          union all
          select c.name
          from jsonb_to_recordset(m.people) as p (email text)
          join public.contacts as k on k.org_id = v_org_id and k.email = p.email
          join public.companies as c on c.org_id = v_org_id and c.id = k.company_id
          where v_with is not null
        ),
        v_with, v_words
      ) as is_match,
      private.has_words(m.title, v_words) as has_title
    from merged as m
  ),
  chosen as (
    -- A title is a hint only where nobody is found by name.
    select m.* from matched as m
    where m.is_match or (m.has_title and not exists (select from matched as o where o.is_match))
  ),
  page as (
    select c.* from chosen as c
    order by c.day, c.all_day desc, c.start_time, coalesce(c.calendar_event_id, c.meeting_id)
    limit least(greatest(coalesce(p_limit, 50), 1), 200)
  )
  select jsonb_build_object(
    'org_id', v_org_id,
    'period', jsonb_build_object(
      'key', p_period, 'time_zone', v_zone, 'starts_at', v_period.starts_at,
      'ends_at', v_period.ends_at, 'first_day', v_period.first_day, 'last_day', v_period.last_day
    ),
    'total', (select count(*) from chosen),
    'meetings', coalesce(
      jsonb_agg(
        jsonb_build_object(
          'calendar_event_id', g.calendar_event_id, 'meeting_id', g.meeting_id, 'title', g.title,
          'start_time', g.start_time, 'end_time', g.end_time, 'all_day', g.all_day, 'day', g.day,
          'meeting_url', g.meeting_url, 'share_url', g.share_url,
          'people', coalesce(
            (
              select jsonb_agg(
                jsonb_build_object(
                  'name', coalesce(p.name, nullif(concat_ws(' ', k.first_name, k.last_name), '')),
                  'email', p.email, 'contact_id', k.id
                )
              )
              from jsonb_to_recordset(g.people) as p (name text, email text)
              left join lateral (
                select k.id, k.first_name, k.last_name
                from public.contacts as k
                where k.org_id = v_org_id and k.email = p.email
                order by k.user_id <> v_user_id, k.created_at, k.id
                limit 1
              ) as k on true
            ),
            '[]'
          ),
          'attendees_count', g.attendees_count,
          'has_transcript', exists (
            select from public.transcripts as t
            where t.org_id = v_org_id and t.meeting_id = g.meeting_id and t.segment_count > 0
          )
        )
        order by g.day, g.all_day desc, g.start_time, coalesce(g.calendar_event_id, g.meeting_id)
      ),
      '[]'
    )
  )
  into v_result
  from page as g;
  return v_result;
end;
$$;
comment on function public.get_meetings_for_period(uuid, text, integer, text, timestamptz, integer) is
  'The caller''s own real meetings in a period: calendar events and recordings, each meeting once. Periods: today, tomorrow, yesterday, this_week, next_week, last_week, weekday (1 is Monday), from_today, upcoming. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function public.get_meetings_for_period(uuid, text, integer, text, timestamptz, integer)
to authenticated;
