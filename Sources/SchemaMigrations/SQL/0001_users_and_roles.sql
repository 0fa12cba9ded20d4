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
  confirmed_at           timestamptz,
  last_sign_in_at        timestamptz,
  last_modified_at       timestamptz,
  observed_at            timestamptz NOT NULL,
  created_at             timestamptz NOT NULL DEFAULT now(),
  updated_at             timestamptz NOT NULL DEFAULT now(),
  deleted_at             timestamptz,
  CONSTRAINT users_user_pool_id_sub_key UNIQUE (user_pool_id, sub)
);

CREATE INDEX users_email_idx ON cognito.users (email);

COMMENT ON TABLE cognito.users IS 'Users of Amazon Cognito user pools, kept in step by PoolTable.';
COMMENT ON COLUMN cognito.users.sub IS 'Cognito''s own id of the user, unique within its pool.';
COMMENT ON COLUMN cognito.users.status IS 'cognito:user_status, as CONFIRMED or EXTERNAL_PROVIDER.';
COMMENT ON COLUMN cognito.users.enabled IS 'False where an administrator has disabled the user.';
COMMENT ON COLUMN cognito.users.attributes IS 'Every attribute without a column, custom ones included.';
COMMENT ON COLUMN cognito.users.identities IS 'The linked identities of external providers, an array.';
COMMENT ON COLUMN cognito.users.client_metadata IS 'What the client last sent along (ClientMetadata).';
COMMENT ON COLUMN cognito.users.confirmed_at IS 'When the user was first seen being confirmed.';
COMMENT ON COLUMN cognito.users.last_sign_in_at IS
  'When the user last signed in, as far as TRACK_SIGN_INS was on.';
COMMENT ON COLUMN cognito.users.last_modified_at IS
  'UserLastModifiedDate, as a listing last showed it; trigger events do not carry it.';
COMMENT ON COLUMN cognito.users.observed_at IS 'When Cognito showed what this row holds: an older observation never overwrites it.';
COMMENT ON COLUMN cognito.users.deleted_at IS 'When Cognito was found not to have the user any more.';

CREATE VIEW cognito.users_live AS
SELECT * FROM cognito.users WHERE deleted_at IS NULL AND enabled;

COMMENT ON VIEW cognito.users_live IS 'The users who may act: neither deleted nor disabled.';

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
