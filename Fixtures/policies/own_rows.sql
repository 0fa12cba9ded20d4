-- A user sees own rows, an admin all.
CREATE TABLE api.orders (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner  uuid NOT NULL DEFAULT cognito.current_user_id() REFERENCES cognito.users (id),
  item   text NOT NULL
);
CREATE INDEX ON api.orders (owner);

ALTER TABLE api.orders ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON api.orders TO authenticated;
CREATE POLICY own_rows ON api.orders TO authenticated
  USING (owner = (SELECT cognito.current_user_id()));
CREATE POLICY all_rows ON api.orders FOR SELECT TO authenticated
  USING ((SELECT cognito.has_role('admin')));
