-- What the API refuses before it runs anything. Planner estimates are made from all tenants' rows,
-- so an estimated count or a plan tells a caller what others store (count 43 where they see none).

create function private.check_request()
returns void
language plpgsql set search_path = ''
as $$
declare
  v_headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if current_user not in ('anon', 'authenticated') then
    return;
  end if;
  if coalesce(v_headers ->> 'prefer', '') ~* 'count\s*=\s*"?(planned|estimated)'
    or coalesce(v_headers ->> 'accept', '') ~* 'application/vnd\.pgrst\.plan'
  then
    raise sqlstate 'PT400' using
      message = 'estimates_refused',
      hint = 'Ask for count=exact, or for no count.';
  end if;
end;
$$;
comment on function private.check_request() is
  'Runs before each API request: clients may not ask for planner estimates. Raises estimates_refused.';
grant execute on function private.check_request() to anon, authenticated, service_role;

alter role authenticator set pgrst.db_pre_request = 'private.check_request';
alter role authenticator set pgrst.db_plan_enabled = 'false';
-- As on the hosted platform, where storage is solid-state. With the built-in 4 a generic plan fetches
-- a whole organization by bitmap and sorts it, rather than read the first rows in index order.
alter role authenticator set random_page_cost = 1.1;
notify pgrst, 'reload config';
