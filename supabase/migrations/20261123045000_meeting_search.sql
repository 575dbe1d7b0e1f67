-- Full-text search over transcripts. Text-search operators can't use their index under row security,
-- so the search runs as its owner and applies, first of all and in one place, the very rule of the
-- policy "members read segments of own and shared meetings". A test compares the two on random pairs.

create function private.search_transcripts(
  p_org_id uuid, p_query text, p_order text, p_limit integer, p_after jsonb
)
returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_sees_all constant boolean := v_org_id = any(private.my_shared_orgs('meetings'));
  v_query constant tsquery := websearch_to_tsquery('pg_catalog.english', left(p_query, 500));
  v_limit constant integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_result jsonb;
begin
  if p_order not in ('relevance', 'recent') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if numnode(v_query) = 0 then
    return jsonb_build_object('org_id', v_org_id, 'results', '[]'::jsonb, 'has_more', false);
  end if;

  with found as (
    select s.id, s.meeting_id, s.seq, ts_rank(s.tsv, v_query) as rank
    from public.transcript_segments as s
    where s.org_id = v_org_id and s.tsv @@ v_query and (v_sees_all or s.owner_user_id = v_user_id)
  ),
  by_relevance as (
    select f.id, f.rank, null::timestamptz as started_at
    from found as f
    where p_order = 'relevance'
      and (p_after is null or (f.rank, f.id) < ((p_after ->> 'rank')::real, (p_after ->> 'id')::uuid))
    order by f.rank desc, f.id desc
    limit v_limit + 1
  ),
  by_time as (
    select f.id, f.rank, m.started_at
    from found as f
    join public.meetings as m on m.org_id = v_org_id and m.id = f.meeting_id
    where p_order = 'recent'
      and (
        p_after is null
        or (m.started_at, f.meeting_id, -f.seq)
          < ((p_after ->> 'started_at')::timestamptz, (p_after ->> 'meeting_id')::uuid, -(p_after ->> 'seq')::integer)
      )
    order by m.started_at desc, f.meeting_id desc, -f.seq desc
    limit v_limit + 1
  ),
  page as (
    select o.id, o.rank, row_number() over (order by o.rank desc, o.id desc) as position
    from by_relevance as o
    union all
    select t.id, t.rank, row_number() over (order by t.started_at desc, s.meeting_id desc, s.seq)
    from by_time as t
    join public.transcript_segments as s on s.org_id = v_org_id and s.id = t.id
  )
  select jsonb_build_object(
    'org_id', v_org_id,
    'has_more', count(*) > v_limit,
    'results', coalesce(
      jsonb_agg(
        jsonb_build_object(
          'segment_id', s.id, 'meeting_id', m.id, 'meeting_title', m.title, 'started_at', m.started_at,
          'seq', s.seq, 'speaker_name', s.speaker_name, 'start_ms', s.start_ms, 'rank', g.rank,
          -- Marks that no transcript can contain: they are taken out of the text first.
          'marked_text', ts_headline(
            'pg_catalog.english', translate(s.text, U&'\E000\E001', ''), v_query,
            U&'StartSel="\E000", StopSel="\E001", MaxWords=40, MinWords=15, ShortWord=2, MaxFragments=2, FragmentDelimiter=" … "'
          )
        )
        order by g.position
      ) filter (where g.position <= v_limit),
      '[]'
    )
  )
  into v_result
  from page as g
  join public.transcript_segments as s on s.org_id = v_org_id and s.id = g.id
  join public.meetings as m on m.org_id = s.org_id and m.id = s.meeting_id;
  return v_result;
end;
$$;
comment on function private.search_transcripts(uuid, text, text, integer, jsonb) is
  'What was said in meetings that the caller may read, best or newest first. Definer, because row security would keep text search from its index; membership and ownership are checked first. Raises organization_not_found, no_active_organization or invalid_request.';

create function public.search_transcripts(
  p_org_id uuid default null,
  p_query text default '',
  p_order text default 'relevance',
  p_limit integer default 20,
  p_after jsonb default null
)
returns jsonb
language sql stable security invoker set search_path = ''
as $$ select private.search_transcripts(p_org_id, p_query, p_order, p_limit, p_after) $$;
comment on function public.search_transcripts(uuid, text, text, integer, jsonb) is
  'Full-text search over the transcripts that the caller may read, in the organization given or their active one. Matches stand between U+E000 and U+E001. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function
  private.search_transcripts(uuid, text, text, integer, jsonb),
  public.search_transcripts(uuid, text, text, integer, jsonb)
to authenticated;
