-- Files of a public bucket are fetched by address and need no policy; a policy for select that does
-- not look at the owner or the path lets everybody list what is there.
select 'storage_can_be_listed' as name,
  p.policyname::text as object,
  format('policy "%s" lets %s list files whoever owns them', p.policyname, array_to_string(p.roles, ', ')) as detail
from pg_policies as p
where p.schemaname = 'storage'
  and p.tablename = 'objects'
  and p.cmd in ('SELECT', 'ALL')
  and p.permissive = 'PERMISSIVE'
  and p.roles && array['public', 'anon', 'authenticated']::name[]
  and coalesce(p.qual, 'true') !~ '(owner|name|path_tokens|foldername|current_user_id|my_orgs)';
