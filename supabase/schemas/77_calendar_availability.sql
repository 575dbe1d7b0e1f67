-- When somebody is free, by their own calendar and their own clocks. A working day begins and ends by the
-- clock on the wall, also on the days on which clocks change; a whole-day event is of dates, which do not
-- move with the traveller, and takes them whole, unless it is asked to be left out: the copy of a calendar
-- does not say whether it leaves one free. What is cancelled or declined takes no time (C-24).

create function private.my_busy_times(p_org_id uuid, p_starts_at timestamptz, p_ends_at timestamptz, p_zone text)
returns table (
  calendar_event_id uuid, title text, starts_at timestamptz, ends_at timestamptz, all_day boolean, is_tentative boolean
)
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select b.id, b.title, b.starts_at, b.ends_at, b.all_day, b.is_tentative
  from (
    -- The same event in two calendars of one person is one event.
    select distinct on (coalesce(e.ical_uid, e.id::text), e.start_time)
      e.id, e.title, e.all_day,
      e.status = 'tentative' or coalesce(e.response_status in ('tentative', 'needsAction'), false) as is_tentative,
      case when e.all_day then (e.start_time at time zone coalesce(e.time_zone, p_zone))::date::timestamp at time zone p_zone
        else e.start_time end as starts_at,
      case when e.all_day then (e.end_time at time zone coalesce(e.time_zone, p_zone))::date::timestamp at time zone p_zone
        else e.end_time end as ends_at
    from public.calendar_events as e
    where e.org_id = p_org_id and e.user_id = (select private.current_user_id())
      and e.start_time >= p_starts_at - interval '31 days' and e.start_time < p_ends_at + interval '1 day'
      and e.status <> 'cancelled' and e.response_status is distinct from 'declined'
    order by coalesce(e.ical_uid, e.id::text), e.start_time, e.created_at
  ) as b
  where b.ends_at > b.starts_at and b.ends_at > p_starts_at and b.starts_at < p_ends_at;
end;
$$;
comment on function private.my_busy_times(uuid, timestamptz, timestamptz, text) is
  'What takes the caller''s time between two moments, each event once: not cancelled, not declined; whole days from midnight to midnight of the zone given.';

create function private.free_times(
  p_first_day date, p_last_day date, p_zone text, p_starts_hour integer, p_ends_hour integer,
  p_with_weekends boolean, p_busy tstzmultirange, p_from timestamptz, p_minutes integer
)
returns table (day date, starts_at timestamptz, ends_at timestamptz)
language plpgsql stable set search_path = ''
as $$
begin
  return query
  select d.day, lower(f.free), upper(f.free)
  from (
    select g.day::date as day,
      tstzmultirange(tstzrange(
        (g.day + make_interval(hours => p_starts_hour)) at time zone p_zone,
        (g.day + make_interval(hours => p_ends_hour)) at time zone p_zone
      )) as hours
    from generate_series(p_first_day::timestamp, p_last_day::timestamp, interval '1 day') as g (day)
    where p_with_weekends or extract(isodow from g.day) < 6
  ) as d
  cross join lateral unnest(d.hours * tstzmultirange(tstzrange(p_from, null)) - p_busy) as f (free)
  where upper(f.free) - lower(f.free) >= make_interval(mins => p_minutes);
end;
$$;
comment on function private.free_times(date, date, text, integer, integer, boolean, tstzmultirange, timestamptz, integer) is
  'What is left of the working hours of some days when busy times are taken out; pieces shorter than asked for are not there.';

create function public.get_calendar_availability(
  p_org_id uuid default null,
  p_period text default null,
  p_weekday integer default null,
  p_first_day date default null,
  p_day_count integer default 7,
  p_minutes integer default 30,
  p_starts_hour integer default 9,
  p_ends_hour integer default 18,
  p_with_weekends boolean default false,
  p_without_all_day boolean default false,
  p_now timestamptz default now()
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_now constant timestamptz := coalesce(p_now, now());
  v_zone constant text := private.my_time_zone();
  -- Nobody begins a meeting at 14:03.
  v_from constant timestamptz := to_timestamp(ceil(extract(epoch from v_now) / 900) * 900);
  v_bounds record;
  v_first date := coalesce(p_first_day, (v_now at time zone v_zone)::date);
  v_last date;
  v_starts_at timestamptz;
  v_ends_at timestamptz;
  v_busy jsonb;
  v_taken tstzmultirange;
begin
  if p_minutes not between 15 and 480 or p_day_count not between 1 and 31
    or p_starts_hour not between 0 and 23 or p_ends_hour not between p_starts_hour + 1 and 24 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  v_last := v_first + p_day_count - 1;
  if p_period is not null then
    select b.* into v_bounds from private.period_bounds(p_period, p_weekday, v_now, v_zone) as b;
    v_first := v_bounds.first_day;
    v_last := least(v_bounds.last_day, v_first + 30);
  end if;
  -- Days that never end have no last one to stop at.
  if not isfinite(v_first) or not isfinite(v_now) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  v_starts_at := v_first::timestamp at time zone v_zone;
  v_ends_at := (v_last + 1)::timestamp at time zone v_zone;
  select range_agg(tstzrange(b.starts_at, b.ends_at)),
    jsonb_agg(to_jsonb(b) order by b.starts_at, b.ends_at, b.calendar_event_id)
  into v_taken, v_busy
  from private.my_busy_times(v_org_id, v_starts_at, v_ends_at, v_zone) as b
  where not (b.all_day and coalesce(p_without_all_day, false));
  return jsonb_build_object(
    'org_id', v_org_id, 'time_zone', v_zone, 'now', v_now, 'first_day', v_first, 'last_day', v_last,
    'minutes', p_minutes, 'starts_hour', p_starts_hour, 'ends_hour', p_ends_hour,
    'with_weekends', coalesce(p_with_weekends, false),
    'busy', coalesce(v_busy, '[]'),
    'free', coalesce(
      (
        select jsonb_agg(to_jsonb(f) order by f.starts_at)
        from private.free_times(
          v_first, v_last, v_zone, p_starts_hour, p_ends_hour, coalesce(p_with_weekends, false),
          coalesce(v_taken, '{}'), v_from, p_minutes
        ) as f
      ),
      '[]'
    )
  );
end;
$$;
comment on function public.get_calendar_availability(uuid, text, integer, date, integer, integer, integer, integer, boolean, boolean, timestamptz) is
  'When the caller is free in their working hours, by their own clocks: pieces of at least p_minutes, from now on, and what takes the rest. Of a period as get_meetings_for_period knows them, or of days from p_first_day. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function
  private.my_busy_times(uuid, timestamptz, timestamptz, text),
  private.free_times(date, date, text, integer, integer, boolean, tstzmultirange, timestamptz, integer),
  public.get_calendar_availability(uuid, text, integer, date, integer, integer, integer, integer, boolean, boolean, timestamptz)
to authenticated;
