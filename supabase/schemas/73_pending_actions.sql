-- What the copilot would do, waiting for its owner's yes (law 6, U60-008, U60-087…089, C-09). A
-- proposal is text: the canonical JSON of its effects. That text is hashed, shown, confirmed and
-- executed, and nothing else is; at rest it is enciphered as the conversation is. Trust boundary:
-- whoever made the text, these functions decide which effects there are, who may be reached and what a
-- person must have been shown.

create table private.pending_actions (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default private.new_id(),
  user_id uuid not null,
  conversation_id uuid not null,
  turn_id uuid not null,
  key text not null,
  shown_sealed bytea not null,
  effects_sealed bytea not null,
  payload_sha256 text not null,
  is_tainted boolean not null,
  is_reversible boolean not null,
  status text not null default 'open',
  error_code text,
  replaces uuid,
  expires_at timestamptz not null default now() + interval '30 minutes',
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  foreign key (org_id, conversation_id) references public.copilot_conversations (org_id, id) on delete cascade,
  foreign key (org_id, turn_id) references public.copilot_turns (org_id, id) on delete cascade,
  foreign key (org_id, replaces) references private.pending_actions (org_id, id) on delete set null (replaces),
  constraint pending_actions_are_proposed_once unique (org_id, turn_id, key),
  constraint pending_actions_key_length check (char_length(key) between 1 and 200),
  constraint pending_actions_payload_sha256_shape check (payload_sha256 ~ '^[0-9a-f]{64}$'),
  constraint pending_actions_status_is_known check (status in (
    'open', 'confirmed', 'executing', 'executed', 'partly_failed', 'failed', 'cancelled', 'replaced', 'expired', 'undone'
  )),
  constraint pending_actions_decided_iff_not_open check ((decided_at is null) = (status = 'open')),
  constraint pending_actions_error_code_shape check (error_code ~ '^[a-z0-9_]{1,60}$')
);
comment on table private.pending_actions is
  'What the copilot would do, as it was shown to its owner, and what became of it. Readable to nobody: its owner reads it by functions that log it.';
comment on column private.pending_actions.org_id is '[class: operational] Organization whose row this is.';
comment on column private.pending_actions.id is '[class: operational] Follows time; a confirmation names it.';
comment on column private.pending_actions.user_id is '[class: operational] Owner: the only one who can say yes.';
comment on column private.pending_actions.conversation_id is '[class: operational] Conversation in which it was proposed; it goes with it.';
comment on column private.pending_actions.turn_id is '[class: operational] Turn that proposed it.';
comment on column private.pending_actions.key is '[class: operational] Names the proposal within its turn, so that a repeated one is the same.';
comment on column private.pending_actions.shown_sealed is '[class: conversation] What was shown: {summary, previews, evidence}; enciphered with its owner''s key.';
comment on column private.pending_actions.effects_sealed is '[class: conversation] Canonical JSON of the effects: exactly what is executed; enciphered likewise.';
comment on column private.pending_actions.payload_sha256 is '[class: operational] SHA-256 of the effects'' text. What a confirmation names is compared with the text itself.';
comment on column private.pending_actions.is_tainted is '[class: operational] Words of people outside had been read before it was proposed.';
comment on column private.pending_actions.is_reversible is '[class: operational] Whether every effect can be undone.';
comment on column private.pending_actions.status is '[class: operational] open; confirmed only within its transaction; executing while effects are under way outside; or how it ended.';
comment on column private.pending_actions.error_code is '[class: operational] Why it failed; null where it did not.';
comment on column private.pending_actions.replaces is '[class: operational] The proposal that this one is an edited form of.';
comment on column private.pending_actions.expires_at is '[class: operational] Until when it can be confirmed.';
comment on column private.pending_actions.decided_at is '[class: operational] When it was confirmed, cancelled, replaced or found expired.';
comment on column private.pending_actions.created_at is '[class: operational] When it was proposed.';
comment on column private.pending_actions.updated_at is '[class: operational] Last change of the row.';
create index pending_actions_org_id_conversation_idx on private.pending_actions (org_id, conversation_id, created_at);
create index pending_actions_org_id_user_id_idx on private.pending_actions (org_id, user_id);
create index pending_actions_org_id_replaces_idx on private.pending_actions (org_id, replaces);

create trigger touch_updated_at before update on private.pending_actions
for each row execute function private.touch_updated_at();
select private.audit_table('private.pending_actions');
alter table private.pending_actions enable row level security;
alter table private.pending_actions force row level security;
revoke all on table private.pending_actions from anon, authenticated, service_role;

-- What a proposal may be ------------------------------------------------------------------------

create function private.is_external_effect(p_kind text)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return p_kind in ('send_email', 'post_slack_message', 'schedule_meeting');
end;
$$;
comment on function private.is_external_effect(text) is 'Whether an effect leaves the company: by the outbox, and for good.';

create function private.parse_effects(p_effects text)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
declare
  v_effects jsonb := p_effects::jsonb;
begin
  if jsonb_typeof(v_effects) is distinct from 'array' then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if jsonb_array_length(v_effects) not between 1 and 10 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  if exists (
    select from jsonb_array_elements(v_effects) as e (effect)
    where coalesce(e.effect ->> 'kind', '') not in (
      'create_task', 'update_task', 'complete_task', 'create_activity', 'update_deal_stage', 'update_contact',
      'send_email', 'post_slack_message', 'schedule_meeting'
    )
  ) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- One address each, not two in the place of one, and not more of them than anybody reads.
  if exists (
    select from jsonb_array_elements(v_effects) as e (effect)
    cross join lateral private.effect_addresses(e.effect) as a (addresses)
    where cardinality(a.addresses) > 50
      or exists (select from unnest(a.addresses) as o (address) where o.address !~ '^[^[:space:][:cntrl:]@,;:<>()"]+@[^[:space:][:cntrl:]@,;:<>()"]+$')
  ) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  return v_effects;
end;
$$;
comment on function private.parse_effects(text) is
  'The effects of a stored text: one to ten, of the closed set of kinds, each for at most fifty addresses. Raises invalid_request.';

create function private.effect_addresses(p_effect jsonb)
returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  return array(
    select distinct lower(a.address)
    from jsonb_array_elements_text(
      case p_effect ->> 'kind'
        when 'send_email' then (p_effect -> 'to') || coalesce(p_effect -> 'cc', '[]')
        when 'schedule_meeting' then p_effect -> 'attendees'
        else '[]'
      end
    ) as a (address)
    order by 1
  );
end;
$$;
comment on function private.effect_addresses(jsonb) is 'Everybody whom an email or invitation would reach, lower case.';

create function private.effect_recipients(p_effect jsonb)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return case p_effect ->> 'kind'
    when 'post_slack_message' then jsonb_build_array('#' || (p_effect ->> 'channel_name'))
    else to_jsonb(private.effect_addresses(p_effect))
  end;
end;
$$;
comment on function private.effect_recipients(jsonb) is 'Whom an effect reaches, as a preview names them.';

create function private.addresses_in(p_text text)
returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  return array(
    select distinct m.found[1]
    from regexp_matches(lower(p_text), '[a-z0-9._%+''-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+', 'g') as m (found)
  );
end;
$$;
comment on function private.addresses_in(text) is 'Email addresses that stand literally in a text.';

create function private.decode_email_header(p_value text)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  if p_value !~ '^=\?utf-8\?B\?[A-Za-z0-9+/=]+\?=( =\?utf-8\?B\?[A-Za-z0-9+/=]+\?=)*$' then
    return p_value;
  end if;
  return (
    select string_agg(convert_from(decode(w.word[1], 'base64'), 'UTF8'), '' order by w.place)
    from regexp_matches(p_value, '=\?utf-8\?B\?([A-Za-z0-9+/=]+)\?=', 'g') with ordinality as w (word, place)
  );
end;
$$;
comment on function private.decode_email_header(text) is 'The words of a header''s value, encoded or not (RFC 2047, as we write it).';

create function private.require_whole_email(p_effect jsonb)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_base64 constant text := translate(p_effect ->> 'raw', '-_', '+/');
  v_raw constant text := convert_from(decode(v_base64 || repeat('=', (4 - length(v_base64) % 4) % 4), 'base64'), 'UTF8');
  v_end constant integer := strpos(v_raw, E'\r\n\r\n');
  v_head constant text := replace(left(v_raw, v_end - 1), E'\r\n ', ' ');
  -- The last one is answered; the ones before it are how it came to that (RFC 5322, 3.6.4).
  v_answered constant text := p_effect -> 'references' ->> -1;
  v_names text[];
  v_fields jsonb;
  v_body text;
begin
  -- Only our own composing passes: these headers, once each, no line of anybody else's.
  select array_agg(split_part(l.line, ': ', 1) order by l.place),
    jsonb_object_agg(split_part(l.line, ': ', 1), substring(l.line from ': (.*)$'))
  into v_names, v_fields
  from string_to_table(v_head, E'\r\n') with ordinality as l (line, place);
  if v_head ~ '\r[^\n]|[^\r]\n' or v_names is distinct from array_remove(array[
    'From', 'To', case when jsonb_array_length(p_effect -> 'cc') > 0 then 'Cc' end,
    'Subject', case when v_answered is not null then 'In-Reply-To' end, case when v_answered is not null then 'References' end,
    'Message-ID', 'X-Sixty-Message-ID', 'Date', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding'
  ], null) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  v_body := convert_from(decode(substring(v_raw from v_end + 4), 'base64'), 'UTF8');
  if (v_fields - 'From' - 'Date' - 'Subject') is distinct from jsonb_strip_nulls(jsonb_build_object(
      'To', (select string_agg(a.address, ', ' order by a.place) from jsonb_array_elements_text(p_effect -> 'to') with ordinality as a (address, place)),
      'Cc', (select string_agg(a.address, ', ' order by a.place) from jsonb_array_elements_text(p_effect -> 'cc') with ordinality as a (address, place)),
      'In-Reply-To', v_answered,
      'References', (select string_agg(r.id, ' ' order by r.place) from jsonb_array_elements_text(p_effect -> 'references') with ordinality as r (id, place)),
      'Message-ID', p_effect ->> 'message_id', 'X-Sixty-Message-ID', p_effect ->> 'message_id', 'MIME-Version', '1.0',
      'Content-Type', 'text/plain; charset=utf-8', 'Content-Transfer-Encoding', 'base64'
    ))
    or private.decode_email_header(v_fields ->> 'Subject') is distinct from p_effect ->> 'subject'
    or replace(v_body, E'\r\n', E'\n') is distinct from p_effect ->> 'body'
  then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  return lower(v_fields ->> 'From');
end;
$$;
comment on function private.require_whole_email(jsonb) is
  'The sender of an email whose bytes say exactly what its fields say: people, subject, what it answers, text, id, and nothing besides. Raises invalid_request.';

create function private.require_shown(p_effect jsonb, p_preview jsonb)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if p_preview ->> 'kind' is distinct from p_effect ->> 'kind' then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  -- Whatever would be read by somebody must be in the preview, word for word.
  if exists (
    select from (
      -- Both: what is changed does not stand for what is made.
      select e.key, e.value from jsonb_each(p_effect) as e
      union all
      select c.key, c.value from jsonb_each(coalesce(p_effect -> 'changes', '{}')) as c
    ) as t (name, value)
    where t.name in (
        'title', 'details', 'subject', 'body', 'text', 'description', 'notes', 'lost_reason',
        'first_name', 'last_name', 'email', 'phone', 'job_title'
      )
      and jsonb_typeof(t.value) = 'string'
      and not exists (
        select from jsonb_array_elements(p_preview -> 'fields') as f (field) where f.field -> 'value' = t.value
      )
  ) then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
end;
$$;
comment on function private.require_shown(jsonb, jsonb) is
  'Insists that a preview is of this effect and shows its texts whole. Raises invalid_request.';

-- Who may be reached: with the caller's own rights, so that whom they can't see they can't name -----

create function private.is_open_slack_channel(p_org_id uuid, p_channel_id text, p_name text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (
    select from private.slack_channels as k
    where k.org_id = p_org_id and k.org_id = any(private.my_orgs())
      and k.channel_id = p_channel_id and k.name = p_name and k.is_open
  );
end;
$$;
comment on function private.is_open_slack_channel(uuid, text, text) is
  'Whether the admins opened that channel, under that name, to the copilot. Definer: channels are readable to nobody.';

create function private.allowed_recipients(p_org_id uuid, p_effect jsonb, p_is_tainted boolean, p_own_words text[])
returns text[]
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_user_id constant uuid := private.current_user_id();
  v_meeting_id constant uuid := (p_effect ->> 'meeting_id')::uuid;
  v_thread_id constant text := p_effect ->> 'thread_id';
begin
  return array(
    select a.address
    from unnest(private.effect_addresses(p_effect)) as a (address)
    where (not p_is_tainted and a.address = any(p_own_words))
      or exists (
        select from public.contacts as c
        where c.org_id = p_org_id and c.email = a.address
          and (not p_is_tainted or c.user_id = v_user_id or c.assigned_to = v_user_id)
      )
      or exists (
        select from public.organization_members as m join public.profiles as p on p.id = m.user_id
        where m.org_id = p_org_id and m.status = 'active' and p.email = a.address
      )
      or exists (
        select from public.meeting_attendees as t
        where t.org_id = p_org_id and t.email = a.address and (not p_is_tainted or t.meeting_id = v_meeting_id)
      )
      or exists (
        select from public.emails as e
        where e.org_id = p_org_id and e.thread_id = v_thread_id
          and a.address in (select lower(n.name) from unnest(e.from_email || e.to_emails || e.cc_emails) as n (name))
      )
      or exists (
        select from public.calendar_events as e
        where e.org_id = p_org_id and e.user_id = v_user_id and (not p_is_tainted or e.id = v_meeting_id)
          and e.attendees @> jsonb_build_array(jsonb_build_object('email', a.address))
      )
    order by a.address
  );
end;
$$;
comment on function private.allowed_recipients(uuid, jsonb, boolean, text[]) is
  'Of the people whom an effect would reach, those whom the caller may write to. Once words of people outside were read: own contacts, members, and the people of the thread or meeting that it answers.';

create function private.require_recipients(p_org_id uuid, p_effects jsonb, p_is_tainted boolean, p_own_words text[])
returns void
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_effect jsonb;
begin
  for v_effect in select e.effect from jsonb_array_elements(p_effects) as e (effect) loop
    -- Asked only where there is somebody: planning the question costs more than all the rest.
    if v_effect ->> 'kind' in ('send_email', 'schedule_meeting')
      and private.allowed_recipients(p_org_id, v_effect, p_is_tainted, p_own_words) <> private.effect_addresses(v_effect)
    then
      raise sqlstate 'PT409' using message = 'recipient_not_allowed';
    end if;
    if v_effect ->> 'kind' = 'post_slack_message'
      and not private.is_open_slack_channel(p_org_id, v_effect ->> 'channel_id', v_effect ->> 'channel_name')
    then
      raise sqlstate 'PT409' using message = 'recipient_not_allowed';
    end if;
    if v_effect ->> 'kind' = 'send_email' and not exists (
      select from public.calendar_connections as c
      where c.org_id = p_org_id and c.account_email = private.require_whole_email(v_effect) and c.status = 'active'
    ) then
      raise sqlstate 'PT409' using message = 'email_not_connected';
    end if;
    -- Or a contact's new address would be a way round.
    if p_is_tainted and v_effect ->> 'kind' = 'update_contact' and v_effect -> 'changes' ->> 'email' is not null
      and lower(v_effect -> 'changes' ->> 'email') <> all(p_own_words)
    then
      raise sqlstate 'PT409' using message = 'recipient_not_allowed';
    end if;
  end loop;
end;
$$;
comment on function private.require_recipients(uuid, jsonb, boolean, text[]) is
  'Insists that effects reach only whom the caller may reach, from an account of their own. Raises recipient_not_allowed, email_not_connected or invalid_request.';

grant execute on function
  private.is_external_effect(text), private.effect_addresses(jsonb), private.decode_email_header(text),
  private.require_whole_email(jsonb), private.is_open_slack_channel(uuid, text, text),
  private.allowed_recipients(uuid, jsonb, boolean, text[]), private.require_recipients(uuid, jsonb, boolean, text[])
to authenticated;
