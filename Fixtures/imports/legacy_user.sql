-- For MIGRATE_USERS=on: who of shop.accounts signs in, by name or by address, and has not come by an import.
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
  WHERE a.login = legacy_user.username OR lower(a.email) = lower(legacy_user.username)
  ORDER BY a.login = legacy_user.username DESC
  LIMIT 1;
END
$function$;
