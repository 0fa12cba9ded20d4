-- The schema as the migrations leave it, for reading; what is run is in SQL. Made by pg_dump, without its
-- comments and settings. A test writes it to .build/schema.sql and compares.

CREATE SCHEMA cognito;

CREATE FUNCTION cognito.accept_invitations(users uuid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  -- In one order, always, so that two who accept the same are in no deadlock; what a rival uses up meanwhile is not
  -- found below.
  PERFORM FROM cognito.invitations AS i
  WHERE i.used_at IS NULL AND i.email IS NOT NULL AND i.id IN (
    SELECT o.id
    FROM cognito.users AS u
    CROSS JOIN LATERAL cognito.open_invitations(u.user_pool_id, u.email::text) AS o (id)
    WHERE u.id = ANY (users) AND u.email_verified)
  ORDER BY i.id FOR UPDATE;

  -- Of several with the same address one.
  WITH accepted AS MATERIALIZED (
    SELECT a.user_id, a.invitation_id
    FROM (
      SELECT u.id AS user_id, i.id AS invitation_id, i.email IS NULL AS is_for_all,
        row_number() OVER (PARTITION BY i.id ORDER BY u.sub) AS place
      FROM cognito.users AS u
      CROSS JOIN LATERAL cognito.open_invitations(u.user_pool_id, u.email::text) AS o (id)
      JOIN cognito.invitations AS i ON i.id = o.id
      WHERE u.id = ANY (users) AND u.email_verified
    ) AS a
    WHERE a.is_for_all OR a.place = 1
  ), used AS (
    UPDATE cognito.invitations AS i SET used_at = now(), used_by = a.user_id
    FROM accepted AS a
    WHERE i.id = a.invitation_id AND i.email IS NOT NULL
  )
  INSERT INTO cognito.user_roles (user_id, role_id)
  SELECT a.user_id, r.id
  FROM accepted AS a
  JOIN cognito.invitation_roles AS ir ON ir.invitation_id = a.invitation_id
  JOIN cognito.roles AS r ON r.id = ir.role_id
  FOR KEY SHARE OF r
  ON CONFLICT DO NOTHING;
END
$$;

CREATE TABLE cognito.users (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_pool_id text NOT NULL,
    sub uuid NOT NULL,
    username text,
    email public.citext,
    email_verified boolean,
    phone_number text,
    phone_number_verified boolean,
    status text,
    enabled boolean DEFAULT true NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    identities jsonb,
    client_metadata jsonb,
    sign_up_client_id text,
    confirmed_at timestamp with time zone,
    last_sign_in_at timestamp with time zone,
    last_modified_at timestamp with time zone,
    observed_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    deleted_at timestamp with time zone,
    forgotten_at timestamp with time zone,
    merged_into uuid
);

COMMENT ON TABLE cognito.users IS 'Users of Amazon Cognito user pools, kept in step by PoolTable.';

COMMENT ON COLUMN cognito.users.sub IS 'Cognito''s own id of the user, unique within its pool.';

COMMENT ON COLUMN cognito.users.status IS 'cognito:user_status, as CONFIRMED or EXTERNAL_PROVIDER.';

COMMENT ON COLUMN cognito.users.enabled IS 'False where an administrator has disabled the user.';

COMMENT ON COLUMN cognito.users.attributes IS 'Every attribute without a column, custom ones included.';

COMMENT ON COLUMN cognito.users.identities IS 'The linked identities of external providers, an array.';

COMMENT ON COLUMN cognito.users.client_metadata IS 'What the client sent along with the first confirmation, of the keys in CLIENT_METADATA_KEYS: chosen by the client, never to be trusted.';

COMMENT ON COLUMN cognito.users.sign_up_client_id IS 'The app client of the first confirmation, as Cognito told it; with CLIENT_METADATA_KEYS.';

COMMENT ON COLUMN cognito.users.confirmed_at IS 'When the user was first seen being confirmed.';

COMMENT ON COLUMN cognito.users.last_sign_in_at IS 'When the user last signed in, as far as TRACK_SIGN_INS was on.';

COMMENT ON COLUMN cognito.users.last_modified_at IS 'UserLastModifiedDate, as a listing last showed it; trigger events do not carry it.';

COMMENT ON COLUMN cognito.users.observed_at IS 'When Cognito showed what this row holds: an older observation never overwrites it.';

COMMENT ON COLUMN cognito.users.deleted_at IS 'When Cognito was found not to have the user any more.';

COMMENT ON COLUMN cognito.users.forgotten_at IS 'When what the row held of the person was removed; no later observation brings it back.';

COMMENT ON COLUMN cognito.users.merged_into IS 'The user who took this one''s place, and all that referenced it; no later observation changes this row.';

CREATE FUNCTION cognito.changed_columns(u cognito.users, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb) RETURNS text
    LANGUAGE sql STABLE
    RETURN (((((((((CASE WHEN ((u).username IS DISTINCT FROM username) THEN 'username,'::text ELSE ''::text END || CASE WHEN (((u).email)::text IS DISTINCT FROM email) THEN 'email,'::text ELSE ''::text END) || CASE WHEN ((u).email_verified IS DISTINCT FROM email_verified) THEN 'email_verified,'::text ELSE ''::text END) || CASE WHEN ((u).phone_number IS DISTINCT FROM phone_number) THEN 'phone_number,'::text ELSE ''::text END) || CASE WHEN ((u).phone_number_verified IS DISTINCT FROM phone_number_verified) THEN 'phone_number_verified,'::text ELSE ''::text END) || CASE WHEN ((u).status IS DISTINCT FROM status) THEN 'status,'::text ELSE ''::text END) || CASE WHEN ((u).enabled <> enabled) THEN 'enabled,'::text ELSE ''::text END) || CASE WHEN ((u).attributes <> attributes) THEN 'attributes,'::text ELSE ''::text END) || CASE WHEN ((u).identities IS DISTINCT FROM identities) THEN 'identities,'::text ELSE ''::text END) || CASE WHEN ((u).deleted_at IS NOT NULL) THEN 'deleted_at,'::text ELSE ''::text END);

CREATE FUNCTION cognito.claim_role_changes(region text DEFAULT NULL::text, refused_pools text[] DEFAULT '{}'::text[], OUT user_pool_id text, OUT sub uuid, OUT username text, OUT group_name text, OUT wanted boolean, OUT attempts integer, OUT changes bigint[], OUT addition_failed boolean) RETURNS SETOF record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.claim_role_changes(region text, refused_pools text[], OUT user_pool_id text, OUT sub uuid, OUT username text, OUT group_name text, OUT wanted boolean, OUT attempts integer, OUT changes bigint[], OUT addition_failed boolean) IS 'Locks the changes of one user that are due, and says which groups the user should be in.';

CREATE FUNCTION cognito.claims_for_token(user_pool_id text, sub uuid, client_id text, trigger_source text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
  row_of_user  jsonb;
BEGIN
  IF claims_for_token.sub IS NOT NULL THEN
    SELECT to_jsonb(u) INTO row_of_user
    FROM cognito.users_live AS u
    WHERE u.user_pool_id = claims_for_token.user_pool_id AND u.sub = claims_for_token.sub;
    IF NOT FOUND THEN
      RETURN NULL;
    END IF;
  END IF;
  RETURN (
    SELECT jsonb_build_object(
      'id', coalesce(jsonb_object_agg(v.claim, v.value) FILTER (WHERE v.token = 'id'), '{}'),
      'access', coalesce(jsonb_object_agg(v.claim, v.value) FILTER (WHERE v.token = 'access'), '{}'))
    FROM (
      SELECT DISTINCT ON (t.token, c.claim) t.token, c.claim,
        nullif(
          CASE
            WHEN starts_with(c.source, 'constant:') THEN to_jsonb(substr(c.source, 10))
            WHEN row_of_user IS NULL THEN NULL
            WHEN c.source = 'user.roles' THEN
              to_jsonb(cognito.roles_for_token(claims_for_token.user_pool_id, claims_for_token.sub))
            WHEN starts_with(c.source, 'user.') THEN row_of_user -> substr(c.source, 6)
            WHEN starts_with(c.source, 'attribute:') THEN row_of_user -> 'attributes' -> substr(c.source, 11)
            ELSE row_of_user -> 'client_metadata' -> substr(c.source, 17)
          END,
          'null') AS value
      FROM cognito.token_claims AS c
      JOIN (VALUES ('id'), ('access')) AS t (token) ON c.token IN (t.token, 'both')
      WHERE c.client_id IS NULL OR c.client_id = claims_for_token.client_id
      ORDER BY t.token, c.claim, c.client_id NULLS LAST, c.token = 'both'
    ) AS v
    WHERE v.value IS NOT NULL);
END
$$;

COMMENT ON FUNCTION cognito.claims_for_token(user_pool_id text, sub uuid, client_id text, trigger_source text) IS 'The claims that the tokens are to carry; NULL where there is no such live user.';

CREATE FUNCTION cognito.contents_for_token(user_pool_id text, sub uuid, client_id text, trigger_source text, with_roles boolean, with_claims boolean, OUT roles text[], OUT claims jsonb, OUT reserved text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF with_roles THEN
    roles := cognito.roles_for_token(user_pool_id, sub);
  END IF;
  IF with_claims THEN
    claims := cognito.claims_for_token(user_pool_id, sub, client_id, trigger_source);
    reserved := cognito.reserved_claim(claims);
  END IF;
END
$$;

COMMENT ON FUNCTION cognito.contents_for_token(user_pool_id text, sub uuid, client_id text, trigger_source text, with_roles boolean, with_claims boolean, OUT roles text[], OUT claims jsonb, OUT reserved text) IS 'cognito.roles_for_token and cognito.claims_for_token, as wanted, and the first claim in their answer that is reserved.';

CREATE FUNCTION cognito.current_sub() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  sub  text := cognito.jwt() ->> 'sub';
BEGIN
  RETURN CASE WHEN sub ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN sub::uuid END;
END
$_$;

COMMENT ON FUNCTION cognito.current_sub() IS 'sub of the request''s token; NULL where it is none of a user''s.';

CREATE FUNCTION cognito.current_user_id() RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  current_pool  text := cognito.current_user_pool_id();
  current_sub   uuid := cognito.current_sub();
BEGIN
  RETURN (SELECT u.id FROM cognito.users_live AS u WHERE u.user_pool_id = current_pool AND u.sub = current_sub);
END
$$;

COMMENT ON FUNCTION cognito.current_user_id() IS 'users.id of who is asking; NULL without a token, and where there is no such user, or deleted, disabled or merged.';

CREATE FUNCTION cognito.current_user_pool_id() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
  RETURN substring(
    cognito.jwt() ->> 'iss'
    FROM '^https://(?:issuer-)?cognito-idp\.[a-z]+(?:-[a-z]+)+-[0-9]+\.'
      '(?:amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)'
      '/([0-9A-Za-z_-]+_[0-9A-Za-z]+)$');
END
$_$;

COMMENT ON FUNCTION cognito.current_user_pool_id() IS 'The user pool of the request''s token, by iss; NULL where another issued it.';

CREATE FUNCTION cognito.decide_sign_up(user_pool_id text, trigger_source text, client_id text, username text, email text, phone_number text, attributes jsonb, validation_data jsonb, client_metadata jsonb, OUT allowed boolean, OUT confirm boolean, OUT reason text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  allowed := EXISTS (
    SELECT FROM cognito.open_invitations(decide_sign_up.user_pool_id, decide_sign_up.email));
  confirm := false;
  reason := CASE
    WHEN allowed THEN 'invited'
    WHEN decide_sign_up.email IS NULL THEN 'no address'
    ELSE 'not invited'
  END;
END
$$;

COMMENT ON FUNCTION cognito.decide_sign_up(user_pool_id text, trigger_source text, client_id text, username text, email text, phone_number text, attributes jsonb, validation_data jsonb, client_metadata jsonb, OUT allowed boolean, OUT confirm boolean, OUT reason text) IS 'Whether somebody may sign up, and whether confirmed at once; the reason is for the log.';

CREATE FUNCTION cognito.linked_identities(identities jsonb, OUT provider_name text, OUT user_id text) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE ROWS 1
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF jsonb_typeof(identities) = 'array' THEN
    RETURN QUERY
      SELECT DISTINCT i ->> 'providerName', i ->> 'userId' FROM jsonb_array_elements(identities) AS i
      WHERE i ->> 'providerName' IS NOT NULL AND i ->> 'userId' IS NOT NULL;
  END IF;
END
$$;

CREATE TABLE cognito.default_roles (
    role_id uuid NOT NULL,
    user_pool_id text,
    email_domain public.citext,
    provider text,
    CONSTRAINT default_roles_email_domain_is_a_domain CHECK ((email_domain OPERATOR(public.~) '^[^@[:space:]]+$'::public.citext))
);

COMMENT ON TABLE cognito.default_roles IS 'The roles that a user is given when it is inserted; NULL means any.';

COMMENT ON COLUMN cognito.default_roles.email_domain IS 'What stands after the last @ of a verified address: example.com, without its subdomains.';

COMMENT ON COLUMN cognito.default_roles.provider IS 'The identity provider''s name, as Google or AcmeSAML, that one of the user''s identities is of.';

CREATE FUNCTION cognito.default_roles_of(user_pool_id text, email text, email_verified boolean, identities jsonb) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT DISTINCT d.role_id
    FROM cognito.default_roles d
   WHERE (((d.user_pool_id IS NULL) OR (d.user_pool_id = default_roles_of.user_pool_id)) AND ((d.email_domain IS NULL) OR (default_roles_of.email_verified AND (lower((d.email_domain)::text) = lower("substring"(default_roles_of.email, '@([^@]+)$'::text))))) AND ((d.provider IS NULL) OR (d.provider IN ( SELECT i.provider_name
            FROM cognito.linked_identities(default_roles_of.identities) i(provider_name, user_id)))));
END;

CREATE FUNCTION cognito.enter_role_changes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE FUNCTION cognito.erase_users(users uuid[], keep_sign_ins boolean) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE FUNCTION cognito.event_attributes(attributes jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT coalesce(jsonb_object_agg(key, value), '{}')
  FROM jsonb_each(attributes)
  WHERE starts_with(key, 'cognito:')
$$;

COMMENT ON FUNCTION cognito.event_attributes(attributes jsonb) IS 'Those attributes that only trigger events have, and no answer of Cognito''s API: cognito:email_alias and the like.';

CREATE FUNCTION cognito.find_legacy_user(user_pool_id text, username text, attempt_limit integer, attempt_window interval, OUT may_try boolean, OUT password_hash text, OUT attributes jsonb, OUT new_username text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.find_legacy_user(user_pool_id text, username text, attempt_limit integer, attempt_window interval, OUT may_try boolean, OUT password_hash text, OUT attributes jsonb, OUT new_username text) IS 'A user from before Cognito, and whether the password may be tried: counts the attempt.';

CREATE FUNCTION cognito.find_user(user_pool_ids text[], sub uuid, username text, OUT user_pool_id text, OUT user_sub uuid, OUT user_name text, OUT event_attributes jsonb) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT u.user_pool_id, u.sub, u.username, cognito.event_attributes(u.attributes)
  FROM cognito.users AS u
  WHERE u.user_pool_id = ANY (find_user.user_pool_ids) AND u.sub = find_user.sub
  UNION ALL
  SELECT u.user_pool_id, u.sub, u.username, cognito.event_attributes(u.attributes)
  FROM cognito.users AS u
  WHERE find_user.sub IS NULL
    AND u.user_pool_id = ANY (find_user.user_pool_ids) AND u.username = find_user.username
    AND u.deleted_at IS NULL
$$;

COMMENT ON FUNCTION cognito.find_user(user_pool_ids text[], sub uuid, username text, OUT user_pool_id text, OUT user_sub uuid, OUT user_name text, OUT event_attributes jsonb) IS 'The users of these pools with this sub, or, where sub is NULL, those of this name who are not deleted.';

CREATE FUNCTION cognito.forget_users(users uuid[], keep_sign_ins boolean DEFAULT false, dry_run boolean DEFAULT false, OUT id uuid, OUT outcome text) RETURNS SETOF record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.forget_users(users uuid[], keep_sign_ins boolean, dry_run boolean, OUT id uuid, OUT outcome text) IS 'Removes what these rows hold of persons, when all are marked as deleted; answers each id and its outcome.';

CREATE FUNCTION cognito.forget_users_deleted_before(deleted_before timestamp with time zone, user_pool_id text DEFAULT NULL::text, keep_sign_ins boolean DEFAULT false, dry_run boolean DEFAULT false, batch integer DEFAULT 500) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.forget_users_deleted_before(deleted_before timestamp with time zone, user_pool_id text, keep_sign_ins boolean, dry_run boolean, batch integer) IS 'Removes what rows that were marked as deleted before a time hold of persons, some at a time; answers how many.';

CREATE PROCEDURE cognito.grant_handler(IN login name)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA cognito TO %I', login);
  EXECUTE format(
    $grant$
      GRANT EXECUTE ON FUNCTION
        cognito.sync_user, cognito.find_user, cognito.mark_deleted, cognito.roles_for_token,
        cognito.claims_for_token, cognito.is_reserved_claim, cognito.reserved_claim, cognito.contents_for_token,
        cognito.sync_user_for_token, cognito.decide_sign_up, cognito.find_legacy_user, cognito.claim_role_changes,
        cognito.settle_role_changes, cognito.postpone_role_changes, cognito.retry_missing_groups
      TO %I
    $grant$,
    login);
END
$_$;

COMMENT ON PROCEDURE cognito.grant_handler(IN login name) IS 'Lets a login call what the Lambda function calls, in this database.';

CREATE PROCEDURE cognito.grant_reader(IN login name)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

COMMENT ON PROCEDURE cognito.grant_reader(IN login name) IS 'Lets a login ask who is asking, and read users_live and memberships, in this database.';

CREATE FUNCTION cognito.has_group(name text) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  groups  jsonb := cognito.jwt() -> 'cognito:groups';
BEGIN
  -- Of an object, ? would look at the keys.
  RETURN coalesce(jsonb_typeof(groups) = 'array' AND groups ? name, false);
END
$$;

COMMENT ON FUNCTION cognito.has_group(name text) IS 'Whether the request''s token has this group, whatever has happened since it was issued; never NULL.';

CREATE FUNCTION cognito.has_role(name text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  RETURN coalesce(
    cognito.current_user_id() IS NOT NULL
    AND name = ANY (cognito.roles_for_token(cognito.current_user_pool_id(), cognito.current_sub())),
    false);
END
$$;

COMMENT ON FUNCTION cognito.has_role(name text) IS 'Whether who is asking has this role now, as the database knows; never NULL.';

CREATE FUNCTION cognito.invite(invitee text, roles text[] DEFAULT '{}'::text[], valid_for interval DEFAULT '7 days'::interval, user_pool_id text DEFAULT NULL::text, invited_by text DEFAULT NULL::text, OUT id uuid, OUT outcome text, OUT expires_at timestamp with time zone, OUT unknown_roles text[]) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
  is_address  boolean := invitee LIKE '%@%';
BEGIN
  SELECT array_agg(n.name ORDER BY n.place) INTO invite.unknown_roles
  FROM unnest(invite.roles) WITH ORDINALITY AS n (name, place)
  WHERE NOT EXISTS (SELECT FROM cognito.roles AS r WHERE lower(r.name::text) = lower(n.name));
  IF invite.unknown_roles IS NOT NULL THEN
    outcome := 'unknown_roles';
    RETURN;
  END IF;

  -- One at a time: which of several constraints a row would break, no ON CONFLICT can say.
  PERFORM pg_advisory_xact_lock(hashtextextended('cognito.invite', 0));
  UPDATE cognito.invitations AS i
  SET expires_at = now() + invite.valid_for, invited_by = coalesce(invite.invited_by, session_user)
  WHERE lower(coalesce(i.email, i.email_domain)::text) = lower(invite.invitee) AND i.used_at IS NULL
    AND i.user_pool_id IS NOT DISTINCT FROM invite.user_pool_id
  RETURNING i.id, 'renewed', i.expires_at INTO invite.id, invite.outcome, invite.expires_at;
  IF NOT FOUND THEN
    INSERT INTO cognito.invitations AS i (email, email_domain, user_pool_id, invited_by, expires_at)
    VALUES (
      CASE WHEN is_address THEN invite.invitee END, CASE WHEN NOT is_address THEN invite.invitee END,
      invite.user_pool_id, coalesce(invite.invited_by, session_user), now() + invite.valid_for)
    RETURNING i.id, 'invited', i.expires_at INTO invite.id, invite.outcome, invite.expires_at;
  END IF;

  DELETE FROM cognito.invitation_roles AS ir WHERE ir.invitation_id = invite.id;
  INSERT INTO cognito.invitation_roles (invitation_id, role_id)
  SELECT invite.id, r.id FROM cognito.roles AS r
  WHERE lower(r.name::text) IN (SELECT lower(n) FROM unnest(invite.roles) AS n);
END
$$;

COMMENT ON FUNCTION cognito.invite(invitee text, roles text[], valid_for interval, user_pool_id text, invited_by text, OUT id uuid, OUT outcome text, OUT expires_at timestamp with time zone, OUT unknown_roles text[]) IS 'Invites an address or a domain to sign up; answers the invitation, and whether it is new.';

CREATE FUNCTION cognito.is_reserved_claim(claim text, token text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN ((claim = ANY (ARRAY['acr'::text, 'amr'::text, 'at_hash'::text, 'aud'::text, 'auth_time'::text, 'azp'::text, 'exp'::text, 'iat'::text, 'iss'::text, 'jti'::text, 'nbf'::text, 'nonce'::text, 'origin_jti'::text, 'sub'::text, 'token_use'::text])) OR ((token <> 'id'::text) AND (claim = ANY (ARRAY['client_id'::text, 'device_key'::text, 'event_id'::text, 'version'::text]))) OR ((token <> 'access'::text) AND (claim = 'identities'::text)) OR (claim ~ '^(cognito|aws|dev):'::text));

CREATE FUNCTION cognito.jwt() RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  claims  text := nullif(current_setting('request.jwt.claims', true), '');
BEGIN
  -- The cast would say in the server's log what it cannot read, as a token that was not decoded.
  IF claims !~ '^\s*\{' THEN
    RAISE invalid_parameter_value USING MESSAGE = 'request.jwt.claims is not a JSON object';
  END IF;
  RETURN claims::jsonb;
END
$$;

COMMENT ON FUNCTION cognito.jwt() IS 'The claims of the request''s token; NULL where there is none.';

CREATE FUNCTION cognito.keeps_out(u cognito.users, observed timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN ((observed < (u).observed_at) OR ((u).forgotten_at IS NOT NULL) OR ((u).merged_into IS NOT NULL));

CREATE FUNCTION cognito.legacy_user(user_pool_id text, username text, OUT password_hash text, OUT attributes jsonb, OUT new_username text) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
END
$$;

COMMENT ON FUNCTION cognito.legacy_user(user_pool_id text, username text, OUT password_hash text, OUT attributes jsonb, OUT new_username text) IS 'A user of the team''s own table from before Cognito, by what was typed as the user name; NULL for nobody.';

CREATE FUNCTION cognito.mark_deleted(user_pool_id text, sub uuid, observed_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1500ms'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.mark_deleted(user_pool_id text, sub uuid, observed_at timestamp with time zone) IS 'Marks a user as deleted whom Cognito, asked at observed_at, did not have; answers deleted, unchanged or stale.';

CREATE FUNCTION cognito.merge_own_tables(old_id uuid, new_id uuid) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE FUNCTION cognito.merge_problem(error_state text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN CASE WHEN (error_state = ANY (ARRAY['23505'::text, '23P01'::text])) THEN 'conflict'::text WHEN (error_state = '42501'::text) THEN 'not_allowed'::text ELSE 'refused'::text END;

CREATE FUNCTION cognito.merge_users(old_id uuid, new_id uuid, dry_run boolean DEFAULT false, application_path text DEFAULT current_setting('search_path'::text), across_pools boolean DEFAULT false, OUT problem text, OUT table_name text, OUT column_name text, OUT constraint_name text, OUT row_key text, OUT error_state text, OUT row_count bigint) RETURNS SETOF record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '10s'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.merge_users(old_id uuid, new_id uuid, dry_run boolean, application_path text, across_pools boolean, OUT problem text, OUT table_name text, OUT column_name text, OUT constraint_name text, OUT row_key text, OUT error_state text, OUT row_count bigint) IS 'Moves all that references one user to another, in one piece, and marks the first; answers what was moved, or why nothing was.';

CREATE FUNCTION cognito.move_reference(old_id uuid, new_id uuid, referencing regclass, referencing_column name, explain boolean, application_path text, OUT problem text, OUT table_name text, OUT column_name text, OUT constraint_name text, OUT row_key text, OUT error_state text, OUT row_count bigint) RETURNS SETOF record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION cognito.moved_users(attribute text, new_pool text DEFAULT NULL::text, old_pool text DEFAULT NULL::text, OUT new_id uuid, OUT old_id uuid, OUT old_sub uuid, OUT was_merged boolean, OUT problem text) RETURNS SETOF record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    SET enable_mergejoin TO 'off'
    AS $_$
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
$_$;

COMMENT ON FUNCTION cognito.moved_users(attribute text, new_pool text, old_pool text, OUT new_id uuid, OUT old_id uuid, OUT old_sub uuid, OUT was_merged boolean, OUT problem text) IS 'Pairs of users of whom one has the other''s sub in an attribute, as after a pool has moved; or why they are none.';

CREATE TABLE cognito.invitations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    email public.citext,
    email_domain public.citext,
    user_pool_id text,
    invited_by text DEFAULT SESSION_USER NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    used_at timestamp with time zone,
    used_by uuid,
    CONSTRAINT invitations_email_domain_is_a_domain CHECK (((email_domain OPERATOR(public.~) '^[^@[:space:]]+$'::public.citext) AND (octet_length((email_domain)::text) <= 1024))),
    CONSTRAINT invitations_email_is_an_address CHECK (((email OPERATOR(public.~) '^[^[:space:]]+@[^@[:space:]]+$'::public.citext) AND (octet_length((email)::text) <= 2048))),
    CONSTRAINT invitations_email_or_domain CHECK ((num_nonnulls(email, email_domain) = 1)),
    CONSTRAINT invitations_used_is_an_email CHECK (((used_at IS NULL) OR (email IS NOT NULL)))
);

COMMENT ON TABLE cognito.invitations IS 'Who is invited to sign up: an address, or everybody of a domain.';

COMMENT ON COLUMN cognito.invitations.invited_by IS 'Who invited: the login, unless something else is given.';

COMMENT ON COLUMN cognito.invitations.used_at IS 'When a user was inserted with this address; a domain is never used up.';

CREATE FUNCTION cognito.open_invitations(user_pool_id text, email text) RETURNS SETOF uuid
    LANGUAGE sql STABLE
    BEGIN ATOMIC
 SELECT i.id
    FROM cognito.invitations i
   WHERE ((i.email OPERATOR(public.=) (open_invitations.email)::public.citext) AND (i.used_at IS NULL) AND ((i.user_pool_id IS NULL) OR (i.user_pool_id = open_invitations.user_pool_id)) AND ((i.expires_at IS NULL) OR (i.expires_at > now())))
 UNION ALL
  SELECT i.id
    FROM cognito.invitations i
   WHERE ((i.email_domain OPERATOR(public.=) ("substring"(open_invitations.email, '@([^@]+)$'::text))::public.citext) AND ((i.user_pool_id IS NULL) OR (i.user_pool_id = open_invitations.user_pool_id)) AND ((i.expires_at IS NULL) OR (i.expires_at > now())));
END;

CREATE TABLE cognito.role_outbox (
    id bigint NOT NULL,
    user_pool_id text NOT NULL,
    sub uuid NOT NULL,
    username text,
    group_name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    last_error text,
    failed_at timestamp with time zone,
    failure text,
    CONSTRAINT role_outbox_check CHECK (((failed_at IS NULL) = (failure IS NULL))),
    CONSTRAINT role_outbox_failure_check CHECK ((failure = ANY (ARRAY['missing_group'::text, 'addition_failed'::text, 'refused'::text])))
);

COMMENT ON TABLE cognito.role_outbox IS 'Changes of roles that are to become memberships of Cognito groups; drained by pooltable push.';

COMMENT ON COLUMN cognito.role_outbox.username IS 'As it was when the change was made: the user''s row may be gone by the time it is pushed.';

COMMENT ON COLUMN cognito.role_outbox.last_error IS 'Why the last attempt did not succeed.';

COMMENT ON COLUMN cognito.role_outbox.failed_at IS 'When it was found that trying again does not help: kept until pooltable push --retry-failed.';

COMMENT ON COLUMN cognito.role_outbox.failure IS 'Why it is kept: missing_group until groups may be created, addition_failed until the same user has what it should be added to, refused until somebody sees to it.';

CREATE FUNCTION cognito.postpone_role_changes(changes bigint[], error text, retry_after interval, failure text DEFAULT 'refused'::text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 UPDATE cognito.role_outbox o SET attempts = (o.attempts + 1), last_error = postpone_role_changes.error, next_attempt_at = (clock_timestamp() + COALESCE(postpone_role_changes.retry_after, '00:00:00'::interval)), failed_at =
         CASE
             WHEN (postpone_role_changes.retry_after IS NULL) THEN clock_timestamp()
             ELSE NULL::timestamp with time zone
         END, failure =
         CASE
             WHEN (postpone_role_changes.retry_after IS NULL) THEN postpone_role_changes.failure
             ELSE NULL::text
         END
   WHERE (o.id = ANY (postpone_role_changes.changes));
END;

CREATE FUNCTION cognito.pre_request() RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF cognito.jwt() ? 'sub' AND cognito.current_user_id() IS NULL THEN
    RAISE SQLSTATE 'PT401' USING MESSAGE = 'the user of this token may not act here';
  END IF;
END
$$;

COMMENT ON FUNCTION cognito.pre_request() IS 'Refuses the token of a user who is not there, or deleted or disabled, with PT401.';

CREATE FUNCTION cognito.record_sign_in(user_id uuid, signed_in_at timestamp with time zone, request_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE FUNCTION cognito.reserved_claim(claims jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT n.claim
  FROM (
    SELECT t.token, jsonb_object_keys(claims -> t.token) AS claim
    FROM (VALUES ('id'), ('access')) AS t (token)
    WHERE jsonb_typeof(claims -> t.token) = 'object'
    UNION ALL
    SELECT 'both', jsonb_array_elements_text(claims -> 'suppress')
    WHERE jsonb_typeof(claims -> 'suppress') = 'array'
  ) AS n
  WHERE cognito.is_reserved_claim(n.claim, n.token)
  ORDER BY n.claim COLLATE "C"
  LIMIT 1
$$;

CREATE FUNCTION cognito.resolve(parent_type text, field text, arguments jsonb, source jsonb, claims jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  name      text := parent_type || '_' || field;
  -- A longer name would be cut off, and be another function's.
  resolver  regprocedure := CASE
    WHEN octet_length(name) < 64 THEN to_regprocedure(format('api.%I(jsonb, jsonb)', name))
  END;
  is_set    boolean;
  is_void   boolean;
  answer    jsonb;
BEGIN
  IF resolver IS NULL THEN
    RAISE SQLSTATE 'PT404' USING MESSAGE = format('the field %s.%s has no function', parent_type, field);
  END IF;
  SELECT p.proretset, p.prorettype = 'void'::regtype INTO is_set, is_void FROM pg_proc AS p WHERE p.oid = resolver;
  IF is_set THEN
    EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(r)), ''[]'') FROM api.%I($1, $2) AS r', name)
      INTO answer USING arguments, source;
  ELSE
    EXECUTE format('SELECT to_jsonb(api.%I($1, $2))', name) INTO answer USING arguments, source;
  END IF;
  RETURN CASE WHEN NOT is_void THEN answer END;
END
$_$;

COMMENT ON FUNCTION cognito.resolve(parent_type text, field text, arguments jsonb, source jsonb, claims jsonb) IS 'The value of a field of a GraphQL API, by api."Type_field".';

CREATE FUNCTION cognito.resolve_requests(requests jsonb, OUT answer jsonb, OUT error_state text, OUT error_message text) RETURNS SETOF record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  request   jsonb;
  ordinal   bigint;
  -- Makes constraints what they were before the last request's were checked.
  as_ever   text;
BEGIN
  FOR request, ordinal IN
    SELECT r.value, r.ordinal FROM jsonb_array_elements(requests) WITH ORDINALITY AS r (value, ordinal)
    ORDER BY r.ordinal
  LOOP
    answer := NULL;
    error_state := NULL;
    error_message := NULL;
    PERFORM set_config('request.jwt.claims', (request -> 'claims')::text, true);
    BEGIN
      IF ordinal > 1 THEN
        -- Those that begin immediate by their names, for there are fewer. Of a schema that the login may not use none
        -- can be named: they are checked at the request's end.
        IF as_ever IS NULL THEN
          SELECT concat(
            'SET CONSTRAINTS ALL DEFERRED',
            '; SET CONSTRAINTS ' || string_agg(DISTINCT format('%I.%I', n.nspname, c.conname), ', ') || ' IMMEDIATE')
          INTO as_ever
          FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
          WHERE c.condeferrable AND NOT c.condeferred AND has_schema_privilege(n.oid, 'USAGE');
        END IF;
        EXECUTE as_ever;
      END IF;
      PERFORM cognito.pre_request();
      answer := cognito.resolve(
        request ->> 'parent_type', request ->> 'field', request -> 'arguments',
        nullif(request -> 'source', 'null'), request -> 'claims');
      SET CONSTRAINTS ALL IMMEDIATE;
    -- OTHERS leaves the failure of an ASSERT out, and what cancels the statement.
    EXCEPTION WHEN OTHERS OR assert_failure THEN
      answer := NULL;
      GET STACKED DIAGNOSTICS error_state = RETURNED_SQLSTATE, error_message = MESSAGE_TEXT;
      -- What somebody else's code says may hold what a client must not see.
      IF error_state !~ '^PT4' THEN
        error_message := NULL;
      END IF;
    END;
    RETURN NEXT;
  END LOOP;
  PERFORM set_config('request.jwt.claims', '', true);
END
$$;

COMMENT ON FUNCTION cognito.resolve_requests(requests jsonb, OUT answer jsonb, OUT error_state text, OUT error_message text) IS 'cognito.resolve for each of an array of requests, with its claims; an error instead of an answer where there is none.';

CREATE FUNCTION cognito.retry_missing_groups() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 WITH again AS MATERIALIZED (
          SELECT o_1.id
            FROM cognito.role_outbox o_1
           WHERE ((o_1.failure = 'missing_group'::text) OR ((o_1.failure = 'addition_failed'::text) AND (EXISTS ( SELECT
                    FROM cognito.role_outbox missing
                   WHERE ((missing.user_pool_id = o_1.user_pool_id) AND (missing.sub = o_1.sub) AND (missing.failure = 'missing_group'::text))))))
          FOR UPDATE OF o_1 SKIP LOCKED
         )
  UPDATE cognito.role_outbox o SET failed_at = NULL::timestamp with time zone, failure = NULL::text, next_attempt_at = clock_timestamp()
    FROM again
   WHERE (o.id = again.id);
END;

CREATE FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
  RETURN (
    SELECT ARRAY(
      SELECT r.name::text
      FROM cognito.user_roles AS ur
      JOIN cognito.roles AS r ON r.id = ur.role_id
      WHERE ur.user_id = u.id
      ORDER BY r.name::text COLLATE "C")
    FROM cognito.users_live AS u
    WHERE u.user_pool_id = roles_for_token.user_pool_id
      AND u.sub = roles_for_token.sub);
END
$$;

COMMENT ON FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid) IS 'The names of the user''s roles, sorted; NULL where there is no such live user.';

CREATE FUNCTION cognito.settle_role_changes(changes bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    BEGIN ATOMIC
 DELETE FROM cognito.role_outbox given_up
    USING cognito.role_outbox settled
   WHERE ((settled.id = ANY (settle_role_changes.changes)) AND (given_up.user_pool_id = settled.user_pool_id) AND (given_up.sub = settled.sub) AND (given_up.group_name = settled.group_name) AND (given_up.id < settled.id) AND (given_up.failed_at IS NOT NULL));
 UPDATE cognito.role_outbox held SET failed_at = NULL::timestamp with time zone, failure = NULL::text, next_attempt_at = clock_timestamp()
    FROM cognito.role_outbox settled
   WHERE ((settled.id = ANY (settle_role_changes.changes)) AND (held.user_pool_id = settled.user_pool_id) AND (held.sub = settled.sub) AND (held.failure = 'addition_failed'::text) AND (held.id <> ALL (settle_role_changes.changes)));
 DELETE FROM cognito.role_outbox o
   WHERE (o.id = ANY (settle_role_changes.changes));
END;

CREATE FUNCTION cognito.sync_user(user_pool_id text, sub uuid, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb, client_metadata jsonb, sign_up_client_id text, confirmed_at timestamp with time zone, signed_in_at timestamp with time zone, observed_at timestamp with time zone, request_id text, OUT id uuid, OUT outcome text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '1500ms'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.sync_user(user_pool_id text, sub uuid, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb, client_metadata jsonb, sign_up_client_id text, confirmed_at timestamp with time zone, signed_in_at timestamp with time zone, observed_at timestamp with time zone, request_id text, OUT id uuid, OUT outcome text) IS 'Brings one user in line with what Cognito showed at observed_at; answers its id and inserted, updated, unchanged or stale.';

CREATE FUNCTION cognito.sync_user_for_token(user_pool_id text, sub uuid, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb, client_metadata jsonb, sign_up_client_id text, confirmed_at timestamp with time zone, signed_in_at timestamp with time zone, observed_at timestamp with time zone, request_id text, client_id text, trigger_source text, with_roles boolean, with_claims boolean, OUT id uuid, OUT outcome text, OUT roles text[], OUT claims jsonb, OUT reserved text) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
  SELECT s.id, s.outcome
  INTO sync_user_for_token.id, sync_user_for_token.outcome
  FROM cognito.sync_user(
    sync_user_for_token.user_pool_id, sync_user_for_token.sub, username, email, email_verified, phone_number,
    phone_number_verified, status, enabled, attributes, identities, client_metadata, sign_up_client_id, confirmed_at,
    signed_in_at, observed_at, request_id) AS s;
  SELECT c.roles, c.claims, c.reserved
  INTO sync_user_for_token.roles, sync_user_for_token.claims, sync_user_for_token.reserved
  FROM cognito.contents_for_token(
    sync_user_for_token.user_pool_id, sync_user_for_token.sub, client_id, trigger_source, with_roles,
    with_claims) AS c;
END
$$;

COMMENT ON FUNCTION cognito.sync_user_for_token(user_pool_id text, sub uuid, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb, client_metadata jsonb, sign_up_client_id text, confirmed_at timestamp with time zone, signed_in_at timestamp with time zone, observed_at timestamp with time zone, request_id text, client_id text, trigger_source text, with_roles boolean, with_claims boolean, OUT id uuid, OUT outcome text, OUT roles text[], OUT claims jsonb, OUT reserved text) IS 'cognito.sync_user, and then cognito.contents_for_token, in one round trip.';

CREATE FUNCTION cognito.sync_users(user_pool_id text, subs uuid[], usernames text[], emails text[], emails_verified boolean[], phone_numbers text[], phone_numbers_verified boolean[], statuses text[], enabled boolean[], attributes jsonb[], identities jsonb[], last_modified_at timestamp with time zone[], observed_at timestamp with time zone, settle interval, dry_run boolean, with_values boolean, OUT ordinal bigint, OUT outcome text, OUT changed text, OUT old_values jsonb) RETURNS SETOF record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '10s'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_material TO 'off'
    AS $$
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
$$;

COMMENT ON FUNCTION cognito.sync_users(user_pool_id text, subs uuid[], usernames text[], emails text[], emails_verified boolean[], phone_numbers text[], phone_numbers_verified boolean[], statuses text[], enabled boolean[], attributes jsonb[], identities jsonb[], last_modified_at timestamp with time zone[], observed_at timestamp with time zone, settle interval, dry_run boolean, with_values boolean, OUT ordinal bigint, OUT outcome text, OUT changed text, OUT old_values jsonb) IS 'Brings users of a pool in line with what a listing showed at observed_at, which may lag by settle; answers those that were not unchanged.';

CREATE TABLE cognito.sign_ins (
    user_id uuid NOT NULL,
    day date NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    count integer DEFAULT 1 NOT NULL,
    requests bigint[] DEFAULT '{}'::bigint[] NOT NULL
);

COMMENT ON TABLE cognito.sign_ins IS 'How often a user signed in on a day, in UTC.';

COMMENT ON COLUMN cognito.sign_ins.requests IS 'Hashes of the ids of the last 64 requests that were counted: a second attempt is known by them.';

CREATE VIEW cognito.daily_active_users AS
 SELECT u.user_pool_id,
    s.day,
    count(*) AS users
   FROM (cognito.sign_ins s
     JOIN cognito.users u ON ((u.id = s.user_id)))
  GROUP BY u.user_pool_id, s.day;

COMMENT ON VIEW cognito.daily_active_users IS 'How many users signed in on each day (UTC).';

CREATE VIEW cognito.duplicates AS
 WITH candidates AS NOT MATERIALIZED (
         SELECT u.id,
            u.user_pool_id,
            u.sub,
            u.username,
            u.email,
            u.email_verified,
            u.phone_number,
            u.phone_number_verified,
            u.status,
            u.enabled,
            u.attributes,
            u.identities,
            u.client_metadata,
            u.sign_up_client_id,
            u.confirmed_at,
            u.last_sign_in_at,
            u.last_modified_at,
            u.observed_at,
            u.created_at,
            u.updated_at,
            u.deleted_at,
            u.forgotten_at,
            u.merged_into
           FROM cognito.users u
          WHERE ((u.forgotten_at IS NULL) AND (u.merged_into IS NULL))
        ), shared AS (
         SELECT 'email'::text AS reason,
            array_agg(c.id) AS ids
           FROM candidates c
          WHERE (c.email_verified AND (c.email IS NOT NULL))
          GROUP BY c.user_pool_id, c.email
         HAVING (count(*) > 1)
        UNION ALL
         SELECT 'phone_number'::text,
            array_agg(c.id) AS array_agg
           FROM candidates c
          WHERE (c.phone_number_verified AND (c.phone_number IS NOT NULL))
          GROUP BY c.user_pool_id, c.phone_number
         HAVING (count(*) > 1)
        UNION ALL
         SELECT 'identity'::text,
            array_agg(c.id) AS array_agg
           FROM (candidates c
             CROSS JOIN LATERAL cognito.linked_identities(c.identities) i(provider_name, user_id))
          WHERE (c.identities IS NOT NULL)
          GROUP BY c.user_pool_id, i.provider_name, i.user_id
         HAVING (count(*) > 1)
        )
 SELECT DISTINCT older.user_pool_id,
    older.id AS older_id,
    older.sub AS older_sub,
    older.deleted_at AS older_deleted_at,
    newer.id AS newer_id,
    newer.sub AS newer_sub,
    newer.deleted_at AS newer_deleted_at,
    shared.reason
   FROM ((((shared
     CROSS JOIN LATERAL unnest(shared.ids) one(id))
     CROSS JOIN LATERAL unnest(shared.ids) other(id))
     JOIN cognito.users older ON ((older.id = one.id)))
     JOIN cognito.users newer ON ((newer.id = other.id)))
  WHERE (ROW(older.created_at, older.id) < ROW(newer.created_at, newer.id));

COMMENT ON VIEW cognito.duplicates IS 'Pairs of a pool''s rows that share a verified address or a linked identity: perhaps one person.';

CREATE TABLE cognito.invitation_roles (
    invitation_id uuid NOT NULL,
    role_id uuid NOT NULL
);

COMMENT ON TABLE cognito.invitation_roles IS 'The roles that come with an invitation.';

CREATE UNLOGGED TABLE cognito.legacy_attempts (
    account bytea NOT NULL,
    attempts integer NOT NULL,
    ends_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE cognito.legacy_attempts IS 'Attempts to sign in as a user from before Cognito, by a keyed hash, until a window ends.';

CREATE TABLE cognito.legacy_attempts_key (
    is_only boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT legacy_attempts_key_is_only_check CHECK (is_only)
);

COMMENT ON TABLE cognito.legacy_attempts_key IS 'The key of the hashes in cognito.legacy_attempts.';

CREATE TABLE cognito.roles (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name public.citext NOT NULL,
    CONSTRAINT roles_name_is_a_group_name CHECK ((((char_length((name)::text) >= 1) AND (char_length((name)::text) <= 128)) AND ((name)::text !~ '[\u0001-\u0020\u007f]'::text) AND ((octet_length((name)::text) = char_length((name)::text)) OR ((name)::text !~ '[\u0080-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000f0000-\U000ffffd\U00100000-\U0010fffd]'::text))))
);

COMMENT ON CONSTRAINT roles_name_is_a_group_name ON cognito.roles IS 'What Cognito takes as the name of a group: 1 to 128 characters without spaces and control characters.';

CREATE TABLE cognito.user_roles (
    user_id uuid NOT NULL,
    role_id uuid NOT NULL
);

CREATE VIEW cognito.memberships AS
 SELECT ur.user_id,
    ur.role_id,
    u.user_pool_id,
    u.sub,
    u.username,
    (r.name)::text AS group_name
   FROM ((cognito.user_roles ur
     JOIN cognito.users u ON ((u.id = ur.user_id)))
     JOIN cognito.roles r ON ((r.id = ur.role_id)));

COMMENT ON VIEW cognito.memberships IS 'The groups that users should be in, by their roles.';

CREATE VIEW cognito.monthly_active_users AS
 SELECT u.user_pool_id,
    (date_trunc('month'::text, (s.day)::timestamp without time zone))::date AS month,
    count(DISTINCT s.user_id) AS users
   FROM (cognito.sign_ins s
     JOIN cognito.users u ON ((u.id = s.user_id)))
  GROUP BY u.user_pool_id, ((date_trunc('month'::text, (s.day)::timestamp without time zone))::date);

COMMENT ON VIEW cognito.monthly_active_users IS 'How many users signed in in each month (UTC), named by its first day.';

CREATE UNLOGGED TABLE cognito.reconciliation_sightings (
    reconciliation_id uuid NOT NULL,
    sub uuid NOT NULL
);

CREATE TABLE cognito.reconciliations (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    user_pool_id text NOT NULL,
    source text NOT NULL,
    options text NOT NULL,
    "position" text,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone
);

COMMENT ON TABLE cognito.reconciliations IS 'Runs of pooltable reconcile; the last unfinished one of a pool can be resumed.';

COMMENT ON COLUMN cognito.reconciliations.source IS 'What was listed: ListUsers, or which file.';

COMMENT ON COLUMN cognito.reconciliations."position" IS 'Where in the listing to go on; null before the first page.';

COMMENT ON COLUMN cognito.reconciliations.observed_at IS 'When the listing began: nobody seen since is marked as deleted.';

ALTER TABLE cognito.role_outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME cognito.role_outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE cognito.schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE cognito.token_claims (
    claim text NOT NULL,
    source text NOT NULL,
    token text DEFAULT 'both'::text NOT NULL,
    client_id text,
    CONSTRAINT token_claims_claim_is_not_empty CHECK ((claim <> ''::text)),
    CONSTRAINT token_claims_claim_is_not_reserved CHECK ((NOT cognito.is_reserved_claim(claim, token))),
    CONSTRAINT token_claims_client_id_is_not_empty CHECK ((client_id <> ''::text)),
    CONSTRAINT token_claims_source_is_known CHECK (((source = ANY (ARRAY['user.id'::text, 'user.username'::text, 'user.email'::text, 'user.email_verified'::text, 'user.phone_number'::text, 'user.phone_number_verified'::text, 'user.status'::text, 'user.sign_up_client_id'::text, 'user.roles'::text])) OR (source ~ '^(attribute|client_metadata):.'::text) OR starts_with(source, 'constant:'::text))),
    CONSTRAINT token_claims_token_is_one CHECK ((token = ANY (ARRAY['id'::text, 'access'::text, 'both'::text])))
);

COMMENT ON TABLE cognito.token_claims IS 'The claims that cognito.claims_for_token puts into the tokens.';

CREATE VIEW cognito.users_live AS
 SELECT users.id,
    users.user_pool_id,
    users.sub,
    users.username,
    users.email,
    users.email_verified,
    users.phone_number,
    users.phone_number_verified,
    users.status,
    users.enabled,
    users.attributes,
    users.identities,
    users.client_metadata,
    users.sign_up_client_id,
    users.confirmed_at,
    users.last_sign_in_at,
    users.last_modified_at,
    users.observed_at,
    users.created_at,
    users.updated_at,
    users.deleted_at,
    users.forgotten_at,
    users.merged_into
   FROM cognito.users
  WHERE ((users.deleted_at IS NULL) AND users.enabled);

COMMENT ON VIEW cognito.users_live IS 'The users who may act: neither deleted nor disabled.';

ALTER TABLE ONLY cognito.invitation_roles
    ADD CONSTRAINT invitation_roles_pkey PRIMARY KEY (invitation_id, role_id);

ALTER TABLE ONLY cognito.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cognito.legacy_attempts_key
    ADD CONSTRAINT legacy_attempts_key_pkey PRIMARY KEY (is_only);

ALTER TABLE ONLY cognito.legacy_attempts
    ADD CONSTRAINT legacy_attempts_pkey PRIMARY KEY (account);

ALTER TABLE ONLY cognito.reconciliation_sightings
    ADD CONSTRAINT reconciliation_sightings_pkey PRIMARY KEY (reconciliation_id, sub);

ALTER TABLE ONLY cognito.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cognito.role_outbox
    ADD CONSTRAINT role_outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cognito.roles
    ADD CONSTRAINT roles_name_key UNIQUE (name);

ALTER TABLE ONLY cognito.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cognito.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY cognito.sign_ins
    ADD CONSTRAINT sign_ins_pkey PRIMARY KEY (user_id, day);

ALTER TABLE ONLY cognito.user_roles
    ADD CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_id);

ALTER TABLE ONLY cognito.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY cognito.users
    ADD CONSTRAINT users_user_pool_id_sub_key UNIQUE (user_pool_id, sub);

CREATE UNIQUE INDEX default_roles_key ON cognito.default_roles USING btree (role_id, COALESCE(user_pool_id, ''::text), COALESCE(email_domain, ''::public.citext), COALESCE(provider, ''::text));

CREATE INDEX invitation_roles_role_id_idx ON cognito.invitation_roles USING btree (role_id);

CREATE UNIQUE INDEX invitations_email_domain_key ON cognito.invitations USING btree (email_domain, COALESCE(user_pool_id, ''::text)) WHERE (email_domain IS NOT NULL);

CREATE UNIQUE INDEX invitations_email_key ON cognito.invitations USING btree (email, COALESCE(user_pool_id, ''::text)) WHERE (used_at IS NULL);

CREATE INDEX invitations_used_by_idx ON cognito.invitations USING btree (used_by) WHERE (used_by IS NOT NULL);

CREATE INDEX legacy_attempts_ends_at_idx ON cognito.legacy_attempts USING btree (ends_at);

CREATE INDEX reconciliations_user_pool_id_started_at_idx ON cognito.reconciliations USING btree (user_pool_id, started_at);

CREATE INDEX role_outbox_due_idx ON cognito.role_outbox USING btree (next_attempt_at, id) WHERE (failed_at IS NULL);

CREATE INDEX role_outbox_failure_idx ON cognito.role_outbox USING btree (failure) WHERE (failure IS NOT NULL);

CREATE INDEX role_outbox_user_idx ON cognito.role_outbox USING btree (user_pool_id, sub, id);

CREATE INDEX sign_ins_day_idx ON cognito.sign_ins USING btree (day);

CREATE UNIQUE INDEX token_claims_key ON cognito.token_claims USING btree (claim, token, COALESCE(client_id, ''::text));

CREATE INDEX user_roles_role_id_idx ON cognito.user_roles USING btree (role_id);

CREATE INDEX users_deleted_at_idx ON cognito.users USING btree (forgotten_at, deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE INDEX users_email_idx ON cognito.users USING btree (email);

CREATE INDEX users_merged_into_idx ON cognito.users USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE TRIGGER role_deleted BEFORE DELETE ON cognito.roles FOR EACH ROW EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER role_renamed AFTER UPDATE OF name ON cognito.roles FOR EACH ROW WHEN (((old.name)::text IS DISTINCT FROM (new.name)::text)) EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_deleted BEFORE DELETE ON cognito.users FOR EACH ROW EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_roles_deleted AFTER DELETE ON cognito.user_roles REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_roles_inserted AFTER INSERT ON cognito.user_roles REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_roles_truncated BEFORE TRUNCATE ON cognito.user_roles FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

CREATE TRIGGER user_roles_updated AFTER UPDATE ON cognito.user_roles REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cognito.enter_role_changes();

ALTER TABLE ONLY cognito.default_roles
    ADD CONSTRAINT default_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES cognito.roles(id) ON DELETE CASCADE;

ALTER TABLE ONLY cognito.invitation_roles
    ADD CONSTRAINT invitation_roles_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES cognito.invitations(id) ON DELETE CASCADE;

ALTER TABLE ONLY cognito.invitation_roles
    ADD CONSTRAINT invitation_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES cognito.roles(id) ON DELETE CASCADE;

ALTER TABLE ONLY cognito.invitations
    ADD CONSTRAINT invitations_used_by_fkey FOREIGN KEY (used_by) REFERENCES cognito.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY cognito.sign_ins
    ADD CONSTRAINT sign_ins_user_id_fkey FOREIGN KEY (user_id) REFERENCES cognito.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY cognito.user_roles
    ADD CONSTRAINT user_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES cognito.roles(id) ON DELETE CASCADE;

ALTER TABLE ONLY cognito.user_roles
    ADD CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES cognito.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY cognito.users
    ADD CONSTRAINT users_merged_into_fkey FOREIGN KEY (merged_into) REFERENCES cognito.users(id);

REVOKE ALL ON FUNCTION cognito.accept_invitations(users uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.changed_columns(u cognito.users, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.claim_role_changes(region text, refused_pools text[], OUT user_pool_id text, OUT sub uuid, OUT username text, OUT group_name text, OUT wanted boolean, OUT attempts integer, OUT changes bigint[], OUT addition_failed boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.claims_for_token(user_pool_id text, sub uuid, client_id text, trigger_source text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.contents_for_token(user_pool_id text, sub uuid, client_id text, trigger_source text, with_roles boolean, with_claims boolean, OUT roles text[], OUT claims jsonb, OUT reserved text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.current_sub() FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.current_user_id() FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.current_user_pool_id() FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.decide_sign_up(user_pool_id text, trigger_source text, client_id text, username text, email text, phone_number text, attributes jsonb, validation_data jsonb, client_metadata jsonb, OUT allowed boolean, OUT confirm boolean, OUT reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.linked_identities(identities jsonb, OUT provider_name text, OUT user_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.default_roles_of(user_pool_id text, email text, email_verified boolean, identities jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.enter_role_changes() FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.erase_users(users uuid[], keep_sign_ins boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.event_attributes(attributes jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.find_legacy_user(user_pool_id text, username text, attempt_limit integer, attempt_window interval, OUT may_try boolean, OUT password_hash text, OUT attributes jsonb, OUT new_username text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.find_user(user_pool_ids text[], sub uuid, username text, OUT user_pool_id text, OUT user_sub uuid, OUT user_name text, OUT event_attributes jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.forget_users(users uuid[], keep_sign_ins boolean, dry_run boolean, OUT id uuid, OUT outcome text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.forget_users_deleted_before(deleted_before timestamp with time zone, user_pool_id text, keep_sign_ins boolean, dry_run boolean, batch integer) FROM PUBLIC;

REVOKE ALL ON PROCEDURE cognito.grant_handler(IN login name) FROM PUBLIC;

REVOKE ALL ON PROCEDURE cognito.grant_reader(IN login name) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.has_group(name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.has_role(name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.invite(invitee text, roles text[], valid_for interval, user_pool_id text, invited_by text, OUT id uuid, OUT outcome text, OUT expires_at timestamp with time zone, OUT unknown_roles text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.is_reserved_claim(claim text, token text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.jwt() FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.keeps_out(u cognito.users, observed timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.legacy_user(user_pool_id text, username text, OUT password_hash text, OUT attributes jsonb, OUT new_username text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.mark_deleted(user_pool_id text, sub uuid, observed_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.merge_own_tables(old_id uuid, new_id uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.merge_problem(error_state text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.merge_users(old_id uuid, new_id uuid, dry_run boolean, application_path text, across_pools boolean, OUT problem text, OUT table_name text, OUT column_name text, OUT constraint_name text, OUT row_key text, OUT error_state text, OUT row_count bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.move_reference(old_id uuid, new_id uuid, referencing regclass, referencing_column name, explain boolean, application_path text, OUT problem text, OUT table_name text, OUT column_name text, OUT constraint_name text, OUT row_key text, OUT error_state text, OUT row_count bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.moved_users(attribute text, new_pool text, old_pool text, OUT new_id uuid, OUT old_id uuid, OUT old_sub uuid, OUT was_merged boolean, OUT problem text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.open_invitations(user_pool_id text, email text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.postpone_role_changes(changes bigint[], error text, retry_after interval, failure text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.pre_request() FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.record_sign_in(user_id uuid, signed_in_at timestamp with time zone, request_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.reserved_claim(claims jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.resolve(parent_type text, field text, arguments jsonb, source jsonb, claims jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.resolve_requests(requests jsonb, OUT answer jsonb, OUT error_state text, OUT error_message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.retry_missing_groups() FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.settle_role_changes(changes bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.sync_user(user_pool_id text, sub uuid, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb, client_metadata jsonb, sign_up_client_id text, confirmed_at timestamp with time zone, signed_in_at timestamp with time zone, observed_at timestamp with time zone, request_id text, OUT id uuid, OUT outcome text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.sync_user_for_token(user_pool_id text, sub uuid, username text, email text, email_verified boolean, phone_number text, phone_number_verified boolean, status text, enabled boolean, attributes jsonb, identities jsonb, client_metadata jsonb, sign_up_client_id text, confirmed_at timestamp with time zone, signed_in_at timestamp with time zone, observed_at timestamp with time zone, request_id text, client_id text, trigger_source text, with_roles boolean, with_claims boolean, OUT id uuid, OUT outcome text, OUT roles text[], OUT claims jsonb, OUT reserved text) FROM PUBLIC;

REVOKE ALL ON FUNCTION cognito.sync_users(user_pool_id text, subs uuid[], usernames text[], emails text[], emails_verified boolean[], phone_numbers text[], phone_numbers_verified boolean[], statuses text[], enabled boolean[], attributes jsonb[], identities jsonb[], last_modified_at timestamp with time zone[], observed_at timestamp with time zone, settle interval, dry_run boolean, with_values boolean, OUT ordinal bigint, OUT outcome text, OUT changed text, OUT old_values jsonb) FROM PUBLIC;
