-- What the copilot knows of the company it works for (U60-006, U60-072…075): admins write it, every
-- member reads it, and a text about it and about the person opens every prompt. That text is compiled
-- once and again only when what it is made from has changed.

create function private.is_list_of_lines(p_items text[], p_max_items integer, p_max_length integer)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return cardinality(p_items) <= p_max_items
    and array_position(p_items, null) is null
    and not exists (
      select from unnest(p_items) as i (item)
      where i.item !~ '\S' or char_length(i.item) > p_max_length or i.item ~ '[[:cntrl:]]'
    );
end;
$$;
comment on function private.is_list_of_lines(text[], integer, integer) is
  'Whether a list is short enough and each of its items a line of text that is short enough.';

create function private.is_list_of_competitors(p_items jsonb)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case
    when jsonb_typeof(p_items) <> 'array' then false
    when jsonb_array_length(p_items) > 50 then false
    else not exists (
      select
      from jsonb_array_elements(p_items) as i (item)
      where case
        when jsonb_typeof(i.item) <> 'object' then true
        else i.item - '{name,positioning}'::text[] <> '{}'
          or jsonb_typeof(i.item -> 'name') is distinct from 'string'
          or not private.is_list_of_lines(array[i.item ->> 'name'], 1, 200)
          or coalesce(jsonb_typeof(i.item -> 'positioning'), 'null') not in ('string', 'null')
          or coalesce(char_length(i.item ->> 'positioning'), 1) not between 1 and 2000
      end
    )
  end;
end;
$$;
comment on function private.is_list_of_competitors(jsonb) is
  'Whether this is a list of at most 50 objects {name, positioning}, the name a line, the positioning a text or missing.';
-- A CHECK runs as whoever writes the row.
grant execute on function private.is_list_of_lines(text[], integer, integer) to authenticated;
grant execute on function private.is_list_of_competitors(jsonb) to authenticated;

create table public.org_knowledge (
  org_id uuid primary key references public.organizations (id) on delete cascade,
  products text[] not null default '{}',
  competitors jsonb not null default '[]',
  pain_points text[] not null default '{}',
  brand_voice text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint org_knowledge_products_are_lines check (private.is_list_of_lines(products, 50, 300)),
  constraint org_knowledge_competitors_are_known check (private.is_list_of_competitors(competitors)),
  constraint org_knowledge_pain_points_are_lines check (private.is_list_of_lines(pain_points, 50, 500)),
  constraint org_knowledge_brand_voice_length check (char_length(brand_voice) between 1 and 2000)
);
comment on table public.org_knowledge is
  'What an organization wants its copilot to know about itself; one row each, there from the start.';
comment on column public.org_knowledge.org_id is '[class: operational] The organization.';
comment on column public.org_knowledge.products is '[class: customer_input] What it sells, a line each.';
comment on column public.org_knowledge.competitors is '[class: customer_input] Against whom, as [{name, positioning}]: how to stand beside each.';
comment on column public.org_knowledge.pain_points is '[class: customer_input] What its customers suffer from, a line each.';
comment on column public.org_knowledge.brand_voice is '[class: customer_input] How it sounds in writing.';
comment on column public.org_knowledge.created_at is '[class: operational] When the row was made.';
comment on column public.org_knowledge.updated_at is '[class: operational] Last change of the row.';
alter table public.org_knowledge alter column org_id set (n_distinct = 10);

create trigger touch_updated_at before update on public.org_knowledge
for each row execute function private.touch_updated_at();
create trigger audit after insert or update or delete on public.org_knowledge
for each row execute function private.audit_row_change('org_id', 'org_id');

create function private.begin_org_knowledge()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.org_knowledge (org_id) values (new.id) on conflict do nothing;
  return null;
end;
$$;
comment on function private.begin_org_knowledge() is
  'Trigger: a new organization has its row of knowledge, empty. Definer: nobody has the privilege to insert.';
create trigger begin_knowledge after insert on public.organizations
for each row execute function private.begin_org_knowledge();

insert into public.org_knowledge (org_id) select o.id from public.organizations as o on conflict do nothing;

alter table public.org_knowledge enable row level security;
alter table public.org_knowledge force row level security;
revoke all on table public.org_knowledge from anon, authenticated, service_role;
grant select on table public.org_knowledge to authenticated;
grant update (products, competitors, pain_points, brand_voice) on table public.org_knowledge to authenticated;

create policy "members read their organization's knowledge"
on public.org_knowledge for select to authenticated
using (org_id = any((select private.my_orgs())::uuid[]));

create policy "admins change their organization's knowledge"
on public.org_knowledge for update to authenticated
using (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]))
with check (org_id = any((select private.my_orgs_with('settings.manage'))::uuid[]));

create policy "changing knowledge needs the second factor it demands"
on public.org_knowledge as restrictive for update to authenticated
using (org_id = any((select private.my_second_factor_orgs())::uuid[]))
with check (org_id = any((select private.my_second_factor_orgs())::uuid[]));

-- The text that opens a prompt --------------------------------------------------------------------

create table private.copilot_personas (
  org_id uuid not null,
  user_id uuid not null,
  fingerprint text not null,
  text text not null,
  version text not null generated always as (left(md5(text), 16)) stored,
  compilations integer not null default 1,
  compiled_at timestamptz not null default now(),
  primary key (org_id, user_id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade
);
comment on table private.copilot_personas is 'Who the copilot is for a person in an organization: compiled, and kept until what it is made from changes.';
comment on column private.copilot_personas.org_id is '[class: operational] The organization.';
comment on column private.copilot_personas.user_id is '[class: operational] The person.';
comment on column private.copilot_personas.fingerprint is '[class: operational] Of what it was made from.';
comment on column private.copilot_personas.text is '[class: customer_input] The text; it holds the person''s first name and the organization''s knowledge.';
comment on column private.copilot_personas.version is '[class: operational] The same text has the same version.';
comment on column private.copilot_personas.compilations is '[class: operational] How often it was compiled.';
comment on column private.copilot_personas.compiled_at is '[class: operational] When it last was.';
alter table private.copilot_personas enable row level security;
alter table private.copilot_personas force row level security;
revoke all on table private.copilot_personas from anon, authenticated, service_role;

create function private.forget_persona()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.copilot_personas as c where c.org_id = new.org_id and c.user_id = new.user_id;
  return null;
end;
$$;
comment on function private.forget_persona() is
  'Trigger: who is no active member has no persona, and their name stays in none. Definer: personas are nobody''s to change.';
create trigger forget_persona after update of status on public.organization_members
for each row when (old.status = 'active' and new.status <> 'active')
execute function private.forget_persona();

create function private.plain_line(p_text text)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return nullif(btrim(regexp_replace(p_text, '[[:cntrl:][:space:]<>]+', ' ', 'g')), '');
end;
$$;
comment on function private.plain_line(text) is 'A text on one line and without angle brackets; null for an empty one.';

create function private.compile_persona(
  p_first_name text, p_company text, p_products text[], p_competitors jsonb, p_pain_points text[], p_brand_voice text
)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_name text := private.plain_line(p_first_name);
  v_products text := private.plain_line(array_to_string(p_products, '; '));
  v_pains text := private.plain_line(array_to_string(p_pain_points, '; '));
  v_voice text := private.plain_line(p_brand_voice);
  v_competitors text := private.plain_line((
    select string_agg(
      concat_ws(': ', c.item ->> 'name', nullif(btrim(c.item ->> 'positioning'), '')), '; ' order by c.place
    )
    from jsonb_array_elements(p_competitors) with ordinality as c (item, place)
  ));
begin
  return concat_ws(
    E'\n',
    format('You are %s dedicated sales analyst at %s.', coalesce(v_name || '''s', 'a'), private.plain_line(p_company)),
    'Work like a junior colleague who knows the accounts: brief, concrete, honest about what you do not know.',
    'Name the deals, meetings and people that you mean.' || coalesce(' Address ' || v_name || ' by first name.', ''),
    case when coalesce(v_products, v_competitors, v_pains, v_voice) is not null then E'\nCOMPANY KNOWLEDGE' end,
    'Products: ' || v_products,
    'Competitors: ' || v_competitors,
    'Customer pain points: ' || v_pains,
    'Brand voice: ' || v_voice,
    E'\nBEFORE ANYTHING HAPPENS',
    format(
      'Show emails, messages, meetings, tasks and changes as a preview and wait: only when %s says Confirm are they sent or made.',
      coalesce(v_name, 'the person')
    )
  );
end;
$$;
comment on function private.compile_persona(text, text, text[], jsonb, text[], text) is
  'The text that opens a prompt: for whom, at which company, what is known of it (what is missing is left out), and that nothing happens without a yes.';

create function private.persona(p_org_id uuid, p_user_id uuid)
returns jsonb
language plpgsql set search_path = ''
as $$
declare
  v_source record;
  v_fingerprint text;
  v_text text;
begin
  -- One statement, so that all of it is of one moment.
  select p.first_name, o.name as company, k.products, k.competitors, k.pain_points, k.brand_voice into v_source
  from public.organization_members as m
  join public.profiles as p on p.id = m.user_id
  join public.organizations as o on o.id = m.org_id
  left join public.org_knowledge as k on k.org_id = m.org_id
  where m.org_id = p_org_id and m.user_id = p_user_id and m.status = 'active';
  if not found then
    return null;
  end if;
  v_fingerprint := md5(to_jsonb(v_source)::text);

  select c.text into v_text
  from private.copilot_personas as c
  where c.org_id = p_org_id and c.user_id = p_user_id and c.fingerprint = v_fingerprint;
  if not found then
    v_text := private.compile_persona(
      v_source.first_name, v_source.company, v_source.products, v_source.competitors, v_source.pain_points, v_source.brand_voice
    );
    -- Of two that compile the same at once, the second leaves what the first wrote.
    insert into private.copilot_personas as c (org_id, user_id, fingerprint, text)
    values (p_org_id, p_user_id, v_fingerprint, v_text)
    on conflict (org_id, user_id) do update
    set fingerprint = excluded.fingerprint, text = excluded.text, compilations = c.compilations + 1, compiled_at = now()
    where c.fingerprint <> excluded.fingerprint;
  end if;
  return jsonb_build_object('version', left(md5(v_text), 16), 'text', v_text);
end;
$$;
comment on function private.persona(uuid, uuid) is
  'Who the copilot is for this member: {version, text}; null for who is no active one. Compiles when what it is made from has changed since. Granted to nobody.';
