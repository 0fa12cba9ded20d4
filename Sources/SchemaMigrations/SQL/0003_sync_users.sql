-- What 'pooltable reconcile' needs: many users of a listing in one call, and where a run has come to.

CREATE TABLE cognito.reconciliations (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_pool_id  text NOT NULL,
  source        text NOT NULL,
  options       text NOT NULL,
  position      text,
  counts        jsonb NOT NULL DEFAULT '{}',
  observed_at   timestamptz NOT NULL,
  started_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz
);

CREATE INDEX reconciliations_user_pool_id_started_at_idx
  ON cognito.reconciliations (user_pool_id, started_at);

COMMENT ON TABLE cognito.reconciliations IS 'Runs of pooltable reconcile; the last unfinished one of a pool can be resumed.';
COMMENT ON COLUMN cognito.reconciliations.source IS 'What was listed: ListUsers, or which file.';
COMMENT ON COLUMN cognito.reconciliations.position IS 'Where in the listing to go on; null before the first page.';
COMMENT ON COLUMN cognito.reconciliations.observed_at IS 'When the listing began: nobody seen since is marked as deleted.';

-- Who was in the listing of a run that marks the others as deleted. After a crash of the server the table
-- is empty, which such a run notices: it is not worth its WAL.
CREATE UNLOGGED TABLE cognito.reconciliation_sightings (
  reconciliation_id  uuid NOT NULL,
  sub                uuid NOT NULL,
  PRIMARY KEY (reconciliation_id, sub)
);

-- cognito.sync_users: what cognito.sync_user does for one user, for many of one pool, as a listing shows
-- them. A team that replaces the body of the one replaces that of the other. It answers a row for every
-- user that is not as it should be:
--
--   inserted   the user was not there
--   updated    something differed, and was changed; 'changed' names the columns
--   dated      nothing differed but Cognito's time of the last change, which was noted
--   stale      something differs, but the row holds a newer observation, or its user is forgotten or merged into
--              another: it was left alone
--   rival      somebody else wrote the user at the same moment: to be asked again
--
-- A listing lags: it may show what a user was like some minutes ago. So it speaks of the time when Cognito says
-- that the user was last changed, or of the settling time before it was asked for, whichever is later: that is what
-- its rows are dated by, and what a trigger saw after it stays. The next listing mends what was left.
--
-- A listing never sets confirmed_at, and keeps the attributes that only events have. The arrays are of
-- one length, and no sub is there twice. With dry_run nothing is written.
--
-- The plan is made once a session, perhaps while the table is empty, and must still be good when it is full:
-- for each user a look into the index. Measured on 30,000 users that are found unchanged, in batches of 500,
-- from an empty table: 150 ms; without the setting for merge joins 2,400, for hash joins 1,400, for
-- materialising 63,000, and for the one plan 280.

CREATE FUNCTION cognito.sync_users(
  user_pool_id            text,
  subs                    uuid[],
  usernames               text[],
  emails                  text[],
  emails_verified         boolean[],
  phone_numbers           text[],
  phone_numbers_verified  boolean[],
  statuses                text[],
  enabled                 boolean[],
  attributes              jsonb[],
  identities              jsonb[],
  last_modified_at        timestamptz[],
  observed_at             timestamptz,
  settle                  interval,
  dry_run                 boolean,
  with_values             boolean,
  OUT ordinal             bigint,
  OUT outcome             text,
  OUT changed             text,
  OUT old_values          jsonb
)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '10s'
SET plan_cache_mode = force_generic_plan
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_material = off
AS $function$
#variable_conflict use_column
DECLARE
  -- A clock that runs ahead must not keep later observations out.
  observed  timestamptz := least(sync_users.observed_at, clock_timestamp());
BEGIN
  RETURN QUERY
  WITH compared AS MATERIALIZED (
    -- Nothing of an unchanged user is kept beyond this.
    SELECT l.*, u.id, d.changed, d.vouched_at, c.outcome
    FROM unnest(
      subs, usernames, emails, emails_verified, phone_numbers, phone_numbers_verified, statuses,
      sync_users.enabled, sync_users.attributes, sync_users.identities, sync_users.last_modified_at
    ) WITH ORDINALITY AS l (
      sub, username, email, email_verified, phone_number, phone_number_verified, status, enabled,
      attributes, identities, last_modified_at, ordinal)
    LEFT JOIN cognito.users AS u ON u.user_pool_id = sync_users.user_pool_id AND u.sub = l.sub
    CROSS JOIN LATERAL (
      SELECT CASE WHEN u.id IS NOT NULL THEN cognito.changed_columns(
        u, l.username, l.email, l.email_verified, l.phone_number, l.phone_number_verified, l.status,
        l.enabled,
        CASE
          WHEN u.attributes = l.attributes THEN l.attributes
          ELSE cognito.event_attributes(u.attributes) || l.attributes
        END,
        l.identities) END AS changed,
        least(observed, greatest(l.last_modified_at, observed - settle)) AS vouched_at
    ) AS d
    CROSS JOIN LATERAL (
      SELECT CASE
        WHEN u.id IS NULL THEN 'inserted'
        WHEN d.changed = '' THEN
          CASE WHEN l.last_modified_at > coalesce(u.last_modified_at, '-infinity') THEN 'dated' END
        WHEN cognito.keeps_out(u, d.vouched_at) THEN 'stale'
        ELSE 'updated'
      END AS outcome
    ) AS c
    WHERE c.outcome IS NOT NULL
  ), inserted AS (
    INSERT INTO cognito.users AS u (
      user_pool_id, sub, username, email, email_verified, phone_number, phone_number_verified,
      status, enabled, attributes, identities, observed_at, last_modified_at)
    SELECT
      sync_users.user_pool_id, c.sub, c.username, c.email, c.email_verified, c.phone_number,
      c.phone_number_verified, c.status, coalesce(c.enabled, true), c.attributes, c.identities,
      c.vouched_at, c.last_modified_at
    FROM compared AS c
    WHERE c.outcome = 'inserted' AND NOT dry_run
    ON CONFLICT ON CONSTRAINT users_user_pool_id_sub_key DO NOTHING
    RETURNING u.id, u.sub, u.email, u.email_verified, u.identities
  ), given AS (
    INSERT INTO cognito.user_roles (user_id, role_id)
    SELECT i.id, r.id
    FROM inserted AS i
    CROSS JOIN LATERAL cognito.default_roles_of(
      sync_users.user_pool_id, i.email::text, i.email_verified, i.identities) AS d (role_id)
    JOIN cognito.roles AS r ON r.id = d.role_id
    FOR KEY SHARE OF r
  ), updated AS (
    UPDATE cognito.users AS u SET
      username = c.username,
      email = c.email,
      email_verified = c.email_verified,
      phone_number = c.phone_number,
      phone_number_verified = c.phone_number_verified,
      status = c.status,
      enabled = coalesce(c.enabled, u.enabled),
      attributes = cognito.event_attributes(u.attributes) || c.attributes,
      identities = c.identities,
      observed_at = c.vouched_at,
      updated_at = now(),
      deleted_at = NULL,
      last_modified_at = greatest(u.last_modified_at, c.last_modified_at)
    FROM compared AS c
    -- Asked again under the row's lock: a rival may have written meanwhile.
    WHERE c.outcome = 'updated' AND NOT dry_run AND u.id = c.id AND NOT cognito.keeps_out(u, c.vouched_at)
    RETURNING u.sub
  ), dated AS (
    UPDATE cognito.users AS u SET last_modified_at = c.last_modified_at
    FROM compared AS c
    WHERE c.outcome = 'dated' AND NOT dry_run AND u.id = c.id
    RETURNING u.sub
  ), missed AS (
    -- Rare, and looked for only where the numbers do not agree.
    SELECT c.sub FROM compared AS c
    WHERE NOT dry_run AND c.outcome IN ('inserted', 'updated', 'dated')
      AND (SELECT count(*) FROM compared WHERE outcome IN ('inserted', 'updated', 'dated'))
        <> (SELECT count(*) FROM inserted) + (SELECT count(*) FROM updated)
          + (SELECT count(*) FROM dated)
    EXCEPT
    (SELECT sub FROM inserted UNION ALL SELECT sub FROM updated UNION ALL SELECT sub FROM dated)
  )
  SELECT c.ordinal,
    CASE WHEN c.sub IN (SELECT sub FROM missed) THEN 'rival' ELSE c.outcome END,
    CASE WHEN c.outcome IN ('updated', 'stale') THEN rtrim(c.changed, ',') END,
    -- As it was before this statement.
    CASE WHEN with_values AND c.outcome IN ('updated', 'stale') THEN (
      SELECT to_jsonb(p) FROM cognito.users AS p WHERE p.id = c.id) END
  FROM compared AS c;

  -- Those who were inserted above: a statement does not see what it inserts itself.
  IF NOT dry_run AND EXISTS (SELECT FROM cognito.invitations) THEN
    PERFORM cognito.accept_invitations(ARRAY(
      SELECT u.id FROM cognito.users AS u
      WHERE u.user_pool_id = sync_users.user_pool_id AND u.sub = ANY (subs) AND u.created_at = now()));
  END IF;
END
$function$;

COMMENT ON FUNCTION cognito.sync_users IS
  'Brings users of a pool in line with what a listing showed at observed_at, which may lag by settle; answers those that were not unchanged.';

REVOKE ALL ON FUNCTION cognito.sync_users FROM PUBLIC;
