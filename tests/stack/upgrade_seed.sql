-- The development data as it was on 23 November: what a database of that day holds before it is upgraded.
-- Never for production: every login below has the same, published password.
--
--   password of everybody: sixty-dev-password
--
--   Fernhollow Software (New York; shares CRM and meetings)    Quillstone Systems (Berlin; shares tasks only)
--     olivia@fernhollow.test   owner                             ingrid@quillstone.test   owner
--     marcus@fernhollow.test   admin                             jonas@quillstone.test    admin
--     sarah@fernhollow.test    manager (also a Clerk subject)    amara@consulting.test    manager
--     amara@consulting.test    agent (in both)                   lena@quillstone.test     agent
--     diego@fernhollow.test    agent                             felix@quillstone.test    viewer
--     tom@fernhollow.test      viewer

select private.set_actor('system', 'seed');

-- 1. Logins --------------------------------------------------------------------------------------

with secret as (
  -- Hashed once: the cost is meant for a single password.
  select extensions.crypt('sixty-dev-password', extensions.gen_salt('bf', 10)) as password_hash
)
insert into auth.users (
  instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data,
  raw_user_meta_data, created_at, updated_at, confirmation_token, recovery_token,
  email_change_token_new, email_change
)
select
  '00000000-0000-0000-0000-000000000000', p.id::uuid, 'authenticated', 'authenticated', p.email, s.password_hash, now(),
  '{"provider": "email", "providers": ["email"]}',
  jsonb_build_object('first_name', p.first_name, 'last_name', p.last_name),
  now() - interval '200 days', now(), '', '', '', ''
from secret as s
cross join (values
  ('00000000-0000-4000-a000-000000000001', 'olivia@fernhollow.test', 'Olivia', 'Hart'),
  ('00000000-0000-4000-a000-000000000002', 'marcus@fernhollow.test', 'Marcus', 'Webb'),
  ('00000000-0000-4000-a000-000000000003', 'sarah@fernhollow.test', 'Sarah', 'Chen'),
  ('00000000-0000-4000-a000-000000000004', 'diego@fernhollow.test', 'Diego', 'Alvarez'),
  ('00000000-0000-4000-a000-000000000005', 'tom@fernhollow.test', 'Tom', 'Becker'),
  ('00000000-0000-4000-a000-000000000006', 'ingrid@quillstone.test', 'Ingrid', 'Sommer'),
  ('00000000-0000-4000-a000-000000000007', 'jonas@quillstone.test', 'Jonas', 'Keller'),
  ('00000000-0000-4000-a000-000000000008', 'lena@quillstone.test', 'Lena', 'Vogt'),
  ('00000000-0000-4000-a000-000000000009', 'felix@quillstone.test', 'Felix', 'Brandt'),
  ('00000000-0000-4000-a000-000000000010', 'amara@consulting.test', 'Amara', 'Okafor')
) as p (id, email, first_name, last_name);

insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
select
  u.id::text, u.id,
  jsonb_build_object('sub', u.id, 'email', u.email, 'email_verified', true, 'phone_verified', false),
  'email', now(), now(), now()
from auth.users as u
where u.id::text like '00000000-0000-4000-a000-0000000000%';

-- 2. Organizations, members, settings ------------------------------------------------------------

insert into public.organizations (id, name, slug, plan, time_zone, created_at) values
  ('00000000-0000-4000-a000-0000000000a1', 'Fernhollow Software', 'fernhollow', 'team', 'America/New_York', now() - interval '200 days'),
  ('00000000-0000-4000-a000-0000000000b1', 'Quillstone Systems', 'quillstone', 'enterprise', 'Europe/Berlin', now() - interval '180 days');

-- A new organization asks its admins for a second factor. Fernhollow has switched that off, so that
-- admin powers can be tried with a password; Quillstone has not.
insert into public.org_settings (
  org_id, enable_crm_sharing, enable_meeting_sharing, enable_task_sharing, enable_email_sharing,
  mfa_required_for
) values
  ('00000000-0000-4000-a000-0000000000a1', true, true, false, false, 'none'),
  ('00000000-0000-4000-a000-0000000000b1', false, false, true, false, 'admins');

insert into public.organization_members (org_id, user_id, role, status) values
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-000000000001', 'owner', 'active'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-000000000002', 'admin', 'active'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-000000000003', 'manager', 'active'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-000000000004', 'agent', 'active'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-000000000005', 'viewer', 'active'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-000000000010', 'agent', 'active'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-000000000006', 'owner', 'active'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-000000000007', 'admin', 'active'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-000000000008', 'agent', 'active'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-000000000009', 'viewer', 'active'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-000000000010', 'manager', 'active');

select private.create_default_stages('00000000-0000-4000-a000-0000000000a1');
select private.create_default_stages('00000000-0000-4000-a000-0000000000b1');
update public.deal_stages set name = 'Proof of concept'
where org_id = '00000000-0000-4000-a000-0000000000b1' and name = 'Proposal';

update public.profiles as p
set active_org_id = m.org_id,
  time_zone = case m.org_id
    when '00000000-0000-4000-a000-0000000000a1' then 'America/New_York' else 'Europe/Berlin'
  end
from public.organization_members as m
where m.user_id = p.id and not (
  -- Amara works for both; she starts in Quillstone.
  p.id = '00000000-0000-4000-a000-000000000010' and m.org_id = '00000000-0000-4000-a000-0000000000a1'
);

insert into private.identity_providers (issuer, provider) values ('https://clerk.sixty.test', 'clerk');
insert into private.user_identities (provider, subject, user_id) values
  ('clerk', 'user_2sarahchen', '00000000-0000-4000-a000-000000000003');

insert into public.organization_invitations (org_id, email, role, invited_by) values
  ('00000000-0000-4000-a000-0000000000a1', 'newcomer@fernhollow.test', 'agent', '00000000-0000-4000-a000-000000000002');

-- 3. Companies and contacts ----------------------------------------------------------------------

insert into public.companies (org_id, id, user_id, assigned_to, name, domain, industry, employee_count, notes, created_at)
select c.org_id::uuid, c.id::uuid, c.user_id::uuid, c.assigned_to::uuid, c.name, c.domain, c.industry, c.employees, c.notes, now() - c.age::interval
from (values
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000c0101', '00000000-0000-4000-a000-000000000003', null, 'TechCorp', 'techcorp.test', 'Industrial software', 850, 'Evaluating us against WidgetCo. Security review is the gate.', '120 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000c0102', '00000000-0000-4000-a000-000000000003', '00000000-0000-4000-a000-000000000004', 'Acme', 'acme.test', 'Manufacturing', 2300, 'Plant managers decide, finance signs.', '95 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000c0103', '00000000-0000-4000-a000-000000000002', null, 'Bluepine Logistics', 'bluepine.test', 'Freight', 410, null, '80 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000c0104', '00000000-0000-4000-a000-000000000004', null, 'Harrow & Finch', 'harrowfinch.test', 'Legal services', 120, 'Diego''s own account.', '60 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000c0105', '00000000-0000-4000-a000-000000000001', null, 'Marlow Energy', 'marlowenergy.test', 'Utilities', 5200, 'Board contact of Olivia.', '150 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000c0106', '00000000-0000-4000-a000-000000000010', null, 'Tidewater Clinics', 'tidewaterclinics.test', 'Healthcare', 640, null, '35 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000c0201', '00000000-0000-4000-a000-000000000006', null, 'Acme', 'acme.test', 'Manufacturing', 2300, 'Fernhollow is in there too.', '70 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000c0202', '00000000-0000-4000-a000-000000000010', null, 'Nordlicht Pharma', 'nordlicht.test', 'Pharmaceuticals', 3100, null, '55 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000c0203', '00000000-0000-4000-a000-000000000007', '00000000-0000-4000-a000-000000000008', 'Elbtal Maschinenbau', 'elbtal.test', 'Machinery', 780, null, '110 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000c0204', '00000000-0000-4000-a000-000000000008', null, 'Kiefer Retail', 'kiefer.test', 'Retail', 1500, null, '40 days')
) as c (org_id, id, user_id, assigned_to, name, domain, industry, employees, notes, age);

insert into public.contacts (
  org_id, id, user_id, assigned_to, company_id, first_name, last_name, email, phone, job_title, notes, last_interaction_at, created_at
)
select c.org_id::uuid, c.id::uuid, c.user_id::uuid, c.assigned_to::uuid, c.company_id::uuid, c.first_name, c.last_name,
  c.email, c.phone, c.job_title, c.notes, now() - c.last_seen::interval, now() - c.age::interval
from (values
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca101', '00000000-0000-4000-a000-000000000003', null, '00000000-0000-4000-a000-0000000c0101', 'Dana', 'Reeves', 'dana.reeves@techcorp.test', '+1 212 555 0142', 'VP Operations', 'Champion. Wants numbers, not slides.', '2 days', '118 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca102', '00000000-0000-4000-a000-000000000003', null, '00000000-0000-4000-a000-0000000c0101', 'Victor', 'Lindqvist', 'victor.lindqvist@techcorp.test', '+1 212 555 0177', 'Head of Security', 'Asked for our penetration test report.', '9 days', '60 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca103', '00000000-0000-4000-a000-000000000003', '00000000-0000-4000-a000-000000000004', '00000000-0000-4000-a000-0000000c0102', 'Grace', 'Oduya', 'grace.oduya@acme.test', '+1 312 555 0119', 'Plant Director', 'Runs the pilot in plant 2.', '1 day', '90 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca104', '00000000-0000-4000-a000-000000000003', null, '00000000-0000-4000-a000-0000000c0102', 'Peter', 'Nowak', 'peter.nowak@acme.test', null, 'CFO', 'Signs anything above 50k.', '20 days', '85 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca105', '00000000-0000-4000-a000-000000000002', null, '00000000-0000-4000-a000-0000000c0103', 'Ruth', 'Castellan', 'ruth@bluepine.test', '+1 415 555 0161', 'COO', null, '33 days', '78 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca106', '00000000-0000-4000-a000-000000000004', null, '00000000-0000-4000-a000-0000000c0104', 'Simon', 'Harrow', 'simon@harrowfinch.test', '+1 617 555 0108', 'Managing Partner', null, '6 days', '58 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca107', '00000000-0000-4000-a000-000000000004', null, '00000000-0000-4000-a000-0000000c0104', 'Dana', 'Finch', 'dana@harrowfinch.test', null, 'Office Manager', 'Not to be confused with Dana Reeves.', '12 days', '50 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca108', '00000000-0000-4000-a000-000000000001', null, '00000000-0000-4000-a000-0000000c0105', 'Helen', 'Marlow', 'helen@marlowenergy.test', '+1 713 555 0133', 'CEO', null, '41 days', '149 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ca109', '00000000-0000-4000-a000-000000000010', null, '00000000-0000-4000-a000-0000000c0106', 'Isaac', 'Bell', 'isaac.bell@tidewaterclinics.test', '+1 757 555 0124', 'Director of IT', null, '4 days', '34 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000ca201', '00000000-0000-4000-a000-000000000006', null, '00000000-0000-4000-a000-0000000c0201', 'Grace', 'Oduya', 'grace.oduya@acme.test', '+1 312 555 0119', 'Plant Director', 'Unhappy with a slow pilot elsewhere.', '5 days', '68 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000ca202', '00000000-0000-4000-a000-000000000010', null, '00000000-0000-4000-a000-0000000c0202', 'Matthias', 'Roth', 'm.roth@nordlicht.test', '+49 40 5550 123', 'Head of Quality', null, '3 days', '54 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000ca203', '00000000-0000-4000-a000-000000000007', '00000000-0000-4000-a000-000000000008', '00000000-0000-4000-a000-0000000c0203', 'Ulrike', 'Hahn', 'hahn@elbtal.test', '+49 351 5550 77', 'Managing Director', null, '15 days', '108 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000ca204', '00000000-0000-4000-a000-000000000008', null, '00000000-0000-4000-a000-0000000c0204', 'Nils', 'Kiefer', 'nils@kiefer.test', null, 'Head of Digital', null, '8 days', '39 days')
) as c (org_id, id, user_id, assigned_to, company_id, first_name, last_name, email, phone, job_title, notes, last_seen, age);

-- 4. Deals: open, stalled, won, lost -------------------------------------------------------------

insert into public.deals (
  org_id, id, user_id, assigned_to, company_id, primary_contact_id, stage_id, name, amount, currency,
  expected_close_on, next_step, lost_reason, stage_changed_at, closed_at, created_at
)
select d.org_id::uuid, d.id::uuid, d.user_id::uuid, d.assigned_to::uuid, d.company_id::uuid, d.contact_id::uuid, s.id, d.name, d.amount, d.currency,
  current_date + d.closes_in, d.next_step, d.lost_reason, now() - d.in_stage::interval,
  case when s.kind <> 'open' then now() - d.in_stage::interval end, now() - d.age::interval
from (values
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de101', '00000000-0000-4000-a000-000000000003', null, '00000000-0000-4000-a000-0000000c0101', '00000000-0000-4000-a000-0000000ca101', 'Negotiation', 'TechCorp: platform for all sites', 96000, 'USD', 12, 'Send the security answers before Thursday', null, '6 days', '110 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de102', '00000000-0000-4000-a000-000000000003', '00000000-0000-4000-a000-000000000004', '00000000-0000-4000-a000-0000000c0102', '00000000-0000-4000-a000-0000000ca103', 'Proposal', 'Acme: pilot in plant 2', 42000, 'USD', 25, 'Agree on the pilot''s success criteria', null, '10 days', '88 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de103', '00000000-0000-4000-a000-000000000003', null, '00000000-0000-4000-a000-0000000c0102', '00000000-0000-4000-a000-0000000ca104', 'Qualified', 'Acme: roll-out to nine plants', 310000, 'USD', 120, null, null, '52 days', '70 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de104', '00000000-0000-4000-a000-000000000002', null, '00000000-0000-4000-a000-0000000c0103', '00000000-0000-4000-a000-0000000ca105', 'Proposal', 'Bluepine: dispatch desk', 58000, 'USD', -9, 'Ruth has not answered since the proposal', null, '34 days', '75 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de105', '00000000-0000-4000-a000-000000000004', null, '00000000-0000-4000-a000-0000000c0104', '00000000-0000-4000-a000-0000000ca106', 'Negotiation', 'Harrow & Finch: 40 seats', 14400, 'USD', 5, 'Discount for two years up front', null, '4 days', '55 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de106', '00000000-0000-4000-a000-000000000001', null, '00000000-0000-4000-a000-0000000c0105', '00000000-0000-4000-a000-0000000ca108', 'Won', 'Marlow Energy: first region', 180000, 'USD', -20, null, null, '21 days', '140 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de107', '00000000-0000-4000-a000-000000000003', null, '00000000-0000-4000-a000-0000000c0101', '00000000-0000-4000-a000-0000000ca102', 'Lost', 'TechCorp: audit add-on', 12000, 'USD', -40, null, 'WidgetCo bundled it for free', '41 days', '100 days'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000de108', '00000000-0000-4000-a000-000000000010', null, '00000000-0000-4000-a000-0000000c0106', '00000000-0000-4000-a000-0000000ca109', 'Lead', 'Tidewater Clinics: six locations', 36000, 'USD', 60, 'First call on requirements', null, '4 days', '30 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000de201', '00000000-0000-4000-a000-000000000006', null, '00000000-0000-4000-a000-0000000c0201', '00000000-0000-4000-a000-0000000ca201', 'Qualified', 'Acme: replace the pilot', 88000, 'EUR', 45, 'Reference visit in Dresden', null, '12 days', '66 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000de202', '00000000-0000-4000-a000-000000000010', null, '00000000-0000-4000-a000-0000000c0202', '00000000-0000-4000-a000-0000000ca202', 'Proof of concept', 'Nordlicht: validated environment', 145000, 'EUR', 30, 'Qualification plan from their quality team', null, '8 days', '50 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000de203', '00000000-0000-4000-a000-000000000007', '00000000-0000-4000-a000-000000000008', '00000000-0000-4000-a000-0000000c0203', '00000000-0000-4000-a000-0000000ca203', 'Won', 'Elbtal: shop floor', 62000, 'EUR', -15, null, null, '16 days', '105 days'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000de204', '00000000-0000-4000-a000-000000000008', null, '00000000-0000-4000-a000-0000000c0204', '00000000-0000-4000-a000-0000000ca204', 'Lost', 'Kiefer: 12 stores', 27000, 'EUR', -5, null, 'Budget moved to next year', '7 days', '38 days')
) as d (org_id, id, user_id, assigned_to, company_id, contact_id, stage, name, amount, currency, closes_in, next_step, lost_reason, in_stage, age)
join public.deal_stages as s on s.org_id = d.org_id::uuid and s.name = d.stage;

-- 5. Calendars: today, tomorrow, this week -------------------------------------------------------
-- Times are of the person's own day, so that "today" is never empty, whenever this runs.

insert into public.calendar_events (
  org_id, user_id, external_id, title, description, location, start_time, end_time, time_zone, all_day,
  attendees, attendees_count, organizer_email, meeting_url, status, response_status, provider_updated_at
)
select
  p.active_org_id, p.id, e.external_id, e.title, e.description, e.location,
  t.starts at time zone p.time_zone, (t.starts + e.takes::interval) at time zone p.time_zone, p.time_zone, e.takes = '1 day',
  coalesce(
    (
      select jsonb_agg(jsonb_build_object(
        'email', a.email, 'name', initcap(replace(split_part(a.email, '@', 1), '.', ' ')),
        'response_status', 'accepted', 'organizer', a.email = p.email, 'self', a.email = p.email, 'resource', false
      ) order by a.position)
      from unnest(array[p.email] || e.guests) with ordinality as a (email, position)
      where cardinality(e.guests) > 0
    ),
    '[]'
  ),
  case when cardinality(e.guests) > 0 then cardinality(e.guests) + 1 else 0 end,
  p.email, e.url, e.status, 'accepted', now() - interval '1 day'
from (values
  ('sarah@fernhollow.test', 'seed-sarah-01', 0, '09:30', '30 minutes', 'Pipeline stand-up', null, null, array['marcus@fernhollow.test', 'diego@fernhollow.test'], 'https://meet.google.test/abc-pipe-one', 'confirmed'),
  ('sarah@fernhollow.test', 'seed-sarah-02', 0, '11:00', '45 minutes', 'TechCorp: security answers', 'Walk through the open points of the security review.', null, array['dana.reeves@techcorp.test', 'victor.lindqvist@techcorp.test'], 'https://meet.google.test/abc-tech-two', 'confirmed'),
  ('sarah@fernhollow.test', 'seed-sarah-03', 0, '14:00', '1 hour', 'Focus: write the Acme proposal', null, null, array[]::text[], null, 'confirmed'),
  ('sarah@fernhollow.test', 'seed-sarah-04', 0, '16:30', '30 minutes', 'Acme pilot: success criteria', null, 'https://zoom.test/j/55501942', array['grace.oduya@acme.test', 'diego@fernhollow.test'], 'https://zoom.test/j/55501942', 'confirmed'),
  ('sarah@fernhollow.test', 'seed-sarah-05', 1, '10:00', '30 minutes', 'Dana Reeves, one to one', null, null, array['dana.reeves@techcorp.test'], 'https://meet.google.test/abc-dana-fiv', 'confirmed'),
  ('sarah@fernhollow.test', 'seed-sarah-06', 1, '15:00', '1 hour', 'Acme finance: Peter Nowak', null, 'Acme headquarters, Chicago', array['peter.nowak@acme.test'], null, 'tentative'),
  ('sarah@fernhollow.test', 'seed-sarah-07', 2, '00:00', '1 day', 'Trade fair', null, 'Javits Center', array[]::text[], null, 'confirmed'),
  ('sarah@fernhollow.test', 'seed-sarah-08', 3, '11:00', '30 minutes', 'Bluepine: are they still interested?', null, null, array['ruth@bluepine.test', 'marcus@fernhollow.test'], 'https://meet.google.test/abc-blue-eig', 'cancelled'),
  ('sarah@fernhollow.test', 'seed-sarah-09', -1, '13:00', '45 minutes', 'Acme pilot: weekly review', null, null, array['grace.oduya@acme.test'], 'https://zoom.test/j/55501943', 'confirmed'),
  ('marcus@fernhollow.test', 'seed-marcus-01', 0, '09:30', '30 minutes', 'Pipeline stand-up', null, null, array['sarah@fernhollow.test', 'diego@fernhollow.test'], 'https://meet.google.test/abc-pipe-one', 'confirmed'),
  ('marcus@fernhollow.test', 'seed-marcus-02', 0, '13:30', '30 minutes', 'Salary review (confidential)', null, null, array['olivia@fernhollow.test'], null, 'confirmed'),
  ('diego@fernhollow.test', 'seed-diego-01', 0, '10:30', '30 minutes', 'Harrow & Finch: contract', null, null, array['simon@harrowfinch.test'], 'https://meet.google.test/abc-harr-one', 'confirmed'),
  ('diego@fernhollow.test', 'seed-diego-02', 0, '16:30', '30 minutes', 'Acme pilot: success criteria', null, 'https://zoom.test/j/55501942', array['grace.oduya@acme.test', 'sarah@fernhollow.test'], 'https://zoom.test/j/55501942', 'confirmed'),
  ('amara@consulting.test', 'seed-amara-01', 0, '11:00', '1 hour', 'Nordlicht: qualification plan', null, null, array['m.roth@nordlicht.test'], 'https://meet.google.test/abc-nord-one', 'confirmed'),
  ('ingrid@quillstone.test', 'seed-ingrid-01', 0, '15:00', '45 minutes', 'Acme: reference visit', 'They want out of their current pilot.', null, array['grace.oduya@acme.test'], 'https://meet.google.test/abc-acme-one', 'confirmed'),
  ('lena@quillstone.test', 'seed-lena-01', 1, '09:00', '30 minutes', 'Elbtal: onboarding', null, null, array['hahn@elbtal.test'], 'https://meet.google.test/abc-elbt-one', 'confirmed')
) as e (owner, external_id, day, at, takes, title, description, location, guests, url, status)
join public.profiles as p on p.email = e.owner
cross join lateral (
  select date_trunc('day', now() at time zone p.time_zone) + make_interval(days => e.day) + e.at::interval as starts
) as t;

insert into public.calendar_connections (org_id, id, user_id, account_email, last_synced_at)
select p.active_org_id, c.id::uuid, p.id, p.email, now() - interval '1 day'
from (values
  ('sarah@fernhollow.test', '00000000-0000-4000-a000-0000000cc101'),
  ('marcus@fernhollow.test', '00000000-0000-4000-a000-0000000cc102'),
  ('ingrid@quillstone.test', '00000000-0000-4000-a000-0000000cc201')
) as c (owner, id)
join public.profiles as p on p.email = c.owner;

-- The provider's simulator knows a refresh token for each account.
insert into private.calendar_credentials (org_id, connection_id, refresh_token_secret_id)
select c.org_id, c.id, vault.create_secret('sim-refresh-' || c.account_email, 'seed refresh token of ' || c.account_email)
from public.calendar_connections as c
where c.id::text like '00000000-0000-4000-a000-0000000cc%';

-- 6. Meetings, transcripts, action items ---------------------------------------------------------

insert into public.meetings (
  org_id, id, owner_user_id, source_type, external_id, title, started_at, ended_at, summary, language,
  share_url, company_id, deal_id, created_at
)
select m.org_id::uuid, m.id::uuid, m.owner::uuid, m.source, m.external_id, m.title, now() - m.ago::interval,
  now() - m.ago::interval + m.takes::interval, m.summary, 'en', m.share_url, m.company_id::uuid, m.deal_id::uuid, now() - m.ago::interval
from (values
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ee101', '00000000-0000-4000-a000-000000000003', 'fathom', '910001', 'TechCorp: platform demo', '2 days', '42 minutes', 'Dana compared us with WidgetCo. Price is accepted if the security review passes; she needs our answers before Thursday.', 'https://fathom.test/share/910001', '00000000-0000-4000-a000-0000000c0101', '00000000-0000-4000-a000-0000000de101'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ee102', '00000000-0000-4000-a000-000000000003', 'fathom', '910002', 'Acme pilot: weekly review', '1 day', '31 minutes', 'The pilot in plant 2 runs on two lines. Grace wants success criteria in writing and worries about night shift training.', 'https://fathom.test/share/910002', '00000000-0000-4000-a000-0000000c0102', '00000000-0000-4000-a000-0000000de102'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ee103', '00000000-0000-4000-a000-000000000004', 'fathom', '910003', 'Harrow & Finch: terms', '6 days', '25 minutes', 'Simon asks for a discount against two years paid up front.', 'https://fathom.test/share/910003', '00000000-0000-4000-a000-0000000c0104', '00000000-0000-4000-a000-0000000de105'),
  ('00000000-0000-4000-a000-0000000000a1', '00000000-0000-4000-a000-0000000ee104', '00000000-0000-4000-a000-000000000001', 'manual', null, 'Marlow Energy: signing lunch', '21 days', '90 minutes', 'Signed for the first region; the second one in spring.', null, '00000000-0000-4000-a000-0000000c0105', '00000000-0000-4000-a000-0000000de106'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000ee201', '00000000-0000-4000-a000-000000000006', 'fathom', '920001', 'Acme: why they want to switch', '5 days', '35 minutes', 'Grace finds the Fernhollow pilot slow; a reference visit would decide it.', 'https://fathom.test/share/920001', '00000000-0000-4000-a000-0000000c0201', '00000000-0000-4000-a000-0000000de201'),
  ('00000000-0000-4000-a000-0000000000b1', '00000000-0000-4000-a000-0000000ee202', '00000000-0000-4000-a000-000000000010', 'fathom', '920002', 'Nordlicht: validation scope', '3 days', '50 minutes', 'Quality needs a validated environment and an audit trail per batch.', 'https://fathom.test/share/920002', '00000000-0000-4000-a000-0000000c0202', '00000000-0000-4000-a000-0000000de202')
) as m (org_id, id, owner, source, external_id, title, ago, takes, summary, share_url, company_id, deal_id);

-- A recording of something that stood in its owner's calendar is that event, at that event's time.
update public.meetings as m
set calendar_event_id = e.id, started_at = e.start_time, ended_at = e.start_time + (m.ended_at - m.started_at)
from public.calendar_events as e
where e.org_id = m.org_id and e.user_id = m.owner_user_id and e.title = m.title;

insert into public.meeting_attendees (org_id, meeting_id, owner_user_id, name, email, is_external, is_organizer, contact_id)
select m.org_id, m.id, m.owner_user_id, a.name, a.email, a.is_external, not a.is_external, c.id
from (values
  ('00000000-0000-4000-a000-0000000ee101', 'Sarah Chen', 'sarah@fernhollow.test', false),
  ('00000000-0000-4000-a000-0000000ee101', 'Dana Reeves', 'dana.reeves@techcorp.test', true),
  ('00000000-0000-4000-a000-0000000ee102', 'Sarah Chen', 'sarah@fernhollow.test', false),
  ('00000000-0000-4000-a000-0000000ee102', 'Grace Oduya', 'grace.oduya@acme.test', true),
  ('00000000-0000-4000-a000-0000000ee103', 'Diego Alvarez', 'diego@fernhollow.test', false),
  ('00000000-0000-4000-a000-0000000ee103', 'Simon Harrow', 'simon@harrowfinch.test', true),
  ('00000000-0000-4000-a000-0000000ee201', 'Ingrid Sommer', 'ingrid@quillstone.test', false),
  ('00000000-0000-4000-a000-0000000ee201', 'Grace Oduya', 'grace.oduya@acme.test', true),
  ('00000000-0000-4000-a000-0000000ee202', 'Amara Okafor', 'amara@consulting.test', false),
  ('00000000-0000-4000-a000-0000000ee202', 'Matthias Roth', 'm.roth@nordlicht.test', true)
) as a (meeting_id, name, email, is_external)
join public.meetings as m on m.id = a.meeting_id::uuid
left join public.contacts as c on c.org_id = m.org_id and c.email = a.email;

insert into public.meeting_action_items (org_id, meeting_id, owner_user_id, seq, description, assignee_name, assignee_email, is_completed)
select m.org_id, m.id, m.owner_user_id, a.seq, a.description, a.assignee_name, a.assignee_email, a.is_completed
from (values
  ('00000000-0000-4000-a000-0000000ee101', 1, 'Send the answers to the security questionnaire', 'Sarah Chen', 'sarah@fernhollow.test', false),
  ('00000000-0000-4000-a000-0000000ee101', 2, 'Introduce the procurement lead', 'Dana Reeves', 'dana.reeves@techcorp.test', false),
  ('00000000-0000-4000-a000-0000000ee102', 1, 'Write down the success criteria of the pilot', 'Sarah Chen', 'sarah@fernhollow.test', false),
  ('00000000-0000-4000-a000-0000000ee102', 2, 'Plan a training for the night shift', 'Grace Oduya', 'grace.oduya@acme.test', true),
  ('00000000-0000-4000-a000-0000000ee103', 1, 'Calculate two years up front', 'Diego Alvarez', 'diego@fernhollow.test', false),
  ('00000000-0000-4000-a000-0000000ee201', 1, 'Arrange the reference visit in Dresden', 'Ingrid Sommer', 'ingrid@quillstone.test', false),
  ('00000000-0000-4000-a000-0000000ee202', 1, 'Share the validation plan', 'Matthias Roth', 'm.roth@nordlicht.test', false)
) as a (meeting_id, seq, description, assignee_name, assignee_email, is_completed)
join public.meetings as m on m.id = a.meeting_id::uuid;

insert into public.transcripts (org_id, meeting_id, owner_user_id, language)
select m.org_id, m.id, m.owner_user_id, 'en'
from public.meetings as m
where m.source_type = 'fathom' and m.id::text like '00000000-0000-4000-a000-0000000ee%';

insert into public.transcript_segments (
  org_id, transcript_id, meeting_id, owner_user_id, seq, speaker_name, speaker_email, start_ms, text
)
select t.org_id, t.id, t.meeting_id, t.owner_user_id, s.seq, s.speaker, s.email, s.seconds * 1000, s.text
from (values
  ('00000000-0000-4000-a000-0000000ee101', 1, 'Sarah Chen', 'sarah@fernhollow.test', 4, 'Thanks for making the time, Dana. Did the numbers I sent match what your sites reported?'),
  ('00000000-0000-4000-a000-0000000ee101', 2, 'Dana Reeves', 'dana.reeves@techcorp.test', 15, 'Close enough. Two sites are slower than we thought, which makes your case stronger.'),
  ('00000000-0000-4000-a000-0000000ee101', 3, 'Dana Reeves', 'dana.reeves@techcorp.test', 41, 'To be open with you, WidgetCo offered the same scope and bundled the audit module for free.'),
  ('00000000-0000-4000-a000-0000000ee101', 4, 'Sarah Chen', 'sarah@fernhollow.test', 58, 'WidgetCo charges per site after the first year. Over three years we are eighteen percent below them.'),
  ('00000000-0000-4000-a000-0000000ee101', 5, 'Dana Reeves', 'dana.reeves@techcorp.test', 80, 'Then pricing is fine. What stops me is Victor: no signature before the security review is closed.'),
  ('00000000-0000-4000-a000-0000000ee101', 6, 'Sarah Chen', 'sarah@fernhollow.test', 99, 'Which points are open?'),
  ('00000000-0000-4000-a000-0000000ee101', 7, 'Dana Reeves', 'dana.reeves@techcorp.test', 104, 'Data residency, single sign-on, and the report of your last penetration test.'),
  ('00000000-0000-4000-a000-0000000ee101', 8, 'Sarah Chen', 'sarah@fernhollow.test', 121, 'You will have written answers to all three before Thursday.'),
  ('00000000-0000-4000-a000-0000000ee101', 9, 'Dana Reeves', 'dana.reeves@techcorp.test', 133, 'Good. Then I bring our procurement lead to the next call.'),
  ('00000000-0000-4000-a000-0000000ee102', 1, 'Sarah Chen', 'sarah@fernhollow.test', 3, 'How did the second line go this week, Grace?'),
  ('00000000-0000-4000-a000-0000000ee102', 2, 'Grace Oduya', 'grace.oduya@acme.test', 9, 'Better than the first. The operators found the alerts useful once the thresholds were right.'),
  ('00000000-0000-4000-a000-0000000ee102', 3, 'Grace Oduya', 'grace.oduya@acme.test', 27, 'My worry is the night shift. Nobody has trained them and they switch the tablets off.'),
  ('00000000-0000-4000-a000-0000000ee102', 4, 'Sarah Chen', 'sarah@fernhollow.test', 44, 'We can do a training at ten in the evening, on site. Would next week work?'),
  ('00000000-0000-4000-a000-0000000ee102', 5, 'Grace Oduya', 'grace.oduya@acme.test', 56, 'Yes. And please put the success criteria in writing, or finance will argue about them later.'),
  ('00000000-0000-4000-a000-0000000ee102', 6, 'Sarah Chen', 'sarah@fernhollow.test', 70, 'I suggest unplanned downtime below four percent and a response within ten minutes.'),
  ('00000000-0000-4000-a000-0000000ee102', 7, 'Grace Oduya', 'grace.oduya@acme.test', 84, 'Four percent is ambitious. Let us say five for the pilot and four for the roll-out.'),
  ('00000000-0000-4000-a000-0000000ee103', 1, 'Simon Harrow', 'simon@harrowfinch.test', 5, 'We like the product. What we do not like is paying monthly.'),
  ('00000000-0000-4000-a000-0000000ee103', 2, 'Diego Alvarez', 'diego@fernhollow.test', 14, 'You could pay a year up front and get ten percent off.'),
  ('00000000-0000-4000-a000-0000000ee103', 3, 'Simon Harrow', 'simon@harrowfinch.test', 25, 'Make it two years and a fifteen percent discount, and I sign this month.'),
  ('00000000-0000-4000-a000-0000000ee103', 4, 'Diego Alvarez', 'diego@fernhollow.test', 39, 'Let me calculate that and come back to you on Friday.'),
  ('00000000-0000-4000-a000-0000000ee201', 1, 'Ingrid Sommer', 'ingrid@quillstone.test', 6, 'You said that your present pilot is slow. What does slow mean?'),
  ('00000000-0000-4000-a000-0000000ee201', 2, 'Grace Oduya', 'grace.oduya@acme.test', 17, 'Fernhollow needed six weeks for two lines. I have nine plants.'),
  ('00000000-0000-4000-a000-0000000ee201', 3, 'Ingrid Sommer', 'ingrid@quillstone.test', 31, 'Elbtal went live with four lines in ten days. Come and see it in Dresden.'),
  ('00000000-0000-4000-a000-0000000ee201', 4, 'Grace Oduya', 'grace.oduya@acme.test', 46, 'A reference visit would convince our finance people more than any slide.'),
  ('00000000-0000-4000-a000-0000000ee202', 1, 'Matthias Roth', 'm.roth@nordlicht.test', 8, 'Everything that touches a batch must run in a validated environment.'),
  ('00000000-0000-4000-a000-0000000ee202', 2, 'Amara Okafor', 'amara@consulting.test', 21, 'Do you validate the installation yourselves, or do you expect our documents?'),
  ('00000000-0000-4000-a000-0000000ee202', 3, 'Matthias Roth', 'm.roth@nordlicht.test', 34, 'Your documents, our tests. And an audit trail for each batch that nobody can edit.'),
  ('00000000-0000-4000-a000-0000000ee202', 4, 'Amara Okafor', 'amara@consulting.test', 52, 'Then the validation plan decides the price. Please share the last one you used.')
) as s (meeting_id, seq, speaker, email, seconds, text)
join public.transcripts as t on t.meeting_id = s.meeting_id::uuid;

update public.transcripts as t
set segment_count = (select count(*) from public.transcript_segments as s where s.org_id = t.org_id and s.transcript_id = t.id);

-- 7. Activities, tasks, emails -------------------------------------------------------------------

insert into public.activities (org_id, user_id, kind, subject, details, occurred_at, company_id, contact_id, deal_id, meeting_id)
select d.org_id, a.owner::uuid, a.kind, a.subject, a.details, now() - a.ago::interval, d.company_id, d.primary_contact_id, d.id, a.meeting_id::uuid
from (values
  ('00000000-0000-4000-a000-0000000de101', '00000000-0000-4000-a000-000000000003', 'meeting', 'Platform demo', 'Price accepted, security review open.', '2 days', '00000000-0000-4000-a000-0000000ee101'),
  ('00000000-0000-4000-a000-0000000de101', '00000000-0000-4000-a000-000000000003', 'email', 'Sent the three-year comparison with WidgetCo', null, '3 days', null),
  ('00000000-0000-4000-a000-0000000de102', '00000000-0000-4000-a000-000000000003', 'meeting', 'Weekly review of the pilot', null, '1 day', '00000000-0000-4000-a000-0000000ee102'),
  ('00000000-0000-4000-a000-0000000de102', '00000000-0000-4000-a000-000000000004', 'call', 'Called Grace about the night shift', 'She suggests ten in the evening.', '20 hours', null),
  ('00000000-0000-4000-a000-0000000de104', '00000000-0000-4000-a000-000000000002', 'proposal', 'Sent the proposal for the dispatch desk', null, '34 days', null),
  ('00000000-0000-4000-a000-0000000de105', '00000000-0000-4000-a000-000000000004', 'meeting', 'Talked about terms', null, '6 days', '00000000-0000-4000-a000-0000000ee103'),
  ('00000000-0000-4000-a000-0000000de106', '00000000-0000-4000-a000-000000000001', 'stage_change', 'Won', null, '21 days', '00000000-0000-4000-a000-0000000ee104'),
  ('00000000-0000-4000-a000-0000000de201', '00000000-0000-4000-a000-000000000006', 'meeting', 'Why they want to switch', null, '5 days', '00000000-0000-4000-a000-0000000ee201'),
  ('00000000-0000-4000-a000-0000000de202', '00000000-0000-4000-a000-000000000010', 'note', 'Validation documents are the price driver', null, '3 days', '00000000-0000-4000-a000-0000000ee202')
) as a (deal_id, owner, kind, subject, details, ago, meeting_id)
join public.deals as d on d.id = a.deal_id::uuid;

insert into public.tasks (org_id, user_id, assigned_to, title, details, due_at, priority, status, deal_id, contact_id, meeting_id, created_at)
select d.org_id, t.owner::uuid, t.assigned_to::uuid, t.title, t.details, now() + t.due::interval, t.priority, t.status, d.id,
  d.primary_contact_id, t.meeting_id::uuid, now() - interval '5 days'
from (values
  ('00000000-0000-4000-a000-0000000de101', '00000000-0000-4000-a000-000000000003', null, 'Answer TechCorp''s security questionnaire', 'Data residency, single sign-on, penetration test report.', '1 day', 'urgent', 'in_progress', '00000000-0000-4000-a000-0000000ee101'),
  ('00000000-0000-4000-a000-0000000de102', '00000000-0000-4000-a000-000000000003', '00000000-0000-4000-a000-000000000004', 'Write the pilot''s success criteria', 'Five percent downtime in the pilot, four in the roll-out.', '-1 days', 'high', 'open', '00000000-0000-4000-a000-0000000ee102'),
  ('00000000-0000-4000-a000-0000000de104', '00000000-0000-4000-a000-000000000002', null, 'Call Ruth about the proposal', null, '-12 days', 'normal', 'open', null),
  ('00000000-0000-4000-a000-0000000de105', '00000000-0000-4000-a000-000000000004', null, 'Calculate two years up front', null, '2 days', 'high', 'open', '00000000-0000-4000-a000-0000000ee103'),
  ('00000000-0000-4000-a000-0000000de106', '00000000-0000-4000-a000-000000000001', null, 'Thank Helen Marlow', null, '-18 days', 'normal', 'done', null),
  ('00000000-0000-4000-a000-0000000de108', '00000000-0000-4000-a000-000000000010', null, 'Prepare questions for Tidewater', null, '3 days', 'normal', 'open', null),
  ('00000000-0000-4000-a000-0000000de201', '00000000-0000-4000-a000-000000000006', '00000000-0000-4000-a000-000000000008', 'Arrange the visit in Dresden', null, '-2 days', 'high', 'open', '00000000-0000-4000-a000-0000000ee201'),
  ('00000000-0000-4000-a000-0000000de202', '00000000-0000-4000-a000-000000000010', null, 'Read Nordlicht''s validation plan', null, '4 days', 'normal', 'open', '00000000-0000-4000-a000-0000000ee202')
) as t (deal_id, owner, assigned_to, title, details, due, priority, status, meeting_id)
join public.deals as d on d.id = t.deal_id::uuid;

with letters (id, deal_id, owner, external_id, thread, direction, subject, body, sender, receiver, ago) as (
  values
    ('00000000-0000-4000-a000-0000000e1101', '00000000-0000-4000-a000-0000000de101', '00000000-0000-4000-a000-000000000003', 'seed-mail-01', 'seed-thread-01', 'outbound', 'Three-year comparison', 'Dana, attached is the comparison we talked about. The difference shows from the second year on.', 'sarah@fernhollow.test', 'dana.reeves@techcorp.test', '3 days'),
    ('00000000-0000-4000-a000-0000000e1102', '00000000-0000-4000-a000-0000000de101', '00000000-0000-4000-a000-000000000003', 'seed-mail-02', 'seed-thread-01', 'inbound', 'Re: Three-year comparison', 'Thanks Sarah. Clear. Victor still waits for the three answers, can you send them before Thursday?', 'dana.reeves@techcorp.test', 'sarah@fernhollow.test', '2 days'),
    ('00000000-0000-4000-a000-0000000e1103', '00000000-0000-4000-a000-0000000de105', '00000000-0000-4000-a000-000000000004', 'seed-mail-03', 'seed-thread-02', 'inbound', 'Two years', 'Diego, did you get the numbers for two years up front?', 'simon@harrowfinch.test', 'diego@fernhollow.test', '1 day'),
    ('00000000-0000-4000-a000-0000000e1201', '00000000-0000-4000-a000-0000000de201', '00000000-0000-4000-a000-000000000006', 'seed-mail-04', 'seed-thread-03', 'inbound', 'Dresden', 'Ingrid, the week after next would work for the visit. Please keep this between us for now.', 'grace.oduya@acme.test', 'ingrid@quillstone.test', '4 days')
),
stored as (
  insert into public.emails (
    org_id, id, user_id, external_id, thread_id, direction, subject, snippet, from_email, to_emails,
    sent_at, contact_id, deal_id, company_id
  )
  select d.org_id, l.id::uuid, l.owner::uuid, l.external_id, l.thread, l.direction, l.subject, left(l.body, 60), l.sender,
    array[l.receiver], now() - l.ago::interval, d.primary_contact_id, d.id, d.company_id
  from letters as l
  join public.deals as d on d.id = l.deal_id::uuid
  returning org_id, id, user_id
)
insert into public.email_bodies (org_id, email_id, user_id, body_text)
select s.org_id, s.id, s.user_id, l.body
from stored as s
join letters as l on l.id::uuid = s.id;
