-- For pooltable import --query: the columns' names say what Cognito gets.
SELECT login AS username, email, confirmed IS NOT NULL AS email_verified, full_name AS name,
       password AS password_hash, id AS legacy_id
FROM shop.accounts
ORDER BY id
