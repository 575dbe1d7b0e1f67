-- Conversations with the copilot: whose they are, what was said, what was done for it (U60-161…169).
-- Trust boundary: no role of the API has any privilege on these tables, service_role least of all
-- (C-01); functions of the database read and write them for the person the token names, and log each
-- reading in the same transaction (C-18). Words are enciphered besides, with a key of the person's own
-- that erasing destroys.

create table public.copilot_conversations (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default private.new_id(),
  user_id uuid not null,
  title_sealed bytea not null,
  message_count integer not null default 0,
  created_at timestamptz not null default now(),
  last_message_at timestamptz not null default now(),
  archived_at timestamptz,
  primary key (org_id, id),
  constraint copilot_conversations_id_is_unique unique (id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade,
  constraint copilot_conversations_messages_are_counted check (message_count >= 0)
);
comment on table public.copilot_conversations is
  'A conversation of one person with the copilot, in one organization. Nobody else''s to read, whatever their role.';
comment on column public.copilot_conversations.org_id is '[class: operational] Organization it was held in.';
comment on column public.copilot_conversations.id is '[class: operational] Made by the client or the server; the same nowhere else.';
comment on column public.copilot_conversations.user_id is '[class: operational] Owner: the one person who may read it.';
comment on column public.copilot_conversations.title_sealed is '[class: conversation] Beginning of the first message, enciphered.';
comment on column public.copilot_conversations.message_count is '[class: operational] Messages so far; the last one has this number.';
comment on column public.copilot_conversations.created_at is '[class: operational] When it began.';
comment on column public.copilot_conversations.last_message_at is '[class: operational] When the last message was written; lists are in this order.';
comment on column public.copilot_conversations.archived_at is '[class: operational] When it was put away, by its owner or after a year.';
create index copilot_conversations_org_id_user_id_idx on public.copilot_conversations (org_id, user_id, last_message_at desc)
where archived_at is null;
create index copilot_conversations_archive_idx on public.copilot_conversations (org_id, user_id, last_message_at desc)
where archived_at is not null;
create index copilot_conversations_export_idx on public.copilot_conversations (org_id, user_id, id);

create table public.copilot_turns (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null,
  conversation_id uuid not null,
  user_id uuid not null,
  status text not null default 'running',
  worker text not null,
  lease_until timestamptz not null,
  is_tainted boolean not null default false,
  usage_calls integer not null default 0,
  intent text,
  skill_key text,
  error_code text,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (org_id, id),
  constraint copilot_turns_id_is_unique unique (id),
  foreign key (org_id, conversation_id) references public.copilot_conversations (org_id, id) on delete cascade,
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade,
  constraint copilot_turns_status_is_known check (status in ('running', 'done', 'failed', 'cancelled')),
  constraint copilot_turns_end_once check ((status = 'running') = (finished_at is null)),
  constraint copilot_turns_worker_shape check (worker ~ '^[A-Za-z0-9_.:-]{1,100}$'),
  constraint copilot_turns_usage_calls_are_few check (usage_calls between 0 and 12),
  constraint copilot_turns_intent_is_a_code check (intent ~ '^[a-z0-9_.:-]{1,100}$'),
  constraint copilot_turns_skill_key_is_a_code check (skill_key ~ '^[a-z0-9_.:-]{1,100}$'),
  constraint copilot_turns_error_is_a_code check (error_code ~ '^[a-z0-9_]{1,100}$')
);
comment on table public.copilot_turns is 'One message of a person and all the work for its answer. One worker at a time holds it.';
comment on column public.copilot_turns.org_id is '[class: operational] Organization it belongs to.';
comment on column public.copilot_turns.id is '[class: operational] Made by the client or the server, so that a repeated message is answered once.';
comment on column public.copilot_turns.conversation_id is '[class: operational] Conversation it is part of.';
comment on column public.copilot_turns.user_id is '[class: operational] Who asked.';
comment on column public.copilot_turns.status is '[class: operational] running, done, failed or cancelled.';
comment on column public.copilot_turns.worker is '[class: operational] Who works on it, or did last.';
comment on column public.copilot_turns.lease_until is '[class: operational] Until when that worker holds it; each save extends it.';
comment on column public.copilot_turns.is_tainted is '[class: operational] Whether words of people outside were read for it.';
comment on column public.copilot_turns.usage_calls is '[class: operational] Model calls counted for it so far.';
comment on column public.copilot_turns.intent is '[class: operational] What it was understood as.';
comment on column public.copilot_turns.skill_key is '[class: operational] Skill or sequence that answered it (U60-080).';
comment on column public.copilot_turns.error_code is '[class: operational] Why it failed.';
comment on column public.copilot_turns.created_at is '[class: operational] When it began.';
comment on column public.copilot_turns.finished_at is '[class: operational] When it ended.';
create unique index copilot_turns_one_running_idx on public.copilot_turns (org_id, conversation_id) where status = 'running';
create index copilot_turns_org_id_conversation_id_idx on public.copilot_turns (org_id, conversation_id, created_at);
create index copilot_turns_org_id_user_id_idx on public.copilot_turns (org_id, user_id, created_at);

create table public.copilot_messages (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default private.new_id(),
  conversation_id uuid not null,
  turn_id uuid not null,
  seq integer not null,
  role text not null,
  text_sealed bytea not null,
  answer_sealed bytea,
  pending_action_id uuid,
  created_at timestamptz not null default clock_timestamp(),
  primary key (org_id, id),
  constraint copilot_messages_seq_is_unique unique (org_id, conversation_id, seq),
  constraint copilot_messages_are_one_a_role unique (org_id, turn_id, role),
  foreign key (org_id, conversation_id) references public.copilot_conversations (org_id, id) on delete cascade,
  foreign key (org_id, turn_id) references public.copilot_turns (org_id, id) on delete cascade,
  constraint copilot_messages_role_is_known check (role in ('user', 'assistant')),
  constraint copilot_messages_seq_counts_from_one check (seq >= 1)
);
comment on table public.copilot_messages is 'What a person wrote, or what the copilot answered.';
comment on column public.copilot_messages.org_id is '[class: operational] Organization it belongs to.';
comment on column public.copilot_messages.id is '[class: operational] Follows time.';
comment on column public.copilot_messages.conversation_id is '[class: operational] Conversation it is part of.';
comment on column public.copilot_messages.turn_id is '[class: operational] Turn it asks or answers.';
comment on column public.copilot_messages.seq is '[class: operational] Its number in the conversation, from 1.';
comment on column public.copilot_messages.role is '[class: operational] user or assistant.';
comment on column public.copilot_messages.text_sealed is '[class: conversation] The text, enciphered.';
comment on column public.copilot_messages.answer_sealed is '[class: conversation] The whole answer with its panel and what a choice would run, enciphered.';
comment on column public.copilot_messages.pending_action_id is '[class: operational] Action that it previews (U60-087). No key: the action belongs to the same conversation and goes with it.';
comment on column public.copilot_messages.created_at is '[class: operational] When it was written.';

create table public.tool_executions (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null,
  turn_id uuid not null,
  user_id uuid not null,
  tool text not null,
  action text,
  status text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  duration_ms integer,
  result_count integer,
  error_code text,
  detail_sealed bytea not null,
  primary key (org_id, id),
  foreign key (org_id, turn_id) references public.copilot_turns (org_id, id) on delete cascade,
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade,
  constraint tool_executions_tool_is_known check (tool in ('list_skills', 'get_skill', 'execute_action', 'resolve_entity')),
  constraint tool_executions_action_is_a_code check (action ~ '^[a-z0-9_]{1,100}$'),
  constraint tool_executions_status_is_known check (status in ('running', 'succeeded', 'failed')),
  constraint tool_executions_duration_is_not_negative check (duration_ms >= 0),
  constraint tool_executions_result_count_is_not_negative check (result_count >= 0),
  constraint tool_executions_error_is_a_code check (error_code ~ '^[a-z0-9_]{1,100}$')
);
comment on table public.tool_executions is 'One step of the work behind an answer (U60-070, U60-081).';
comment on column public.tool_executions.org_id is '[class: operational] Organization it belongs to.';
comment on column public.tool_executions.id is '[class: operational] The same in the stream and in the answer.';
comment on column public.tool_executions.turn_id is '[class: operational] Turn it was done for.';
comment on column public.tool_executions.user_id is '[class: operational] For whom.';
comment on column public.tool_executions.tool is '[class: operational] One of the four tools.';
comment on column public.tool_executions.action is '[class: operational] Action of execute_action.';
comment on column public.tool_executions.status is '[class: operational] running, succeeded or failed.';
comment on column public.tool_executions.started_at is '[class: operational] When it began.';
comment on column public.tool_executions.finished_at is '[class: operational] When it ended.';
comment on column public.tool_executions.duration_ms is '[class: operational] How long it took, in milliseconds.';
comment on column public.tool_executions.result_count is '[class: operational] How many things were found.';
comment on column public.tool_executions.error_code is '[class: operational] Why it failed.';
comment on column public.tool_executions.detail_sealed is '[class: conversation] The whole step with its arguments and evidence, enciphered.';
create index tool_executions_org_id_turn_id_idx on public.tool_executions (org_id, turn_id, started_at);
create index tool_executions_org_id_user_id_idx on public.tool_executions (org_id, user_id);

create table private.copilot_turn_events (
  org_id uuid not null references public.organizations (id) on delete cascade,
  turn_id uuid not null,
  seq integer not null,
  event text not null,
  data_sealed bytea not null,
  created_at timestamptz not null default now(),
  primary key (org_id, turn_id, seq),
  foreign key (org_id, turn_id) references public.copilot_turns (org_id, id) on delete cascade,
  constraint copilot_turn_events_seq_counts_from_one check (seq between 1 and 5000),
  constraint copilot_turn_events_event_shape check (event ~ '^[a-z_]{1,40}$')
);
comment on table private.copilot_turn_events is 'What was sent of a turn, so that a client that comes back gets the rest. Kept for a day.';
comment on column private.copilot_turn_events.org_id is '[class: operational] Organization it belongs to.';
comment on column private.copilot_turn_events.turn_id is '[class: operational] Turn it was sent of.';
comment on column private.copilot_turn_events.seq is '[class: operational] Its number in the turn, from 1.';
comment on column private.copilot_turn_events.event is '[class: operational] Kind of event.';
comment on column private.copilot_turn_events.data_sealed is '[class: conversation] What it said, enciphered.';
comment on column private.copilot_turn_events.created_at is '[class: operational] When it was stored.';
-- What is forgotten after a day, in all organizations.
create index copilot_turn_events_created_at_idx on private.copilot_turn_events (created_at);

create table private.copilot_model_turns (
  org_id uuid not null references public.organizations (id) on delete cascade,
  turn_id uuid not null,
  position integer not null,
  body_sealed bytea not null,
  primary key (org_id, turn_id, position),
  foreign key (org_id, turn_id) references public.copilot_turns (org_id, id) on delete cascade,
  constraint copilot_model_turns_position_is_small check (position between 0 and 63)
);
comment on table private.copilot_model_turns is
  'The dialogue with the model while a turn runs, part for part as it came, so that a killed turn goes on. Gone when it ends.';
comment on column private.copilot_model_turns.org_id is '[class: operational] Organization it belongs to.';
comment on column private.copilot_model_turns.turn_id is '[class: operational] Turn that it serves.';
comment on column private.copilot_model_turns.position is '[class: operational] Its place in the dialogue, from 0.';
comment on column private.copilot_model_turns.body_sealed is '[class: conversation] Role and parts, enciphered.';

create table private.copilot_keys (
  org_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  wrapped_key bytea not null,
  created_at timestamptz not null default now(),
  primary key (org_id, user_id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade
);
comment on table private.copilot_keys is
  'The key to a person''s conversations in an organization, itself enciphered with a key of the vault. Without its row nothing can be read again.';
comment on column private.copilot_keys.org_id is '[class: operational] Organization whose conversations it opens.';
comment on column private.copilot_keys.user_id is '[class: operational] Whose.';
comment on column private.copilot_keys.wrapped_key is '[class: secret] 64 bytes, enciphered with the vault''s copilot_master_key.';
comment on column private.copilot_keys.created_at is '[class: operational] When it was made.';

create trigger audit after insert or update or delete on private.copilot_keys
for each row execute function private.audit_row_change('org_id', 'user_id');

create table private.copilot_accesses (
  user_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null,
  subject_id uuid not null,
  at timestamptz not null,
  primary key (user_id, kind, subject_id),
  constraint copilot_accesses_kind_is_known check (kind in ('turn', 'read'))
);
comment on table private.copilot_accesses is
  'When a person last began which turn and read which conversation: what a limit and an alarm count. Kept for an hour; erasing a conversation does not reset it.';
comment on column private.copilot_accesses.user_id is '[class: operational] The person.';
comment on column private.copilot_accesses.kind is '[class: operational] turn or read.';
comment on column private.copilot_accesses.subject_id is '[class: operational] The turn or the conversation.';
comment on column private.copilot_accesses.at is '[class: operational] When, last.';
create index copilot_accesses_user_id_kind_at_idx on private.copilot_accesses (user_id, kind, at);

create table private.copilot_exports (
  org_id uuid not null references public.organizations (id) on delete cascade,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  started_at timestamptz not null default clock_timestamp(),
  after_conversation uuid,
  after_seq integer,
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id) on delete cascade
);
comment on table private.copilot_exports is
  'That a person exported their conversations, for the limit and the alarm; never what was in it. An export is handed over and not kept.';
comment on column private.copilot_exports.org_id is '[class: operational] Organization whose conversations they were.';
comment on column private.copilot_exports.id is '[class: operational] Names the export while its pages are fetched.';
comment on column private.copilot_exports.user_id is '[class: operational] Whose they are, and who fetched them.';
comment on column private.copilot_exports.started_at is '[class: operational] When the first page was fetched.';
comment on column private.copilot_exports.after_conversation is '[class: operational] Where the next page begins: in, or after, this conversation. Null where there is none.';
comment on column private.copilot_exports.after_seq is '[class: operational] Message after which it begins.';
create index copilot_exports_org_id_user_id_idx on private.copilot_exports (org_id, user_id, started_at);

alter table public.copilot_conversations enable row level security;
alter table public.copilot_conversations force row level security;
alter table public.copilot_turns enable row level security;
alter table public.copilot_turns force row level security;
alter table public.copilot_messages enable row level security;
alter table public.copilot_messages force row level security;
alter table public.tool_executions enable row level security;
alter table public.tool_executions force row level security;
alter table private.copilot_turn_events enable row level security;
alter table private.copilot_turn_events force row level security;
alter table private.copilot_model_turns enable row level security;
alter table private.copilot_model_turns force row level security;
alter table private.copilot_keys enable row level security;
alter table private.copilot_keys force row level security;
alter table private.copilot_accesses enable row level security;
alter table private.copilot_accesses force row level security;
alter table private.copilot_exports enable row level security;
alter table private.copilot_exports force row level security;
revoke all on table public.copilot_conversations, public.copilot_turns, public.copilot_messages, public.tool_executions,
  private.copilot_turn_events, private.copilot_model_turns, private.copilot_keys, private.copilot_accesses,
  private.copilot_exports
from anon, authenticated, service_role;

-- Sealing: AES-256 in CBC mode, then HMAC-SHA-256 over where the value belongs and the cipher, so that
-- one that is changed, or copied into another row, opens nothing. Raw functions of pgcrypto rather
-- than OpenPGP's: the key is random already, and stretching it would cost milliseconds a message.

create function private.seal(p_key bytea, p_place text, p_text text)
returns bytea
language plpgsql volatile set search_path = ''
as $$
declare
  v_iv constant bytea := extensions.gen_random_bytes(16);
  v_cipher bytea;
begin
  -- Whatever is kept of a conversation passes here: none of it is larger than anything that is shown.
  if octet_length(p_text) > 2097152 then
    raise sqlstate 'PT400' using message = 'invalid_request';
  end if;
  v_cipher := '\x01'::bytea || v_iv
    || extensions.encrypt_iv(convert_to(p_text, 'UTF8'), substr(p_key, 1, 32), v_iv, 'aes-cbc/pad:pkcs');
  return v_cipher || extensions.hmac(convert_to(p_place, 'UTF8') || '\x00'::bytea || v_cipher, substr(p_key, 33, 32), 'sha256');
end;
$$;
comment on function private.seal(bytea, text, text) is
  'A text enciphered for one place, such as "message:<id>": version, initialization vector, cipher, code. Null stays null. Raises invalid_request for more than 2 MiB.';

create function private.unseal(p_key bytea, p_place text, p_sealed bytea)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_length constant integer := octet_length(p_sealed) - 32;
  v_cipher constant bytea := substr(p_sealed, 1, greatest(v_length, 0));
begin
  -- Whether it differs tells an attacker nothing: nobody but the owner of the tables can put one there.
  if p_sealed is not null and (
    p_key is null or v_length < 33
    or extensions.hmac(convert_to(p_place, 'UTF8') || '\x00'::bytea || v_cipher, substr(p_key, 33, 32), 'sha256')
    <> substr(p_sealed, v_length + 1)
  ) then
    raise exception 'unseal: this does not belong here, or its key is gone';
  end if;
  return convert_from(
    extensions.decrypt_iv(substr(v_cipher, 18), substr(p_key, 1, 32), substr(v_cipher, 2, 16), 'aes-cbc/pad:pkcs'), 'UTF8'
  );
end;
$$;
comment on function private.unseal(bytea, text, bytea) is
  'The text that was sealed for that place. Fails on anything else. Null stays null.';

create function private.copilot_master_key()
returns bytea
language plpgsql security definer set search_path = ''
as $$
declare
  v_key text;
begin
  select s.decrypted_secret into v_key from vault.decrypted_secrets as s where s.name = 'copilot_master_key';
  if v_key is null then
    -- Made when it is first needed: a migration would leave it in whatever logs statements.
    perform pg_advisory_xact_lock(hashtextextended('copilot_master_key', 0));
    select s.decrypted_secret into v_key from vault.decrypted_secrets as s where s.name = 'copilot_master_key';
    if v_key is null then
      v_key := encode(extensions.gen_random_bytes(64), 'hex');
      perform vault.create_secret(v_key, 'copilot_master_key', 'Opens the keys to people''s conversations.');
    end if;
  end if;
  return decode(v_key, 'hex');
end;
$$;
comment on function private.copilot_master_key() is
  'The key that wraps the keys of people; made when it is first asked for. Definer: the vault is readable to nobody. Granted to nobody.';

create function private.copilot_key(p_org_id uuid, p_user_id uuid)
returns bytea
language plpgsql security definer set search_path = ''
as $$
declare
  v_master constant bytea := private.copilot_master_key();
  v_place constant text := 'key:' || p_org_id || ':' || p_user_id;
  v_wrapped bytea;
begin
  select k.wrapped_key into v_wrapped from private.copilot_keys as k where k.org_id = p_org_id and k.user_id = p_user_id;
  if v_wrapped is null then
    insert into private.copilot_keys as k (org_id, user_id, wrapped_key)
    values (p_org_id, p_user_id, private.seal(v_master, v_place, encode(extensions.gen_random_bytes(64), 'hex')))
    -- Somebody else's first message may have been a little earlier; theirs counts.
    on conflict (org_id, user_id) do update set wrapped_key = k.wrapped_key
    returning k.wrapped_key into v_wrapped;
  end if;
  return decode(private.unseal(v_master, v_place, v_wrapped), 'hex');
end;
$$;
comment on function private.copilot_key(uuid, uuid) is
  'The key to a person''s conversations in an organization; made when it is first asked for. Definer: keys are nobody''s to read. Granted to nobody.';

create function private.note_copilot_access(p_user_id uuid, p_kind text, p_subject_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_at constant timestamptz := clock_timestamp();
  v_before timestamptz;
begin
  select a.at into v_before from private.copilot_accesses as a
  where a.user_id = p_user_id and a.kind = p_kind and a.subject_id = p_subject_id;
  -- To the minute is exact enough for a window of an hour, and most readings then write nothing.
  if v_before > v_at - interval '1 minute' then
    return false;
  end if;
  insert into private.copilot_accesses as a (user_id, kind, subject_id, at) values (p_user_id, p_kind, p_subject_id, v_at)
  on conflict (user_id, kind, subject_id) do update set at = excluded.at;
  return v_before is null or v_before <= v_at - interval '1 hour';
end;
$$;
comment on function private.note_copilot_access(uuid, text, uuid) is
  'Notes that a person did this now; says whether it is the first time in an hour. Definer: the table is nobody''s to write. Granted to nobody.';

create function private.count_copilot_accesses(p_user_id uuid, p_kind text, p_within interval)
returns integer
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select count(*)::integer from private.copilot_accesses as a
    where a.user_id = p_user_id and a.kind = p_kind and a.at > clock_timestamp() - p_within
  );
end;
$$;
comment on function private.count_copilot_accesses(uuid, text, interval) is
  'How many different ones a person did within the time. Definer: the table is nobody''s to read. Granted to nobody.';

create function private.log_conversation_read(p_action text, p_org_id uuid, p_user_id uuid, p_conversation_id uuid)
returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_new boolean;
begin
  perform private.write_audit(p_org_id, p_action, 'copilot_conversations', p_conversation_id);
  -- A statement of its own, or the count would not see it.
  v_is_new := private.note_copilot_access(p_user_id, 'read', p_conversation_id);
  -- Fifty different conversations in an hour are nobody's ordinary work; sixty readings of one are (C-19).
  if v_is_new and private.count_copilot_accesses(p_user_id, 'read', interval '1 hour') = 51 then
    perform private.write_alarm(p_org_id, 'copilot_conversations.read_too_many', 'over_50_conversations_in_an_hour');
  end if;
end;
$$;
comment on function private.log_conversation_read(text, uuid, uuid, uuid) is
  'Logs that a person reads a conversation of theirs, before it is read and in the same transaction (U60-165). Definer, to append. Granted to nobody.';
