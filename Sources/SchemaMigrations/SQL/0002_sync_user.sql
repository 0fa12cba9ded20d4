-- cognito.sync_user: the only thing that the Lambda function calls, and PoolTable's public interface in
-- SQL. A team that keeps users in a table of its own replaces the body, and keeps the signature and
-- the meaning of the outcome:
--
--   inserted   the user was not there
--   updated    something differed, and was changed
--   unchanged  nothing differed, and nothing was written
--   stale      the row holds a newer observation, and was left alone
--
-- It reads first: most calls are sign-ins of unchanged users, and even an ON CONFLICT DO UPDATE that
-- changes nothing locks the row, which costs a transaction id, WAL and an fsync. The price: an
-- unchanged observation does not move observed_at, so the guard compares with the last change.
--
-- Arguments are text where the column is citext: with the search_path fixed, citext's operators may be
-- out of sight, and a change of letter case alone must count as a change.

CREATE FUNCTION cognito.sync_user(
  user_pool_id           text,
  sub                    uuid,
  username               text,
  email                  text,
  email_verified         boolean,
  phone_number           text,
  phone_number_verified  boolean,
  status                 text,
  attributes             jsonb,
  identities             jsonb,
  confirmed_at           timestamptz,
  observed_at            timestamptz,
  OUT id                 uuid,
  OUT outcome            text
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1500ms'
AS $function$
#variable_conflict use_column
DECLARE
  -- A clock that runs ahead must not keep later observations out.
  observed  timestamptz := least(sync_user.observed_at, clock_timestamp());
BEGIN
  -- A rival that inserts the same user first, or removes it in between, is met by reading again.
  FOR attempt IN 1..3 LOOP
    -- Read and compared in one statement: PL/pgSQL prepares each expression of its own anew in every call.
    SELECT
      u.id,
      CASE
        WHEN observed < u.observed_at THEN 'stale'
        WHEN u.username IS NOT DISTINCT FROM sync_user.username
          AND u.email::text IS NOT DISTINCT FROM sync_user.email
          AND u.email_verified IS NOT DISTINCT FROM sync_user.email_verified
          AND u.phone_number IS NOT DISTINCT FROM sync_user.phone_number
          AND u.phone_number_verified IS NOT DISTINCT FROM sync_user.phone_number_verified
          AND u.status IS NOT DISTINCT FROM sync_user.status
          AND u.attributes = coalesce(sync_user.attributes, '{}')
          AND u.identities IS NOT DISTINCT FROM sync_user.identities
          AND (u.confirmed_at IS NOT NULL OR sync_user.confirmed_at IS NULL)
          AND u.deleted_at IS NULL
        THEN 'unchanged'
      END
    INTO sync_user.id, sync_user.outcome
    FROM cognito.users AS u
    WHERE u.user_pool_id = sync_user.user_pool_id AND u.sub = sync_user.sub;

    IF outcome IS NOT NULL THEN
      RETURN;
    END IF;

    IF NOT FOUND THEN
      INSERT INTO cognito.users AS u (
        user_pool_id, sub, username, email, email_verified, phone_number, phone_number_verified,
        status, attributes, identities, confirmed_at, observed_at)
      VALUES (
        sync_user.user_pool_id, sync_user.sub, sync_user.username, sync_user.email,
        sync_user.email_verified, sync_user.phone_number, sync_user.phone_number_verified,
        sync_user.status, coalesce(sync_user.attributes, '{}'), sync_user.identities,
        sync_user.confirmed_at, observed)
      ON CONFLICT ON CONSTRAINT users_user_pool_id_sub_key DO NOTHING
      RETURNING u.id INTO sync_user.id;
      CONTINUE WHEN NOT FOUND;
      outcome := 'inserted';
      RETURN;
    END IF;

    UPDATE cognito.users AS u SET
      username = sync_user.username,
      email = sync_user.email,
      email_verified = sync_user.email_verified,
      phone_number = sync_user.phone_number,
      phone_number_verified = sync_user.phone_number_verified,
      status = sync_user.status,
      attributes = coalesce(sync_user.attributes, '{}'),
      identities = sync_user.identities,
      -- The first confirmation stands: setting a new password is announced as one, too.
      confirmed_at = coalesce(u.confirmed_at, sync_user.confirmed_at),
      observed_at = observed,
      updated_at = now(),
      deleted_at = NULL
    -- Asked again under the row's lock: a rival may have written meanwhile.
    WHERE u.id = sync_user.id AND u.observed_at <= observed;
    CONTINUE WHEN NOT FOUND;
    outcome := 'updated';
    RETURN;
  END LOOP;
  RAISE EXCEPTION 'cognito.sync_user met a rival three times'
    USING ERRCODE = 'serialization_failure';
END
$function$;

COMMENT ON FUNCTION cognito.sync_user IS
  'Brings one user in line with what Cognito showed at observed_at; answers its id and inserted, updated, unchanged or stale.';

REVOKE ALL ON FUNCTION cognito.sync_user FROM PUBLIC;
