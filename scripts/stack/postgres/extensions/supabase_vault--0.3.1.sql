-- The tables and functions of the vault. Secrets are enciphered with AES-256 and sealed with an HMAC
-- that covers the row's id, so that neither a dump nor a copied cell gives one away. The root key is
-- a file beside the server's data, which only the server can read.

create function vault._root_key()
returns bytea
language sql
stable
set search_path = ''
as $$
  select pg_catalog.decode(pg_catalog.btrim(pg_catalog.pg_read_file('../vault.key')), 'hex')
$$;

create function vault._derived_key(p_purpose text, p_key_id bigint, p_context bytea)
returns bytea
language sql
stable
set search_path = ''
as $$
  select extensions.hmac(
    pg_catalog.convert_to(p_purpose || ':' || p_key_id || ':', 'utf8') || p_context,
    vault._root_key(),
    'sha256'
  )
$$;

create function vault._crypto_aead_det_noncegen()
returns bytea
language sql
volatile
set search_path = ''
as $$
  select extensions.gen_random_bytes(32)
$$;

create function vault._crypto_aead_det_encrypt(
  message bytea,
  additional bytea,
  key_id bigint,
  context bytea default 'pgsodium',
  nonce bytea default null
)
returns bytea
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_nonce bytea := coalesce(nonce, '');
  v_cipher bytea;
begin
  v_cipher := extensions.encrypt_iv(
    message,
    vault._derived_key('cipher', key_id, context),
    pg_catalog.substr(extensions.digest(v_nonce || additional, 'sha256'), 1, 16),
    'aes-cbc/pad:pkcs'
  );
  return v_cipher || extensions.hmac(
    v_nonce || additional || v_cipher, vault._derived_key('seal', key_id, context), 'sha256'
  );
end
$$;

create function vault._crypto_aead_det_decrypt(
  message bytea,
  additional bytea,
  key_id bigint,
  context bytea default 'pgsodium',
  nonce bytea default null
)
returns bytea
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_nonce bytea := coalesce(nonce, '');
  v_cipher_length integer := pg_catalog.octet_length(message) - 32;
  v_cipher bytea;
  v_seal bytea;
begin
  if message is null then
    return null;
  end if;
  if v_cipher_length < 16 then
    raise exception 'invalid ciphertext';
  end if;
  v_cipher := pg_catalog.substr(message, 1, v_cipher_length);
  v_seal := extensions.hmac(
    v_nonce || additional || v_cipher, vault._derived_key('seal', key_id, context), 'sha256'
  );
  if v_seal <> pg_catalog.substr(message, v_cipher_length + 1) then
    raise exception 'invalid ciphertext';
  end if;
  return extensions.decrypt_iv(
    v_cipher,
    vault._derived_key('cipher', key_id, context),
    pg_catalog.substr(extensions.digest(v_nonce || additional, 'sha256'), 1, 16),
    'aes-cbc/pad:pkcs'
  );
end
$$;

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea default vault._crypto_aead_det_noncegen(),
  created_at timestamptz not null default current_timestamp,
  updated_at timestamptz not null default current_timestamp
);
comment on table vault.secrets is
'Table with encrypted `secret` column for storing sensitive information on disk.';
create unique index secrets_name_idx on vault.secrets (name) where name is not null;

create view vault.decrypted_secrets as
select
  secrets.id,
  secrets.name,
  secrets.description,
  secrets.secret,
  convert_from(
    vault._crypto_aead_det_decrypt(
      message := decode(secrets.secret, 'base64'),
      additional := convert_to(secrets.id::text, 'utf8'),
      key_id := 0,
      context := 'pgsodium'::bytea,
      nonce := secrets.nonce
    ),
    'utf8'
  ) as decrypted_secret,
  secrets.key_id,
  secrets.nonce,
  secrets.created_at,
  secrets.updated_at
from vault.secrets;

create function vault.create_secret(
  new_secret text,
  new_name text default null,
  new_description text default '',
  new_key_id uuid default null
)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_id uuid := pg_catalog.gen_random_uuid();
  v_nonce bytea := vault._crypto_aead_det_noncegen();
begin
  insert into vault.secrets (id, secret, name, description, nonce)
  values (
    v_id,
    pg_catalog.encode(
      vault._crypto_aead_det_encrypt(
        pg_catalog.convert_to(new_secret, 'utf8'),
        pg_catalog.convert_to(v_id::text, 'utf8'),
        0,
        'pgsodium',
        v_nonce
      ),
      'base64'
    ),
    new_name,
    new_description,
    v_nonce
  );
  return v_id;
end
$$;

create function vault.update_secret(
  secret_id uuid,
  new_secret text default null,
  new_name text default null,
  new_description text default null,
  new_key_id uuid default null
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  update vault.secrets
  set
    secret = case
      when new_secret is null then secrets.secret
      else pg_catalog.encode(
        vault._crypto_aead_det_encrypt(
          pg_catalog.convert_to(new_secret, 'utf8'),
          pg_catalog.convert_to(secrets.id::text, 'utf8'),
          0,
          'pgsodium',
          secrets.nonce
        ),
        'base64'
      )
    end,
    name = coalesce(new_name, secrets.name),
    description = coalesce(new_description, secrets.description),
    updated_at = pg_catalog.now()
  where secrets.id = secret_id;
end
$$;

revoke all on function
  vault._root_key(),
  vault._derived_key(text, bigint, bytea),
  vault._crypto_aead_det_noncegen(),
  vault._crypto_aead_det_encrypt(bytea, bytea, bigint, bytea, bytea),
  vault._crypto_aead_det_decrypt(bytea, bytea, bigint, bytea, bytea),
  vault.create_secret(text, text, text, uuid),
  vault.update_secret(uuid, text, text, text, uuid)
from public;

select pg_catalog.pg_extension_config_dump('vault.secrets', '');
