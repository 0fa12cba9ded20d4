-- The users of one or more Cognito user pools, the roles that an application gives them, and when they were
-- here.
--
-- Reference cognito.users(id) from your own tables. E-mail addresses and phone numbers are not unique:
-- the same person may come through two identity providers.

CREATE EXTENSION IF NOT EXISTS citext;

-- The extension may have been installed into a schema that is not on this session's search_path.
SELECT set_config(
  'search_path',
  'pg_catalog, ' || quote_ident(namespace.nspname),
  true)
FROM pg_extension AS extension
JOIN pg_namespace AS namespace ON namespace.oid = extension.extnamespace
WHERE extension.extname = 'citext';

CREATE TABLE cognito.users (
  id                     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_pool_id           text NOT NULL,
  sub                    uuid NOT NULL,
  username               text,
  email                  citext,
  email_verified         boolean,
  phone_number           text,
  phone_number_verified  boolean,
  status                 text,
  enabled                boolean NOT NULL DEFAULT true,
  attributes             jsonb NOT NULL DEFAULT '{}',
  identities             jsonb,
  client_metadata        jsonb,
  sign_up_client_id      text,
  confirmed_at           timestamptz,
  last_sign_in_at        timestamptz,
  last_modified_at       timestamptz,
  observed_at            timestamptz NOT NULL,
  created_at             timestamptz NOT NULL DEFAULT now(),
  updated_at             timestamptz NOT NULL DEFAULT now(),
  deleted_at             timestamptz,
  forgotten_at           timestamptz,
  merged_into            uuid REFERENCES cognito.users (id),
  CONSTRAINT users_user_pool_id_sub_key UNIQUE (user_pool_id, sub)
);

CREATE INDEX users_email_idx ON cognito.users (email);
-- Whom to forget. No column is in it that a sign-in changes: that would cost each one an entry in every index.
CREATE INDEX users_deleted_at_idx ON cognito.users (forgotten_at, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX users_merged_into_idx ON cognito.users (merged_into) WHERE merged_into IS NOT NULL;

COMMENT ON TABLE cognito.users IS 'Users of Amazon Cognito user pools, kept in step by PoolTable.';
COMMENT ON COLUMN cognito.users.sub IS 'Cognito''s own id of the user, unique within its pool.';
COMMENT ON COLUMN cognito.users.status IS 'cognito:user_status, as CONFIRMED or EXTERNAL_PROVIDER.';
COMMENT ON COLUMN cognito.users.enabled IS 'False where an administrator has disabled the user.';
COMMENT ON COLUMN cognito.users.attributes IS 'Every attribute without a column, custom ones included.';
COMMENT ON COLUMN cognito.users.identities IS 'The linked identities of external providers, an array.';
COMMENT ON COLUMN cognito.users.client_metadata IS
  'What the client sent along with the first confirmation, of the keys in CLIENT_METADATA_KEYS: chosen by the client, never to be trusted.';
COMMENT ON COLUMN cognito.users.sign_up_client_id IS
  'The app client of the first confirmation, as Cognito told it; with CLIENT_METADATA_KEYS.';
COMMENT ON COLUMN cognito.users.confirmed_at IS 'When the user was first seen being confirmed.';
COMMENT ON COLUMN cognito.users.last_sign_in_at IS
  'When the user last signed in, as far as TRACK_SIGN_INS was on.';
COMMENT ON COLUMN cognito.users.last_modified_at IS
  'UserLastModifiedDate, as a listing last showed it; trigger events do not carry it.';
COMMENT ON COLUMN cognito.users.observed_at IS 'When Cognito showed what this row holds: an older observation never overwrites it.';
COMMENT ON COLUMN cognito.users.deleted_at IS 'When Cognito was found not to have the user any more.';
COMMENT ON COLUMN cognito.users.forgotten_at IS
  'When what the row held of the person was removed; no later observation brings it back.';
COMMENT ON COLUMN cognito.users.merged_into IS
  'The user who took this one''s place, and all that referenced it; no later observation changes this row.';

CREATE VIEW cognito.users_live AS
SELECT * FROM cognito.users WHERE deleted_at IS NULL AND enabled;

COMMENT ON VIEW cognito.users_live IS 'The users who may act: neither deleted nor disabled.';

-- The identities of external providers in what Cognito sends, which may have any form; each once. A function, so that
-- the planner does not take each user for one with a hundred of them.
CREATE FUNCTION cognito.linked_identities(identities jsonb, OUT provider_name text, OUT user_id text)
RETURNS SETOF record
LANGUAGE plpgsql IMMUTABLE
ROWS 1
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  IF jsonb_typeof(identities) = 'array' THEN
    RETURN QUERY
      SELECT DISTINCT i ->> 'providerName', i ->> 'userId' FROM jsonb_array_elements(identities) AS i
      WHERE i ->> 'providerName' IS NOT NULL AND i ->> 'userId' IS NOT NULL;
  END IF;
END
$function$;

REVOKE ALL ON FUNCTION cognito.linked_identities FROM PUBLIC;

-- Rows of a pool that may be one person: both have the same verified address, or the same linked identity. A row for
-- each kind of thing in common; older is the one that was made first.
--
-- Grouped, and not joined to itself: without statistics of the table a join may compare everybody with everybody.
CREATE VIEW cognito.duplicates AS
WITH candidates AS NOT MATERIALIZED (
  SELECT u.* FROM cognito.users AS u WHERE u.forgotten_at IS NULL AND u.merged_into IS NULL
), shared AS (
  SELECT 'email' AS reason, array_agg(c.id) AS ids
  FROM candidates AS c
  WHERE c.email_verified AND c.email IS NOT NULL
  GROUP BY c.user_pool_id, c.email
  HAVING count(*) > 1
  UNION ALL
  SELECT 'phone_number', array_agg(c.id)
  FROM candidates AS c
  WHERE c.phone_number_verified AND c.phone_number IS NOT NULL
  GROUP BY c.user_pool_id, c.phone_number
  HAVING count(*) > 1
  UNION ALL
  SELECT 'identity', array_agg(c.id)
  FROM candidates AS c
  CROSS JOIN LATERAL cognito.linked_identities(c.identities) AS i
  WHERE c.identities IS NOT NULL
  GROUP BY c.user_pool_id, i.provider_name, i.user_id
  HAVING count(*) > 1
)
SELECT DISTINCT
  older.user_pool_id,
  older.id AS older_id, older.sub AS older_sub, older.deleted_at AS older_deleted_at,
  newer.id AS newer_id, newer.sub AS newer_sub, newer.deleted_at AS newer_deleted_at,
  shared.reason
FROM shared
CROSS JOIN LATERAL unnest(shared.ids) AS one (id)
CROSS JOIN LATERAL unnest(shared.ids) AS other (id)
JOIN cognito.users AS older ON older.id = one.id
JOIN cognito.users AS newer ON newer.id = other.id
WHERE (older.created_at, older.id) < (newer.created_at, newer.id);

COMMENT ON VIEW cognito.duplicates IS
  'Pairs of a pool''s rows that share a verified address or a linked identity: perhaps one person.';

-- A role is to be the name of a Cognito group, which is 1 to 128 characters of the pattern
-- [\p{L}\p{M}\p{S}\p{N}\p{P}]+ (Cognito's API reference, "CreateGroup"). PostgreSQL has no such classes, so
-- this names what is left over: separators (Z), control, format and private characters (Cc, Cf, Co). What
-- no version of Unicode has a use for yet is left to Cognito. The second pattern is for texts with more than
-- ASCII only: in a database of SQL_ASCII it would see bytes.
CREATE TABLE cognito.roles (
  id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name  citext NOT NULL UNIQUE,
  CONSTRAINT roles_name_is_a_group_name CHECK (
    char_length(name::text) BETWEEN 1 AND 128
    AND name::text !~ '[\u0001-\u0020\u007f]'
    AND (
      octet_length(name::text) = char_length(name::text)
      OR name::text !~ (
        '[\u0080-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u1680\u180e'
        '\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ue000-\uf8ff\ufeff\ufff9-\ufffb'
        '\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
        '\U000e0001\U000e0020-\U000e007f\U000f0000-\U000ffffd\U00100000-\U0010fffd]')
    )
  )
);

COMMENT ON CONSTRAINT roles_name_is_a_group_name ON cognito.roles IS
  'What Cognito takes as the name of a group: 1 to 128 characters without spaces and control characters.';

CREATE TABLE cognito.user_roles (
  user_id  uuid NOT NULL REFERENCES cognito.users (id) ON DELETE CASCADE,
  role_id  uuid NOT NULL REFERENCES cognito.roles (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, role_id)
);

CREATE INDEX user_roles_role_id_idx ON cognito.user_roles (role_id);

-- The roles that a user has from the beginning: they are given once, in the statement that inserts the user, and
-- neither what the user becomes later nor what is written here later changes them. NULL means any.
--
--   everybody who signs up is a member:
--     INSERT INTO cognito.default_roles (role_id) SELECT id FROM cognito.roles WHERE name = 'member';
--   everybody of example.com an employee:
--     INSERT INTO cognito.default_roles (role_id, email_domain)
--     SELECT id, 'example.com' FROM cognito.roles WHERE name = 'employee';
CREATE TABLE cognito.default_roles (
  role_id       uuid NOT NULL REFERENCES cognito.roles (id) ON DELETE CASCADE,
  user_pool_id  text,
  email_domain  citext,
  provider      text,
  CONSTRAINT default_roles_email_domain_is_a_domain CHECK (email_domain ~ '^[^@[:space:]]+$')
);

CREATE UNIQUE INDEX default_roles_key
  ON cognito.default_roles (role_id, coalesce(user_pool_id, ''), coalesce(email_domain, ''), coalesce(provider, ''));

COMMENT ON TABLE cognito.default_roles IS 'The roles that a user is given when it is inserted; NULL means any.';
COMMENT ON COLUMN cognito.default_roles.email_domain IS
  'What stands after the last @ of a verified address: example.com, without its subdomains.';
COMMENT ON COLUMN cognito.default_roles.provider IS
  'The identity provider''s name, as Google or AcmeSAML, that one of the user''s identities is of.';

-- The default roles of a user who is like this. PostgreSQL puts the query in the place of the call: where there are
-- none, a listing of a million users pays nothing for them.
CREATE FUNCTION cognito.default_roles_of(
  user_pool_id text, email text, email_verified boolean, identities jsonb
)
RETURNS SETOF uuid
LANGUAGE sql
STABLE
BEGIN ATOMIC
  SELECT DISTINCT d.role_id
  FROM cognito.default_roles AS d
  WHERE (d.user_pool_id IS NULL OR d.user_pool_id = default_roles_of.user_pool_id)
    AND (d.email_domain IS NULL
      OR default_roles_of.email_verified
        AND lower(d.email_domain::text) = lower(substring(default_roles_of.email FROM '@([^@]+)$')))
    AND (d.provider IS NULL
      OR d.provider IN (
        SELECT i.provider_name FROM cognito.linked_identities(default_roles_of.identities) AS i));
END;

REVOKE ALL ON FUNCTION cognito.default_roles_of FROM PUBLIC;

-- Who is invited: an address, or with a domain everybody who has one there, without its subdomains. What an invitation
-- is good for is decided by cognito.decide_sign_up; its roles are given once, to a verified address, in the transaction
-- that inserts the user. NULL for user_pool_id: into any pool; for expires_at: for ever. cognito.invite makes them.
--
-- An address is for one user: who is inserted with it uses it up. To nobody else is it the same: ada+new@example.com
-- is another one than ada@example.com, and letter case makes no difference.
CREATE TABLE cognito.invitations (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email         citext,
  email_domain  citext,
  user_pool_id  text,
  invited_by    text NOT NULL DEFAULT session_user,
  created_at    timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz,
  used_at       timestamptz,
  used_by       uuid REFERENCES cognito.users (id) ON DELETE SET NULL,
  CONSTRAINT invitations_email_or_domain CHECK (num_nonnulls(email, email_domain) = 1),
  -- An index takes no more.
  CONSTRAINT invitations_email_is_an_address CHECK (
    email ~ '^[^[:space:]]+@[^@[:space:]]+$' AND octet_length(email::text) <= 2048),
  CONSTRAINT invitations_email_domain_is_a_domain CHECK (
    email_domain ~ '^[^@[:space:]]+$' AND octet_length(email_domain::text) <= 1024),
  CONSTRAINT invitations_used_is_an_email CHECK (used_at IS NULL OR email IS NOT NULL)
);

CREATE UNIQUE INDEX invitations_email_key
  ON cognito.invitations (email, coalesce(user_pool_id, '')) WHERE used_at IS NULL;
CREATE UNIQUE INDEX invitations_email_domain_key
  ON cognito.invitations (email_domain, coalesce(user_pool_id, '')) WHERE email_domain IS NOT NULL;
CREATE INDEX invitations_used_by_idx ON cognito.invitations (used_by) WHERE used_by IS NOT NULL;

COMMENT ON TABLE cognito.invitations IS 'Who is invited to sign up: an address, or everybody of a domain.';
COMMENT ON COLUMN cognito.invitations.invited_by IS 'Who invited: the login, unless something else is given.';
COMMENT ON COLUMN cognito.invitations.used_at IS 'When a user was inserted with this address; a domain is never used up.';

CREATE TABLE cognito.invitation_roles (
  invitation_id  uuid NOT NULL REFERENCES cognito.invitations (id) ON DELETE CASCADE,
  role_id        uuid NOT NULL REFERENCES cognito.roles (id) ON DELETE CASCADE,
  PRIMARY KEY (invitation_id, role_id)
);

CREATE INDEX invitation_roles_role_id_idx ON cognito.invitation_roles (role_id);

COMMENT ON TABLE cognito.invitation_roles IS 'The roles that come with an invitation.';

-- The invitations that hold for an address now: neither used up nor expired.
CREATE FUNCTION cognito.open_invitations(user_pool_id text, email text) RETURNS SETOF uuid
LANGUAGE sql
STABLE
BEGIN ATOMIC
  SELECT i.id
  FROM cognito.invitations AS i
  WHERE i.email = open_invitations.email::citext AND i.used_at IS NULL
    AND (i.user_pool_id IS NULL OR i.user_pool_id = open_invitations.user_pool_id)
    AND (i.expires_at IS NULL OR i.expires_at > now())
  UNION ALL
  SELECT i.id
  FROM cognito.invitations AS i
  WHERE i.email_domain = substring(open_invitations.email FROM '@([^@]+)$')::citext
    AND (i.user_pool_id IS NULL OR i.user_pool_id = open_invitations.user_pool_id)
    AND (i.expires_at IS NULL OR i.expires_at > now());
END;

-- Gives these users, who were inserted just now, the roles that they are invited with, and uses their invitations up.
CREATE FUNCTION cognito.accept_invitations(users uuid[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
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
$function$;

REVOKE ALL ON FUNCTION cognito.open_invitations, cognito.accept_invitations FROM PUBLIC;

-- Sign-ins, for TRACK_SIGN_INS=on: how often each user was here on each day.
--
-- One row for each user and day, not for each sign-in: enough to count active users by, and a table that
-- grows with the users. Days are UTC's. Delete what is too old as you like: DELETE … WHERE day < ….

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
