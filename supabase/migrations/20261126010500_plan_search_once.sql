-- The best matches of a search are found by the text index whatever the question is, so that search is
-- planned once; the newest ones are not, so theirs is planned for each question. And who shares an
-- organization's meetings need not be asked whether they belong to it.

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

create or replace function private.search_transcripts(
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

drop function private.find_segments(uuid, uuid, boolean, tsquery, text, integer, jsonb);
