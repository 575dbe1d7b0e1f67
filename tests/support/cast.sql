-- The cast of the database tests: people, organizations and rows by name, and a way to act as one of
-- them through the very role and claims that the API sets. Created in a test database only, after
-- the migrations; every test file runs in a transaction that it rolls back.

-- The database gives nobody the right to execute what is new; the assertions are for everybody.
alter default privileges grant execute on functions to public;
create extension if not exists pgtap with schema extensions;
alter default privileges revoke execute on functions from public;
create schema if not exists tests;
grant usage on schema tests to anon, authenticated, service_role;

create table if not exists tests.things (name text primary key, id uuid not null);
grant select on table tests.things to anon, authenticated, service_role;

create or replace function tests.id(p_name text)
returns uuid
language sql stable security definer set search_path = ''
as $$ select t.id from tests.things as t where t.name = p_name $$;
comment on function tests.id(text) is 'The id of a person, organization or row that a test made.';

create or replace function tests.remember(p_name text, p_id uuid)
returns uuid
language sql security definer set search_path = ''
as $$
  insert into tests.things as t (name, id) values (p_name, p_id)
  on conflict (name) do update set id = excluded.id
  returning t.id
$$;
comment on function tests.remember(text, uuid) is 'Gives an id a name.';

create or replace function tests.given_person(p_name text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := tests.id(p_name);
begin
  if v_id is not null then
    return v_id;
  end if;
  v_id := tests.remember(p_name, gen_random_uuid());
  insert into auth.users (id, aud, role, email, email_confirmed_at, raw_user_meta_data, created_at, updated_at)
  values (
    v_id, 'authenticated', 'authenticated', p_name || '@example.test', now(),
    jsonb_build_object('first_name', initcap(p_name)), now(), now()
  );
  insert into auth.sessions (id, user_id, created_at, updated_at)
  values (tests.remember(p_name || ' session', gen_random_uuid()), v_id, now(), now());
  return v_id;
end;
$$;
comment on function tests.given_person(text) is 'Somebody with a login and a session.';

create or replace function tests.given_org(p_name text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := tests.id(p_name);
begin
  if v_id is not null then
    return v_id;
  end if;
  insert into public.organizations (name, slug)
  values (p_name, p_name || '-' || left(gen_random_uuid()::text, 8))
  returning tests.remember(p_name, id) into v_id;
  -- Second factors have tests of their own; the rest of the cast signs in with a password.
  insert into public.org_settings (org_id, mfa_required_for) values (v_id, 'none');
  perform private.create_default_stages(v_id);
  return v_id;
end;
$$;
comment on function tests.given_org(text) is 'An organization with its settings and stages.';

create or replace function tests.given_member(p_person text, p_org text, p_role text, p_status text default 'active')
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid := tests.given_person(p_person);
begin
  insert into public.organization_members as m (org_id, user_id, role, status)
  values (tests.given_org(p_org), v_id, p_role, p_status)
  on conflict (org_id, user_id) do update set role = excluded.role, status = excluded.status;
  return v_id;
end;
$$;
comment on function tests.given_member(text, text, text, text) is 'A member of an organization; makes both when they are new.';

create or replace function tests.given_row(
  p_name text, p_table text, p_org text, p_owner text, p_assigned_to text default null
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id uuid := tests.id(p_org);
  v_owner_id uuid := tests.id(p_owner);
  v_assigned_to uuid := tests.id(p_assigned_to);
  v_id uuid;
begin
  case p_table
    when 'companies' then
      insert into public.companies (org_id, user_id, assigned_to, name)
      values (v_org_id, v_owner_id, v_assigned_to, p_name) returning id into v_id;
    when 'contacts' then
      insert into public.contacts (org_id, user_id, assigned_to, first_name, email)
      values (v_org_id, v_owner_id, v_assigned_to, p_name, replace(p_name, ' ', '.') || '@customer.test') returning id into v_id;
    when 'deals' then
      insert into public.deals (org_id, user_id, assigned_to, name)
      values (v_org_id, v_owner_id, v_assigned_to, p_name) returning id into v_id;
    when 'activities' then
      insert into public.activities (org_id, user_id, kind, subject)
      values (v_org_id, v_owner_id, 'note', p_name) returning id into v_id;
    when 'tasks' then
      insert into public.tasks (org_id, user_id, assigned_to, title)
      values (v_org_id, v_owner_id, v_assigned_to, p_name) returning id into v_id;
    when 'calendar_events' then
      insert into public.calendar_events (org_id, user_id, external_id, title, start_time, end_time)
      values (v_org_id, v_owner_id, p_name, p_name, now(), now() + interval '1 hour') returning id into v_id;
    when 'calendar_connections' then
      insert into public.calendar_connections (org_id, user_id, account_email)
      values (v_org_id, v_owner_id, replace(p_name, ' ', '.') || '@customer.test') returning id into v_id;
    when 'meetings' then
      insert into public.meetings (org_id, owner_user_id, source_type, external_id, title, started_at)
      values (v_org_id, v_owner_id, 'fathom', p_name, p_name, now()) returning id into v_id;
    when 'emails' then
      insert into public.emails (org_id, user_id, external_id, direction, from_email, sent_at)
      values (v_org_id, v_owner_id, p_name, 'inbound', 'someone@customer.test', now()) returning id into v_id;
      insert into public.email_bodies (org_id, email_id, user_id, body_text)
      values (v_org_id, v_id, v_owner_id, p_name);
    else
      raise exception 'tests.given_row does not know %', p_table;
  end case;
  return tests.remember(p_name, v_id);
end;
$$;
comment on function tests.given_row(text, text, text, text, text) is 'A row of a tenant table, by its owner, with nothing but what it needs.';

create or replace function tests.given_transcript(p_meeting text, p_org text, p_text text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_meeting public.meetings;
  v_id uuid;
begin
  select m.* into v_meeting from public.meetings as m where m.org_id = tests.id(p_org) and m.id = tests.id(p_meeting);
  insert into public.transcripts (org_id, meeting_id, owner_user_id)
  values (v_meeting.org_id, v_meeting.id, v_meeting.owner_user_id) returning id into v_id;
  insert into public.transcript_segments (org_id, transcript_id, meeting_id, owner_user_id, seq, start_ms, text)
  values (v_meeting.org_id, v_id, v_meeting.id, v_meeting.owner_user_id, 1, 0, p_text);
  insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, name)
  values (v_meeting.org_id, v_meeting.id, v_meeting.owner_user_id, 'Somebody');
  insert into public.meeting_action_items (org_id, meeting_id, owner_user_id, seq, description)
  values (v_meeting.org_id, v_meeting.id, v_meeting.owner_user_id, 1, 'Something');
  return tests.remember(p_meeting || ' transcript', v_id);
end;
$$;
comment on function tests.given_transcript(text, text, text) is 'A transcript of one utterance, an attendee and an action item for a meeting.';

create or replace function tests.set_setting(p_org text, p_setting text, p_value text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  execute format('update public.org_settings set %I = %L where org_id = %L', p_setting, p_value, tests.id(p_org));
end;
$$;
comment on function tests.set_setting(text, text, text) is 'Sets one setting of an organization.';

create or replace function tests.given_mailbox_address(p_person text, p_email text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update auth.users set email = p_email where id = tests.id(p_person);
end;
$$;
comment on function tests.given_mailbox_address(text, text) is 'Gives a person another confirmed address.';

-- Acting: invoker functions, because a definer function may not change the role.

create or replace function tests.act_as(p_person text, p_aal text default 'aal1')
returns void
language plpgsql set search_path = ''
as $$
begin
  perform set_config('request.jwt.claims', jsonb_build_object(
    'iss', 'http://127.0.0.1:54321/auth/v1', 'aud', 'authenticated', 'role', 'authenticated',
    'sub', tests.id(p_person), 'session_id', tests.id(p_person || ' session'), 'aal', p_aal,
    'is_anonymous', false
  )::text, true);
  perform set_config('role', 'authenticated', true);
end;
$$;
comment on function tests.act_as(text, text) is 'From here on the statements are this person''s, as the API would run them.';

create or replace function tests.act_with_claims(p_role text, p_claims jsonb)
returns void
language plpgsql set search_path = ''
as $$
begin
  perform set_config('request.jwt.claims', p_claims::text, true);
  perform set_config('role', p_role, true);
end;
$$;
comment on function tests.act_with_claims(text, jsonb) is 'The same with any role and claims.';

create or replace function tests.act_as_anon()
returns void
language sql set search_path = ''
as $$ select tests.act_with_claims('anon', '{"role": "anon"}') $$;
comment on function tests.act_as_anon() is 'From here on nobody is signed in.';

create or replace function tests.act_as_service()
returns void
language sql set search_path = ''
as $$ select tests.act_with_claims('service_role', '{"role": "service_role"}') $$;
comment on function tests.act_as_service() is 'From here on the statements are the service role''s.';

create or replace function tests.act_as_owner()
returns void
language plpgsql set search_path = ''
as $$
begin
  perform set_config('request.jwt.claims', '', true);
  perform set_config('role', 'none', true);
end;
$$;
comment on function tests.act_as_owner() is 'Back to the owner of the database, to look at what happened.';

create or replace function tests.affected(p_statement text)
returns integer
language plpgsql set search_path = ''
as $$
declare
  v_count integer;
begin
  execute p_statement;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function tests.affected(text) is 'Runs a statement as whoever acts; returns how many rows it touched.';

grant execute on all functions in schema tests to anon, authenticated, service_role;
revoke execute on function tests.given_person(text), tests.given_org(text),
  tests.given_member(text, text, text, text), tests.given_row(text, text, text, text, text),
  tests.given_transcript(text, text, text), tests.set_setting(text, text, text),
  tests.given_mailbox_address(text, text), tests.remember(text, uuid)
from anon, authenticated, service_role;
