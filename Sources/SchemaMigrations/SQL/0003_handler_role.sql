-- The role of the Lambda function: it may call cognito.sync_user and do nothing else. The login that
-- the function connects with is granted it by: pooltable migrate --handler-role LOGIN
--
-- Roles belong to the whole server: another database of it may have, or just now get, the same one.

DO $$
BEGIN
  CREATE ROLE cognito_handler NOLOGIN;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

GRANT USAGE ON SCHEMA cognito TO cognito_handler;
GRANT EXECUTE ON FUNCTION cognito.sync_user TO cognito_handler;
