-- A calendar is connected with the scopes of its consent; who names none gets none.

drop function public.connect_calendar(uuid, uuid, text, text, text);
drop function private.connect_calendar(uuid, uuid, text, text, text);

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

create function public.connect_calendar(
  p_org_id uuid, p_user_id uuid, p_account_email text, p_calendar_id text, p_refresh_token text,
  p_scopes text[] default '{}'
)
returns uuid
language sql security invoker set search_path = ''
as $$
  select private.connect_calendar(p_org_id, p_user_id, p_account_email, p_calendar_id, p_refresh_token, p_scopes)
$$;
comment on function public.connect_calendar(uuid, uuid, text, text, text, text[]) is
  'Connects a member''s calendar. Service only. Raises organization_not_found.';

grant execute on function
  private.connect_calendar(uuid, uuid, text, text, text, text[]),
  public.connect_calendar(uuid, uuid, text, text, text, text[])
to service_role;
