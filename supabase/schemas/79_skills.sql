-- What an organization has set for the documents of the skill library: whether each is on, the version
-- it is held at, values of its variables, a document of the organization's own (U60-063, U60-064).
-- The library itself ships with the functions. Trust boundary: members read, admins set; what a
-- document says is read by the function that runs it, under the caller's own rights.

create table public.org_skills (
  org_id uuid not null references public.organizations (id) on delete restrict,
  key text not null,
  is_active boolean not null default true,
  version integer,
  variables jsonb not null default '{}',
  document text,
  document_sha256 text generated always as (encode(extensions.digest(document, 'sha256'), 'hex')) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, key),
  constraint org_skills_key_shape check (key ~ '^[a-z][a-z0-9]*(-[a-z0-9]+){0,8}$' and char_length(key) <= 60),
  constraint org_skills_version_is_positive check (version > 0),
  constraint org_skills_variables_are_an_object check (jsonb_typeof(variables) = 'object' and pg_column_size(variables) <= 16384),
  constraint org_skills_document_length check (char_length(document) between 1 and 40000)
);
comment on table public.org_skills is
  'An organization''s settings for documents of the skill library, by key; a document without a row is on and follows the library.';
comment on column public.org_skills.org_id is '[class: operational] Organization whose row this is.';
comment on column public.org_skills.key is '[class: operational] Key of the document, such as seq-pipeline-review.';
comment on column public.org_skills.is_active is '[class: customer_input] False takes it out of every list and run.';
comment on column public.org_skills.version is '[class: customer_input] Version it is held at; null follows the library.';
comment on column public.org_skills.variables is '[class: customer_input] Values of the document''s variables: texts, numbers, booleans.';
comment on column public.org_skills.document is '[class: customer_input] The organization''s own document in place of the library''s.';
comment on column public.org_skills.document_sha256 is '[class: operational] SHA-256 of that document, in hex.';
comment on column public.org_skills.created_at is '[class: operational] When the row was made.';
comment on column public.org_skills.updated_at is '[class: operational] Last change of the row.';

create trigger touch_updated_at before update on public.org_skills
for each row execute function private.touch_updated_at();
create trigger audit after insert or update or delete on public.org_skills
for each row execute function private.audit_row_change('org_id', 'org_id');

alter table public.org_skills enable row level security;
alter table public.org_skills force row level security;
revoke all on table public.org_skills from anon, authenticated, service_role;
grant select on table public.org_skills to authenticated;
-- As 90_planner.sql tells the planner of every such table.
alter table public.org_skills alter column org_id set (n_distinct = 10);

create policy "members read their organization's skill settings"
on public.org_skills for select to authenticated
using (org_id = any((select private.my_orgs())::uuid[]));

create function private.org_skill_settings(p_org_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'key', s.key, 'is_active', s.is_active, 'version', s.version, 'variables', s.variables,
          'document', s.document, 'document_sha256', s.document_sha256
        )
        order by s.key
      ),
      '[]'
    )
    from public.org_skills as s
    where s.org_id = p_org_id
  );
end;
$$;
comment on function private.org_skill_settings(uuid) is
  'What an organization has set for documents of the library. Definer: asked for within a turn, whose caller was checked. Granted to nobody.';

create function private.set_org_skill(
  p_org_id uuid, p_key text, p_is_active boolean, p_version integer, p_variables jsonb, p_document text
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_setting public.org_skills;
begin
  perform private.require_permission(p_org_id, 'settings.manage');
  -- One at a time: the limit counts what is there.
  perform pg_advisory_xact_lock(hashtextextended('org_skills:' || p_org_id, 0));
  if (select count(*) from public.org_skills as s where s.org_id = p_org_id and s.key <> p_key) >= 100 then
    raise sqlstate 'PT409' using message = 'conflict';
  end if;
  insert into public.org_skills as s (org_id, key, is_active, version, variables, document)
  values (p_org_id, p_key, p_is_active, p_version, p_variables, p_document)
  on conflict (org_id, key) do update set
    is_active = excluded.is_active, version = excluded.version, variables = excluded.variables,
    document = excluded.document
  returning s.* into v_setting;
  return jsonb_build_object(
    'key', v_setting.key, 'is_active', v_setting.is_active, 'version', v_setting.version,
    'variables', v_setting.variables, 'document', v_setting.document, 'document_sha256', v_setting.document_sha256
  );
end;
$$;
comment on function private.set_org_skill(uuid, text, boolean, integer, jsonb, text) is
  'Sets what an organization has of one document; at most 100 of them. Definer: writes for admins only, who were checked first. Raises what require_permission raises, or conflict.';

create function public.set_org_skill(
  p_org_id uuid, p_key text, p_is_active boolean default true, p_version integer default null,
  p_variables jsonb default '{}', p_document text default null
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.set_org_skill(p_org_id, p_key, p_is_active, p_version, p_variables, p_document);
end;
$$;
comment on function public.set_org_skill(uuid, text, boolean, integer, jsonb, text) is
  'Sets whether a document of the skill library is on for an organization, its version, variables and own text. Admins only.';

create function public.read_org_skills(p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id constant uuid := private.require_org(p_org_id);
begin
  return (
    select jsonb_build_object(
      'org_id', o.id, 'organization_name', o.name, 'user_id', p.id, 'first_name', p.first_name,
      'full_name', nullif(concat_ws(' ', p.first_name, p.last_name), ''), 'email', p.email, 'time_zone', p.time_zone,
      'settings', coalesce(
        (
          select jsonb_agg(
            jsonb_build_object(
              'key', s.key, 'is_active', s.is_active, 'version', s.version, 'variables', s.variables,
              'document', s.document, 'document_sha256', s.document_sha256
            )
            order by s.key
          )
          from public.org_skills as s where s.org_id = o.id
        ),
        '[]'
      )
    )
    from public.organizations as o, public.profiles as p
    where o.id = v_org_id and p.id = (select private.current_user_id())
  );
end;
$$;
comment on function public.read_org_skills(uuid) is
  'What the caller''s organization has set for the skill library, and whose names stand in its documents. Raises organization_not_found or no_active_organization.';

grant execute on function
  public.read_org_skills(uuid),
  private.set_org_skill(uuid, text, boolean, integer, jsonb, text),
  public.set_org_skill(uuid, text, boolean, integer, jsonb, text)
to authenticated;
