-- Who is asking, by the token that a request came with: for policies of row-level security, and for an API's functions.
--
-- Whoever answers requests verifies the token, and sets its claims as a JSON text for the transaction:
--
--   SELECT set_config('request.jwt.claims', $1, true)
--
-- as PostgREST, Supabase and Neon do. Any login can set it, so that an answer is worth as much as whoever set it.
--
-- A policy asks (SELECT cognito.current_user_id()), with the SELECT: once for the statement, not for every row. None of
-- them catches an error, which no query with parallel workers could do. What reads tables does so as the schema's
-- owner: the role that a request runs as needs no right to read users.

-- The claims; NULL without a token: never set, or left empty by a transaction that had set it.
--
-- Anything but an object is an error, and not "no token": somebody meant to say who is asking, and a policy that
-- denies (NOT has_role(…)) would let everybody in.
CREATE FUNCTION cognito.jwt() RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  claims  text := nullif(current_setting('request.jwt.claims', true), '');
BEGIN
  -- The cast would say in the server's log what it cannot read, as a token that was not decoded.
  IF claims !~ '^\s*\{' THEN
    RAISE invalid_parameter_value USING MESSAGE = 'request.jwt.claims is not a JSON object';
  END IF;
  RETURN claims::jsonb;
END
$function$;

COMMENT ON FUNCTION cognito.jwt IS 'The claims of the request''s token; NULL where there is none.';

REVOKE ALL ON FUNCTION cognito.jwt FROM PUBLIC;

-- NULL also where sub is not a UUID in its canonical form, as in a token for a client's own credentials.
CREATE FUNCTION cognito.current_sub() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  sub  text := cognito.jwt() ->> 'sub';
BEGIN
  RETURN CASE WHEN sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN sub::uuid END;
END
$function$;

COMMENT ON FUNCTION cognito.current_sub IS 'sub of the request''s token; NULL where it is none of a user''s.';

REVOKE ALL ON FUNCTION cognito.current_sub FROM PUBLIC;

-- The end of iss, where that is Cognito's: a layer may take tokens of other issuers as well, whose sub is their own
-- affair. Both forms (https://cognito-idp.… and https://issuer-cognito-idp.…), any region, since a pool may have
-- replicas, and the suffixes of AWS's partitions. The region's form matters: cognito-idp.s3.amazonaws.com is a bucket.
--
-- An emulator with another issuer: replace the body.
CREATE FUNCTION cognito.current_user_pool_id() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RETURN substring(
    cognito.jwt() ->> 'iss'
    FROM '^https://(?:issuer-)?cognito-idp\.[a-z]+(?:-[a-z]+)+-[0-9]+\.'
      '(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)'
      '/([0-9A-Za-z_-]+_[0-9A-Za-z]+)$');
END
$function$;

COMMENT ON FUNCTION cognito.current_user_pool_id IS
  'The user pool of the request''s token, by iss; NULL where another issued it.';

REVOKE ALL ON FUNCTION cognito.current_user_pool_id FROM PUBLIC;

CREATE FUNCTION cognito.current_user_id() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  current_pool  text := cognito.current_user_pool_id();
  current_sub   uuid := cognito.current_sub();
BEGIN
  RETURN (SELECT u.id FROM cognito.users_live AS u WHERE u.user_pool_id = current_pool AND u.sub = current_sub);
END
$function$;

COMMENT ON FUNCTION cognito.current_user_id IS
  'users.id of who is asking; NULL without a token, and where there is no such user, or deleted, disabled or merged.';

REVOKE ALL ON FUNCTION cognito.current_user_id FROM PUBLIC;

-- By cognito.roles_for_token, so that policies and tokens agree where a team keeps roles elsewhere. The name as the role
-- is written, letter case included, as the token has it.
CREATE FUNCTION cognito.has_role(name text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  RETURN coalesce(
    cognito.current_user_id() IS NOT NULL
    AND name = ANY (cognito.roles_for_token(cognito.current_user_pool_id(), cognito.current_sub())),
    false);
END
$function$;

COMMENT ON FUNCTION cognito.has_role IS
  'Whether who is asking has this role now, as the database knows; never NULL.';

REVOKE ALL ON FUNCTION cognito.has_role FROM PUBLIC;

CREATE FUNCTION cognito.has_group(name text) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  groups  jsonb := cognito.jwt() -> 'cognito:groups';
BEGIN
  -- Of an object, ? would look at the keys.
  RETURN coalesce(jsonb_typeof(groups) = 'array' AND groups ? name, false);
END
$function$;

COMMENT ON FUNCTION cognito.has_group IS
  'Whether the request''s token has this group, whatever has happened since it was issued; never NULL.';

REVOKE ALL ON FUNCTION cognito.has_group FROM PUBLIC;

-- To be called first in each request, as PostgREST's db-pre-request. PostgREST makes the HTTP status 401 of PT401.
--
-- Signed in is who has a sub: without a token PostgREST sets claims, too, with nothing but the anonymous role. A token
-- for a client's own credentials is refused like one of a user who is gone: nobody stands behind it.
CREATE FUNCTION cognito.pre_request() RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF cognito.jwt() ? 'sub' AND cognito.current_user_id() IS NULL THEN
    RAISE SQLSTATE 'PT401' USING MESSAGE = 'the user of this token may not act here';
  END IF;
END
$function$;

COMMENT ON FUNCTION cognito.pre_request IS 'Refuses the token of a user who is not there, or deleted or disabled, with PT401.';

REVOKE ALL ON FUNCTION cognito.pre_request FROM PUBLIC;

-- What an application's own login may call and read, in this database. Given by: pooltable migrate --reader-role LOGIN
--
-- users_live and memberships are everybody's rows. The role that requests run as gets the functions only.
CREATE PROCEDURE cognito.grant_reader(login name)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $procedure$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA cognito TO %I', login);
  EXECUTE format(
    $grant$
      GRANT EXECUTE ON FUNCTION
        cognito.jwt, cognito.current_sub, cognito.current_user_pool_id, cognito.current_user_id,
        cognito.has_role, cognito.has_group, cognito.pre_request, cognito.resolve, cognito.resolve_requests
      TO %I
    $grant$,
    login);
  EXECUTE format('GRANT SELECT ON cognito.users_live, cognito.memberships TO %I', login);
END
$procedure$;

COMMENT ON PROCEDURE cognito.grant_reader IS
  'Lets a login ask who is asking, and read users_live and memberships, in this database.';

REVOKE ALL ON PROCEDURE cognito.grant_reader FROM PUBLIC;
