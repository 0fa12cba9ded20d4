-- For MIGRATE_USERS=on: who of shop.accounts signs in, by name or by address, and has not come yet. Who came and was
-- deleted since does not come again: the row in cognito.users keeps the attribute until it is forgotten.
--
-- For a pool with user names of its own, as the logins here, and e-mail addresses for aliases. In one whose names are
-- addresses (UsernameAttributes: [email], as the template's) write a.email for every a.login.
CREATE OR REPLACE FUNCTION cognito.legacy_user(
  user_pool_id text, username text, OUT password_hash text, OUT attributes jsonb, OUT new_username text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  SELECT a.password, a.login, jsonb_build_object(
      'email', a.email, 'email_verified', a.confirmed IS NOT NULL, 'name', a.full_name, 'custom:legacy_id', a.id)
  INTO legacy_user.password_hash, legacy_user.new_username, legacy_user.attributes
  FROM shop.accounts AS a
  WHERE (a.login = legacy_user.username OR lower(a.email) = lower(legacy_user.username))
    AND NOT EXISTS (
      SELECT FROM cognito.users AS u
      WHERE u.user_pool_id = legacy_user.user_pool_id AND u.attributes ->> 'custom:legacy_id' = a.id)
  ORDER BY a.login = legacy_user.username DESC
  LIMIT 1;
END
$function$;

-- Without them somebody who comes costs a look at every row, and at those of cognito.users only where there is an account,
-- which the time would tell. Users without the attribute are in no index.
CREATE INDEX IF NOT EXISTS accounts_email_idx ON shop.accounts (lower(email));
CREATE INDEX IF NOT EXISTS users_legacy_id_idx ON cognito.users ((attributes ->> 'custom:legacy_id'))
WHERE attributes ->> 'custom:legacy_id' IS NOT NULL;
