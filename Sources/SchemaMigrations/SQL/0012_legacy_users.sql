-- Users who were there before Cognito: with MIGRATE_USERS=on cognito.find_legacy_user is asked when somebody signs in, or
-- has forgotten the password, whom Cognito does not know. The password itself never comes here.

-- Somebody whom Cognito does not know, in the table that a team had before. As it is shipped, nobody: a team replaces the
-- body, and keeps the signature and the meaning of the answer:
--
--   password_hash  as the old software keeps it; NULL: unknown, locked, or moved already, those who were deleted since
--                  among them. Nobody is let in without one
--   attributes     what becomes the user's attributes in Cognito, by their names there; an address that is not verified
--                  says so. A value is a string, a number or a boolean
--   new_username   the name of the user in Cognito where it is not what was typed; NULL: as typed. A pool whose names are
--                  addresses (UsernameAttributes: [email], as the template's) takes an e-mail address and nothing else,
--                  one with addresses for aliases (AliasAttributes: [email]) no name in the form of one
--
-- username is what somebody typed at a sign-in: a name or an address, in any spelling. All that is answered with goes to
-- Cognito, so it must be that user's and nobody else's. Two of a name must not be found.
--
-- A team whose accounts have e-mail addresses, and the template's pool. Who has come is found by the attribute, deleted
-- since or not. Without the indexes each who comes costs a look at every row, and at those of cognito.users only where
-- there is an account, which the time would tell:
--
--   CREATE OR REPLACE FUNCTION cognito.legacy_user(
--     user_pool_id text, username text, OUT password_hash text, OUT attributes jsonb, OUT new_username text
--   )
--   LANGUAGE plpgsql STABLE SECURITY DEFINER
--   SET search_path = pg_catalog, pg_temp
--   AS $function$
--   BEGIN
--     SELECT a.password_hash,
--       jsonb_build_object('email', a.email, 'email_verified', a.email_verified, 'custom:legacy_id', a.id)
--     INTO legacy_user.password_hash, legacy_user.attributes
--     FROM app.accounts AS a
--     WHERE lower(a.email) = lower(legacy_user.username) AND a.locked_at IS NULL AND NOT EXISTS (
--       SELECT FROM cognito.users AS u
--       WHERE u.user_pool_id = legacy_user.user_pool_id AND u.attributes ->> 'custom:legacy_id' = a.id::text);
--   END
--   $function$;
--   CREATE INDEX ON app.accounts (lower(email));
--   CREATE INDEX users_legacy_id_idx ON cognito.users ((attributes ->> 'custom:legacy_id'))
--   WHERE attributes ->> 'custom:legacy_id' IS NOT NULL;
CREATE FUNCTION cognito.legacy_user(
  user_pool_id       text,
  username           text,
  OUT password_hash  text,
  OUT attributes     jsonb,
  OUT new_username   text
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
END
$function$;

COMMENT ON FUNCTION cognito.legacy_user IS
  'A user of the team''s own table from before Cognito, by what was typed as the user name; NULL for nobody.';

REVOKE ALL ON FUNCTION cognito.legacy_user FROM PUBLIC;

-- How often each was tried to be signed in as. Without WAL, since it is forgotten within minutes.
CREATE UNLOGGED TABLE cognito.legacy_attempts (
  -- Keyed, so that nothing of a person is kept.
  account   bytea PRIMARY KEY,
  attempts  integer NOT NULL,
  ends_at   timestamptz NOT NULL
);

CREATE INDEX legacy_attempts_ends_at_idx ON cognito.legacy_attempts (ends_at);

COMMENT ON TABLE cognito.legacy_attempts IS
  'Attempts to sign in as a user from before Cognito, by a keyed hash, until a window ends.';

-- The key of those hashes: this database's own, and read by nobody else.
CREATE TABLE cognito.legacy_attempts_key (
  is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  key      bytea NOT NULL
);

COMMENT ON TABLE cognito.legacy_attempts_key IS 'The key of the hashes in cognito.legacy_attempts.';

INSERT INTO cognito.legacy_attempts_key (key)
VALUES (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

-- What cognito.legacy_user says, and whether the password may be tried: no more than attempt_limit times within
-- attempt_window of the first. Counted before the password is looked at, so that of many attempts at once no more get
-- through, and by the account, in whichever spelling its name was typed. NULL for attempt_limit: nothing is counted.
CREATE FUNCTION cognito.find_legacy_user(
  user_pool_id       text,
  username           text,
  attempt_limit      integer,
  attempt_window     interval,
  OUT may_try        boolean,
  OUT password_hash  text,
  OUT attributes     jsonb,
  OUT new_username   text
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
  tried  bytea;
BEGIN
  SELECT l.password_hash, l.attributes, l.new_username
  INTO find_legacy_user.password_hash, find_legacy_user.attributes, find_legacy_user.new_username
  FROM cognito.legacy_user(find_legacy_user.user_pool_id, find_legacy_user.username) AS l;
  may_try := true;
  IF find_legacy_user.attempt_limit IS NULL THEN
    RETURN;
  END IF;

  SELECT sha256(
    k.key || sha256(convert_to(find_legacy_user.user_pool_id, 'UTF8'))
    || sha256(convert_to(coalesce(find_legacy_user.password_hash, lower(find_legacy_user.username)), 'UTF8')))
  INTO tried
  FROM cognito.legacy_attempts_key AS k;
  INSERT INTO cognito.legacy_attempts AS a (account, attempts, ends_at)
  VALUES (tried, 1, now() + find_legacy_user.attempt_window)
  ON CONFLICT (account) DO UPDATE SET
    attempts = CASE WHEN a.ends_at > now() THEN a.attempts + 1 ELSE 1 END,
    ends_at = CASE WHEN a.ends_at > now() THEN a.ends_at ELSE excluded.ends_at END
  WHERE a.ends_at <= now() OR a.attempts < find_legacy_user.attempt_limit;
  may_try := FOUND;

  -- As many go as may come, and a few more.
  DELETE FROM cognito.legacy_attempts AS a
  WHERE a.account IN (
    SELECT old.account FROM cognito.legacy_attempts AS old
    WHERE old.ends_at <= now() ORDER BY old.ends_at LIMIT 3 FOR UPDATE SKIP LOCKED);
END
$function$;

COMMENT ON FUNCTION cognito.find_legacy_user IS
  'A user from before Cognito, and whether the password may be tried: counts the attempt.';

REVOKE ALL ON FUNCTION cognito.find_legacy_user FROM PUBLIC;
