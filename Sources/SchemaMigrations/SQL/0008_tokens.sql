-- What the tokens carry of the database's: roles as groups (TOKEN_ROLES=on), and claims (TOKEN_CLAIMS=on).

-- The roles of a user: what becomes the groups in Cognito's tokens. A team that keeps roles elsewhere replaces the
-- body, and keeps the signature and the meaning of the answer:
--
--   NULL         there is no such user, or it is deleted or disabled: the token keeps the groups that Cognito
--                knows
--   an array     the names, none of them NULL; an empty one takes all groups away
--
-- PL/pgSQL, since it keeps its plan for as long as the connection lives. In the order of the bytes, so
-- that the same roles are the same claim in every database.
--
-- A team that keeps its members' roles in a table of its own:
--
--   CREATE OR REPLACE FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid) RETURNS text[]
--   LANGUAGE plpgsql STABLE SECURITY DEFINER
--   SET search_path = pg_catalog, pg_temp
--   AS $function$
--   BEGIN
--     RETURN (
--       SELECT ARRAY(SELECT m.role FROM app.members AS m WHERE m.user_id = u.id ORDER BY m.role COLLATE "C")
--       FROM cognito.users_live AS u
--       WHERE u.user_pool_id = roles_for_token.user_pool_id AND u.sub = roles_for_token.sub);
--   END
--   $function$;
CREATE FUNCTION cognito.roles_for_token(user_pool_id text, sub uuid) RETURNS text[]
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

COMMENT ON FUNCTION cognito.roles_for_token IS
  'The names of the user''s roles, sorted; NULL where there is no such live user.';

REVOKE ALL ON FUNCTION cognito.roles_for_token FROM PUBLIC;

-- Whether Cognito lets nobody set or suppress a claim. token: id, access, or both.
--
-- Source: Amazon Cognito Developer Guide, "Pre token generation Lambda trigger", excluded claims.
CREATE FUNCTION cognito.is_reserved_claim(claim text, token text) RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN claim IN (
    'acr', 'amr', 'at_hash', 'aud', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'jti', 'nbf', 'nonce', 'origin_jti',
    'sub', 'token_use')
  OR token <> 'id' AND claim IN ('client_id', 'device_key', 'event_id', 'version')
  OR token <> 'access' AND claim = 'identities'
  OR claim ~ '^(cognito|aws|dev):';

REVOKE ALL ON FUNCTION cognito.is_reserved_claim FROM PUBLIC;

-- What claims_for_token puts into the tokens, as it is shipped. A row is a claim of the ID token, the access token or
-- both, for one app client or, where client_id is NULL, for every one. Where several rows are for the same claim of the
-- same token, the one of the client comes before that of every client, and then the one of the token before that of
-- both. What the user does not have makes no claim.
--
--   user.id                the row's id; so user.username, user.email, … (the CHECK lists them)
--   user.roles             an array: the names that cognito.roles_for_token answers with
--   attribute:NAME         of users.attributes, as attribute:custom:tenant
--   client_metadata:KEY    of users.client_metadata, which the client chose: never to be trusted
--   constant:VALUE         that text
--
--   the row's id:          ('user_id', 'user.id')
--   a tenant:              ('tenant', 'attribute:custom:tenant')
--   Supabase, PostgREST:   ('role', 'constant:authenticated')
--   Hasura, with "claims_namespace_path": "$":
--                          ('x-hasura-user-id', 'user.id'), ('x-hasura-default-role', 'constant:user'),
--                          ('x-hasura-allowed-roles', 'user.roles')
CREATE TABLE cognito.token_claims (
  claim      text NOT NULL,
  source     text NOT NULL,
  token      text NOT NULL DEFAULT 'both',
  client_id  text,
  CONSTRAINT token_claims_claim_is_not_empty CHECK (claim <> ''),
  CONSTRAINT token_claims_claim_is_not_reserved CHECK (NOT cognito.is_reserved_claim(claim, token)),
  CONSTRAINT token_claims_source_is_known CHECK (
    source IN (
      'user.id', 'user.username', 'user.email', 'user.email_verified', 'user.phone_number',
      'user.phone_number_verified', 'user.status', 'user.sign_up_client_id', 'user.roles')
    OR source ~ '^(attribute|client_metadata):.' OR starts_with(source, 'constant:')),
  CONSTRAINT token_claims_token_is_one CHECK (token IN ('id', 'access', 'both')),
  CONSTRAINT token_claims_client_id_is_not_empty CHECK (client_id <> '')
);

CREATE UNIQUE INDEX token_claims_key ON cognito.token_claims (claim, token, coalesce(client_id, ''));

COMMENT ON TABLE cognito.token_claims IS 'The claims that cognito.claims_for_token puts into the tokens.';

-- The claims for a token that is being made. A team with claims of its own replaces the body, and keeps the signature
-- and the meaning of the answer:
--
--   NULL       there is no such user, or it is deleted or disabled: the token is as Cognito made it
--   an object  {"id": {…}, "access": {…}, "suppress": […], "scopes": […]}, each of which may be missing: the claims of
--              the two tokens by their names, the names of those that are to be left out of both, and scopes that the
--              access token is to have besides
--
-- trigger_source is as Cognito names it, as TokenGeneration_RefreshTokens. sub is NULL where a client gets a token for
-- itself (TokenGeneration_ClientCredentials): then there is no user, and only constants make claims.
--
-- A team whose access tokens name the tenants that the user is a member of, and whose tokens hold no telephone number:
--
--   CREATE OR REPLACE FUNCTION cognito.claims_for_token(
--     user_pool_id text, sub uuid, client_id text, trigger_source text
--   )
--   RETURNS jsonb
--   LANGUAGE plpgsql STABLE SECURITY DEFINER
--   SET search_path = pg_catalog, pg_temp
--   AS $function$
--   BEGIN
--     RETURN (
--       SELECT jsonb_build_object(
--         'access', jsonb_build_object('tenants', to_jsonb(ARRAY(
--           SELECT m.tenant FROM app.members AS m WHERE m.user_id = u.id ORDER BY m.tenant COLLATE "C"))),
--         'suppress', jsonb_build_array('phone_number'))
--       FROM cognito.users_live AS u
--       WHERE u.user_pool_id = claims_for_token.user_pool_id AND u.sub = claims_for_token.sub);
--   END
--   $function$;
CREATE FUNCTION cognito.claims_for_token(
  user_pool_id text, sub uuid, client_id text, trigger_source text
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

COMMENT ON FUNCTION cognito.claims_for_token IS
  'The claims that the tokens are to carry; NULL where there is no such live user.';

REVOKE ALL ON FUNCTION cognito.claims_for_token FROM PUBLIC;

-- The first name in an answer of claims_for_token that Cognito lets nobody set or suppress; NULL where there is none.
CREATE FUNCTION cognito.reserved_claim(claims jsonb) RETURNS text
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

REVOKE ALL ON FUNCTION cognito.reserved_claim FROM PUBLIC;

-- What a token is to carry, in one round trip: the roles, the claims, or both.
CREATE FUNCTION cognito.contents_for_token(
  user_pool_id    text,
  sub             uuid,
  client_id       text,
  trigger_source  text,
  with_roles      boolean,
  with_claims     boolean,
  OUT roles       text[],
  OUT claims      jsonb,
  OUT reserved    text
)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF with_roles THEN
    roles := cognito.roles_for_token(user_pool_id, sub);
  END IF;
  IF with_claims THEN
    claims := cognito.claims_for_token(user_pool_id, sub, client_id, trigger_source);
    reserved := cognito.reserved_claim(claims);
  END IF;
END
$function$;

COMMENT ON FUNCTION cognito.contents_for_token IS
  'cognito.roles_for_token and cognito.claims_for_token, as wanted, and the first claim in their answer that is reserved.';

REVOKE ALL ON FUNCTION cognito.contents_for_token FROM PUBLIC;

-- The same after writing the user, for SYNC_ON_TOKEN=on: of a user who was not there a moment ago as well. VOLATILE: what
-- is read must see what was written.
CREATE FUNCTION cognito.sync_user_for_token(
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
  client_id              text,
  trigger_source         text,
  with_roles             boolean,
  with_claims            boolean,
  OUT id                 uuid,
  OUT outcome            text,
  OUT roles              text[],
  OUT claims             jsonb,
  OUT reserved           text
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

COMMENT ON FUNCTION cognito.sync_user_for_token IS
  'cognito.sync_user, and then cognito.contents_for_token, in one round trip.';

REVOKE ALL ON FUNCTION cognito.sync_user_for_token FROM PUBLIC;
