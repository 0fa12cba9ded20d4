-- A user sees the rows of the user's tenant. As its owner, the function may read users; who calls it may not.
CREATE SCHEMA app;
CREATE FUNCTION app.current_tenant() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN (
  SELECT attributes ->> 'custom:tenant' FROM cognito.users_live WHERE id = cognito.current_user_id());

CREATE TABLE api.documents (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant  text NOT NULL DEFAULT app.current_tenant(),
  title   text NOT NULL
);
CREATE INDEX ON api.documents (tenant);

ALTER TABLE api.documents ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON api.documents TO authenticated;
CREATE POLICY tenant_rows ON api.documents TO authenticated
  USING (tenant = (SELECT app.current_tenant()));
