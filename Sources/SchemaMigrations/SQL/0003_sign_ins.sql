-- Sign-ins, for TRACK_SIGN_INS=on: when each user was last here, and how often on each day.
--
-- One row for each user and day, not for each sign-in: enough to count active users by, and a table that
-- grows with the users. Days are UTC's. Delete what is too old as you like: DELETE … WHERE day < ….

ALTER TABLE cognito.users ADD COLUMN last_sign_in_at timestamptz;

COMMENT ON COLUMN cognito.users.last_sign_in_at IS
  'When the user last signed in, as far as TRACK_SIGN_INS was on.';

CREATE TABLE cognito.sign_ins (
  user_id   uuid NOT NULL REFERENCES cognito.users (id) ON DELETE CASCADE,
  day       date NOT NULL,
  first_at  timestamptz NOT NULL,
  last_at   timestamptz NOT NULL,
  count     integer NOT NULL DEFAULT 1,
  requests  bigint[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (user_id, day)
);

CREATE INDEX sign_ins_day_idx ON cognito.sign_ins (day);

COMMENT ON TABLE cognito.sign_ins IS 'How often a user signed in on a day, in UTC.';
COMMENT ON COLUMN cognito.sign_ins.requests IS
  'Hashes of the ids of the last 64 requests that were counted: a second attempt is known by them.';

-- cognito.sync_user and the record of a sign-in, in one statement: the same arguments, the time of the
-- sign-in and the id of the request that tells of it, the same answer. sync_user is called as it is, so a
-- team that replaced its body replaces nothing here; where its id is none of cognito.users, nothing is
-- recorded.
--
-- The same sign-in may be told twice. The Lambda function's own second attempt, after an answer that was
-- lost, carries the same request_id, and counts once unless the user signed in 64 times in between. An event
-- that Cognito sends again is a new request with an id of its own: nothing in it tells it from a second
-- sign-in, and it counts as one. Without a request_id each call counts.
CREATE FUNCTION cognito.sync_sign_in(
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
  signed_in_at           timestamptz,
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
  -- A clock that runs far ahead must not make a last sign-in that none can follow. One that runs a little
  -- ahead is left alone: a second attempt must find the row of the same day.
  moment   timestamptz := least(sync_sign_in.signed_in_at, clock_timestamp() + interval '1 minute');
  -- Eight bytes each, whatever an id looks like.
  request  bigint := hashtextextended(sync_sign_in.request_id, 0);
BEGIN
  SELECT synced.id, synced.outcome INTO sync_sign_in.id, sync_sign_in.outcome
  FROM cognito.sync_user(
    user_pool_id => sync_sign_in.user_pool_id,
    sub => sync_sign_in.sub,
    username => sync_sign_in.username,
    email => sync_sign_in.email,
    email_verified => sync_sign_in.email_verified,
    phone_number => sync_sign_in.phone_number,
    phone_number_verified => sync_sign_in.phone_number_verified,
    status => sync_sign_in.status,
    attributes => sync_sign_in.attributes,
    identities => sync_sign_in.identities,
    confirmed_at => sync_sign_in.confirmed_at,
    observed_at => sync_sign_in.observed_at) AS synced;

  -- The user's row first, always: its lock puts sign-ins of one user in a row, and none into a deadlock.
  UPDATE cognito.users AS u SET last_sign_in_at = greatest(u.last_sign_in_at, moment)
  WHERE u.id = sync_sign_in.id;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  INSERT INTO cognito.sign_ins AS s (user_id, day, first_at, last_at, requests)
  VALUES (
    sync_sign_in.id, (moment AT TIME ZONE 'UTC')::date, moment, moment,
    array_remove(ARRAY[request], NULL))
  ON CONFLICT ON CONSTRAINT sign_ins_pkey DO UPDATE SET
    first_at = least(s.first_at, moment),
    last_at = greatest(s.last_at, moment),
    count = s.count + 1,
    requests = s.requests[greatest(cardinality(s.requests) - 62, 1):] || excluded.requests
  WHERE NOT s.requests && excluded.requests;
END
$function$;

COMMENT ON FUNCTION cognito.sync_sign_in IS
  'cognito.sync_user, and the record of a sign-in at signed_in_at, once for each request_id.';

REVOKE ALL ON FUNCTION cognito.sync_sign_in FROM PUBLIC;

CREATE VIEW cognito.daily_active_users AS
SELECT u.user_pool_id, s.day, count(*) AS users
FROM cognito.sign_ins AS s
JOIN cognito.users AS u ON u.id = s.user_id
GROUP BY u.user_pool_id, s.day;

CREATE VIEW cognito.monthly_active_users AS
SELECT u.user_pool_id, date_trunc('month', s.day::timestamp)::date AS month,
  count(DISTINCT s.user_id) AS users
FROM cognito.sign_ins AS s
JOIN cognito.users AS u ON u.id = s.user_id
GROUP BY u.user_pool_id, month;

COMMENT ON VIEW cognito.daily_active_users IS 'How many users signed in on each day (UTC).';
COMMENT ON VIEW cognito.monthly_active_users IS
  'How many users signed in in each month (UTC), named by its first day.';
