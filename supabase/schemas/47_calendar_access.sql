-- Connecting a calendar, and the tokens of a connection: who may refresh the access token (a second
-- lease beside the run's), what the person sees. Trust boundary: tokens leave the vault here and
-- nowhere else, for the service role only.

create function private.connect_calendar(
  p_org_id uuid,
  p_user_id uuid,
  p_account_email text,
  p_calendar_id text,
  p_refresh_token text,
  p_scopes text[] default '{}'
)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid;
  v_secret_id uuid;
begin
  if not exists (
    select from public.organization_members as m
    where m.org_id = p_org_id and m.user_id = p_user_id and m.status = 'active'
  ) then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
  insert into public.calendar_connections (org_id, user_id, account_email, calendar_id, scopes)
  values (p_org_id, p_user_id, lower(p_account_email), p_calendar_id, p_scopes)
  on conflict on constraint calendar_connections_one_per_calendar
  do update set status = 'active', last_error = null, scopes = excluded.scopes
  returning id into v_id;

  select k.refresh_token_secret_id into v_secret_id
  from private.calendar_credentials as k
  where k.org_id = p_org_id and k.connection_id = v_id;
  v_secret_id := private.put_secret(v_secret_id, p_refresh_token, 'calendar:' || v_id || ':refresh');
  insert into private.calendar_credentials (org_id, connection_id, refresh_token_secret_id)
  values (p_org_id, v_id, v_secret_id)
  on conflict (org_id, connection_id) do update
  set refresh_token_secret_id = excluded.refresh_token_secret_id, access_token_expires_at = null;

  insert into private.calendar_sync_runs (org_id, connection_id)
  values (p_org_id, v_id)
  on conflict (org_id, connection_id) do update set failures = 0, next_sync_at = now();
  return v_id;
end;
$$;
comment on function private.connect_calendar(uuid, uuid, text, text, text, text[]) is
  'Connects, or reconnects, a member''s calendar with the refresh token and the scopes of their consent. Raises organization_not_found. Definer: the token goes to the vault.';

create function private.begin_calendar_access(p_org_id uuid, p_connection_id uuid, p_worker text, p_rejected_token text)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_run private.calendar_sync_runs;
  v_credentials private.calendar_credentials;
  v_status text;
  v_token text;
begin
  select c.status into v_status from public.calendar_connections as c
  where c.org_id = p_org_id and c.id = p_connection_id;
  select r.* into v_run
  from private.calendar_sync_runs as r
  where r.org_id = p_org_id and r.connection_id = p_connection_id
  for update of r;
  select k.* into v_credentials from private.calendar_credentials as k
  where k.org_id = v_run.org_id and k.connection_id = p_connection_id;
  if v_credentials.refresh_token_secret_id is null or v_status is distinct from 'active' then
    return jsonb_build_object('status', 'needs_reconnect');
  end if;

  if v_credentials.access_token_expires_at > now() + interval '1 minute' then
    select s.decrypted_secret into v_token from vault.decrypted_secrets as s
    where s.id = v_credentials.access_token_secret_id;
    if v_token is distinct from p_rejected_token then
      return jsonb_build_object('status', 'fresh', 'access_token', v_token);
    end if;
  end if;
  if v_run.refresh_leased_until > now() and v_run.refresh_worker <> p_worker then
    return jsonb_build_object('status', 'wait');
  end if;
  update private.calendar_sync_runs as r
  set refresh_worker = p_worker, refresh_leased_until = now() + interval '30 seconds'
  where r.org_id = v_run.org_id and r.connection_id = p_connection_id;
  select s.decrypted_secret into v_token from vault.decrypted_secrets as s
  where s.id = v_credentials.refresh_token_secret_id;
  return jsonb_build_object('status', 'refresh', 'refresh_token', v_token);
end;
$$;
comment on function private.begin_calendar_access(uuid, uuid, text, text) is
  'A good access token, or the sole right to refresh it for half a minute: {status: fresh | refresh | wait | needs_reconnect}. Definer: the only way tokens leave the vault.';

create function private.complete_calendar_refresh(
  p_org_id uuid, p_connection_id uuid,
  p_worker text,
  p_access_token text,
  p_expires_in_seconds integer,
  p_refresh_token text
)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_run private.calendar_sync_runs;
  v_credentials private.calendar_credentials;
begin
  perform private.set_actor('job', 'calendar-sync', private.request_id());
  select r.* into v_run
  from private.calendar_sync_runs as r
  where r.org_id = p_org_id and r.connection_id = p_connection_id and r.refresh_worker = p_worker
  for update of r;
  if not found then
    return false;
  end if;
  select k.* into v_credentials from private.calendar_credentials as k
  where k.org_id = v_run.org_id and k.connection_id = p_connection_id;
  v_credentials.access_token_secret_id := private.put_secret(
    v_credentials.access_token_secret_id, p_access_token, 'calendar:' || p_connection_id || ':access'
  );
  if p_refresh_token is not null then
    perform private.put_secret(
      v_credentials.refresh_token_secret_id, p_refresh_token, 'calendar:' || p_connection_id || ':refresh'
    );
  end if;
  update private.calendar_credentials as k
  set access_token_secret_id = v_credentials.access_token_secret_id,
    access_token_expires_at = now() + make_interval(secs => p_expires_in_seconds)
  where k.org_id = v_run.org_id and k.connection_id = p_connection_id;
  update private.calendar_sync_runs as r set refresh_worker = null, refresh_leased_until = null
  where r.org_id = v_run.org_id and r.connection_id = p_connection_id;
  return true;
end;
$$;
comment on function private.complete_calendar_refresh(uuid, uuid, text, text, integer, text) is
  'Stores what a refresh brought, if the worker still has the right to it; false otherwise. Definer: the token goes to the vault.';

create function private.fail_calendar_refresh(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_error text, p_is_final boolean
)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.set_actor('job', 'calendar-sync', private.request_id());
  update private.calendar_sync_runs as r
  set refresh_worker = null, refresh_leased_until = null
  where r.org_id = p_org_id and r.connection_id = p_connection_id and r.refresh_worker = p_worker;
  if found and p_is_final then
    update public.calendar_connections as c set status = 'needs_reconnect', last_error = p_error
    where c.org_id = p_org_id and c.id = p_connection_id and c.status = 'active';
  end if;
end;
$$;
comment on function private.fail_calendar_refresh(uuid, uuid, text, text, boolean) is
  'Gives the right to refresh back; a final failure asks the person to reconnect. Definer: leases are nobody''s to write.';

-- The caller's own connections in one organization, and nothing of their tokens.
create function public.my_calendar_connections(p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
declare
  v_org_id uuid := private.require_org(p_org_id);
begin
  return jsonb_build_object(
    'org_id', v_org_id,
    'connections', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'id', c.id, 'status', c.status, 'account_email', c.account_email,
            'calendar_id', c.calendar_id, 'last_synced_at', c.last_synced_at,
            'last_error', c.last_error
          ) order by c.created_at, c.id
        )
        from public.calendar_connections as c
        where c.org_id = v_org_id and c.user_id = (select private.current_user_id())
      ),
      '[]'
    )
  );
end;
$$;
comment on function public.my_calendar_connections(uuid) is
  'The caller''s calendar connections in the organization given, or in their active one. Raises organization_not_found or no_active_organization.';
grant execute on function public.my_calendar_connections(uuid) to authenticated;

-- What the service role calls; each is its private namesake.
create function public.connect_calendar(
  p_org_id uuid, p_user_id uuid, p_account_email text, p_calendar_id text, p_refresh_token text,
  p_scopes text[] default '{}'
)
returns uuid
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.connect_calendar(p_org_id, p_user_id, p_account_email, p_calendar_id, p_refresh_token, p_scopes);
end;
$$;
comment on function public.connect_calendar(uuid, uuid, text, text, text, text[]) is
  'Connects a member''s calendar. Service only. Raises organization_not_found.';

create function public.begin_calendar_access(p_org_id uuid, p_connection_id uuid, p_worker text, p_rejected_token text)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_calendar_access(p_org_id, p_connection_id, p_worker, p_rejected_token);
end;
$$;
comment on function public.begin_calendar_access(uuid, uuid, text, text) is
  'A good access token, or the sole right to refresh it. Service only.';

create function public.complete_calendar_refresh(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_access_token text, p_expires_in_seconds integer, p_refresh_token text
)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.complete_calendar_refresh(p_org_id, p_connection_id, p_worker, p_access_token, p_expires_in_seconds, p_refresh_token);
end;
$$;
comment on function public.complete_calendar_refresh(uuid, uuid, text, text, integer, text) is
  'Stores refreshed tokens. Service only.';

create function public.fail_calendar_refresh(
  p_org_id uuid, p_connection_id uuid, p_worker text, p_error text, p_is_final boolean
)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.fail_calendar_refresh(p_org_id, p_connection_id, p_worker, p_error, p_is_final);
end;
$$;
comment on function public.fail_calendar_refresh(uuid, uuid, text, text, boolean) is
  'Records a failed refresh. Service only.';

grant execute on function
  private.connect_calendar(uuid, uuid, text, text, text, text[]),
  private.begin_calendar_access(uuid, uuid, text, text),
  private.complete_calendar_refresh(uuid, uuid, text, text, integer, text),
  private.fail_calendar_refresh(uuid, uuid, text, text, boolean),
  public.connect_calendar(uuid, uuid, text, text, text, text[]),
  public.begin_calendar_access(uuid, uuid, text, text),
  public.complete_calendar_refresh(uuid, uuid, text, text, integer, text),
  public.fail_calendar_refresh(uuid, uuid, text, text, boolean)
to service_role;
