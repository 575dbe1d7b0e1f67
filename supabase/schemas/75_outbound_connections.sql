-- Through what a confirmed action leaves: the organization's Slack workspace with the channels that its
-- admins opened, and whether a person's Google connection may send email and write into the calendar.
-- Trust boundary: tokens leave the vault here for the service role only (T-15); people see names.

create table private.slack_connections (
  org_id uuid primary key references public.organizations (id) on delete restrict,
  team_id text not null,
  team_name text not null,
  bot_user_id text not null,
  scopes text[] not null default '{}',
  bot_token_secret_id uuid not null,
  status text not null default 'active',
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint slack_connections_team_id_shape check (team_id ~ '^[TE][A-Z0-9]{2,29}$'),
  constraint slack_connections_status_is_known check (status in ('active', 'needs_reconnect'))
);
comment on table private.slack_connections is 'The Slack workspace that an organization has connected; one at a time.';
comment on column private.slack_connections.org_id is '[class: operational] Organization whose row this is.';
comment on column private.slack_connections.team_id is '[class: operational] Workspace at Slack.';
comment on column private.slack_connections.team_name is '[class: service] Its name.';
comment on column private.slack_connections.bot_user_id is '[class: operational] Our bot in it.';
comment on column private.slack_connections.scopes is '[class: operational] What the workspace granted the bot.';
comment on column private.slack_connections.bot_token_secret_id is '[class: secret] Vault id of the bot''s token; never the token.';
comment on column private.slack_connections.status is '[class: operational] active, or needs_reconnect: the token is dead.';
comment on column private.slack_connections.last_error is '[class: operational] Code of the last failure; null after connecting.';
comment on column private.slack_connections.created_at is '[class: operational] When the row was made.';
comment on column private.slack_connections.updated_at is '[class: operational] Last change of the row.';

create table private.slack_channels (
  org_id uuid not null references private.slack_connections (org_id) on delete cascade,
  channel_id text not null,
  name text not null,
  is_open boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, channel_id),
  constraint slack_channels_channel_id_shape check (channel_id ~ '^[A-Z0-9]{3,30}$'),
  constraint slack_channels_name_length check (char_length(name) between 1 and 100)
);
comment on table private.slack_channels is 'Channels of a connected workspace, and which of them the copilot may propose to post into.';
comment on column private.slack_channels.org_id is '[class: operational] Organization whose row this is.';
comment on column private.slack_channels.channel_id is '[class: operational] Channel at Slack.';
comment on column private.slack_channels.name is '[class: service] Its name, without the sign.';
comment on column private.slack_channels.is_open is '[class: customer_input] Whether an admin has opened it to the copilot.';
comment on column private.slack_channels.created_at is '[class: operational] When the row was made.';
comment on column private.slack_channels.updated_at is '[class: operational] Last change of the row.';

create trigger touch_updated_at before update on private.slack_connections
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on private.slack_channels
for each row execute function private.touch_updated_at();
create trigger audit after insert or update or delete on private.slack_connections
for each row execute function private.audit_row_change('org_id', 'org_id');
create trigger audit after insert or update or delete on private.slack_channels
for each row execute function private.audit_row_change('org_id', 'org_id');

alter table private.slack_connections enable row level security;
alter table private.slack_connections force row level security;
alter table private.slack_channels enable row level security;
alter table private.slack_channels force row level security;
revoke all on table private.slack_connections, private.slack_channels from anon, authenticated, service_role;

create function private.forget_slack_secrets()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  delete from vault.secrets as s where s.id = old.bot_token_secret_id;
  return null;
end;
$$;
comment on function private.forget_slack_secrets() is
  'Trigger: the token leaves the vault with the row that knew it, or when the row lets go of it. Definer: the vault is readable to nobody.';
create trigger forget_secrets after delete on private.slack_connections
for each row execute function private.forget_slack_secrets();
create trigger forget_old_secret after update of bot_token_secret_id on private.slack_connections
for each row when (old.bot_token_secret_id is distinct from new.bot_token_secret_id)
execute function private.forget_slack_secrets();

create function private.connect_slack(
  p_org_id uuid,
  p_team_id text,
  p_team_name text,
  p_bot_user_id text,
  p_scopes text[],
  p_bot_token text,
  p_channels jsonb
)
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  if not exists (select from public.organizations as o where o.id = p_org_id) then
    raise sqlstate 'PT404' using message = 'organization_not_found';
  end if;
  -- What was opened in one workspace is not open in another.
  delete from private.slack_connections as c where c.org_id = p_org_id and c.team_id <> p_team_id;
  insert into private.slack_connections as c (
    org_id, team_id, team_name, bot_user_id, scopes, bot_token_secret_id
  )
  values (
    p_org_id, p_team_id, p_team_name, p_bot_user_id, p_scopes,
    private.put_secret(null, p_bot_token, 'slack:' || p_org_id || ':' || gen_random_uuid())
  )
  on conflict (org_id) do update
  set team_name = excluded.team_name, bot_user_id = excluded.bot_user_id, scopes = excluded.scopes,
    bot_token_secret_id = excluded.bot_token_secret_id, status = 'active', last_error = null;

  delete from private.slack_channels as k
  where k.org_id = p_org_id
    and not exists (
      select from jsonb_to_recordset(p_channels) as n (id text) where n.id = k.channel_id
    );
  insert into private.slack_channels as k (org_id, channel_id, name)
  select p_org_id, n.id, n.name
  from jsonb_to_recordset(p_channels) as n (id text, name text)
  on conflict (org_id, channel_id) do update set name = excluded.name;
  select count(*) into v_count from private.slack_channels as k where k.org_id = p_org_id;
  return v_count;
end;
$$;
comment on function private.connect_slack(uuid, text, text, text, text[], text, jsonb) is
  'Connects, or reconnects, a workspace with its bot''s token and channels [{id, name}]; returns how many channels are known. New channels are closed. Raises organization_not_found. Definer: the token goes to the vault.';

create function private.list_slack_channels(p_org_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_org_id uuid := private.require_org(p_org_id);
begin
  perform private.require_permission(v_org_id, 'settings.manage');
  return (
    select jsonb_build_object(
      'org_id', v_org_id,
      'workspace', (
        select jsonb_build_object('team_id', c.team_id, 'team_name', c.team_name, 'status', c.status, 'last_error', c.last_error)
        from private.slack_connections as c where c.org_id = v_org_id
      ),
      'channels', coalesce(
        (
          select jsonb_agg(
            jsonb_build_object('id', k.channel_id, 'name', k.name, 'is_open', k.is_open) order by k.name, k.channel_id
          )
          from private.slack_channels as k where k.org_id = v_org_id
        ),
        '[]'
      )
    )
  );
end;
$$;
comment on function private.list_slack_channels(uuid) is
  'The workspace and every channel of it, for who may open them. Raises organization_not_found, no_active_organization, forbidden or mfa_required. Definer: the tables are nobody''s to read.';

create function private.open_slack_channel(p_org_id uuid, p_channel_id text, p_is_open boolean)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id uuid := private.require_org(p_org_id);
  v_channel private.slack_channels;
begin
  perform private.require_permission(v_org_id, 'settings.manage');
  update private.slack_channels as k set is_open = p_is_open
  where k.org_id = v_org_id and k.channel_id = p_channel_id
  returning k.* into v_channel;
  if not found then
    raise sqlstate 'PT404' using message = 'not_found';
  end if;
  perform private.write_audit(
    v_org_id, case when p_is_open then 'slack_channels.opened' else 'slack_channels.closed' end,
    'slack_channels', v_org_id, array['is_open']
  );
  return jsonb_build_object('id', v_channel.channel_id, 'name', v_channel.name, 'is_open', v_channel.is_open);
end;
$$;
comment on function private.open_slack_channel(uuid, text, boolean) is
  'Opens a channel to the copilot, or closes it, for who may change settings; logged. Raises organization_not_found, no_active_organization, forbidden, mfa_required or not_found. Definer: the table is nobody''s to write.';

create function private.disconnect_slack(p_org_id uuid)
returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
  v_org_id uuid := private.require_org(p_org_id);
begin
  perform private.require_permission(v_org_id, 'settings.manage');
  delete from private.slack_connections as c where c.org_id = v_org_id;
  return found;
end;
$$;
comment on function private.disconnect_slack(uuid) is
  'Forgets the workspace, its token and its channels; says whether there was one. Raises organization_not_found, no_active_organization, forbidden or mfa_required. Definer: the table is nobody''s to write.';

create function private.begin_slack_access(p_org_id uuid, p_channel_id text)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_connection private.slack_connections;
begin
  select c.* into v_connection from private.slack_connections as c where c.org_id = p_org_id;
  if not found then
    return jsonb_build_object('status', 'not_connected');
  elsif v_connection.status <> 'active' then
    return jsonb_build_object('status', 'needs_reconnect');
  elsif not exists (
    select from private.slack_channels as k
    where k.org_id = p_org_id and k.channel_id = p_channel_id and k.is_open
  ) then
    return jsonb_build_object('status', 'channel_not_open');
  end if;
  return jsonb_build_object(
    'status', 'ready', 'team_id', v_connection.team_id,
    'bot_token', (
      select s.decrypted_secret from vault.decrypted_secrets as s where s.id = v_connection.bot_token_secret_id
    )
  );
end;
$$;
comment on function private.begin_slack_access(uuid, text) is
  'The bot''s token, where the channel is open now: {status: ready | not_connected | needs_reconnect | channel_not_open}. Definer: the only way the token leaves the vault.';

create function private.reject_slack_access(p_org_id uuid, p_team_id text, p_error text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.set_actor('job', 'execute-confirmed-actions', private.request_id());
  update private.slack_connections as c set status = 'needs_reconnect', last_error = p_error
  where c.org_id = p_org_id and c.team_id = p_team_id and c.status = 'active';
end;
$$;
comment on function private.reject_slack_access(uuid, text, text) is
  'Writes down that Slack no longer takes the token of that workspace: an admin must connect it again. Definer: the table is nobody''s to write.';

-- What a Google consent must have granted. An answer may get lost on its way, so who may send must also
-- be able to look for what was sent.

create function private.google_scopes_cover(p_scopes text[], p_use text)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case p_use
    when 'email' then
      p_scopes && array['https://mail.google.com/', 'https://www.googleapis.com/auth/gmail.modify']
      or p_scopes @> array[
        'https://www.googleapis.com/auth/gmail.send', 'https://www.googleapis.com/auth/gmail.readonly'
      ]
    when 'calendar' then
      p_scopes && array[
        'https://www.googleapis.com/auth/calendar', 'https://www.googleapis.com/auth/calendar.events'
      ]
    else false
  end;
end;
$$;
comment on function private.google_scopes_cover(text[], text) is
  'Whether a consent is enough for email (sending, and finding what was sent) or for calendar (making events).';

create function private.begin_google_access(
  p_org_id uuid, p_user_id uuid, p_use text, p_account_email text, p_worker text, p_rejected_token text
)
returns jsonb
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.calendar_connections;
begin
  -- What may be done comes before what may not, so that the reason given is the one nearest to working.
  select c.* into v_connection
  from public.calendar_connections as c
  join public.organization_members as m on m.org_id = c.org_id and m.user_id = c.user_id
  where c.org_id = p_org_id and c.user_id = p_user_id and m.status = 'active'
    and c.status <> 'disconnected' and (p_account_email is null or c.account_email = lower(p_account_email))
  order by private.google_scopes_cover(c.scopes, p_use) desc, c.status = 'active' desc, c.created_at, c.id
  limit 1;
  if not found then
    return jsonb_build_object('status', 'not_connected');
  elsif v_connection.status <> 'active' then
    return jsonb_build_object('status', 'needs_reconnect');
  elsif not private.google_scopes_cover(v_connection.scopes, p_use) then
    return jsonb_build_object('status', 'scope_missing');
  end if;
  insert into private.calendar_sync_runs (org_id, connection_id)
  values (v_connection.org_id, v_connection.id)
  on conflict (org_id, connection_id) do nothing;
  return jsonb_build_object(
    'connection_id', v_connection.id, 'account_email', v_connection.account_email,
    'calendar_id', v_connection.calendar_id
  ) || private.begin_calendar_access(v_connection.org_id, v_connection.id, p_worker, p_rejected_token);
end;
$$;
comment on function private.begin_google_access(uuid, uuid, text, text, text, text) is
  'As begin_calendar_access, for the connection of a person that may be used so: {status: fresh | refresh | wait | needs_reconnect | scope_missing | not_connected}. An account, where given, must be that one. Definer: tokens leave the vault.';

create function private.reject_google_access(p_org_id uuid, p_connection_id uuid, p_error text)
returns void
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.set_actor('job', 'execute-confirmed-actions', private.request_id());
  -- The consent was narrower than it was said to be; reading the calendar may go on.
  update public.calendar_connections as c
  set scopes = case when p_error = 'scope_missing' then '{}' else c.scopes end,
    status = case when p_error = 'scope_missing' then c.status else 'needs_reconnect' end,
    last_error = p_error
  where c.org_id = p_org_id and c.id = p_connection_id and c.status = 'active';
end;
$$;
comment on function private.reject_google_access(uuid, uuid, text) is
  'Writes down that Google no longer takes the access of a connection (it needs reconnecting), or that its consent lacks a scope (it forgets all of them). Definer: the table is nobody''s to write.';

create function private.my_outbound_connections(p_org_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_org_id uuid := private.require_org(p_org_id);
  v_user_id uuid := private.current_user_id();
begin
  return jsonb_build_object(
    'org_id', v_org_id,
    'gmail', (
      select jsonb_build_object('account_email', c.account_email)
      from public.calendar_connections as c
      where c.org_id = v_org_id and c.user_id = v_user_id and c.status = 'active'
        and private.google_scopes_cover(c.scopes, 'email')
      order by c.created_at, c.id limit 1
    ),
    'calendar', (
      select jsonb_build_object('account_email', c.account_email)
      from public.calendar_connections as c
      where c.org_id = v_org_id and c.user_id = v_user_id and c.status = 'active'
        and private.google_scopes_cover(c.scopes, 'calendar')
      order by c.created_at, c.id limit 1
    ),
    'slack', (
      select jsonb_build_object(
        'team_name', s.team_name,
        'channels', coalesce(
          (
            select jsonb_agg(jsonb_build_object('id', k.channel_id, 'name', k.name) order by k.name, k.channel_id)
            from private.slack_channels as k where k.org_id = v_org_id and k.is_open
          ),
          '[]'
        )
      )
      from private.slack_connections as s
      where s.org_id = v_org_id and s.status = 'active'
    )
  );
end;
$$;
comment on function private.my_outbound_connections(uuid) is
  'Through what the caller''s confirmed actions could leave now: {org_id, gmail: {account_email} | null, calendar: {account_email} | null, slack: {team_name, channels: [{id, name}]} | null}. Raises organization_not_found or no_active_organization. Definer: Slack''s tables are nobody''s to read.';

-- What signed-in people call; each is its private namesake.
create function public.my_outbound_connections(p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.my_outbound_connections(p_org_id);
end;
$$;
comment on function public.my_outbound_connections(uuid) is
  'Through what the caller''s confirmed actions could leave, in the organization given or in their active one. Raises organization_not_found or no_active_organization.';

create function public.list_slack_channels(p_org_id uuid default null)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.list_slack_channels(p_org_id);
end;
$$;
comment on function public.list_slack_channels(uuid) is
  'The connected workspace and its channels, open ones and others, for who may change settings. Raises organization_not_found, no_active_organization, forbidden or mfa_required.';

create function public.open_slack_channel(p_org_id uuid, p_channel_id text, p_is_open boolean default true)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.open_slack_channel(p_org_id, p_channel_id, p_is_open);
end;
$$;
comment on function public.open_slack_channel(uuid, text, boolean) is
  'Opens a channel to the copilot, or closes it. Raises organization_not_found, no_active_organization, forbidden, mfa_required or not_found.';

create function public.disconnect_slack(p_org_id uuid)
returns boolean
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.disconnect_slack(p_org_id);
end;
$$;
comment on function public.disconnect_slack(uuid) is
  'Forgets the organization''s Slack workspace. Raises organization_not_found, no_active_organization, forbidden or mfa_required.';

grant execute on function
  private.my_outbound_connections(uuid),
  private.list_slack_channels(uuid),
  private.open_slack_channel(uuid, text, boolean),
  private.disconnect_slack(uuid),
  public.my_outbound_connections(uuid),
  public.list_slack_channels(uuid),
  public.open_slack_channel(uuid, text, boolean),
  public.disconnect_slack(uuid)
to authenticated;

-- What the service role calls; each is its private namesake.
create function public.connect_slack(
  p_org_id uuid, p_team_id text, p_team_name text, p_bot_user_id text, p_scopes text[], p_bot_token text, p_channels jsonb
)
returns integer
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.connect_slack(p_org_id, p_team_id, p_team_name, p_bot_user_id, p_scopes, p_bot_token, p_channels);
end;
$$;
comment on function public.connect_slack(uuid, text, text, text, text[], text, jsonb) is
  'Connects an organization''s Slack workspace. Service only. Raises organization_not_found.';

create function public.begin_slack_access(p_org_id uuid, p_channel_id text)
returns jsonb
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return private.begin_slack_access(p_org_id, p_channel_id);
end;
$$;
comment on function public.begin_slack_access(uuid, text) is
  'The bot''s token for posting into an open channel. Service only.';

create function public.reject_slack_access(p_org_id uuid, p_team_id text, p_error text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.reject_slack_access(p_org_id, p_team_id, p_error);
end;
$$;
comment on function public.reject_slack_access(uuid, text, text) is
  'Records that Slack refused the token. Service only.';

create function public.begin_google_access(
  p_org_id uuid, p_user_id uuid, p_use text, p_account_email text, p_worker text, p_rejected_token text
)
returns jsonb
language plpgsql security invoker set search_path = ''
as $$
begin
  return private.begin_google_access(p_org_id, p_user_id, p_use, p_account_email, p_worker, p_rejected_token);
end;
$$;
comment on function public.begin_google_access(uuid, uuid, text, text, text, text) is
  'A good access token of a person''s Google account for sending email or making events, or the sole right to refresh it. Service only.';

create function public.reject_google_access(p_org_id uuid, p_connection_id uuid, p_error text)
returns void
language plpgsql security invoker set search_path = ''
as $$
begin
  perform private.reject_google_access(p_org_id, p_connection_id, p_error);
end;
$$;
comment on function public.reject_google_access(uuid, uuid, text) is
  'Records that Google refused the access. Service only.';

grant execute on function
  private.connect_slack(uuid, text, text, text, text[], text, jsonb),
  private.begin_slack_access(uuid, text),
  private.reject_slack_access(uuid, text, text),
  private.begin_google_access(uuid, uuid, text, text, text, text),
  private.reject_google_access(uuid, uuid, text),
  public.connect_slack(uuid, text, text, text, text[], text, jsonb),
  public.begin_slack_access(uuid, text),
  public.reject_slack_access(uuid, text, text),
  public.begin_google_access(uuid, uuid, text, text, text, text),
  public.reject_google_access(uuid, uuid, text)
to service_role;

create function private.give_up_lost_effects()
returns integer
language plpgsql security definer set search_path = ''
as $$
declare
  v_effect private.outbound_effects;
  v_count integer := 0;
begin
  perform private.set_actor('system', 'give_up_lost_effects', private.request_id());
  for v_effect in
    select o.*
    from private.jobs as j
    join private.outbound_effects as o on o.id = (j.payload ->> 'effect_id')::uuid
    join private.pending_actions as a on a.org_id = o.org_id and a.id = o.action_id
    where j.state = 'dead' and j.kind = 'action.execute' and o.finished_at is null
      and coalesce(o.leased_until, '-infinity') <= clock_timestamp()
    for update of a, o skip locked
  loop
    perform private.end_outbound_effect(v_effect, 'failed', null, null, 'outcome_unknown');
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
comment on function private.give_up_lost_effects() is
  'Ends effects whose job was buried under a worker that died on the last attempt: nobody knows whether they left, and nobody comes any more. Returns how many. Definer: the tables are nobody''s to write. Run by cron.';

create function private.setup_outbound_schedule()
returns void
language plpgsql set search_path = ''
as $$
begin
  perform cron.schedule(
    'execute-confirmed-actions', '* * * * *',
    $job$select private.call_worker('execute-confirmed-actions', array['action.execute'])$job$
  );
  perform cron.schedule('give-up-lost-effects', '*/5 * * * *', 'select private.give_up_lost_effects()');
end;
$$;
comment on function private.setup_outbound_schedule() is
  'Schedules the worker of confirmed actions, for when a wake-up is lost, and the end of those that nobody comes for; safe to run again.';
select private.setup_outbound_schedule();
