-- The assertions that the project's database tests use, for machines without Debian's pgTAP. Same
-- names, arguments and output; no more than that.
--
-- Counters are temporary sequences: they survive a caught exception, and every role may use them.

create function _tap_start()
returns void
language plpgsql
as $$
begin
  drop sequence if exists pg_temp.__tap_ran, pg_temp.__tap_failed;
  create temporary sequence __tap_ran minvalue 0 start 0;
  create temporary sequence __tap_failed minvalue 0 start 0;
  grant all on sequence pg_temp.__tap_ran, pg_temp.__tap_failed to public;
  perform nextval('pg_temp.__tap_ran'), nextval('pg_temp.__tap_failed');
end
$$;

create function no_plan()
returns setof boolean
language plpgsql
as $$
begin
  perform _tap_start();
  perform set_config('tap.plan', '', false);
  return;
end
$$;

create function plan(integer)
returns text
language plpgsql
as $$
begin
  perform _tap_start();
  perform set_config('tap.plan', $1::text, false);
  return '1..' || $1;
end
$$;

create function finish(exception_on_failure boolean default null)
returns setof text
language plpgsql
as $$
declare
  v_plan integer := nullif(current_setting('tap.plan', true), '')::integer;
  v_ran integer := (select last_value from pg_temp.__tap_ran);
  v_failed integer := (select last_value from pg_temp.__tap_failed);
begin
  if v_plan is null then
    return next '1..' || v_ran;
  elsif v_plan <> v_ran then
    return next format(
      '# Looks like you planned %s test%s but ran %s',
      v_plan, case when v_plan = 1 then '' else 's' end, v_ran
    );
  end if;
  if v_failed > 0 then
    return next format(
      '# Looks like you failed %s test%s of %s',
      v_failed, case when v_failed = 1 then '' else 's' end, v_ran
    );
  end if;
  perform set_config('tap.plan', '', false);
end
$$;

create function diag(msg text)
returns text
language sql
immutable
as $$
  select '# ' || replace(coalesce(msg, ''), E'\n', E'\n# ')
$$;

create function ok(boolean, text)
returns text
language plpgsql
as $$
declare
  v_number bigint := nextval('pg_temp.__tap_ran');
  v_name text := replace(coalesce($2, ''), E'\n', E'\n# ');
  v_line text := v_number || case when v_name = '' then '' else ' - ' || v_name end;
begin
  if $1 then
    return 'ok ' || v_line;
  end if;
  perform nextval('pg_temp.__tap_failed');
  return 'not ok ' || v_line || E'\n# Failed test ' || v_number
    || case when v_name = '' then '' else ': "' || v_name || '"' end
    || case when $1 is null then E'\n#     (test result was NULL)' else '' end;
end
$$;

create function ok(boolean)
returns text
language sql
as $$
  select ok($1, null)
$$;

create function _tap_report(p_is_ok boolean, p_name text, p_details text)
returns text
language sql
as $$
  select ok(p_is_ok, p_name) || case when p_is_ok then '' else E'\n' || diag(p_details) end
$$;

create function pass(text default null)
returns text
language sql
as $$
  select ok(true, $1)
$$;

create function fail(text default null)
returns text
language sql
as $$
  select ok(false, $1)
$$;

create function is(anyelement, anyelement, text default null)
returns text
language sql
as $$
  select _tap_report(
    $1 is not distinct from $2,
    $3,
    format(
      E'        have: %s\n        want: %s', coalesce($1::text, 'NULL'), coalesce($2::text, 'NULL')
    )
  )
$$;

create function isnt(anyelement, anyelement, text default null)
returns text
language sql
as $$
  select _tap_report(
    $1 is distinct from $2,
    $3,
    format(
      E'        have: %s\n        want: anything else', coalesce($1::text, 'NULL')
    )
  )
$$;

create function cmp_ok(anyelement, text, anyelement, text default null)
returns text
language plpgsql
as $$
declare
  v_result boolean;
begin
  execute format('select $1 operator(pg_catalog.%s) $2', $2) into v_result using $1, $3;
  return _tap_report(
    coalesce(v_result, false),
    $4,
    format(
      E'    %s\n        %s\n    %s',
      coalesce($1::text, 'NULL'), $2, coalesce($3::text, 'NULL')
    )
  );
end
$$;

create function _tap_compare(p_have text, p_is_ok boolean, p_verb text, p_pattern text, p_name text)
returns text
language sql
as $$
  select _tap_report(
    p_is_ok,
    p_name,
    format(
      E'                  %s\n   %s: %s',
      coalesce(quote_literal(p_have), 'NULL'), p_verb, coalesce(quote_literal(p_pattern), 'NULL')
    )
  )
$$;

create function matches(anyelement, text, text default null)
returns text
language sql
as $$
  select _tap_compare($1::text, $1::text ~ $2, 'doesn''t match', $2, $3)
$$;

create function imatches(anyelement, text, text default null)
returns text
language sql
as $$
  select _tap_compare($1::text, $1::text ~* $2, 'doesn''t match', $2, $3)
$$;

create function doesnt_match(anyelement, text, text default null)
returns text
language sql
as $$
  select _tap_compare($1::text, $1::text !~ $2, 'matches', $2, $3)
$$;

create function alike(anyelement, text, text default null)
returns text
language sql
as $$
  select _tap_compare($1::text, $1::text like $2, 'doesn''t match', $2, $3)
$$;

create function unalike(anyelement, text, text default null)
returns text
language sql
as $$
  select _tap_compare($1::text, $1::text not like $2, 'matches', $2, $3)
$$;

-- A query, or the name of a prepared statement.
create function _tap_statement(text)
returns text
language sql
immutable
as $$
  select case
    when $1 like '"%' or $1 !~ '[[:space:]]' then 'execute ' || $1
    else $1
  end
$$;

create function lives_ok(text, text default null)
returns text
language plpgsql
as $$
declare
  v_context text;
begin
  execute _tap_statement($1);
  return ok(true, $2);
exception
  when others or assert_failure then
    get stacked diagnostics v_context = pg_exception_context;
    return _tap_report(
      false, $2, format(E'    died: %s: %s\n%s', sqlstate, sqlerrm, v_context)
    );
end
$$;

create function _tap_throws(
  p_statement text,
  p_code text,
  p_message text,
  p_operator text,
  p_name text
)
returns text
language plpgsql
as $$
declare
  v_is_message boolean;
begin
  execute _tap_statement(p_statement);
  return _tap_report(
    false,
    p_name,
    format(
      E'      caught: no exception\n      wanted: %s%s',
      coalesce(p_code, 'an exception'), coalesce(': ' || p_message, '')
    )
  );
exception
  when others or assert_failure then
    v_is_message := p_message is null or case p_operator
      when 'like' then sqlerrm like p_message
      when 'match' then sqlerrm ~ p_message
      else sqlerrm = p_message
    end;
    return _tap_report(
      (p_code is null or p_code = sqlstate) and v_is_message,
      p_name,
      format(
        E'      caught: %s: %s\n      wanted: %s%s',
        sqlstate, sqlerrm, coalesce(p_code, 'an exception'), coalesce(': ' || p_message, '')
      )
    );
end
$$;

create function throws_ok(text, character, text, text)
returns text
language sql
as $$
  select _tap_throws(
    $1,
    $2::text,
    $3,
    'equal',
    coalesce($4, 'threw ' || coalesce($2::text || coalesce(': ' || $3, ''), $3, 'an exception'))
  )
$$;

-- Five characters that look like a code are one, anything else is the message.
create function throws_ok(text, text, text)
returns text
language sql
as $$
  select case
    when octet_length($2) = 5 then throws_ok($1, $2::character(5), $3, null)
    else throws_ok($1, null::character, $2, $3)
  end
$$;

create function throws_ok(text, text)
returns text
language sql
as $$
  select throws_ok($1, $2, null)
$$;

create function throws_ok(text)
returns text
language sql
as $$
  select throws_ok($1, null::character, null, null)
$$;

create function throws_like(text, text, text default null)
returns text
language sql
as $$
  select _tap_throws($1, null, $2, 'like', coalesce($3, 'should throw exception like ' || $2))
$$;

create function throws_matching(text, text, text default null)
returns text
language sql
as $$
  select _tap_throws($1, null, $2, 'match', coalesce($3, 'should throw exception matching ' || $2))
$$;

-- Rows as text, in order: enough to compare two results and to show where they part.
create function _tap_rows(text)
returns text[]
language plpgsql
as $$
declare
  v_row record;
  v_rows text[] := '{}';
begin
  for v_row in execute _tap_statement($1)
  loop
    v_rows := v_rows || (case when v_row is null then 'NULL' else v_row::text end);
  end loop;
  return v_rows;
end
$$;

create function _tap_values(anyarray)
returns text[]
language sql
as $$
  select coalesce(
    array_agg(row(element)::text order by position), '{}'
  )
  from unnest($1) with ordinality as element (element, position)
$$;

create function _tap_results(p_have text[], p_want text[], p_name text)
returns text
language plpgsql
as $$
begin
  for v_index in 1 .. greatest(cardinality(p_have), cardinality(p_want))
  loop
    if p_have[v_index] is distinct from p_want[v_index] then
      return _tap_report(
        false,
        p_name,
        format(
          E'    Results differ beginning at row %s:\n        have: %s\n        want: %s',
          v_index, coalesce(p_have[v_index], 'NULL'), coalesce(p_want[v_index], 'NULL')
        )
      );
    end if;
  end loop;
  return ok(true, p_name);
end
$$;

create function results_eq(text, text, text default null)
returns text
language sql
as $$
  select _tap_results(_tap_rows($1), _tap_rows($2), $3)
$$;

create function results_eq(text, anyarray, text default null)
returns text
language sql
as $$
  select _tap_results(_tap_rows($1), _tap_values($2), $3)
$$;

create function results_ne(text, text, text default null)
returns text
language sql
as $$
  select ok(_tap_rows($1) <> _tap_rows($2), $3)
$$;

create function _tap_sorted(text[], p_is_distinct boolean)
returns text[]
language sql
as $$
  select coalesce(array_agg(element order by element collate "C"), '{}')
  from (
    select element, row_number() over (partition by element) as copy
    from unnest($1) as element
  ) as elements
  where not p_is_distinct or copy = 1
$$;

create function _tap_sets(p_have text[], p_want text[], p_is_distinct boolean, p_name text)
returns text
language plpgsql
as $$
declare
  v_have text[] := _tap_sorted(p_have, p_is_distinct);
  v_want text[] := _tap_sorted(p_want, p_is_distinct);
begin
  return _tap_report(
    v_have = v_want,
    p_name,
    concat_ws(
      E'\n',
      (
        select E'    Extra records:\n        ' || string_agg(extra, E'\n        ')
        from (select unnest(v_have) except all select unnest(v_want)) as extras (extra)
      ),
      (
        select E'    Missing records:\n        ' || string_agg(missing, E'\n        ')
        from (select unnest(v_want) except all select unnest(v_have)) as missings (missing)
      )
    )
  );
end
$$;

create function set_eq(text, text, text default null)
returns text
language sql
as $$
  select _tap_sets(_tap_rows($1), _tap_rows($2), true, $3)
$$;

create function set_eq(text, anyarray, text default null)
returns text
language sql
as $$
  select _tap_sets(_tap_rows($1), _tap_values($2), true, $3)
$$;

create function bag_eq(text, text, text default null)
returns text
language sql
as $$
  select _tap_sets(_tap_rows($1), _tap_rows($2), false, $3)
$$;

create function bag_eq(text, anyarray, text default null)
returns text
language sql
as $$
  select _tap_sets(_tap_rows($1), _tap_values($2), false, $3)
$$;

create function is_empty(text, text default null)
returns text
language plpgsql
as $$
declare
  v_rows text[] := _tap_rows($1);
begin
  return _tap_report(
    cardinality(v_rows) = 0,
    $2,
    E'    Unexpected records:\n        ' || array_to_string(v_rows, E'\n        ')
  );
end
$$;

create function isnt_empty(text, text default null)
returns text
language sql
as $$
  select ok(cardinality(_tap_rows($1)) > 0, $2)
$$;

create function skip(why text, how_many integer default 1)
returns text
language sql
as $$
  select string_agg(
    ok(true, null) || ' # SKIP' || coalesce(' ' || why, ''), E'\n'
  )
  from generate_series(1, how_many)
$$;

-- Whether a schema has a table, view, column or function of a name.
create function _tap_has(p_kind text, p_schema name, p_name name, p_column name)
returns boolean
language sql
stable
as $$
  select case p_kind
    when 'schema' then exists (select from pg_namespace where nspname = p_schema)
    when 'function' then exists (
      select
      from pg_proc as function
      join pg_namespace as namespace on namespace.oid = function.pronamespace
      where namespace.nspname = p_schema and function.proname = p_name
    )
    else exists (
      select
      from pg_class as relation
      join pg_namespace as namespace on namespace.oid = relation.relnamespace
      left join pg_attribute as attribute
        on attribute.attrelid = relation.oid
        and attribute.attnum > 0
        and not attribute.attisdropped
      where namespace.nspname = p_schema
        and relation.relname = p_name
        and case p_kind
          when 'table' then relation.relkind in ('r', 'p')
          when 'view' then relation.relkind = 'v'
          else attribute.attname = p_column
        end
    )
  end
$$;

create function has_schema(name, text default null)
returns text
language sql
as $$
  select ok(
    _tap_has('schema', $1, null, null),
    coalesce($2, 'Schema ' || quote_ident($1) || ' should exist')
  )
$$;

create function has_table(name, name, text default null)
returns text
language sql
as $$
  select ok(
    _tap_has('table', $1, $2, null),
    coalesce($3, format('Table %I.%I should exist', $1, $2))
  )
$$;

create function has_view(name, name, text default null)
returns text
language sql
as $$
  select ok(
    _tap_has('view', $1, $2, null),
    coalesce($3, format('View %I.%I should exist', $1, $2))
  )
$$;

create function has_function(name, name, text default null)
returns text
language sql
as $$
  select ok(
    _tap_has('function', $1, $2, null),
    coalesce($3, format('Function %I.%I() should exist', $1, $2))
  )
$$;

create function has_column(name, name, name, text default null)
returns text
language sql
as $$
  select ok(
    _tap_has('column', $1, $2, $3),
    coalesce($4, format('Column %I.%I.%I should exist', $1, $2, $3))
  )
$$;

create function hasnt_schema(name, text default null)
returns text
language sql
as $$
  select ok(
    not _tap_has('schema', $1, null, null),
    coalesce($2, 'Schema ' || quote_ident($1) || ' should not exist')
  )
$$;

create function hasnt_table(name, name, text default null)
returns text
language sql
as $$
  select ok(
    not _tap_has('table', $1, $2, null),
    coalesce($3, format('Table %I.%I should not exist', $1, $2))
  )
$$;

create function hasnt_view(name, name, text default null)
returns text
language sql
as $$
  select ok(
    not _tap_has('view', $1, $2, null),
    coalesce($3, format('View %I.%I should not exist', $1, $2))
  )
$$;

create function hasnt_function(name, name, text default null)
returns text
language sql
as $$
  select ok(
    not _tap_has('function', $1, $2, null),
    coalesce($3, format('Function %I.%I() should not exist', $1, $2))
  )
$$;

create function hasnt_column(name, name, name, text default null)
returns text
language sql
as $$
  select ok(
    not _tap_has('column', $1, $2, $3),
    coalesce($4, format('Column %I.%I.%I should not exist', $1, $2, $3))
  )
$$;

-- A check that names exactly these columns.
create function col_has_check(name, name, name[], text)
returns text
language sql
as $$
  select ok(
    exists (
      select
      from pg_constraint as constrained
      join pg_class as relation on relation.oid = constrained.conrelid
      join pg_namespace as namespace on namespace.oid = relation.relnamespace
      where constrained.contype = 'c'
        and namespace.nspname = $1
        and relation.relname = $2
        and (
          select array_agg(attribute.attname order by attribute.attname)
          from pg_attribute as attribute
          where attribute.attrelid = relation.oid and attribute.attnum = any (constrained.conkey)
        ) = (select array_agg(wanted order by wanted) from unnest($3) as wanted)
    ),
    $4
  )
$$;

create function col_has_check(name, name, name, text)
returns text
language sql
as $$
  select col_has_check($1, $2, array[$3], $4)
$$;

create function _tap_is_nullable(name, name, name)
returns boolean
language sql
stable
as $$
  select not attribute.attnotnull
  from pg_attribute as attribute
  join pg_class as relation on relation.oid = attribute.attrelid
  join pg_namespace as namespace on namespace.oid = relation.relnamespace
  where namespace.nspname = $1
    and relation.relname = $2
    and attribute.attname = $3
    and not attribute.attisdropped
$$;

create function col_not_null(name, name, name, text default null)
returns text
language sql
as $$
  select ok(
    not _tap_is_nullable($1, $2, $3),
    coalesce($4, format('Column %I.%I.%I should be NOT NULL', $1, $2, $3))
  )
$$;

create function col_is_null(name, name, name, text default null)
returns text
language sql
as $$
  select ok(
    _tap_is_nullable($1, $2, $3),
    coalesce($4, format('Column %I.%I.%I should allow NULL', $1, $2, $3))
  )
$$;
