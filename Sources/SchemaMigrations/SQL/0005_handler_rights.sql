-- The rights of the Lambda function's login, in this database: to call what the function calls, and nothing
-- else. Given by: pooltable migrate --handler-role LOGIN
--
-- They are granted to the login itself. A role in between would belong to the whole server: a login that has
-- it for one database could call the functions of another. LOGIN may be a role of your own, which several
-- logins have.
--
-- A later migration that adds a function replaces this procedure. What it adds, pooltable migrate grants at
-- once to everybody who may call cognito.sync_user.

CREATE PROCEDURE cognito.grant_handler(login name)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $procedure$
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
$procedure$;

COMMENT ON PROCEDURE cognito.grant_handler IS
  'Lets a login call what the Lambda function calls, in this database.';

REVOKE ALL ON PROCEDURE cognito.grant_handler FROM PUBLIC;
