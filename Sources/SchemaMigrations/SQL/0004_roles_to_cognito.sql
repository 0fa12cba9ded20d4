-- What the database knows of roles, on its way back to Cognito: into memberships of groups.

-- Who should be in which group, by the names that Cognito knows them by.
CREATE VIEW cognito.memberships AS
SELECT ur.user_id, ur.role_id, u.user_pool_id, u.sub, u.username, r.name::text AS group_name
FROM cognito.user_roles AS ur
JOIN cognito.users AS u ON u.id = ur.user_id
JOIN cognito.roles AS r ON r.id = ur.role_id;

COMMENT ON VIEW cognito.memberships IS 'The groups that users should be in, by their roles.';

-- The outbox: every change of who has which role, waiting to become a membership of a Cognito group.
--
-- The triggers write it in the transaction that makes the change, so that neither is ever without the
-- other; `pooltable push`, or the Lambda function on a schedule, drains it. A row only says where to look:
-- whoever drains compares with the tables as they are by then, so that doing a row twice, or late, or
-- after a newer one, ends in the same memberships.
--
-- Application roles need no right on it: the triggers run as the schema's owner.

CREATE TABLE cognito.role_outbox (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_pool_id     text NOT NULL,
  sub              uuid NOT NULL,
  username         text,
  group_name       text NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now(),
  attempts         integer NOT NULL DEFAULT 0,
  next_attempt_at  timestamptz NOT NULL DEFAULT now(),
  last_error       text,
  failed_at        timestamptz,
  failure          text CHECK (failure IN ('missing_group', 'addition_failed', 'refused')),
  CHECK ((failed_at IS NULL) = (failure IS NULL))
);

CREATE INDEX role_outbox_user_idx ON cognito.role_outbox (user_pool_id, sub, id);
-- In the order in which changes are claimed: those that wait for a later attempt are not looked at.
CREATE INDEX role_outbox_due_idx ON cognito.role_outbox (next_attempt_at, id) WHERE failed_at IS NULL;
CREATE INDEX role_outbox_failure_idx ON cognito.role_outbox (failure) WHERE failure IS NOT NULL;

COMMENT ON TABLE cognito.role_outbox IS
  'Changes of roles that are to become memberships of Cognito groups; drained by pooltable push.';
COMMENT ON COLUMN cognito.role_outbox.username IS
  'As it was when the change was made: the user''s row may be gone by the time it is pushed.';
COMMENT ON COLUMN cognito.role_outbox.last_error IS 'Why the last attempt did not succeed.';
COMMENT ON COLUMN cognito.role_outbox.failed_at IS
  'When it was found that trying again does not help: kept until pooltable push --retry-failed.';
COMMENT ON COLUMN cognito.role_outbox.failure IS
  'Why it is kept: missing_group until groups may be created, addition_failed until the same user has what it should be added to, refused until somebody sees to it.';

-- The one way into the outbox: every trigger enters the members whom its statement is about, under each name
-- that their role has or had.
CREATE FUNCTION cognito.enter_role_changes() RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  members      cognito.user_roles[];
  former_name  text;
BEGIN
  IF TG_TABLE_NAME = 'users' THEN
    members := ARRAY(SELECT ur FROM cognito.user_roles AS ur WHERE ur.user_id = OLD.id);
  ELSIF TG_TABLE_NAME = 'roles' THEN
    members := ARRAY(SELECT ur FROM cognito.user_roles AS ur WHERE ur.role_id = OLD.id);
    former_name := CASE TG_OP WHEN 'UPDATE' THEN OLD.name::text END;
  ELSIF TG_OP = 'TRUNCATE' THEN
    members := ARRAY(SELECT ur FROM cognito.user_roles AS ur);
  ELSE
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
      members := ARRAY(SELECT ROW(ur.user_id, ur.role_id)::cognito.user_roles FROM removed AS ur);
    END IF;
    IF TG_OP IN ('UPDATE', 'INSERT') THEN
      members := members || ARRAY(SELECT ROW(ur.user_id, ur.role_id)::cognito.user_roles FROM added AS ur);
    END IF;
  END IF;

  -- A user or a role that is being deleted has no row any more: its own trigger has entered the members.
  INSERT INTO cognito.role_outbox (user_pool_id, sub, username, group_name)
  SELECT u.user_pool_id, u.sub, u.username, group_name
  FROM unnest(members) AS m
  JOIN cognito.users AS u ON u.id = m.user_id
  JOIN cognito.roles AS r ON r.id = m.role_id,
    unnest(array_remove(ARRAY[former_name, r.name::text], NULL)) AS group_name;
  PERFORM pg_notify('cognito_role_outbox', '');
  RETURN OLD;
END
$function$;

CREATE TRIGGER user_roles_inserted AFTER INSERT ON cognito.user_roles
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_roles_updated AFTER UPDATE ON cognito.user_roles
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_roles_deleted AFTER DELETE ON cognito.user_roles
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_roles_truncated BEFORE TRUNCATE ON cognito.user_roles
FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

-- As text: to citext a change of letter case is none, to Cognito it is another group.
CREATE TRIGGER role_renamed AFTER UPDATE OF name ON cognito.roles
FOR EACH ROW WHEN (OLD.name::text IS DISTINCT FROM NEW.name::text)
EXECUTE FUNCTION cognito.enter_role_changes();

-- BEFORE a deletion, since the cascade takes the members away; the row is locked by then, so that no new
-- member can come meanwhile.
CREATE TRIGGER role_deleted BEFORE DELETE ON cognito.roles
FOR EACH ROW EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_deleted BEFORE DELETE ON cognito.users
FOR EACH ROW EXECUTE FUNCTION cognito.enter_role_changes();

-- What was there before the outbox was.
INSERT INTO cognito.role_outbox (user_pool_id, sub, username, group_name)
SELECT m.user_pool_id, m.sub, m.username, m.group_name FROM cognito.memberships AS m;

-- Takes the user whose changes have waited longest, and locks them until the caller's transaction ends:
-- two workers never have the same user, and one that dies gives its user back at once. A user is taken by
-- the oldest of its changes only, so that nobody takes the second while the first is being worked on.
--
-- One row for each group: whether the tables, as they are now, want the user in it; and the changes that
-- are settled once it is so. No row: nothing is due.
--
-- region: where the caller is. A pool may be written in its primary region alone, which its id begins with: with a
-- region, users of other regions' pools are left for somebody there. What an emulator calls a pool says nothing.
-- refused_pools: where the caller has been denied: their users are left, too.
CREATE FUNCTION cognito.claim_role_changes(
  region            text DEFAULT NULL,
  refused_pools     text[] DEFAULT '{}',
  OUT user_pool_id  text,
  OUT sub           uuid,
  OUT username      text,
  OUT group_name    text,
  OUT wanted        boolean,
  OUT attempts      integer,
  OUT changes       bigint[],
  OUT addition_failed  boolean
)
RETURNS SETOF record
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
  oldest  cognito.role_outbox;
  -- A value, not a call: only so it finds the index.
  moment  timestamptz := clock_timestamp();
BEGIN
  SELECT * INTO oldest
  FROM cognito.role_outbox AS o
  WHERE o.failed_at IS NULL
    AND o.next_attempt_at <= moment
    AND (
      claim_role_changes.region IS NULL
      OR starts_with(o.user_pool_id, claim_role_changes.region || '_')
      OR o.user_pool_id !~ '^[a-z]+(-[a-z]+)+-[0-9]+_')
    AND o.user_pool_id <> ALL (refused_pools)
    AND NOT EXISTS (
      SELECT FROM cognito.role_outbox AS earlier
      WHERE earlier.user_pool_id = o.user_pool_id AND earlier.sub = o.sub
        AND earlier.id < o.id AND earlier.failed_at IS NULL)
  ORDER BY o.next_attempt_at, o.id
  LIMIT 1
  FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  RETURN QUERY
  WITH mine AS MATERIALIZED (
    SELECT o.* FROM cognito.role_outbox AS o
    WHERE o.user_pool_id = oldest.user_pool_id AND o.sub = oldest.sub AND o.failed_at IS NULL
    FOR UPDATE
  )
  SELECT oldest.user_pool_id, oldest.sub,
    coalesce(
      (SELECT u.username FROM cognito.users AS u
       WHERE u.user_pool_id = oldest.user_pool_id AND u.sub = oldest.sub),
      (array_agg(mine.username ORDER BY mine.id DESC))[1],
      oldest.sub::text),
    mine.group_name,
    EXISTS (
      SELECT FROM cognito.memberships AS m
      WHERE m.user_pool_id = oldest.user_pool_id AND m.sub = oldest.sub
        AND m.group_name = mine.group_name),
    max(mine.attempts),
    array_agg(mine.id ORDER BY mine.id),
    -- A user who lacks a group that a role asks for loses none meanwhile. What is tried again now will tell
    -- by itself.
    EXISTS (
      SELECT FROM cognito.role_outbox AS kept
      JOIN cognito.memberships AS m
        ON m.user_pool_id = kept.user_pool_id AND m.sub = kept.sub AND m.group_name = kept.group_name
      WHERE kept.user_pool_id = oldest.user_pool_id AND kept.sub = oldest.sub
        AND kept.failed_at IS NOT NULL
        AND kept.group_name NOT IN (SELECT again.group_name FROM mine AS again))
  FROM mine
  GROUP BY mine.group_name
  ORDER BY max(mine.id);
END
$function$;

COMMENT ON FUNCTION cognito.claim_role_changes IS
  'Locks the changes of one user that are due, and says which groups the user should be in.';

-- The changes are settled, and with them older ones of the same user and group that had been given up. What
-- waited for them is due again.
CREATE FUNCTION cognito.settle_role_changes(changes bigint[]) RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  DELETE FROM cognito.role_outbox AS given_up
  USING cognito.role_outbox AS settled
  WHERE settled.id = ANY (changes)
    AND given_up.user_pool_id = settled.user_pool_id AND given_up.sub = settled.sub
    AND given_up.group_name = settled.group_name
    AND given_up.id < settled.id AND given_up.failed_at IS NOT NULL;
  UPDATE cognito.role_outbox AS held SET
    failed_at = NULL, failure = NULL, next_attempt_at = clock_timestamp()
  FROM cognito.role_outbox AS settled
  WHERE settled.id = ANY (changes)
    AND held.user_pool_id = settled.user_pool_id AND held.sub = settled.sub
    AND held.failure = 'addition_failed' AND held.id <> ALL (changes);
  DELETE FROM cognito.role_outbox AS o WHERE o.id = ANY (changes);
END;

-- The changes could not be made; retry_after NULL: and trying again would not help, for the reason that
-- failure names.
CREATE FUNCTION cognito.postpone_role_changes(
  changes bigint[], error text, retry_after interval, failure text DEFAULT 'refused')
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  UPDATE cognito.role_outbox AS o SET
    attempts = o.attempts + 1,
    last_error = error,
    next_attempt_at = clock_timestamp() + coalesce(retry_after, interval '0'),
    failed_at = CASE WHEN retry_after IS NULL THEN clock_timestamp() END,
    failure = CASE WHEN retry_after IS NULL THEN postpone_role_changes.failure END
  WHERE o.id = ANY (changes);
END;

-- Groups may be created from now on: what was kept for want of one is due again, and what waited for it. What
-- another worker has locked it is about to settle: nobody waits for that.
CREATE FUNCTION cognito.retry_missing_groups() RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  WITH again AS MATERIALIZED (
    SELECT o.id FROM cognito.role_outbox AS o
    WHERE o.failure = 'missing_group'
      OR o.failure = 'addition_failed' AND EXISTS (
        SELECT FROM cognito.role_outbox AS missing
        WHERE missing.user_pool_id = o.user_pool_id AND missing.sub = o.sub
          AND missing.failure = 'missing_group')
    FOR UPDATE OF o SKIP LOCKED
  )
  UPDATE cognito.role_outbox AS o SET
    failed_at = NULL, failure = NULL, next_attempt_at = clock_timestamp()
  FROM again WHERE o.id = again.id;
END;

REVOKE ALL ON FUNCTION
  cognito.enter_role_changes, cognito.claim_role_changes, cognito.settle_role_changes,
  cognito.postpone_role_changes, cognito.retry_missing_groups
FROM PUBLIC;
