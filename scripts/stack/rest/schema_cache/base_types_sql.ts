// A part of catalog queries: what domains are made of.

/** Domains followed down to the type they are made of. */
export const BASE_TYPES = `
  base_types as (
    with recursive down as (
      select oid as type, oid as step, typbasetype as next, typnamespace as namespace
      from pg_catalog.pg_type
      union all
      select down.type, t.oid, t.typbasetype, t.typnamespace
      from down
      join pg_catalog.pg_type t on t.oid = down.next
    )
    select type, step as base, namespace
    from down
    where next = 0
  )`;
