-- Lets the first assertion that fails end the session, uncaught whatever the test catches: who only
-- asks whether a test passes has heard enough. Run as the superuser, who owns the assertions.

create function tests.end_session()
returns void
language sql security definer set search_path = ''
as $$ select pg_terminate_backend(pg_backend_pid()) $$;
grant execute on function tests.end_session() to public;

alter function extensions.ok(boolean, text) rename to ok_and_go_on;
create function extensions.ok(boolean, text)
returns text
language plpgsql
as $$
begin
  if $1 is not true then
    perform tests.end_session();
  end if;
  return extensions.ok_and_go_on($1, $2);
end
$$;
grant execute on function extensions.ok(boolean, text) to public;
