-- Users who are gone are forgotten: for pooltable forget. All of it is for the login that owns the schema, never for
-- the Lambda function's.

-- What the rows hold of a person goes; id and sub stay, for those who reference them and for the guard against late
-- events. Users who are not marked as deleted are left alone.
--
-- Changes of roles that wait to be pushed hold the name as well. They are deleted: Cognito does not have the user
-- any more, and with the user went the memberships.
CREATE FUNCTION cognito.erase_users(users uuid[], keep_sign_ins boolean) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  erased  uuid[];
BEGIN
  -- In one order, always, so that two who erase the same users are in no deadlock.
  PERFORM FROM cognito.users AS u WHERE u.id = ANY (users) ORDER BY u.id FOR UPDATE;

  WITH gone AS (
    UPDATE cognito.users AS u SET
      username = NULL,
      email = NULL,
      email_verified = NULL,
      phone_number = NULL,
      phone_number_verified = NULL,
      attributes = '{}',
      identities = NULL,
      client_metadata = NULL,
      last_sign_in_at = CASE WHEN keep_sign_ins THEN u.last_sign_in_at END,
      forgotten_at = coalesce(u.forgotten_at, now()),
      updated_at = now()
    WHERE u.id = ANY (users) AND u.deleted_at IS NOT NULL
    RETURNING u.id
  )
  SELECT array_agg(gone.id) INTO erased FROM gone;

  DELETE FROM cognito.role_outbox AS o
  USING cognito.users AS u
  WHERE u.id = ANY (erased) AND o.user_pool_id = u.user_pool_id AND o.sub = u.sub;
  DELETE FROM cognito.invitations AS i WHERE i.used_by = ANY (erased);
  IF NOT keep_sign_ins THEN
    DELETE FROM cognito.sign_ins AS s WHERE s.user_id = ANY (erased);
  END IF;
  RETURN coalesce(cardinality(erased), 0);
END
$function$;

-- Forgets these users, by their rows' ids: all of them, or none. It answers a row for each:
--
--   forgotten    what the row held of the person is gone
--   unchanged    nothing was left to forget
--
-- or, where somebody must not be forgotten, a row for each of these only, and nothing is done:
--
--   not_deleted  Cognito has the user, as far as is known
--   unknown      there is no such row
--
-- With dry_run nothing is written.
CREATE FUNCTION cognito.forget_users(
  users          uuid[],
  keep_sign_ins  boolean DEFAULT false,
  dry_run        boolean DEFAULT false,
  OUT id         uuid,
  OUT outcome    text
)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '10s'
AS $function$
#variable_conflict use_column
DECLARE
  answer  jsonb;
BEGIN
  -- What is found must be so until it is done.
  IF NOT dry_run THEN
    PERFORM FROM cognito.users AS u WHERE u.id = ANY (users) ORDER BY u.id FOR UPDATE;
  END IF;

  SELECT jsonb_object_agg(
    asked.id,
    CASE
      WHEN u.id IS NULL THEN 'unknown'
      WHEN u.deleted_at IS NULL THEN 'not_deleted'
      WHEN u.forgotten_at IS NULL OR u.last_sign_in_at IS NOT NULL AND NOT keep_sign_ins THEN 'forgotten'
      ELSE 'unchanged'
    END)
  INTO answer
  FROM unnest(users) AS asked (id)
  LEFT JOIN cognito.users AS u ON u.id = asked.id
  WHERE asked.id IS NOT NULL;

  RETURN QUERY
    SELECT a.key::uuid, a.value FROM jsonb_each_text(answer) AS a
    WHERE a.value IN ('not_deleted', 'unknown');
  IF FOUND THEN
    RETURN;
  END IF;

  IF NOT dry_run THEN
    PERFORM cognito.erase_users(
      ARRAY(SELECT a.key::uuid FROM jsonb_each_text(answer) AS a WHERE a.value = 'forgotten'),
      keep_sign_ins);
  END IF;
  RETURN QUERY SELECT a.key::uuid, a.value FROM jsonb_each_text(answer) AS a;
END
$function$;

COMMENT ON FUNCTION cognito.forget_users IS
  'Removes what these rows hold of persons, when all are marked as deleted; answers each id and its outcome.';

-- Forgets some of those who were marked as deleted before that time, at most batch; to be called until it answers 0.
-- With dry_run it counts them all, and nothing is written. NULL for user_pool_id: in every pool.
CREATE FUNCTION cognito.forget_users_deleted_before(
  deleted_before  timestamptz,
  user_pool_id    text DEFAULT NULL,
  keep_sign_ins   boolean DEFAULT false,
  dry_run         boolean DEFAULT false,
  batch           integer DEFAULT 500
)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '10s'
AS $function$
#variable_conflict use_column
DECLARE
  due   uuid[];
  most  integer := CASE WHEN NOT dry_run THEN batch END;
BEGIN
  due := ARRAY(
    SELECT u.id FROM cognito.users AS u
    WHERE u.forgotten_at IS NULL
      AND u.deleted_at < forget_users_deleted_before.deleted_before
      AND (forget_users_deleted_before.user_pool_id IS NULL
        OR u.user_pool_id = forget_users_deleted_before.user_pool_id)
    LIMIT most);
  -- Whose sign-ins were kept when they were forgotten.
  IF NOT keep_sign_ins THEN
    due := due || ARRAY(
      SELECT u.id FROM cognito.users AS u
      WHERE u.forgotten_at IS NOT NULL AND u.last_sign_in_at IS NOT NULL
        AND u.deleted_at < forget_users_deleted_before.deleted_before
        AND (forget_users_deleted_before.user_pool_id IS NULL
          OR u.user_pool_id = forget_users_deleted_before.user_pool_id)
      LIMIT most - cardinality(due));
  END IF;
  RETURN CASE WHEN dry_run THEN cardinality(due) ELSE cognito.erase_users(due, keep_sign_ins) END;
END
$function$;

COMMENT ON FUNCTION cognito.forget_users_deleted_before IS
  'Removes what rows that were marked as deleted before a time hold of persons, some at a time; answers how many.';

REVOKE ALL ON FUNCTION
  cognito.erase_users, cognito.forget_users, cognito.forget_users_deleted_before
FROM PUBLIC;
