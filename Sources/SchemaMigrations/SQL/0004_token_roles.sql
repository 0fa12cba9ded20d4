-- The roles of a user, for TOKEN_ROLES=on: what becomes the groups in Cognito's tokens. A team that keeps
-- roles elsewhere replaces the body, and keeps the signature and the meaning of the answer:
--
--   NULL         there is no such user, or it is deleted: the token keeps the groups that Cognito knows
--   an array     the names, none of them NULL; an empty one takes all groups away
--
-- PL/pgSQL, since it keeps its plan for as long as the connection lives. In the order of the bytes, so
-- that the same roles are the same claim in every database.

CREATE FUNCTION cognito.user_roles_for_token(user_pool_id text, sub uuid) RETURNS text[]
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
    FROM cognito.users AS u
    WHERE u.user_pool_id = user_roles_for_token.user_pool_id
      AND u.sub = user_roles_for_token.sub
      AND u.deleted_at IS NULL);
END
$function$;

COMMENT ON FUNCTION cognito.user_roles_for_token IS
  'The names of the user''s roles, sorted; NULL where there is no such user.';

REVOKE ALL ON FUNCTION cognito.user_roles_for_token FROM PUBLIC;
