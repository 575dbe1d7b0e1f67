-- Who or what is meant by "Dana", "Dana from Acme" or "the Acme pilot" (U60-066): contacts, companies,
-- deals, meetings and colleagues by the words of their names, ranked, only what the caller may read.
-- Text-search operators can't use their index under row security, so the ids are found as the owner,
-- by the very rules of the policies and first of all; what is shown of them is read as the caller.

create function private.fold_name(p_text text)
returns text
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return lower(
    -- Most names have nothing to fold.
    case when octet_length(p_text) = char_length(p_text) then p_text
      -- Marks go first: what is left of Latin letters is lower-cased in any locale.
      else translate(
        regexp_replace(normalize(coalesce(p_text, ''), NFKD), U&'[\0300-\036F\200B-\200F\2060\FEFF]', '', 'g'),
        U&'\00D8\00F8\0141\0142\0110\0111\00DF\0131', 'OoLlDdsi'
      )
    end
  );
end;
$$;
comment on function private.fold_name(text) is 'A name as it is compared: without marks, in lower case.';

create function private.name_words(p_text text)
returns text[]
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return array_remove(
    regexp_split_to_array(
      private.fold_name(p_text), U&'[\0001-\0020!-/:-@\005B-`{-~\00A0-\00BF\2010-\2027\2030-\205E\3000-\3003]+'
    ),
    ''
  );
end;
$$;
comment on function private.name_words(text) is 'The words of a name or address, folded; split at spaces and punctuation, whatever the locale.';

create function private.name_vector(p_text text)
returns tsvector
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return array_to_tsvector(private.name_words(p_text));
end;
$$;
comment on function private.name_vector(text) is 'The words of a name or address, for an index.';

create function private.reference_words(p_reference text)
returns text[]
language plpgsql immutable parallel safe set search_path = ''
as $$
declare
  v_words constant text[] := private.name_words(
    regexp_replace(left(p_reference, 200), U&'[''\2019]s(?=$|[^[:alnum:]])', '', 'gi')
  );
  v_names text[];
begin
  v_names := array(
    select distinct w.word from unnest(v_words) as w (word)
    where w.word <> all (array[
      'a', 'about', 'account', 'an', 'and', 'at', 'call', 'company', 'contact', 'deal', 'deals', 'dr', 'for', 'from',
      'in', 'meeting', 'meetings', 'mr', 'mrs', 'ms', 'my', 'of', 'on', 'opportunity', 'our', 'person', 'the', 'to', 'with'
    ])
  );
  return (case when cardinality(v_names) > 0 then v_names else v_words end)[:8];
end;
$$;
comment on function private.reference_words(text) is
  'The words of a reference that can be a name''s; all of them where none can. Never more than eight.';

create function private.word_query(p_words text[], p_operator text, p_is_prefix boolean)
returns tsquery
language plpgsql immutable parallel safe set search_path = ''
as $$
begin
  return (
    -- A single letter is a name's beginning too often to look for as one.
    select string_agg(
      quote_literal(w.word) || case when p_is_prefix and char_length(w.word) > 1 then ':*' else '' end, p_operator
    )
    from unnest(p_words) as w (word)
  )::tsquery;
end;
$$;
comment on function private.word_query(text[], text, boolean) is 'Asks for all (&) or any (|) of the words, whole or as beginnings. Words come from name_words: no quotes in them.';

-- Index expressions are evaluated with the rights of who writes the row.
grant execute on function
  private.fold_name(text), private.name_words(text), private.name_vector(text),
  private.reference_words(text), private.word_query(text[], text, boolean)
to authenticated, service_role;

create index contacts_org_id_name_words_idx on public.contacts using gin (
  org_id, private.name_vector(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(email, ''))
);
create index companies_org_id_name_words_idx on public.companies using gin (
  org_id, private.name_vector(name || ' ' || coalesce(domain, ''))
);
create index deals_org_id_name_words_idx on public.deals using gin (org_id, private.name_vector(name));
create index meetings_org_id_title_words_idx on public.meetings using gin (org_id, private.name_vector(title));

create function private.find_companies(p_org_id uuid, p_user_id uuid, p_sees_all boolean, p_words tsquery)
returns setof uuid
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  select c.id
  from public.companies as c
  where c.org_id = p_org_id and private.name_vector(c.name || ' ' || coalesce(c.domain, '')) @@ p_words
    and (p_sees_all or c.user_id = p_user_id or c.assigned_to = p_user_id)
  order by c.user_id = p_user_id desc, c.created_at desc, c.id
  limit 40;
end;
$$;
comment on function private.find_companies(uuid, uuid, boolean, tsquery) is
  'Companies by the words of their name: the person''s own and assigned ones, or all of the organization. Definer, granted to nobody.';

create function private.find_contacts(
  p_org_id uuid, p_user_id uuid, p_sees_all boolean, p_words tsquery, p_companies uuid[]
)
returns setof uuid
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  select f.id
  from (
    select k.id, k.user_id, k.last_interaction_at
    from public.contacts as k
    where k.org_id = p_org_id
      and private.name_vector(
        coalesce(k.first_name, '') || ' ' || coalesce(k.last_name, '') || ' ' || coalesce(k.email, '')
      ) @@ p_words
      and (p_sees_all or k.user_id = p_user_id or k.assigned_to = p_user_id)
    union
    -- "Dana from Acme": some of the words are the company's.
    select k.id, k.user_id, k.last_interaction_at
    from public.contacts as k
    join public.companies as c on c.org_id = k.org_id and c.id = k.company_id
    where k.org_id = p_org_id and k.company_id = any(p_companies)
      and private.name_vector(
        coalesce(k.first_name, '') || ' ' || coalesce(k.last_name, '') || ' ' || coalesce(k.email, '') || ' '
        || c.name || ' ' || coalesce(c.domain, '')
      ) @@ p_words
      and (p_sees_all or k.user_id = p_user_id or k.assigned_to = p_user_id)
  ) as f
  order by f.user_id = p_user_id desc, f.last_interaction_at desc nulls last, f.id
  limit 40;
end;
$$;
comment on function private.find_contacts(uuid, uuid, boolean, tsquery, uuid[]) is
  'Contacts by the words of their name, address or company, the companies being those that the person may read. Definer, granted to nobody.';

create function private.find_deals(
  p_org_id uuid, p_user_id uuid, p_sees_all boolean, p_words tsquery, p_companies uuid[], p_contacts uuid[]
)
returns setof uuid
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  select f.id
  from (
    select d.id, d.user_id, d.status, d.created_at
    from public.deals as d
    where d.org_id = p_org_id and private.name_vector(d.name) @@ p_words
      and (p_sees_all or d.user_id = p_user_id or d.assigned_to = p_user_id)
    union
    -- "The Acme pilot", "Dana's deal": some of the words are the company's or the contact's.
    select d.id, d.user_id, d.status, d.created_at
    from public.deals as d
    join public.companies as c on c.org_id = d.org_id and c.id = d.company_id
    where d.org_id = p_org_id and d.company_id = any(p_companies)
      and private.name_vector(d.name || ' ' || c.name || ' ' || coalesce(c.domain, '')) @@ p_words
      and (p_sees_all or d.user_id = p_user_id or d.assigned_to = p_user_id)
    union
    select d.id, d.user_id, d.status, d.created_at
    from public.deals as d
    join public.contacts as k on k.org_id = d.org_id and k.id = d.primary_contact_id
    where d.org_id = p_org_id and d.primary_contact_id = any(p_contacts)
      and private.name_vector(
        d.name || ' ' || coalesce(k.first_name, '') || ' ' || coalesce(k.last_name, '') || ' ' || coalesce(k.email, '')
      ) @@ p_words
      and (p_sees_all or d.user_id = p_user_id or d.assigned_to = p_user_id)
  ) as f
  order by f.status = 'open' desc, f.user_id = p_user_id desc, f.created_at desc, f.id
  limit 40;
end;
$$;
comment on function private.find_deals(uuid, uuid, boolean, tsquery, uuid[], uuid[]) is
  'Deals by the words of their name, company or contact, these being ones that the person may read. Definer, granted to nobody.';

create function private.meetings_with(p_org_id uuid, p_contact_id uuid, p_email text)
returns setof uuid
language plpgsql stable security invoker rows 20 set search_path = ''
as $$
begin
  -- Who met them before they were a contact is known by the address only.
  return query
  select a.meeting_id from public.meeting_attendees as a where a.org_id = p_org_id and a.contact_id = p_contact_id
  union
  select a.meeting_id from public.meeting_attendees as a where a.org_id = p_org_id and a.email = p_email;
end;
$$;
comment on function private.meetings_with(uuid, uuid, text) is
  'Meetings that a contact was in, by their id or address. As whoever asks.';
grant execute on function private.meetings_with(uuid, uuid, text) to authenticated;

create function private.find_meetings(
  p_org_id uuid, p_user_id uuid, p_sees_all boolean, p_words tsquery, p_companies uuid[], p_contacts uuid[]
)
returns setof uuid
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  select f.id
  from (
    select m.id, m.owner_user_id, m.started_at
    from public.meetings as m
    where m.org_id = p_org_id and private.name_vector(m.title) @@ p_words
      and (p_sees_all or m.owner_user_id = p_user_id)
    union
    select m.id, m.owner_user_id, m.started_at
    from public.meetings as m
    where m.org_id = p_org_id and m.company_id = any(p_companies)
      and (p_sees_all or m.owner_user_id = p_user_id)
    union
    select m.id, m.owner_user_id, m.started_at
    from unnest(p_contacts) as i (id)
    join public.contacts as k on k.org_id = p_org_id and k.id = i.id
    cross join lateral private.meetings_with(p_org_id, k.id, k.email) as w (id)
    cross join lateral (select m.* from public.meetings as m where m.org_id = p_org_id and m.id = w.id offset 0) as m
    where p_sees_all or m.owner_user_id = p_user_id
  ) as f
  order by f.owner_user_id = p_user_id desc, f.started_at desc, f.id
  limit 40;
end;
$$;
comment on function private.find_meetings(uuid, uuid, boolean, tsquery, uuid[], uuid[]) is
  'Recorded meetings by the words of their title, or with these companies or contacts. Definer, granted to nobody.';

create function private.find_entities(p_org_id uuid, p_words text[], p_is_prefix boolean, p_kinds text[])
returns table (kind text, id uuid)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_user_id constant uuid := private.current_user_id();
  v_sees_crm constant boolean := v_org_id = any(private.my_shared_orgs('crm'));
  v_sees_meetings constant boolean := v_org_id = any(private.my_shared_orgs('meetings'));
  v_all constant tsquery := private.word_query(p_words, ' & ', p_is_prefix);
  v_any constant tsquery := private.word_query(p_words, ' | ', p_is_prefix);
  v_companies uuid[];
  v_partial uuid[];
  v_contacts uuid[];
  v_people uuid[];
begin
  v_companies := array(select private.find_companies(v_org_id, v_user_id, v_sees_crm, v_all));
  -- Of a single word, any and all are the same.
  v_partial := case when cardinality(p_words) = 1 then v_companies
    else array(select private.find_companies(v_org_id, v_user_id, v_sees_crm, v_any)) end;
  v_contacts := array(select private.find_contacts(v_org_id, v_user_id, v_sees_crm, v_all, v_partial));
  return query
  select 'company', c.id from unnest(v_companies) as c (id) where 'company' = any(p_kinds)
  union all
  select 'contact', k.id from unnest(v_contacts) as k (id) where 'contact' = any(p_kinds);
  if 'deal' = any(p_kinds) then
    v_people := case when cardinality(p_words) = 1 then v_contacts
      else array(select private.find_contacts(v_org_id, v_user_id, v_sees_crm, v_any, array[]::uuid[])) end;
    return query
    select 'deal', d.id
    from private.find_deals(v_org_id, v_user_id, v_sees_crm, v_all, v_partial, v_people) as d (id);
  end if;
  if 'meeting' = any(p_kinds) then
    return query
    select 'meeting', m.id
    from private.find_meetings(v_org_id, v_user_id, v_sees_meetings, v_all, v_companies, v_contacts) as m (id);
  end if;
end;
$$;
comment on function private.find_entities(uuid, text[], boolean, text[]) is
  'What of these kinds the caller may read that has these words in its name, at most forty of each. Definer, because row security would keep text search from its index; membership and sharing are checked first. Raises what require_org raises.';
grant execute on function private.find_entities(uuid, text[], boolean, text[]) to authenticated;

create function private.match_rank(p_label text, p_words text[], p_is_prefix boolean)
returns integer
language plpgsql immutable set search_path = ''
as $$
declare
  v_label constant text[] := private.name_words(p_label);
begin
  -- 30: it is called exactly that; 20: its own name has a word of it; 10: only its company or address has.
  return case
    when cardinality(v_label) > 0 and v_label @> p_words and p_words @> v_label then 30
    when exists (
      select from unnest(v_label) as l (word)
      join unnest(p_words) as w (word) on l.word = w.word or (p_is_prefix and starts_with(l.word, w.word))
    ) then 20
    else 10
  end;
end;
$$;
comment on function private.match_rank(text, text[], boolean) is 'How well a name fits words that led to it.';
grant execute on function private.match_rank(text, text[], boolean) to authenticated;

create function private.describe_people(p_org_id uuid, p_ids uuid[], p_words text[], p_is_prefix boolean, p_now timestamptz)
returns table (
  kind text, id uuid, source text, label text, detail text, at timestamptz, is_own boolean, rank integer,
  last_meeting jsonb, next_meeting jsonb, open_deal jsonb, email text
)
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
begin
  -- Here and below: a record is read by its id, what belongs to it by its own index and put in order
  -- then. Without these fences the planner would read a whole organization, or all of it in that order.
  return query
  with upcoming as materialized (
    select e.id, e.title, e.start_time, lower(a.email) as email
    from public.calendar_events as e
    cross join lateral jsonb_to_recordset(e.attendees) as a (email text)
    where e.org_id = p_org_id and e.user_id = v_user_id
      and e.start_time >= p_now and e.start_time < p_now + interval '14 days' and e.status <> 'cancelled'
  )
  select 'contact', k.id, 'contacts', n.name, nullif(concat_ws(', ', k.job_title, c.name), ''), k.last_interaction_at,
    k.user_id = v_user_id or coalesce(k.assigned_to = v_user_id, false),
    -- A first name alone is nobody's whole name.
    case when cardinality(p_words) = 1 then least(private.match_rank(n.name, p_words, p_is_prefix), 20)
      else private.match_rank(n.name, p_words, p_is_prefix) end,
    (
      with met as materialized (
        select m.id, m.title, m.started_at
        from private.meetings_with(p_org_id, k.id, k.email) as w (id)
        cross join lateral (select m.* from public.meetings as m where m.org_id = p_org_id and m.id = w.id offset 0) as m
        where m.started_at > p_now - interval '30 days' and m.started_at <= p_now
      )
      select jsonb_build_object('id', t.id, 'title', t.title, 'at', t.started_at)
      from met as t order by t.started_at desc, t.id limit 1
    ),
    (
      select jsonb_build_object('id', u.id, 'title', u.title, 'at', u.start_time)
      from upcoming as u where u.email = k.email order by u.start_time, u.id limit 1
    ),
    (
      with own as materialized (
        select d.id, d.name, d.created_at from public.deals as d
        where d.org_id = p_org_id and d.primary_contact_id = k.id and d.status = 'open'
      )
      select jsonb_build_object('id', o.id, 'name', o.name) from own as o order by o.created_at desc, o.id limit 1
    ),
    k.email
  from unnest(p_ids) as i (id)
  cross join lateral (select k.* from public.contacts as k where k.org_id = p_org_id and k.id = i.id offset 0) as k
  left join lateral (select c.name from public.companies as c where c.org_id = p_org_id and c.id = k.company_id offset 0) as c on true
  cross join lateral (
    select coalesce(nullif(trim(coalesce(k.first_name, '') || ' ' || coalesce(k.last_name, '')), ''), k.email, 'Unnamed contact') as name
  ) as n;
end;
$$;
comment on function private.describe_people(uuid, uuid[], text[], boolean, timestamptz) is
  'Contacts as candidates: how well they fit, and what speaks for them. As the caller.';
grant execute on function private.describe_people(uuid, uuid[], text[], boolean, timestamptz) to authenticated;

create function private.describe_things(
  p_org_id uuid, p_companies uuid[], p_deals uuid[], p_meetings uuid[], p_words text[], p_is_prefix boolean, p_now timestamptz
)
returns table (
  kind text, id uuid, source text, label text, detail text, at timestamptz, is_own boolean, rank integer,
  last_meeting jsonb, next_meeting jsonb, open_deal jsonb, email text
)
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_all constant tsquery := private.word_query(p_words, ' & ', p_is_prefix);
begin
  return query
  select 'company', c.id, 'companies', c.name, c.industry, null::timestamptz,
    c.user_id = v_user_id or coalesce(c.assigned_to = v_user_id, false), private.match_rank(c.name, p_words, p_is_prefix),
    (
      with met as materialized (
        select m.id, m.title, m.started_at from public.meetings as m
        where m.org_id = p_org_id and m.company_id = c.id
          and m.started_at > p_now - interval '30 days' and m.started_at <= p_now
      )
      select jsonb_build_object('id', t.id, 'title', t.title, 'at', t.started_at)
      from met as t order by t.started_at desc, t.id limit 1
    ),
    null::jsonb,
    (
      with own as materialized (
        select d.id, d.name, d.created_at from public.deals as d
        where d.org_id = p_org_id and d.company_id = c.id and d.status = 'open'
      )
      select jsonb_build_object('id', o.id, 'name', o.name) from own as o order by o.created_at desc, o.id limit 1
    ),
    null::text
  from unnest(p_companies) as i (id)
  cross join lateral (select c.* from public.companies as c where c.org_id = p_org_id and c.id = i.id offset 0) as c
  union all
  -- Of deals that fit as well, the open one is meant.
  select 'deal', d.id, 'deals', d.name, concat_ws(', ', s.name, c.name), d.stage_changed_at,
    d.user_id = v_user_id or coalesce(d.assigned_to = v_user_id, false),
    private.match_rank(d.name, p_words, p_is_prefix) + case when d.status = 'open' then 1 else 0 end,
    null, null, case when d.status = 'open' then jsonb_build_object('id', d.id, 'name', d.name) end, null
  from unnest(p_deals) as i (id)
  cross join lateral (select d.* from public.deals as d where d.org_id = p_org_id and d.id = i.id offset 0) as d
  cross join lateral (select s.name from public.deal_stages as s where s.org_id = p_org_id and s.id = d.stage_id offset 0) as s
  left join lateral (select c.name from public.companies as c where c.org_id = p_org_id and c.id = d.company_id offset 0) as c on true
  union all
  select 'meeting', m.id, 'meetings', m.title, c.name, m.started_at, m.owner_user_id = v_user_id,
    greatest(private.match_rank(m.title, p_words, p_is_prefix), 20), null, null, null, null
  from unnest(p_meetings) as i (id)
  cross join lateral (select m.* from public.meetings as m where m.org_id = p_org_id and m.id = i.id offset 0) as m
  left join lateral (select c.name from public.companies as c where c.org_id = p_org_id and c.id = m.company_id offset 0) as c on true
  union all
  select 'meeting', e.id, 'calendar_events', e.title, null, e.start_time, true,
    greatest(private.match_rank(e.title, p_words, p_is_prefix), 20), null, null, null, null
  from public.calendar_events as e
  where e.org_id = p_org_id and e.user_id = v_user_id and e.title is not null
    and e.start_time >= p_now - interval '7 days' and e.start_time < p_now + interval '30 days'
    and e.status <> 'cancelled'
    and private.name_vector(e.title || ' ' || coalesce(
      (select string_agg(concat_ws(' ', a.name, a.email), ' ') from jsonb_to_recordset(e.attendees) as a (name text, email text)), ''
    )) @@ v_all
    and not exists (select from public.meetings as m where m.org_id = p_org_id and m.calendar_event_id = e.id);
end;
$$;
comment on function private.describe_things(uuid, uuid[], uuid[], uuid[], text[], boolean, timestamptz) is
  'Companies, deals, recorded meetings and the caller''s own planned ones as candidates. As the caller.';
grant execute on function private.describe_things(uuid, uuid[], uuid[], uuid[], text[], boolean, timestamptz) to authenticated;

create function private.describe_colleagues(p_org_id uuid, p_words text[], p_is_prefix boolean)
returns table (
  kind text, id uuid, source text, label text, detail text, at timestamptz, is_own boolean, rank integer,
  last_meeting jsonb, next_meeting jsonb, open_deal jsonb, email text
)
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_all constant tsquery := private.word_query(p_words, ' & ', p_is_prefix);
begin
  return query
  select 'colleague', p.id, 'profiles', n.name, m.role, null::timestamptz, p.id = v_user_id,
    case when cardinality(p_words) = 1 then 20 else private.match_rank(n.name, p_words, p_is_prefix) end,
    null::jsonb, null::jsonb, null::jsonb, p.email
  from public.organization_members as m
  join public.profiles as p on p.id = m.user_id
  cross join lateral (
    select coalesce(nullif(trim(coalesce(p.first_name, '') || ' ' || coalesce(p.last_name, '')), ''), p.email) as name
  ) as n
  where m.org_id = p_org_id and m.status = 'active' and n.name is not null
    and (
      -- Only who is meant by name: an organization's domain is everybody's.
      private.name_vector(n.name || ' ' || coalesce(split_part(p.email, '@', 1), '')) @@ v_all
      or (m.user_id = v_user_id and p_words <@ array['me', 'myself', 'i'])
    );
end;
$$;
comment on function private.describe_colleagues(uuid, text[], boolean) is
  'Active members of the organization as candidates; "me" is the caller. As the caller.';
grant execute on function private.describe_colleagues(uuid, text[], boolean) to authenticated;

create function private.list_candidates(
  p_org_id uuid, p_words text[], p_is_prefix boolean, p_kinds text[], p_now timestamptz
)
returns table (
  kind text, id uuid, source text, label text, detail text, at timestamptz, is_own boolean, rank integer,
  last_meeting jsonb, next_meeting jsonb, open_deal jsonb, email text
)
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_ids jsonb;
begin
  select coalesce(jsonb_object_agg(f.kind, f.ids), '{}') into v_ids
  from (
    select e.kind, jsonb_agg(e.id) as ids
    from private.find_entities(p_org_id, p_words, p_is_prefix, p_kinds) as e
    group by e.kind
  ) as f;
  return query
  select p.* from private.describe_people(
    p_org_id, array(select jsonb_array_elements_text(v_ids -> 'contact'))::uuid[], p_words, p_is_prefix, p_now
  ) as p
  union all
  select t.* from private.describe_things(
    p_org_id, array(select jsonb_array_elements_text(v_ids -> 'company'))::uuid[],
    array(select jsonb_array_elements_text(v_ids -> 'deal'))::uuid[],
    array(select jsonb_array_elements_text(v_ids -> 'meeting'))::uuid[], p_words, p_is_prefix, p_now
  ) as t
  where t.kind = any(p_kinds)
  union all
  select c.* from private.describe_colleagues(p_org_id, p_words, p_is_prefix) as c
  where 'colleague' = any(p_kinds);
end;
$$;
comment on function private.list_candidates(uuid, text[], boolean, text[], timestamptz) is
  'Everything that the caller may read and that the words can mean, of the kinds asked for. As the caller.';
grant execute on function private.list_candidates(uuid, text[], boolean, text[], timestamptz) to authenticated;

create function public.resolve_entity(
  p_org_id uuid default null,
  p_reference text default '',
  p_kinds text[] default null,
  p_now timestamptz default now(),
  p_limit integer default 5
)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
  v_words constant text[] := private.reference_words(p_reference);
  v_kinds constant text[] := coalesce(p_kinds, array['contact', 'company', 'deal', 'meeting', 'colleague']);
  v_result jsonb;
begin
  if not v_kinds <@ array['contact', 'company', 'deal', 'meeting', 'colleague'] then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- Whole words first: who is called Dan is not looked for among the Danas.
  for v_attempt in 1..2 loop
    with fitting as materialized (
      select c.*,
        -- Where no kind was asked for, a name is first of all somebody's or some company's.
        case when p_kinds is not null then 0 else array_position(
          array['contact', 'company', 'colleague', 'deal', 'meeting'], c.kind
        ) / 4 + case when c.kind = 'meeting' then 1 else 0 end end as place
      from private.list_candidates(v_org_id, v_words, v_attempt = 2, v_kinds, coalesce(p_now, now())) as c
      where cardinality(v_words) > 0
    ),
    best as materialized (
      select f.* from fitting as f
      where f.place = (select min(o.place) from fitting as o)
        and f.rank = (
          select max(o.rank) from fitting as o where o.place = (select min(i.place) from fitting as i)
        )
    ),
    ranked as (
      select b.*, row_number() over (
        order by b.is_own desc, b.next_meeting is null, (b.last_meeting ->> 'at')::timestamptz desc nulls last,
          b.open_deal is null,
          case when b.kind = 'meeting' then abs(extract(epoch from b.at - coalesce(p_now, now()))) end,
          b.label, b.id
      ) as position
      from best as b
    )
    select jsonb_build_object(
      'org_id', v_org_id, 'total', count(*),
      'candidates', coalesce(
        jsonb_agg(
          jsonb_build_object(
            'kind', r.kind, 'id', r.id, 'table', r.source, 'label', r.label, 'detail', r.detail, 'at', r.at,
            'is_own', r.is_own, 'is_exact', r.rank >= 30, 'last_meeting', r.last_meeting,
            'next_meeting', r.next_meeting, 'open_deal', r.open_deal, 'email', r.email
          )
          order by r.position
        ) filter (where r.position <= least(greatest(coalesce(p_limit, 5), 1), 20)),
        '[]'
      )
    )
    into v_result
    from ranked as r;
    exit when (v_result ->> 'total')::integer > 0;
  end loop;
  return v_result;
end;
$$;
comment on function public.resolve_entity(uuid, text, text[], timestamptz, integer) is
  'What a reference means, best first: contact, company, deal, meeting or colleague, only what the caller may read. One candidate is a match; at most forty of a kind are looked at. Raises organization_not_found, no_active_organization or invalid_request.';
grant execute on function public.resolve_entity(uuid, text, text[], timestamptz, integer) to authenticated;
