-- Who asks is looked up only where it narrows the search, and the public function is planned once per
-- connection. The results are the same.

create or replace function private.search_transcripts(
  p_org_id uuid, p_query text, p_order text, p_limit integer, p_after jsonb
)
returns jsonb
language plpgsql stable security definer set search_path = '' set client_min_messages = 'warning'
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_limit constant integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_query constant tsquery := websearch_to_tsquery('pg_catalog.english', left(p_query, 500));
  v_sees_all constant boolean := v_org_id = any(private.my_shared_orgs('meetings'));
  v_ids uuid[] := array[]::uuid[];
begin
  if p_order not in ('relevance', 'recent') then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- Of what only says what must not be there, an index knows nothing, and neither does the reader.
  if querytree(v_query) not in ('', 'T') then
    v_ids := private.find_segments(
      v_org_id, case when not v_sees_all then private.current_user_id() end, v_sees_all,
      v_query, p_order, v_limit + 1, p_after
    );
  end if;
  return jsonb_build_object(
    'org_id', v_org_id,
    'has_more', cardinality(v_ids) > v_limit,
    'results', private.describe_segments(v_org_id, v_ids[:v_limit], v_query)
  );
end;
$$;

create or replace function public.search_transcripts(
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
