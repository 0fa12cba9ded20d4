-- For TOKEN_CLAIMS=on: the row's id, a tenant and a constant; and roles that everybody has from the beginning.
INSERT INTO cognito.token_claims (claim, source, token) VALUES
  ('user_id', 'user.id', 'both'),
  ('tenant', 'attribute:custom:tenant', 'both'),
  ('roles', 'user.roles', 'access'),
  ('role', 'constant:authenticated', 'access');

INSERT INTO cognito.roles (name) VALUES ('member'), ('employee');
INSERT INTO cognito.default_roles (role_id) SELECT id FROM cognito.roles WHERE name = 'member';
INSERT INTO cognito.default_roles (role_id, email_domain)
SELECT id, 'example.com' FROM cognito.roles WHERE name = 'employee';
