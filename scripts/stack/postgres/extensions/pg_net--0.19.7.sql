-- The tables and functions that a migration or a reader of pg_net 0.19 knows, without the background
-- worker: the stack's cron worker takes requests from the queue once they are committed.

create schema net;

create domain net.http_method as text
check (value ilike 'get' or value ilike 'post' or value ilike 'delete');

create unlogged table net.http_request_queue (
  id bigserial,
  method net.http_method not null,
  url text not null,
  headers jsonb,
  body bytea,
  timeout_milliseconds integer not null
);

create unlogged table net._http_response (
  id bigint,
  status_code integer,
  content_type text,
  headers jsonb,
  content text,
  timed_out boolean,
  error_msg text,
  created timestamptz not null default now()
);
create index _http_response_created_idx on net._http_response (created);

create type net.request_status as enum ('PENDING', 'SUCCESS', 'ERROR');
create type net.http_response as (status_code integer, headers jsonb, body text);
create type net.http_response_result as (
  status net.request_status,
  message text,
  response net.http_response
);

-- A notification leaves the server when the transaction commits, and never if it rolls back.
create function net.wake()
returns void
language sql
as $$
  select pg_catalog.pg_notify('stack_net_queue', '')
$$;

create function net.worker_restart()
returns boolean
language plpgsql
as $$
begin
  perform pg_catalog.pg_notify('stack_net_queue', 'restart');
  return true;
end
$$;

create function net.check_worker_is_up()
returns void
language plpgsql
as $$
begin
  if not exists (
    select from pg_catalog.pg_stat_activity where application_name = 'pg_net'
  ) then
    raise exception 'the pg_net background worker is not up'
      using
        detail = 'the pg_net background worker is down due to an internal error and cannot process '
          'requests',
        hint = 'make sure that you didn''t modify any of pg_net internal tables';
  end if;
end
$$;
comment on function net.check_worker_is_up() is
'raises an exception if the pg_net background worker is not up, otherwise it doesn''t return anything';

create function net.wait_until_running()
returns void
language plpgsql
as $$
begin
  while not exists (
    select from pg_catalog.pg_stat_activity where application_name = 'pg_net'
  )
  loop
    perform pg_catalog.pg_sleep(0.05);
  end loop;
end
$$;
comment on function net.wait_until_running() is 'waits until the worker is running';

create function net._urlencode_string(string character varying)
returns text
language sql
immutable
as $$
  select coalesce(
    pg_catalog.string_agg(
      case
        when letter ~ '^[A-Za-z0-9._~-]$' then letter
        else pg_catalog.regexp_replace(
          pg_catalog.upper(pg_catalog.encode(pg_catalog.convert_to(letter, 'UTF8'), 'hex')),
          '(..)',
          '%\1',
          'g'
        )
      end,
      '' order by position
    ),
    ''
  )
  from pg_catalog.regexp_split_to_table(string, '') with ordinality as letters (letter, position)
  where letter <> ''
$$;

-- Appends the parameters and gives a bare host its slash.
create function net._encode_url_with_params_array(url text, params_array text[])
returns text
language plpgsql
immutable
as $$
declare
  v_parts text[] := pg_catalog.regexp_match(
    url, '^([a-z][a-z0-9+.-]*://[^/?#]+)([^?#]*)(\?[^#]*)?(#.*)?$', 'i'
  );
  v_query text;
begin
  if v_parts is null then
    raise exception 'Bad scheme or malformed URL: %', url;
  end if;
  v_query := pg_catalog.concat_ws(
    '&',
    nullif(pg_catalog.ltrim(v_parts[3], '?'), ''),
    nullif(pg_catalog.array_to_string(params_array, '&'), '')
  );
  return v_parts[1]
    || coalesce(nullif(v_parts[2], ''), '/')
    || case when v_query <> '' then '?' || v_query else '' end
    || coalesce(v_parts[4], '');
end
$$;

create function net._enqueue(
  p_method text,
  p_url text,
  p_params jsonb,
  p_headers jsonb,
  p_body jsonb,
  p_timeout_milliseconds integer
)
returns bigint
language plpgsql
as $$
declare
  v_id bigint;
  v_params text[];
begin
  select coalesce(
    pg_catalog.array_agg(net._urlencode_string(key) || '=' || net._urlencode_string(value)), '{}'
  )
  into v_params
  from pg_catalog.jsonb_each_text(p_params);

  insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
  values (
    p_method,
    net._encode_url_with_params_array(p_url, v_params),
    p_headers,
    pg_catalog.convert_to(p_body::text, 'UTF8'),
    p_timeout_milliseconds
  )
  returning id into v_id;

  perform net.wake();
  return v_id;
end
$$;

create function net.http_get(
  url text,
  params jsonb default '{}',
  headers jsonb default '{}',
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
as $$
begin
  return net._enqueue('GET', url, params, headers, null, timeout_milliseconds);
end
$$;

create function net.http_post(
  url text,
  body jsonb default '{}',
  params jsonb default '{}',
  headers jsonb default '{"Content-Type": "application/json"}',
  timeout_milliseconds integer default 5000
)
returns bigint
language plpgsql
as $$
declare
  v_content_type text;
begin
  select header.value
  into v_content_type
  from pg_catalog.jsonb_each_text(coalesce(headers, '{}')) as header
  where pg_catalog.lower(header.key) = 'content-type'
  limit 1;

  if v_content_type is null then
    headers := headers || '{"Content-Type": "application/json"}';
  elsif v_content_type <> 'application/json' then
    raise exception 'Content-Type header must be "application/json"';
  end if;
  return net._enqueue('POST', url, params, headers, body, timeout_milliseconds);
end
$$;

create function net.http_delete(
  url text,
  params jsonb default '{}',
  headers jsonb default '{}',
  timeout_milliseconds integer default 5000,
  body jsonb default null
)
returns bigint
language plpgsql
as $$
begin
  return net._enqueue('DELETE', url, params, headers, body, timeout_milliseconds);
end
$$;

create function net._await_response(request_id bigint)
returns boolean
language plpgsql
as $$
begin
  while not exists (select from net._http_response where id = request_id)
  loop
    perform pg_catalog.pg_sleep(0.05);
  end loop;
  return true;
end
$$;

create function net._http_collect_response(request_id bigint, async boolean default true)
returns net.http_response_result
language plpgsql
as $$
declare
  v_response net._http_response;
begin
  if not async then
    perform net._await_response(request_id);
  end if;
  select * into v_response from net._http_response where id = request_id;
  if not found or v_response.error_msg is not null then
    return (
      'ERROR',
      coalesce(v_response.error_msg, 'request matching request_id not found'),
      null
    )::net.http_response_result;
  end if;
  return (
    'SUCCESS',
    'ok',
    (v_response.status_code, v_response.headers, v_response.content)::net.http_response
  )::net.http_response_result;
end
$$;

create function net.http_collect_response(request_id bigint, async boolean default true)
returns net.http_response_result
language plpgsql
as $$
begin
  raise notice 'The net.http_collect_response function is deprecated.';
  return net._http_collect_response(request_id, async);
end
$$;

grant usage on schema net to public;
grant all on all sequences in schema net to public;
grant all on all tables in schema net to public;
