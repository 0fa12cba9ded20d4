-- The users of one or more Cognito user pools, and the roles that an application gives them.
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
  attributes             jsonb NOT NULL DEFAULT '{}',
  identities             jsonb,
  confirmed_at           timestamptz,
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
COMMENT ON COLUMN cognito.users.attributes IS 'Every attribute without a column, custom ones included.';
COMMENT ON COLUMN cognito.users.identities IS 'The linked identities of external providers, an array.';
COMMENT ON COLUMN cognito.users.confirmed_at IS 'When the user was first seen being confirmed.';
COMMENT ON COLUMN cognito.users.observed_at IS 'When Cognito showed what this row holds: an older observation never overwrites it.';
COMMENT ON COLUMN cognito.users.deleted_at IS 'When Cognito was found not to have the user any more.';

CREATE TABLE cognito.roles (
  id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name  citext NOT NULL UNIQUE
);

CREATE TABLE cognito.user_roles (
  user_id  uuid NOT NULL REFERENCES cognito.users (id) ON DELETE CASCADE,
  role_id  uuid NOT NULL REFERENCES cognito.roles (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, role_id)
);

CREATE INDEX user_roles_role_id_idx ON cognito.user_roles (role_id);
