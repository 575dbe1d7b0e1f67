-- Who asks is found out by every policy, so each comparison counts: a request without claims has no
-- role in them either, and needs no question of its own.

create or replace function private.current_user_id()
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  v_user_id uuid;
begin
  if v_claims ->> 'role' is distinct from 'authenticated' or v_claims ->> 'is_anonymous' = 'true' then
    return null;
  end if;

  if right(v_claims ->> 'iss', 8) = '/auth/v1' then
    -- The session must still exist: a signed-out, banned or deleted login is nobody at once,
    -- however long its token would last.
    select s.user_id into v_user_id
    from auth.sessions as s
    join auth.users as u on u.id = s.user_id
    where s.id = (v_claims ->> 'session_id')::uuid
      and s.user_id = (v_claims ->> 'sub')::uuid
      and (s.not_after is null or s.not_after > now())
      and (u.banned_until is null or u.banned_until <= now())
      and u.deleted_at is null;
  else
    select i.user_id into v_user_id
    from private.identity_providers as p
    join private.user_identities as i on i.provider = p.provider
    where p.issuer = v_claims ->> 'iss' and i.subject = v_claims ->> 'sub';
  end if;
  return v_user_id;
end;
$$;
