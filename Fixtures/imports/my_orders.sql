-- Whose the old rows are now: legacy_id has come back into the user's row as an attribute.
CREATE VIEW shop.orders_of_users AS
SELECT u.id AS user_id, o.id, o.item
FROM cognito.users_live u
JOIN shop.orders o ON o.account_id = u.attributes ->> 'custom:legacy_id';
