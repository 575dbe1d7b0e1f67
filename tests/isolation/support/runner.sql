-- Runs many cells of the isolation matrix in one round trip. Each cell acts as one principal in a
-- subtransaction that is always rolled back, so that no cell sees what another did.

create schema isolation;

create function isolation.run_cells(p_cells jsonb)
returns table (key text, verdict text, code text, touched bigint)
language plpgsql
as $$
declare
  v_cell jsonb;
begin
  for v_cell in select value from jsonb_array_elements(p_cells) loop
    key := v_cell ->> 'key';
    code := null;
    touched := 0;
    begin
      if v_cell ? 'before' then
        execute v_cell ->> 'before';
      end if;
      perform set_config('role', v_cell ->> 'role', true);
      perform set_config('request.jwt.claims', coalesce(v_cell ->> 'claims', ''), true);
      execute v_cell ->> 'statement';
      get diagnostics touched = row_count;
      verdict := case when touched > 0 then 'allow' else 'deny' end;
      raise exception using errcode = 'ISO01';
    exception
      when sqlstate 'ISO01' then
        null;
      when insufficient_privilege or sqlstate 'PT401' or sqlstate 'PT403' or sqlstate 'PT404' then
        verdict := 'deny';
        code := sqlstate;
      when others then
        verdict := 'error';
        code := sqlstate;
    end;
    return next;
  end loop;
end;
$$;
