-- AppSync's resolvers, for APPSYNC=on: a field of a GraphQL API is a function of a team's own.
--
-- The function logs in with a login that may ask who is asking (pooltable migrate --reader-role), and has the rights on
-- the schema api that the team gives it. Nothing here runs as somebody else: policies of row-level security hold.

-- Answers one field. A team with another way to its functions replaces the body, and keeps the signature: what comes
-- back is the field's value, NULL included.
--
-- As shipped it calls api."Type_field"(arguments jsonb, source jsonb) and nothing else; of one that returns a set the
-- value is an array, of one that returns void NULL. source is the object that the field is of, NULL at the top. Who is
-- asking the function finds by cognito.current_user_id() and the like, or in claims. Names in it are looked up in
-- pg_catalog only, unless it says otherwise itself.
--
--   CREATE FUNCTION api."Query_me"(arguments jsonb, source jsonb) RETURNS jsonb
--   LANGUAGE sql STABLE
--   AS $$ SELECT jsonb_build_object('id', u.id, 'email', u.email) FROM cognito.users_live AS u
--         WHERE u.id = cognito.current_user_id() $$;
--
-- An error whose SQLSTATE begins with PT4 is told to the client, with its message: PT401 as Unauthorized, PT403 as
-- Forbidden.
CREATE FUNCTION cognito.resolve(
  parent_type text, field text, arguments jsonb, source jsonb, claims jsonb
)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

COMMENT ON FUNCTION cognito.resolve IS 'The value of a field of a GraphQL API, by api."Type_field".';

REVOKE ALL ON FUNCTION cognito.resolve FROM PUBLIC;

-- Answers a batch of fields in one round trip, each by itself: what one has done or broken is nothing to the others.
-- requests is an array of {"parent_type", "field", "arguments", "source", "claims"}; the answers are in its order.
--
-- Deferred constraints are checked at the end of each, as if it were a transaction. What cancels the statement, as
-- statement_timeout does, ends them all.
CREATE FUNCTION cognito.resolve_requests(
  requests           jsonb,
  OUT answer         jsonb,
  OUT error_state    text,
  OUT error_message  text
)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

COMMENT ON FUNCTION cognito.resolve_requests IS
  'cognito.resolve for each of an array of requests, with its claims; an error instead of an answer where there is none.';

REVOKE ALL ON FUNCTION cognito.resolve_requests FROM PUBLIC;
