-- What differs between a user's row and what Cognito shows: the columns' names, each with a comma after it.
-- Whatever is compared anywhere is compared here. NULL for enabled: nothing is known of it.
--
-- Arguments are text where the column is citext: a change of letter case alone must count as a change.
-- PostgreSQL puts the expression in the place of the call, so it costs no call; and no concat_ws, which looks
-- every argument's type up anew in each statement.
CREATE FUNCTION cognito.changed_columns(
  u                      cognito.users,
  username               text,
  email                  text,
  email_verified         boolean,
  phone_number           text,
  phone_number_verified  boolean,
  status                 text,
  enabled                boolean,
  attributes             jsonb,
  identities             jsonb
)
RETURNS text
LANGUAGE sql
STABLE
RETURN
  CASE WHEN u.username IS DISTINCT FROM username THEN 'username,' ELSE '' END
  || CASE WHEN u.email::text IS DISTINCT FROM email THEN 'email,' ELSE '' END
  || CASE WHEN u.email_verified IS DISTINCT FROM email_verified THEN 'email_verified,' ELSE '' END
  || CASE WHEN u.phone_number IS DISTINCT FROM phone_number THEN 'phone_number,' ELSE '' END
  || CASE
    WHEN u.phone_number_verified IS DISTINCT FROM phone_number_verified THEN 'phone_number_verified,'
    ELSE ''
  END
  || CASE WHEN u.status IS DISTINCT FROM status THEN 'status,' ELSE '' END
  || CASE WHEN u.enabled <> enabled THEN 'enabled,' ELSE '' END
  || CASE WHEN u.attributes <> attributes THEN 'attributes,' ELSE '' END
  || CASE WHEN u.identities IS DISTINCT FROM identities THEN 'identities,' ELSE '' END
  || CASE WHEN u.deleted_at IS NOT NULL THEN 'deleted_at,' ELSE '' END;

-- Whether the row is to be left as it is, whatever the observation shows: it holds a newer one; or the user is
-- forgotten, or merged into another, and Cognito never gives a sub a second time. Costs no call either.
CREATE FUNCTION cognito.keeps_out(u cognito.users, observed timestamptz) RETURNS boolean
LANGUAGE sql
STABLE
RETURN observed < u.observed_at OR u.forgotten_at IS NOT NULL OR u.merged_into IS NOT NULL;

REVOKE ALL ON FUNCTION cognito.changed_columns, cognito.keeps_out FROM PUBLIC;

-- One more sign-in of a user, unless it is the same as one of the last.
CREATE FUNCTION cognito.record_sign_in(user_id uuid, signed_in_at timestamptz, request_id text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
  -- A clock that runs far ahead must not make a last sign-in that none can follow. One that runs a little
  -- ahead is left alone: a second attempt must find the row of the same day.
  moment   timestamptz := least(record_sign_in.signed_in_at, clock_timestamp() + interval '1 minute');
  -- Eight bytes each, whatever an id looks like.
  request  bigint := hashtextextended(record_sign_in.request_id, 0);
BEGIN
  -- The user's row first, always: its lock puts sign-ins of one user in a row, and none into a deadlock.
  UPDATE cognito.users AS u SET last_sign_in_at = greatest(u.last_sign_in_at, moment)
  WHERE u.id = record_sign_in.user_id AND u.forgotten_at IS NULL AND u.merged_into IS NULL;
  -- Removed since it was read; or forgotten, or merged: then late news of a sign-in is nobody's.
  IF NOT FOUND THEN
    RETURN;
  END IF;

  INSERT INTO cognito.sign_ins AS s (user_id, day, first_at, last_at, requests)
  VALUES (
    record_sign_in.user_id, (moment AT TIME ZONE 'UTC')::date, moment, moment,
    array_remove(ARRAY[request], NULL))
  ON CONFLICT ON CONSTRAINT sign_ins_pkey DO UPDATE SET
    first_at = least(s.first_at, moment),
    last_at = greatest(s.last_at, moment),
    count = s.count + 1,
    requests = s.requests[greatest(cardinality(s.requests) - 62, 1):] || excluded.requests
  WHERE NOT s.requests && excluded.requests;
END
$function$;

REVOKE ALL ON FUNCTION cognito.record_sign_in FROM PUBLIC;

-- cognito.sync_user: the only thing that the Lambda function calls for a user, and PoolTable's public
-- interface in SQL. It takes everything that an observation can say, in this order. A team that keeps users
-- in a table of its own replaces the body, and keeps the signature and the meaning of the outcome:
--
--   inserted   the user was not there
--   updated    something differed, and was changed
--   unchanged  nothing differed, and nothing was written
--   stale      the row holds a newer observation, or its user is forgotten or merged into another: it was
--              left alone
--
-- It reads first: most calls are sign-ins of unchanged users, and even an ON CONFLICT DO UPDATE that
-- changes nothing locks the row, which costs a transaction id, WAL and an fsync. The price: an
-- unchanged observation does not move observed_at, so the guard compares with the last change.
--
-- NULL for enabled or confirmed_at: this observation does not say. signed_in_at is given where the user has just
-- signed in and that is to be recorded, whatever the outcome. client_metadata and sign_up_client_id, what the client
-- sent along and which client it was, are kept of the first confirmation and of nothing later: anybody can send
-- more with each call. A user who is inserted is given the default roles, and those of an invitation.
--
-- The same sign-in may be told twice. The Lambda function's own second attempt, after an answer that was
-- lost, carries the same request_id, and counts once unless the user signed in 64 times in between. An event
-- that Cognito sends again is a new request with an id of its own: nothing in it tells it from a second
-- sign-in, and it counts as one. Without a request_id each call counts.

CREATE FUNCTION cognito.sync_user(
  user_pool_id           text,
  sub                    uuid,
  username               text,
  email                  text,
  email_verified         boolean,
  phone_number           text,
  phone_number_verified  boolean,
  status                 text,
  enabled                boolean,
  attributes             jsonb,
  identities             jsonb,
  client_metadata        jsonb,
  sign_up_client_id      text,
  confirmed_at           timestamptz,
  signed_in_at           timestamptz,
  observed_at            timestamptz,
  request_id             text,
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
        WHEN cognito.keeps_out(u, observed) THEN 'stale'
        WHEN cognito.changed_columns(
            u, sync_user.username, sync_user.email, sync_user.email_verified, sync_user.phone_number,
            sync_user.phone_number_verified, sync_user.status, sync_user.enabled,
            coalesce(sync_user.attributes, '{}'), sync_user.identities) = ''
          AND (u.confirmed_at IS NOT NULL OR sync_user.confirmed_at IS NULL)
        THEN 'unchanged'
      END
    INTO sync_user.id, sync_user.outcome
    FROM cognito.users AS u
    WHERE u.user_pool_id = sync_user.user_pool_id AND u.sub = sync_user.sub;

    -- The way of most calls: nothing is evaluated after this.
    IF outcome IS NOT NULL AND sync_user.signed_in_at IS NULL THEN
      RETURN;
    END IF;
    EXIT WHEN outcome IS NOT NULL;

    IF NOT FOUND THEN
      INSERT INTO cognito.users AS u (
        user_pool_id, sub, username, email, email_verified, phone_number, phone_number_verified,
        status, enabled, attributes, identities, client_metadata, sign_up_client_id, confirmed_at,
        observed_at)
      VALUES (
        sync_user.user_pool_id, sync_user.sub, sync_user.username, sync_user.email,
        sync_user.email_verified, sync_user.phone_number, sync_user.phone_number_verified,
        sync_user.status, coalesce(sync_user.enabled, true), coalesce(sync_user.attributes, '{}'),
        sync_user.identities, sync_user.client_metadata, sync_user.sign_up_client_id,
        sync_user.confirmed_at, observed)
      ON CONFLICT ON CONSTRAINT users_user_pool_id_sub_key DO NOTHING
      RETURNING u.id INTO sync_user.id;
      CONTINUE WHEN NOT FOUND;
      -- Mostly there are none, and then this is all that they cost. The roles are locked, so that none of them is
      -- deleted meanwhile.
      IF EXISTS (SELECT FROM cognito.default_roles) THEN
        INSERT INTO cognito.user_roles (user_id, role_id)
        SELECT sync_user.id, r.id
        FROM cognito.default_roles_of(
          sync_user.user_pool_id, sync_user.email, sync_user.email_verified, sync_user.identities) AS d (role_id)
        JOIN cognito.roles AS r ON r.id = d.role_id
        FOR KEY SHARE OF r;
      END IF;
      IF sync_user.email_verified AND EXISTS (SELECT FROM cognito.invitations) THEN
        PERFORM cognito.accept_invitations(ARRAY[sync_user.id]);
      END IF;
      outcome := 'inserted';
      EXIT;
    END IF;

    UPDATE cognito.users AS u SET
      username = sync_user.username,
      email = sync_user.email,
      email_verified = sync_user.email_verified,
      phone_number = sync_user.phone_number,
      phone_number_verified = sync_user.phone_number_verified,
      status = sync_user.status,
      enabled = coalesce(sync_user.enabled, u.enabled),
      attributes = coalesce(sync_user.attributes, '{}'),
      identities = sync_user.identities,
      -- The first confirmation stands: setting a new password is announced as one, too.
      client_metadata = CASE
        WHEN u.confirmed_at IS NULL AND sync_user.confirmed_at IS NOT NULL
        THEN coalesce(sync_user.client_metadata, u.client_metadata) ELSE u.client_metadata
      END,
      sign_up_client_id = CASE
        WHEN u.confirmed_at IS NULL AND sync_user.confirmed_at IS NOT NULL
        THEN coalesce(sync_user.sign_up_client_id, u.sign_up_client_id) ELSE u.sign_up_client_id
      END,
      confirmed_at = coalesce(u.confirmed_at, sync_user.confirmed_at),
      observed_at = observed,
      updated_at = now(),
      deleted_at = NULL
    -- Asked again under the row's lock: a rival may have written meanwhile.
    WHERE u.id = sync_user.id AND NOT cognito.keeps_out(u, observed);
    CONTINUE WHEN NOT FOUND;
    outcome := 'updated';
    EXIT;
  END LOOP;

  IF outcome IS NULL THEN
    RAISE EXCEPTION 'cognito.sync_user: others wrote this user at the same time, three times; try again'
      USING ERRCODE = 'serialization_failure';
  END IF;
  IF sync_user.signed_in_at IS NOT NULL THEN
    PERFORM cognito.record_sign_in(sync_user.id, sync_user.signed_in_at, sync_user.request_id);
  END IF;
END
$function$;

COMMENT ON FUNCTION cognito.sync_user IS
  'Brings one user in line with what Cognito showed at observed_at; answers its id and inserted, updated, unchanged or stale.';

REVOKE ALL ON FUNCTION cognito.sync_user FROM PUBLIC;

-- The attributes that only trigger events have, and no answer of Cognito's API: cognito:email_alias and the like.
-- What Cognito is asked for must not take them away.
CREATE FUNCTION cognito.event_attributes(attributes jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT coalesce(jsonb_object_agg(key, value), '{}')
  FROM jsonb_each(attributes)
  WHERE starts_with(key, 'cognito:')
$function$;

COMMENT ON FUNCTION cognito.event_attributes IS 'Those attributes that only trigger events have, and no answer of Cognito''s API: cognito:email_alias and the like.';

REVOKE ALL ON FUNCTION cognito.event_attributes FROM PUBLIC;

-- Whom a change at Cognito concerns, as far as the table knows: by the sub, in any of these pools; or, where that
-- is not told, by the name.
CREATE FUNCTION cognito.find_user(
  user_pool_ids         text[],
  sub                   uuid,
  username              text,
  OUT user_pool_id      text,
  OUT user_sub          uuid,
  OUT user_name         text,
  OUT event_attributes  jsonb
)
RETURNS SETOF record
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
  SELECT u.user_pool_id, u.sub, u.username, cognito.event_attributes(u.attributes)
  FROM cognito.users AS u
  WHERE u.user_pool_id = ANY (find_user.user_pool_ids) AND u.sub = find_user.sub
  UNION ALL
  SELECT u.user_pool_id, u.sub, u.username, cognito.event_attributes(u.attributes)
  FROM cognito.users AS u
  WHERE find_user.sub IS NULL
    AND u.user_pool_id = ANY (find_user.user_pool_ids) AND u.username = find_user.username
    AND u.deleted_at IS NULL
$function$;

COMMENT ON FUNCTION cognito.find_user IS
  'The users of these pools with this sub, or, where sub is NULL, those of this name who are not deleted.';

REVOKE ALL ON FUNCTION cognito.find_user FROM PUBLIC;

-- Cognito, asked at observed_at, did not have the user any more. The row stays, for whatever references it, and
-- keeps late events from before out.
--
--   deleted    the user is marked as deleted
--   unchanged  it was marked already, or is not there
--   stale      the row holds a newer observation, and was left alone
CREATE FUNCTION cognito.mark_deleted(user_pool_id text, sub uuid, observed_at timestamptz) RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '1500ms'
AS $function$
#variable_conflict use_column
DECLARE
  -- A clock that runs ahead must not keep later observations out.
  observed  timestamptz := least(mark_deleted.observed_at, clock_timestamp());
BEGIN
  UPDATE cognito.users AS u
  SET deleted_at = now(), updated_at = now(), observed_at = observed
  WHERE u.user_pool_id = mark_deleted.user_pool_id AND u.sub = mark_deleted.sub
    AND u.deleted_at IS NULL AND NOT cognito.keeps_out(u, observed);
  IF FOUND THEN
    RETURN 'deleted';
  END IF;
  RETURN CASE
    WHEN EXISTS (
      SELECT FROM cognito.users AS u
      WHERE u.user_pool_id = mark_deleted.user_pool_id AND u.sub = mark_deleted.sub
        AND u.deleted_at IS NULL)
    THEN 'stale' ELSE 'unchanged'
  END;
END
$function$;

COMMENT ON FUNCTION cognito.mark_deleted IS
  'Marks a user as deleted whom Cognito, asked at observed_at, did not have; answers deleted, unchanged or stale.';

REVOKE ALL ON FUNCTION cognito.mark_deleted FROM PUBLIC;
