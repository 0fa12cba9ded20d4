-- Users who are gone give place to others: for pooltable merge. All of it is for the login that owns the schema, never
-- for the Lambda function's.

-- Lets one column that references users name new_id where it named old_id. Its answer is one row of what was moved,
-- or of why nothing was; with explain a row for each row of the table that could not be moved, the first twenty.
-- application_path is the search_path that the triggers of that table are run with.
CREATE FUNCTION cognito.move_reference(
  old_id               uuid,
  new_id               uuid,
  referencing          regclass,
  referencing_column   name,
  explain              boolean,
  application_path     text,
  OUT problem          text,
  OUT table_name       text,
  OUT column_name      text,
  OUT constraint_name  text,
  OUT row_key          text,
  OUT error_state      text,
  OUT row_count        bigint
)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
  -- The rows of a partitioned table are its partitions'; those of a table that others inherit from are its own.
  target      text := CASE
    WHEN (SELECT c.relkind FROM pg_catalog.pg_class AS c WHERE c.oid = referencing) = 'p' THEN ''
    ELSE 'ONLY '
  END;
  statement   text;
  key         text;
  place       record;
  found_rows  integer := 0;
BEGIN
  SELECT format('%I.%I', n.nspname, c.relname) INTO table_name
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.oid = referencing;
  target := target || table_name;
  column_name := referencing_column;
  BEGIN
    -- Rows that a policy hides would stay behind, unseen.
    IF row_security_active(referencing) THEN
      RAISE insufficient_privilege;
    END IF;
    statement := format('UPDATE %s SET %I = $1 WHERE %2$I = $2', target, referencing_column);
    PERFORM pg_catalog.set_config('search_path', application_path, true);
    EXECUTE statement USING new_id, old_id;
    GET DIAGNOSTICS row_count = ROW_COUNT;
    RETURN NEXT;
    RETURN;
  EXCEPTION
    WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
      RAISE;
    WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS constraint_name = CONSTRAINT_NAME, error_state = RETURNED_SQLSTATE;
  END;
  problem := cognito.merge_problem(error_state);
  constraint_name := nullif(constraint_name, '');
  IF problem = 'not_allowed' OR NOT explain THEN
    RETURN NEXT;
    RETURN;
  END IF;

  SELECT coalesce(
    'jsonb_build_object(' || string_agg(format('%L, %1$I', a.attname), ', ' ORDER BY a.attnum) || ')',
    'jsonb_build_object(''ctid'', ctid::text)')
  INTO key
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
  WHERE i.indrelid = referencing AND i.indisprimary;

  statement := format('UPDATE %s SET %I = $1 WHERE tableoid = $2 AND ctid = $3', target, referencing_column);
  FOR place IN EXECUTE format(
    'SELECT tableoid, ctid, %s::text AS key FROM %s WHERE %I = $1', key, target, referencing_column)
    USING old_id
  LOOP
    BEGIN
      PERFORM pg_catalog.set_config('search_path', application_path, true);
      EXECUTE statement USING new_id, place.tableoid, place.ctid;
      PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    EXCEPTION
      WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
        RAISE;
      WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS constraint_name = CONSTRAINT_NAME, error_state = RETURNED_SQLSTATE;
        problem := cognito.merge_problem(error_state);
        constraint_name := nullif(constraint_name, '');
        row_key := place.key;
        found_rows := found_rows + 1;
        RETURN NEXT;
    END;
    EXIT WHEN found_rows = 20;
  END LOOP;
  -- All of them together, and none alone.
  IF found_rows = 0 THEN
    RETURN NEXT;
  END IF;
END
$function$;

-- What an SQLSTATE means to a merge.
CREATE FUNCTION cognito.merge_problem(error_state text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN CASE
  WHEN error_state IN ('23505', '23P01') THEN 'conflict'
  WHEN error_state = '42501' THEN 'not_allowed'
  ELSE 'refused'
END;

-- Lets the user of old_id give place to that of new_id: every row of any schema that references the one by a foreign
-- key references the other then, NEW has also the roles of OLD and its sign-ins, and OLD says so in merged_into. All
-- of it, or nothing. It answers a row for each column that was moved; or, where problem is not NULL, only rows that
-- say why nothing was done:
--
--   old_unknown, new_unknown, same_user, other_pool
--   old_not_deleted  Cognito has the user, as far as is known
--   old_merged       into somebody else
--   new_deleted, new_disabled
--   composite        this foreign key has other columns than users (id)
--   conflict         NEW has a row already that this row would be another one of (unique or exclusion constraint)
--   not_allowed      the caller may not change the table, or not see all of it (row-level security)
--   refused          by another constraint or a trigger: error_state says which kind
--
-- row_key is the row's primary key as JSON, or its place in the table where it has none.
--
-- With dry_run all of it is done, and taken back. Called again it moves what has come to reference OLD since. Triggers
-- of an application's tables are run with application_path, which is the caller's search_path: a default is evaluated
-- before the function has its own.
--
-- With across_pools the two may be of different user pools, as when a pool has moved: then OLD need not be marked as
-- deleted, and is, so that whoever asks for live users does not get both.
CREATE FUNCTION cognito.merge_users(
  old_id               uuid,
  new_id               uuid,
  dry_run              boolean DEFAULT false,
  application_path     text DEFAULT current_setting('search_path'),
  across_pools         boolean DEFAULT false,
  OUT problem          text,
  OUT table_name       text,
  OUT column_name      text,
  OUT constraint_name  text,
  OUT row_key          text,
  OUT error_state      text,
  OUT row_count        bigint
)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '10s'
AS $function$
#variable_conflict use_variable
DECLARE
  old_user      cognito.users;
  new_user      cognito.users;
  reference     record;
  -- Columns that reference users (id), each with its table.
  waiting       jsonb := '[]';
  left_over     jsonb;
  moved         jsonb := '[]';
  problems      jsonb := '[]';
  answer        jsonb;
  explain       boolean := false;
  table_schema  text;
BEGIN
  PERFORM FROM cognito.users AS u WHERE u.id IN (old_id, new_id) ORDER BY u.id FOR UPDATE;
  SELECT u.* INTO old_user FROM cognito.users AS u WHERE u.id = old_id;
  SELECT u.* INTO new_user FROM cognito.users AS u WHERE u.id = new_id;
  problem := CASE
    WHEN old_user.id IS NULL THEN 'old_unknown'
    WHEN new_user.id IS NULL THEN 'new_unknown'
    WHEN old_id = new_id THEN 'same_user'
    WHEN old_user.user_pool_id <> new_user.user_pool_id AND NOT across_pools THEN 'other_pool'
    WHEN old_user.deleted_at IS NULL AND old_user.user_pool_id = new_user.user_pool_id THEN 'old_not_deleted'
    WHEN old_user.merged_into <> new_id THEN 'old_merged'
    WHEN new_user.deleted_at IS NOT NULL THEN 'new_deleted'
    WHEN NOT new_user.enabled THEN 'new_disabled'
  END;
  IF problem IS NOT NULL THEN
    RETURN NEXT;
    RETURN;
  END IF;

  -- A partition's foreign key is its parent's.
  FOR reference IN
    SELECT c.conrelid, c.conname, format('%I.%I', n.nspname, r.relname) AS name,
      array_agg(a.attname ORDER BY k.place) AS columns,
      c.confkey = ARRAY(
        SELECT i.attnum FROM pg_catalog.pg_attribute AS i WHERE i.attrelid = c.confrelid AND i.attname = 'id'
      ) AS is_to_id
    FROM pg_catalog.pg_constraint AS c
    JOIN pg_catalog.pg_class AS r ON r.oid = c.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
    CROSS JOIN unnest(c.conkey) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
    WHERE c.contype = 'f' AND c.conparentid = 0
      AND c.confrelid = 'cognito.users'::regclass
      AND c.conrelid NOT IN (
        'cognito.users'::regclass, 'cognito.user_roles'::regclass, 'cognito.sign_ins'::regclass)
    GROUP BY c.oid, c.conrelid, c.conname, c.confkey, c.confrelid, n.nspname, r.relname
    ORDER BY n.nspname, r.relname, c.conname
  LOOP
    IF reference.is_to_id THEN
      waiting := waiting || jsonb_build_object('table', reference.conrelid::oid, 'column', reference.columns[1]);
    ELSE
      problems := problems || jsonb_build_object(
        'problem', 'composite', 'table_name', reference.name,
        'column_name', array_to_string(reference.columns, ', '), 'constraint_name', reference.conname);
    END IF;
  END LOOP;

  IF problems = '[]' THEN
    BEGIN
      moved := cognito.merge_own_tables(old_id, new_id);

      -- A unique constraint is to tell its rows, not to fail at the end. References to each other may wait.
      FOR reference IN
        SELECT DISTINCT format('%I.%I', n.nspname, c.conname) AS name
        FROM jsonb_array_elements(waiting) AS w
        JOIN pg_catalog.pg_constraint AS c ON c.conrelid = (w ->> 'table')::oid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace
        WHERE c.contype IN ('p', 'u', 'x') AND c.condeferrable
      LOOP
        EXECUTE 'SET CONSTRAINTS ' || reference.name || ' IMMEDIATE';
      END LOOP;

      -- Tables may reference each other by the same column, too, and then one must come before the other: what
      -- fails is tried again after the others, and what still fails is explained.
      LOOP
        left_over := '[]';
        FOR reference IN
          SELECT (w ->> 'table')::oid::regclass AS referencing, w ->> 'column' AS name, w AS entry
          FROM jsonb_array_elements(waiting) AS w
        LOOP
          SELECT jsonb_agg(to_jsonb(m)) INTO answer
          FROM cognito.move_reference(old_id, new_id, reference.referencing, reference.name, explain, application_path) AS m;
          IF answer -> 0 ->> 'problem' IS NULL THEN
            moved := moved || answer;
          ELSIF explain THEN
            problems := problems || answer;
          ELSE
            left_over := left_over || reference.entry;
          END IF;
        END LOOP;
        EXIT WHEN left_over = '[]';
        explain := left_over = waiting;
        waiting := left_over;
      END LOOP;

      IF problems = '[]' THEN
        UPDATE cognito.users AS u
        SET merged_into = new_id, deleted_at = coalesce(u.deleted_at, now()), updated_at = now()
        WHERE u.id = old_id AND u.merged_into IS NULL;
        BEGIN
          -- What waits for the end of the transaction is asked now: later there is nobody to tell.
          PERFORM pg_catalog.set_config('search_path', application_path, true);
          SET CONSTRAINTS ALL IMMEDIATE;
          PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        EXCEPTION
          WHEN lock_not_available OR deadlock_detected OR serialization_failure THEN
            RAISE;
          WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS
              constraint_name = CONSTRAINT_NAME, error_state = RETURNED_SQLSTATE,
              table_name = TABLE_NAME, table_schema = SCHEMA_NAME;
            problems := jsonb_build_array(jsonb_build_object(
              'problem', cognito.merge_problem(error_state), 'constraint_name', nullif(constraint_name, ''),
              'error_state', error_state,
              'table_name', CASE WHEN table_name <> '' THEN format('%I.%I', table_schema, table_name) END));
        END;
      END IF;
      IF dry_run OR problems <> '[]' THEN
        RAISE EXCEPTION 'to be taken back' USING ERRCODE = 'PT000';
      END IF;
    EXCEPTION WHEN SQLSTATE 'PT000' THEN
      -- Only what was done is: what was found out stays.
      NULL;
    END;
  END IF;

  RETURN QUERY
    SELECT r.* FROM jsonb_to_recordset(CASE WHEN problems = '[]' THEN moved ELSE problems END) AS r (
      problem text, table_name text, column_name text, constraint_name text, row_key text, error_state text,
      row_count bigint);
END
$function$;

COMMENT ON FUNCTION cognito.merge_users IS
  'Moves all that references one user to another, in one piece, and marks the first; answers what was moved, or why nothing was.';

-- Roles that both have are there once, and sign-ins of one day are added up.
CREATE FUNCTION cognito.merge_own_tables(old_id uuid, new_id uuid) RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  roles     bigint;
  days      bigint;
  earlier   bigint;
BEGIN
  UPDATE cognito.user_roles AS ur SET user_id = new_id
  WHERE ur.user_id = old_id AND NOT EXISTS (
    SELECT FROM cognito.user_roles AS own WHERE own.user_id = new_id AND own.role_id = ur.role_id);
  GET DIAGNOSTICS roles = ROW_COUNT;
  DELETE FROM cognito.user_roles AS ur WHERE ur.user_id = old_id;
  -- Cognito has no user of OLD's name whom a group could be taken from, or OLD's pool has been left; NEW may go by that
  -- name now.
  DELETE FROM cognito.role_outbox AS o
  USING cognito.users AS u
  WHERE u.id = old_id AND o.user_pool_id = u.user_pool_id AND o.sub = u.sub;

  INSERT INTO cognito.sign_ins AS s (user_id, day, first_at, last_at, count, requests)
  SELECT new_id, o.day, o.first_at, o.last_at, o.count, o.requests
  FROM cognito.sign_ins AS o WHERE o.user_id = old_id
  ON CONFLICT ON CONSTRAINT sign_ins_pkey DO UPDATE SET
    first_at = least(s.first_at, excluded.first_at),
    last_at = greatest(s.last_at, excluded.last_at),
    count = s.count + excluded.count,
    requests = (s.requests || excluded.requests)[
      greatest(cardinality(s.requests || excluded.requests) - 63, 1):];
  DELETE FROM cognito.sign_ins AS s WHERE s.user_id = old_id;
  GET DIAGNOSTICS days = ROW_COUNT;
  UPDATE cognito.users AS u SET last_sign_in_at = greatest(u.last_sign_in_at, o.last_sign_in_at)
  FROM cognito.users AS o
  WHERE u.id = new_id AND o.id = old_id AND o.last_sign_in_at IS NOT NULL;

  UPDATE cognito.users AS u SET merged_into = new_id WHERE u.merged_into = old_id;
  GET DIAGNOSTICS earlier = ROW_COUNT;

  RETURN jsonb_build_array(
    jsonb_build_object('table_name', 'cognito.user_roles', 'column_name', 'user_id', 'row_count', roles),
    jsonb_build_object('table_name', 'cognito.sign_ins', 'column_name', 'user_id', 'row_count', days),
    jsonb_build_object('table_name', 'cognito.users', 'column_name', 'merged_into', 'row_count', earlier));
END
$function$;

-- Who takes whose place where a pool has moved: each live user has the sub of the old row in an attribute, as
-- custom:legacySub. It answers a row for each of them who has that attribute, ordered by id; problem says why it is to
-- be left alone, and is NULL where the two may be given to merge_users:
--
--   no_sub        the attribute holds something else
--   names_itself
--   no_row        no row has that sub
--   several_new   somebody else names the same sub, too
--   several_old   rows of several pools have that sub
--   old_names     the old user, who is live, names somebody as well
--   new_named     the new user is named as well
--
-- was_merged: OLD has given place to NEW before. A user who has been merged, or is marked as deleted, names nobody. NULL
-- for new_pool or old_pool: of any; a chain of three is told whatever old_pool is.
--
-- Hash joins only: without statistics of the table a join may compare everybody with everybody.
CREATE FUNCTION cognito.moved_users(
  attribute       text,
  new_pool        text DEFAULT NULL,
  old_pool        text DEFAULT NULL,
  OUT new_id      uuid,
  OUT old_id      uuid,
  OUT old_sub     uuid,
  OUT was_merged  boolean,
  OUT problem     text
)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off
SET enable_mergejoin = off
AS $function$
  WITH named AS MATERIALIZED (
    SELECT u.id, u.sub, new_pool IS NULL OR u.user_pool_id = new_pool AS is_asked,
      CASE WHEN u.attributes ->> attribute ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'
        THEN (u.attributes ->> attribute)::uuid
      END AS old_sub
    FROM cognito.users AS u
    WHERE u.deleted_at IS NULL AND u.merged_into IS NULL AND u.attributes ->> attribute <> ''
  ), pairs AS MATERIALIZED (
    SELECT n.id AS new_id, o.id AS old_id, o.merged_into,
      n.is_asked AND (old_pool IS NULL OR o.user_pool_id = old_pool) AS is_asked
    FROM named AS n
    JOIN cognito.users AS o ON o.sub = n.old_sub
    WHERE o.id <> n.id
  ), old_rows AS (
    SELECT p.new_id, (array_agg(p.old_id))[1] AS old_id, bool_or(p.merged_into = p.new_id) AS was_merged, count(*) AS count
    FROM pairs AS p WHERE p.is_asked GROUP BY p.new_id
  ), claims AS (
    SELECT n.old_sub, count(*) AS count FROM named AS n WHERE n.is_asked GROUP BY n.old_sub
  ), naming AS (
    SELECT DISTINCT p.new_id AS id FROM pairs AS p WHERE p.merged_into IS NULL
  ), being_named AS (
    SELECT DISTINCT p.old_id AS id FROM pairs AS p WHERE p.is_asked
  )
  SELECT n.id, o.old_id, n.old_sub, coalesce(o.was_merged, false),
    CASE
      WHEN n.old_sub IS NULL THEN 'no_sub'
      WHEN n.old_sub = n.sub THEN 'names_itself'
      WHEN o.old_id IS NULL THEN 'no_row'
      WHEN c.count > 1 THEN 'several_new'
      WHEN o.count > 1 THEN 'several_old'
      WHEN naming.id IS NOT NULL THEN 'old_names'
      WHEN being_named.id IS NOT NULL THEN 'new_named'
    END
  FROM named AS n
  LEFT JOIN old_rows AS o ON o.new_id = n.id
  LEFT JOIN claims AS c ON c.old_sub = n.old_sub
  LEFT JOIN naming ON naming.id = o.old_id
  LEFT JOIN being_named ON being_named.id = n.id
  WHERE n.is_asked
  ORDER BY n.id
$function$;

COMMENT ON FUNCTION cognito.moved_users IS
  'Pairs of users of whom one has the other''s sub in an attribute, as after a pool has moved; or why they are none.';

REVOKE ALL ON FUNCTION
  cognito.merge_users, cognito.merge_own_tables, cognito.move_reference, cognito.merge_problem, cognito.moved_users
FROM PUBLIC;
