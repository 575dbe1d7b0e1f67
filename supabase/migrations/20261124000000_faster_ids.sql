-- An id is made by every insert. As a function in SQL it was parsed and planned anew by each statement
-- that makes one; what it returns is the same.

create or replace function private.new_id()
returns uuid
language plpgsql volatile parallel safe set search_path = ''
as $$
begin
  -- Version 7: milliseconds since the epoch, then random bits, so that keys follow time. Not in SQL,
  -- which would be parsed and planned anew by each statement that makes an id.
  return encode(
    set_bit(
      set_bit(
        overlay(
          uuid_send(gen_random_uuid())
          placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
          from 1 for 6
        ),
        52, 1
      ),
      53, 1
    ),
    'hex'
  )::uuid;
end;
$$;
