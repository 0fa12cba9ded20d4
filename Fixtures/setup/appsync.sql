-- The fields of scripts/deploy/appsync.yaml, for APPSYNC=on: a function each, which psql gives to the function's login:
--
--   psql … --set=login=pooltable_api --file=Fixtures/setup/appsync.sql
\set ON_ERROR_STOP on
BEGIN;

CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO :"login";

-- What the API shows of a user, of the asking user's pool only. The login reads this, and a function shows no more of
-- it than its client may see.
CREATE VIEW api.people AS
SELECT u.id, u.email, u.attributes ->> 'name' AS name FROM cognito.users_live AS u
WHERE u.user_pool_id = (SELECT cognito.current_user_pool_id());
GRANT SELECT ON api.people TO :"login";

-- A table of the team's own. Its policy holds even where a function forgets to ask.
CREATE TABLE api.buckets (name text PRIMARY KEY, owner_id uuid NOT NULL REFERENCES cognito.users (id));
ALTER TABLE api.buckets ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON api.buckets TO :"login";
CREATE POLICY admins ON api.buckets FOR SELECT TO :"login" USING ((SELECT cognito.has_role('admin')));

-- The client's errorType becomes Forbidden, its message this one.
CREATE FUNCTION api.require_admin() RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT cognito.has_role('admin') THEN
    RAISE SQLSTATE 'PT403' USING MESSAGE = 'for admins only';
  END IF;
END
$$;

CREATE FUNCTION api."Query_me"(arguments jsonb, source jsonb) RETURNS api.people LANGUAGE sql STABLE
AS $$ SELECT p FROM api.people AS p WHERE p.id = cognito.current_user_id() $$;

-- A page of users by their ids: the next begins after the last id of this one.
CREATE FUNCTION api."Query_users"(arguments jsonb, source jsonb) RETURNS SETOF api.people LANGUAGE plpgsql STABLE AS $$
DECLARE
  page   integer := coalesce((arguments ->> 'limit')::integer, 50);
  after  text := arguments ->> 'after';
BEGIN
  PERFORM api.require_admin();
  IF page NOT BETWEEN 1 AND 100 THEN
    RAISE SQLSTATE 'PT400' USING MESSAGE = 'limit must be from 1 to 100';
  END IF;
  IF after !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
    RAISE SQLSTATE 'PT400' USING MESSAGE = 'after must be the id of a user';
  END IF;
  RETURN QUERY SELECT p.* FROM api.people AS p WHERE after IS NULL OR p.id > after::uuid ORDER BY p.id LIMIT page;
END
$$;

CREATE FUNCTION api."Query_listBuckets"(arguments jsonb, source jsonb) RETURNS SETOF api.buckets
LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.require_admin();
  RETURN QUERY SELECT * FROM api.buckets AS b ORDER BY b.name;
END
$$;

-- A field of each bucket: AppSync asks for those of a list at once. source is the bucket, its columns and all.
CREATE FUNCTION api."Bucket_owner"(arguments jsonb, source jsonb) RETURNS api.people LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM api.require_admin();
  RETURN (SELECT p FROM api.people AS p WHERE p.id = (source ->> 'owner_id')::uuid);
END
$$;

COMMIT;
