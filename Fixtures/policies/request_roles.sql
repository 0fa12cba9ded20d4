-- The roles that requests run as. They may ask who is asking, and read no user.
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
GRANT USAGE ON SCHEMA cognito TO anon, authenticated;
GRANT EXECUTE ON FUNCTION
  cognito.jwt, cognito.current_sub, cognito.current_user_pool_id, cognito.current_user_id,
  cognito.has_role, cognito.has_group, cognito.pre_request
TO anon, authenticated;

CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO anon, authenticated;
