-- Who reads whose record: organization boundary, and (own, or assigned, or shared to a role that
-- reads shared records). The whole truth table, cell by cell.
begin;
select * from no_plan();

select tests.given_member('olga', 'acme', 'owner');
select tests.given_member('adam', 'acme', 'admin');
select tests.given_member('mona', 'acme', 'manager');
select tests.given_member('alex', 'acme', 'agent');
select tests.given_member('vera', 'acme', 'viewer');
select tests.given_member('cole', 'acme', 'manager');
select tests.given_member('rita', 'rival', 'owner');

create temporary table cells on commit drop as
select k.entity, k.setting, r.person, r.role, s.is_on, rel.relation,
  (
    rel.relation = 'own'
    or (rel.relation = 'assigned' and k.has_assignee)
    or (rel.relation <> 'rival' and s.is_on and r.role <> 'agent' and k.setting is not null)
  ) as is_visible
from (values
  ('companies', 'enable_crm_sharing', true),
  ('contacts', 'enable_crm_sharing', true),
  ('deals', 'enable_crm_sharing', true),
  ('activities', 'enable_crm_sharing', false),
  ('tasks', 'enable_task_sharing', true),
  ('meetings', 'enable_meeting_sharing', false),
  ('transcripts', 'enable_meeting_sharing', false),
  ('transcript_segments', 'enable_meeting_sharing', false),
  ('meeting_attendees', 'enable_meeting_sharing', false),
  ('meeting_action_items', 'enable_meeting_sharing', false),
  ('emails', 'enable_email_sharing', false),
  ('email_bodies', 'enable_email_sharing', false),
  ('calendar_events', null, false),
  ('calendar_connections', null, false)
) as k (entity, setting, has_assignee)
cross join (values ('olga', 'owner'), ('adam', 'admin'), ('mona', 'manager'), ('alex', 'agent'), ('vera', 'viewer')) as r (person, role)
cross join (values (true), (false)) as s (is_on)
cross join (values ('own'), ('assigned'), ('colleague'), ('rival')) as rel (relation)
where k.has_assignee or rel.relation <> 'assigned';
grant select on cells to authenticated;

-- For each person one row of each kind that is theirs; one assigned to them; one of Cole's.
do $$
declare
  v_entity text;
  v_person text;
begin
  foreach v_entity in array array['companies', 'contacts', 'deals', 'activities', 'tasks', 'meetings', 'emails', 'calendar_events', 'calendar_connections'] loop
    foreach v_person in array array['olga', 'adam', 'mona', 'alex', 'vera'] loop
      perform tests.given_row(format('%s own %s', v_entity, v_person), v_entity, 'acme', v_person);
      if v_entity in ('companies', 'contacts', 'deals', 'tasks') then
        perform tests.given_row(format('%s assigned %s', v_entity, v_person), v_entity, 'acme', 'cole', v_person);
      end if;
      if v_entity = 'meetings' then
        perform tests.given_transcript(format('%s own %s', v_entity, v_person), 'acme', 'words');
      end if;
    end loop;
    perform tests.given_row(format('%s colleague', v_entity), v_entity, 'acme', 'cole');
    perform tests.given_row(format('%s rival', v_entity), v_entity, 'rival', 'rita');
    if v_entity = 'meetings' then
      perform tests.given_transcript('meetings colleague', 'acme', 'words');
      perform tests.given_transcript('meetings rival', 'rival', 'words');
    end if;
  end loop;
end
$$;

-- The row of a cell, found through the entity that its key lives in.
create function pg_temp.row_of(p_entity text, p_relation text, p_person text)
returns uuid language sql as $$
  select tests.id(
    case
      when p_entity in ('transcripts', 'transcript_segments', 'meeting_attendees', 'meeting_action_items') then 'meetings'
      when p_entity = 'email_bodies' then 'emails'
      else p_entity
    end || ' ' || p_relation || case when p_relation in ('own', 'assigned') then ' ' || p_person else '' end
  )
$$;
create function pg_temp.key_of(p_entity text)
returns text language sql as $$
  select case
    when p_entity in ('transcripts', 'transcript_segments', 'meeting_attendees', 'meeting_action_items') then 'meeting_id'
    when p_entity = 'email_bodies' then 'email_id'
    else 'id'
  end
$$;

create function pg_temp.check_cells()
returns setof text language plpgsql as $$
declare
  v_cell record;
  v_query text;
  v_count integer;
begin
  for v_cell in select * from cells order by is_on, entity, person, relation loop
    perform tests.act_as_owner();
    if v_cell.setting is not null then
      perform tests.set_setting('acme', v_cell.setting, v_cell.is_on::text);
      -- The rival shares everything: an open door elsewhere opens none here.
      perform tests.set_setting('rival', v_cell.setting, 'true');
    end if;
    v_query := format(
      'select count(*) from public.%I where %I = %L', v_cell.entity, pg_temp.key_of(v_cell.entity),
      pg_temp.row_of(v_cell.entity, v_cell.relation, v_cell.person)
    );
    perform tests.act_as(v_cell.person);
    execute v_query into v_count;
    return next is(
      v_count, v_cell.is_visible::int,
      format(
        'C-15 U60-149 %s: %s (%s) reads %s row, sharing %s', v_cell.entity, v_cell.person, v_cell.role,
        v_cell.relation, case when v_cell.is_on then 'on' else 'off' end
      )
    );
  end loop;
  perform tests.act_as_owner();
end
$$;
select pg_temp.check_cells();

select tests.act_as('mona');
select is(
  (select count(*)::int from public.deals where org_id = tests.id('rival')), 0,
  'COP-001 COP-006 with every filter but the rival''s own, a rival''s deals are not there'
);
select tests.act_as('rita');
select is(
  (select count(*)::int from public.deals where org_id = tests.id('rival')), 1,
  'COP-006 control: they are there for the rival'
);

select tests.act_as_owner();
select tests.given_org('fresh');
select results_eq(
  $$ select enable_crm_sharing, enable_meeting_sharing, enable_task_sharing, enable_email_sharing, enable_copilot_sharing
     from public.org_settings where org_id = tests.id('fresh') $$,
  $$ values (true, true, false, false, false) $$,
  'U60-153 U60-154 U60-155 U60-156 U60-157 the defaults: CRM and meetings shared, tasks, emails and copilot not'
);

select * from finish();
rollback;
