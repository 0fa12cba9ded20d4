-- Who is confirmed gets one welcome e-mail: a row in the transaction that writes the user, and a worker that is told.
CREATE SCHEMA mail;
CREATE TABLE mail.welcomes (
  user_id   uuid PRIMARY KEY REFERENCES cognito.users (id) ON DELETE CASCADE,
  added_at  timestamptz NOT NULL DEFAULT now(),
  sent_at   timestamptz
);

CREATE FUNCTION mail.add_welcome() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO mail.welcomes (user_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    NOTIFY welcomes;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER add_welcome AFTER INSERT OR UPDATE OF confirmed_at ON cognito.users
FOR EACH ROW WHEN (NEW.confirmed_at IS NOT NULL) EXECUTE FUNCTION mail.add_welcome();

-- The worker: LISTEN welcomes, and then, now and after each notification, in a transaction that commits once the
-- mails are sent:
CREATE FUNCTION mail.due_welcomes() RETURNS TABLE (email text)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  WITH due AS (
    SELECT user_id FROM mail.welcomes WHERE sent_at IS NULL ORDER BY added_at LIMIT 100
    FOR UPDATE SKIP LOCKED
  )
  UPDATE mail.welcomes AS w SET sent_at = now()
  FROM due, cognito.users_live AS u
  WHERE w.user_id = due.user_id AND u.id = w.user_id AND u.email IS NOT NULL
  RETURNING u.email::text
$$;
