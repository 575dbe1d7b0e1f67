-- Full-text search over transcripts. Text-search operators can't use their index under row security,
-- so the search runs as its owner and applies, first of all and in one place, the very rule of the
-- policy "members read segments of own and shared meetings". A test compares the two on random pairs.

create function private.describe_segments(p_org_id uuid, p_ids uuid[], p_query tsquery)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return coalesce(
    (
      select jsonb_agg(
        jsonb_build_object(
          'segment_id', s.id, 'meeting_id', m.id, 'meeting_title', m.title,
          'started_at', m.started_at, 'seq', s.seq, 'speaker_name', s.speaker_name,
          'start_ms', s.start_ms, 'rank', ts_rank(s.tsv, p_query),
          -- Marks that no transcript can contain: they are taken out of the text first.
          'marked_text', ts_headline(
            'pg_catalog.english', translate(s.text, U&'\E000\E001', ''), p_query,
            U&'StartSel="\E000", StopSel="\E001", MaxWords=40, MinWords=15, ShortWord=2, MaxFragments=2, FragmentDelimiter=" … "'
          )
        )
        order by i.position
      )
      from unnest(p_ids) with ordinality as i (id, position)
      join public.transcript_segments as s on s.org_id = p_org_id and s.id = i.id
      join public.meetings as m on m.org_id = s.org_id and m.id = s.meeting_id
    ),
    '[]'
  );
end;
$$;
comment on function private.describe_segments(uuid, uuid[], tsquery) is
  'Segments already found to be permitted, in the order given, with their meeting and the matches marked. Definer, granted to nobody.';

create function private.find_best_segments(
  p_org_id uuid, p_user_id uuid, p_sees_all boolean, p_query tsquery, p_limit integer, p_after jsonb
)
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(
    select s.id
    from public.transcript_segments as s
    where s.org_id = p_org_id and s.tsv @@ p_query
      and (p_sees_all or s.owner_user_id = p_user_id)
      and (
        p_after is null
        or (ts_rank(s.tsv, p_query), s.id) < ((p_after ->> 'rank')::real, (p_after ->> 'id')::uuid)
      )
    order by ts_rank(s.tsv, p_query) desc, s.id desc
    limit p_limit
  );
end;
$$;
comment on function private.find_best_segments(uuid, uuid, boolean, tsquery, integer, jsonb) is
  'Segments that match, best first: the person''s own, or all of the organization. All that match have to be ranked, so the text index is the way for every question. Definer, granted to nobody.';

create function private.find_recent_segments(
  p_org_id uuid, p_user_id uuid, p_sees_all boolean, p_query tsquery, p_limit integer, p_after jsonb
)
returns uuid[]
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return array(
    select s.id
    from public.transcript_segments as s
    join public.meetings as m on m.org_id = s.org_id and m.id = s.meeting_id
    where s.org_id = p_org_id and s.tsv @@ p_query
      and (p_sees_all or s.owner_user_id = p_user_id)
      and (
        p_after is null
        or (m.started_at, s.meeting_id, -s.seq) < (
          (p_after ->> 'started_at')::timestamptz, (p_after ->> 'meeting_id')::uuid,
          -(p_after ->> 'seq')::integer
        )
      )
    order by m.started_at desc, s.meeting_id desc, s.seq
    limit p_limit
  );
end;
$$;
comment on function private.find_recent_segments(uuid, uuid, boolean, tsquery, integer, jsonb) is
  'Segments that match, newest first: the person''s own, or all of the organization. A common word is found by walking the newest meetings, a rare one by the text index, so each question is planned anew, and alone in its function, so that nothing else is. Definer, granted to nobody.';

create function private.search_transcripts(
  p_org_id uuid, p_query text, p_order text, p_limit integer, p_after jsonb
)
returns jsonb
language plpgsql stable security definer set search_path = '' set client_min_messages = 'warning'
-- What it calls has one good plan each. Left to itself, the planner plans anew for each number of rows
-- to describe and each word, which takes as long as finding and describing a rare one.
set plan_cache_mode = 'force_generic_plan'
as $$
declare
  v_org_id constant uuid := coalesce(p_org_id, private.require_org());
  v_sees_all constant boolean := v_org_id = any(private.my_shared_orgs('meetings'));
  v_limit constant integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_query constant tsquery := websearch_to_tsquery('pg_catalog.english', left(p_query, 500));
  v_user_id uuid;
  v_ids uuid[] := array[]::uuid[];
begin
  -- Only who may work in an organization shares its meetings; anybody else is asked for that first.
  if not v_sees_all then
    perform private.require_org(v_org_id);
    v_user_id := private.current_user_id();
  end if;
  if p_order not in ('relevance', 'recent') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- Of what only says what must not be there, an index knows nothing, and neither does the reader.
  if querytree(v_query) not in ('', 'T') then
    if p_order = 'relevance' then
      v_ids := private.find_best_segments(v_org_id, v_user_id, v_sees_all, v_query, v_limit + 1, p_after);
    else
      v_ids := private.find_recent_segments(v_org_id, v_user_id, v_sees_all, v_query, v_limit + 1, p_after);
    end if;
  end if;
  return jsonb_build_object(
    'org_id', v_org_id,
    'has_more', cardinality(v_ids) > v_limit,
    'results', private.describe_segments(v_org_id, v_ids[:v_limit], v_query)
  );
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
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.search_transcripts(p_org_id, p_query, p_order, p_limit, p_after);
end;
$$;
comment on function public.search_transcripts(uuid, text, text, integer, jsonb) is
  'Full-text search over the transcripts that the caller may read, in the organization given or their active one. Matches stand between U+E000 and U+E001. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function
  private.search_transcripts(uuid, text, text, integer, jsonb),
  public.search_transcripts(uuid, text, text, integer, jsonb)
to authenticated;
