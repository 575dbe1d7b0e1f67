-- Emails: metadata in one table, bodies in another, so that lists never load them. Private to the
-- mailbox's owner unless the organization shares emails (U60-156).

create table public.emails (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  external_id text not null,
  thread_id text,
  message_id text,
  direction text not null,
  subject text,
  snippet text,
  from_email text not null,
  to_emails text[] not null default '{}',
  cc_emails text[] not null default '{}',
  sent_at timestamptz not null,
  is_read boolean not null default false,
  company_id uuid,
  contact_id uuid,
  deal_id uuid,
  origin text not null default 'external_provider',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, company_id) references public.companies (org_id, id) on delete set null (company_id),
  foreign key (org_id, contact_id) references public.contacts (org_id, id) on delete set null (contact_id),
  foreign key (org_id, deal_id) references public.deals (org_id, id) on delete set null (deal_id),
  constraint emails_external_id_is_unique unique (org_id, user_id, external_id),
  constraint emails_bodies_follow_their_owner unique (org_id, id, user_id),
  -- Our own answers repeat it in a header: nothing else may be in it.
  constraint emails_message_id_shape check (message_id ~ '^<[!-;=?-~]+@[!-;=?-~]+>$' and char_length(message_id) <= 250),
  constraint emails_direction_is_known check (direction in ('inbound', 'outbound')),
  constraint emails_from_email_is_lower_case check (from_email = lower(from_email)),
  constraint emails_origin_is_known check (origin in ('user_input', 'worker', 'external_provider'))
);
comment on table public.emails is 'An email of a member''s mailbox, without its body.';
comment on column public.emails.org_id is '[class: operational] Organization whose row this is.';
comment on column public.emails.id is '[class: operational] Made by the server.';
comment on column public.emails.user_id is '[class: operational] Owner of the mailbox.';
comment on column public.emails.external_id is '[class: operational] Id at the provider, unique per mailbox.';
comment on column public.emails.thread_id is '[class: operational] Conversation at the provider.';
comment on column public.emails.message_id is '[class: operational] Message-ID of the message itself, with angle brackets, where it is known and can be repeated.';
comment on column public.emails.direction is '[class: conversation] inbound or outbound.';
comment on column public.emails.subject is '[class: conversation] Subject; untrusted.';
comment on column public.emails.snippet is '[class: conversation] First words; untrusted.';
comment on column public.emails.from_email is '[class: identity] Sender, lower case.';
comment on column public.emails.to_emails is '[class: identity] Receivers.';
comment on column public.emails.cc_emails is '[class: identity] Receivers of a copy.';
comment on column public.emails.sent_at is '[class: conversation] When it was sent.';
comment on column public.emails.is_read is '[class: conversation] Whether the owner has read it.';
comment on column public.emails.company_id is '[class: operational] Company it was exchanged with.';
comment on column public.emails.contact_id is '[class: operational] Contact it was exchanged with.';
comment on column public.emails.deal_id is '[class: operational] Deal it is about.';
comment on column public.emails.origin is '[class: operational] user_input, worker or external_provider.';
comment on column public.emails.created_at is '[class: operational] When the row was made.';
comment on column public.emails.updated_at is '[class: operational] Last change of the row.';
create index emails_org_id_sent_at_idx on public.emails (org_id, sent_at desc) include (user_id);
create index emails_org_id_user_id_idx on public.emails (org_id, user_id, sent_at desc);
-- What the policies read and no more, so that counting is cheap.
create index emails_policy_idx on public.emails (org_id, user_id);
create index emails_org_id_thread_id_idx on public.emails (org_id, thread_id);
create index emails_org_id_company_id_idx on public.emails (org_id, company_id, sent_at desc);
create index emails_org_id_contact_id_idx on public.emails (org_id, contact_id, sent_at desc);
create index emails_org_id_deal_id_idx on public.emails (org_id, deal_id, sent_at desc);

create table public.email_bodies (
  org_id uuid not null references public.organizations (id) on delete restrict,
  email_id uuid not null,
  user_id uuid not null,
  body_text text,
  body_html text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, email_id),
  foreign key (org_id, email_id, user_id)
  references public.emails (org_id, id, user_id) on update cascade on delete cascade
);
comment on table public.email_bodies is 'The body of an email.';
comment on column public.email_bodies.org_id is '[class: operational] Organization whose row this is.';
comment on column public.email_bodies.email_id is '[class: operational] The email.';
comment on column public.email_bodies.user_id is '[class: operational] Owner of the mailbox.';
comment on column public.email_bodies.body_text is '[class: conversation] Plain text; untrusted.';
comment on column public.email_bodies.body_html is '[class: conversation] Hypertext as received; untrusted, never to be shown as it is.';
comment on column public.email_bodies.created_at is '[class: operational] When the row was made.';
comment on column public.email_bodies.updated_at is '[class: operational] Last change of the row.';
create index email_bodies_org_id_email_id_user_id_idx on public.email_bodies (org_id, email_id, user_id);

create trigger touch_updated_at before update on public.emails
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.email_bodies
for each row execute function private.touch_updated_at();
select private.audit_table('public.emails');
create trigger audit after insert or update or delete on public.email_bodies
for each row execute function private.audit_row_change('org_id', 'email_id');

alter table public.emails enable row level security;
alter table public.emails force row level security;
alter table public.email_bodies enable row level security;
alter table public.email_bodies force row level security;
revoke all on table public.emails, public.email_bodies from anon, authenticated, service_role;
grant select on table public.emails, public.email_bodies to authenticated;

create policy "members read own and shared emails"
on public.emails for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('emails'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);

create policy "members read bodies of own and shared emails"
on public.email_bodies for select to authenticated
using (
  org_id = any((select private.my_orgs())::uuid[])
  and case
    when org_id = any((select private.my_shared_orgs('emails'))::uuid[]) then true
    else user_id = (select private.current_user_id())
  end
);
