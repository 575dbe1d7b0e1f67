-- Fathom connections: whose recordings come in through which address, proved by which secret. The
-- tenant of a recording is found here, never in the payload.

create table private.fathom_connections (
  org_id uuid not null references public.organizations (id) on delete restrict,
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  recorder_email text not null,
  covers text not null default 'own',
  key_hash text not null,
  previous_key_hash text,
  secret_id uuid,
  previous_secret_id uuid,
  previous_secret_until timestamptz,
  status text not null default 'active',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, user_id) references public.organization_members (org_id, user_id),
  constraint fathom_connections_one_per_recorder unique (org_id, recorder_email),
  constraint fathom_connections_key_is_unique unique (key_hash),
  constraint fathom_connections_id_is_unique unique (id),
  constraint fathom_connections_previous_key_is_unique unique (previous_key_hash),
  constraint fathom_connections_key_is_hashed
    check (key_hash ~ '^[0-9a-f]{64}$' and previous_key_hash ~ '^[0-9a-f]{64}$'),
  constraint fathom_connections_recorder_email_is_lower_case check (recorder_email = lower(recorder_email)),
  constraint fathom_connections_covers_is_known check (covers in ('own', 'organization')),
  constraint fathom_connections_status_is_known check (status in ('active', 'disconnected'))
);
comment on table private.fathom_connections is 'A member''s Fathom account whose recordings are sent to us.';
comment on column private.fathom_connections.org_id is '[class: operational] Organization whose row this is.';
comment on column private.fathom_connections.id is '[class: operational] Made by the server; stands before the event ids that came through it.';
comment on column private.fathom_connections.user_id is '[class: operational] Member who connected it.';
comment on column private.fathom_connections.recorder_email is '[class: identity] Address of the Fathom account, lower case.';
comment on column private.fathom_connections.covers is '[class: operational] own: recordings of that member; organization: of every member whose address recorded them.';
comment on column private.fathom_connections.key_hash is '[class: secret] SHA-256 of the unguessable part of the address, in hex; never the key.';
comment on column private.fathom_connections.previous_key_hash is '[class: secret] The same of the address before; good until previous_secret_until.';
comment on column private.fathom_connections.secret_id is '[class: secret] Vault id of the signing secret; never the secret.';
comment on column private.fathom_connections.previous_secret_id is '[class: secret] Vault id of the secret before; good until previous_secret_until.';
comment on column private.fathom_connections.previous_secret_until is '[class: operational] End of the time in which the address and the secret before are good too.';
comment on column private.fathom_connections.status is '[class: operational] active or disconnected.';
comment on column private.fathom_connections.created_at is '[class: operational] When the row was made.';
comment on column private.fathom_connections.updated_at is '[class: operational] Last change of the row.';
create index fathom_connections_org_id_user_id_idx on private.fathom_connections (org_id, user_id);

create trigger touch_updated_at before update on private.fathom_connections
for each row execute function private.touch_updated_at();
select private.audit_table('private.fathom_connections');

alter table private.fathom_connections enable row level security;
alter table private.fathom_connections force row level security;
revoke all on table private.fathom_connections from anon, authenticated, service_role;

create function private.put_secret(p_secret_id uuid, p_secret text, p_name text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
begin
  if p_secret_id is null then
    return vault.create_secret(p_secret, p_name, '');
  end if;
  perform vault.update_secret(p_secret_id, p_secret);
  return p_secret_id;
end;
$$;
comment on function private.put_secret(uuid, text, text) is
  'Puts a secret into the vault, or a new value into the one that is there. Definer, granted to nobody: other definer functions call it.';

create function private.forget_fathom_secrets()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from vault.secrets as s where s.id in (old.secret_id, old.previous_secret_id);
  return null;
end;
$$;
comment on function private.forget_fathom_secrets() is
  'Trigger: secrets leave the vault with the row that knew them. Definer: the vault is readable to nobody.';
create trigger forget_secrets after delete on private.fathom_connections
for each row execute function private.forget_fathom_secrets();

create function private.end_fathom_connections()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.fathom_connections as c
  where c.org_id = new.org_id and c.user_id = new.user_id;
  return null;
end;
$$;
comment on function private.end_fathom_connections() is
  'Trigger: a member who is removed takes their connection with them. Definer: the row is nobody''s to delete.';
create trigger end_fathom_connections after update of status on public.organization_members
for each row when (new.status = 'removed' and old.status <> 'removed')
execute function private.end_fathom_connections();

create function private.connect_fathom(
  p_org_id uuid,
  p_user_id uuid,
  p_recorder_email text,
  p_key_hash text,
  p_secret text,
  p_covers text default 'own'
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_old private.fathom_connections;
  v_id uuid;
begin
  if not exists (
    select from public.organization_members as m
    where m.org_id = p_org_id and m.user_id = p_user_id and m.status = 'active'
  ) then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
  select c.* into v_old from private.fathom_connections as c
  where c.org_id = p_org_id and c.recorder_email = lower(p_recorder_email)
  for update;

  if v_old.id is null then
    v_id := gen_random_uuid();
    insert into private.fathom_connections (
      org_id, id, user_id, recorder_email, covers, key_hash, secret_id
    )
    values (
      p_org_id, v_id, p_user_id, lower(p_recorder_email), p_covers, p_key_hash,
      private.put_secret(null, p_secret, 'fathom:' || v_id || ':' || gen_random_uuid())
    );
  else
    v_id := v_old.id;
    delete from vault.secrets as s where s.id = v_old.previous_secret_id;
    -- What was sent to the old address, signed with the old secret, is still on its way.
    update private.fathom_connections as c
    set user_id = p_user_id, covers = p_covers, key_hash = p_key_hash, status = 'active',
      previous_key_hash = v_old.key_hash,
      secret_id = private.put_secret(null, p_secret, 'fathom:' || v_id || ':' || gen_random_uuid()),
      previous_secret_id = v_old.secret_id, previous_secret_until = now() + interval '24 hours'
    where c.org_id = p_org_id and c.id = v_id;
  end if;
  perform private.replay_waiting_recordings(p_org_id);
  return v_id;
end;
$$;
comment on function private.connect_fathom(uuid, uuid, text, text, text, text) is
  'Connects a member''s Fathom account, or gives it a new address and secret, and replays recordings that waited for their recorder. Raises organization_not_found. Definer: the secret goes to the vault.';

create function private.find_fathom_connection(p_key_hash text)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'id', c.id,
      'secrets', (
        select jsonb_agg(s.decrypted_secret)
        from vault.decrypted_secrets as s
        where s.id = c.secret_id
          or (s.id = c.previous_secret_id and c.previous_secret_until > now())
      )
    )
    from private.fathom_connections as c
    join public.organization_members as m on m.org_id = c.org_id and m.user_id = c.user_id
    where c.status = 'active' and m.status = 'active'
      and (
        c.key_hash = p_key_hash
        or (c.previous_key_hash = p_key_hash and c.previous_secret_until > now())
      )
  );
end;
$$;
comment on function private.find_fathom_connection(text) is
  'Id and secrets of the connection whose address this is; null when there is none or it has ended. Definer: the only way these secrets leave the vault.';

create function private.replay_waiting_recordings(p_org_id uuid)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  select count(*) into v_count
  from (
    select private.replay_webhook_event(e.id)
    from private.webhook_events as e
    where e.provider = 'fathom' and e.state = 'dead' and e.org_id = p_org_id
      and e.last_error like '%recorder\_unknown%'
  ) as replayed;
  return v_count;
end;
$$;
comment on function private.replay_waiting_recordings(uuid) is
  'Replays an organization''s recordings that died because nobody knew their recorder. Definer: the inbox is nobody''s to write.';

create function public.connect_fathom(
  p_org_id uuid,
  p_user_id uuid,
  p_recorder_email text,
  p_key_hash text,
  p_secret text,
  p_covers text default 'own'
)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.connect_fathom(p_org_id, p_user_id, p_recorder_email, p_key_hash, p_secret, p_covers);
end;
$$;
comment on function public.connect_fathom(uuid, uuid, text, text, text, text) is
  'Connects a member''s Fathom account. Service only. Raises organization_not_found.';

create function public.find_fathom_connection(p_key_hash text)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.find_fathom_connection(p_key_hash);
end;
$$;
comment on function public.find_fathom_connection(text) is
  'Id and secrets of the connection whose address this is, or null. Service only.';

create function public.replay_waiting_recordings(p_org_id uuid)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.replay_waiting_recordings(p_org_id);
end;
$$;
comment on function public.replay_waiting_recordings(uuid) is
  'Replays an organization''s recordings that waited for their recorder; returns how many. Service only.';

grant execute on function
  private.connect_fathom(uuid, uuid, text, text, text, text),
  private.find_fathom_connection(text),
  private.replay_waiting_recordings(uuid),
  public.connect_fathom(uuid, uuid, text, text, text, text),
  public.find_fathom_connection(text),
  public.replay_waiting_recordings(uuid)
to service_role;
