-- Who may sign up: with SIGN_UP_POLICY=database cognito.decide_sign_up is asked before Cognito makes a user.

-- Whether somebody may sign up: as it is shipped, whether they are invited. A team with another policy replaces the
-- body, and keeps the signature and the meaning of the answer:
--
--   allowed  true: they may; false or NULL: they may not
--   confirm  true: the user is confirmed at once, without a code (autoConfirmUser), which verifies no address
--   reason   for the log, and for nobody else: 1 to 64 characters of ASCII without @, and nothing of the person; what
--            is longer or has others is not shown
--
-- trigger_source is PreSignUp_SignUp, PreSignUp_ExternalProvider (somebody comes through an identity provider for the
-- first time), or with SIGN_UP_ADMIN_CREATED=apply PreSignUp_AdminCreateUser, where confirm has no effect. client_id is
-- NULL where no app client made the call. email and phone_number are what the user, or the provider, says: nobody has
-- verified them, but for a provider whose email_verified says so in attributes, which holds all attributes as Cognito
-- sends them. validation_data and client_metadata are what the client sent along, chosen by whoever signs up; NULL
-- where there is nothing.
--
-- It may be called twice for one sign-up, and the sign-up can still fail: whatever it writes must bear that. The whole
-- answer has as long as SYNC_BUDGET_MS.
--
-- A team whose customers have domains, and which trusts an address of a provider only where it is verified:
--
--   CREATE OR REPLACE FUNCTION cognito.decide_sign_up(
--     user_pool_id text, trigger_source text, client_id text, username text, email text, phone_number text,
--     attributes jsonb, validation_data jsonb, client_metadata jsonb,
--     OUT allowed boolean, OUT confirm boolean, OUT reason text
--   )
--   LANGUAGE plpgsql STABLE SECURITY DEFINER
--   SET search_path = pg_catalog, pg_temp
--   AS $function$
--   BEGIN
--     IF trigger_source = 'PreSignUp_ExternalProvider' AND attributes ->> 'email_verified' IS DISTINCT FROM 'true' THEN
--       reason := 'unverified address';
--       RETURN;
--     END IF;
--     SELECT true, 'customer ' || c.id INTO allowed, reason
--     FROM app.customers AS c
--     WHERE c.email_domain = lower(substring(decide_sign_up.email FROM '@([^@]+)$'));
--   END
--   $function$;
CREATE FUNCTION cognito.decide_sign_up(
  user_pool_id     text,
  trigger_source   text,
  client_id        text,
  username         text,
  email            text,
  phone_number     text,
  attributes       jsonb,
  validation_data  jsonb,
  client_metadata  jsonb,
  OUT allowed      boolean,
  OUT confirm      boolean,
  OUT reason       text
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
  allowed := EXISTS (
    SELECT FROM cognito.open_invitations(decide_sign_up.user_pool_id, decide_sign_up.email));
  confirm := false;
  reason := CASE
    WHEN allowed THEN 'invited'
    WHEN decide_sign_up.email IS NULL THEN 'no address'
    ELSE 'not invited'
  END;
END
$function$;

COMMENT ON FUNCTION cognito.decide_sign_up IS
  'Whether somebody may sign up, and whether confirmed at once; the reason is for the log.';

REVOKE ALL ON FUNCTION cognito.decide_sign_up FROM PUBLIC;

-- Invites an address, or with a domain (what has no @) everybody who has one there. Somebody who is invited already is
-- so with these roles, and for so long from now.
--
--   invited        there was no such invitation
--   renewed        it was open, or expired
--   unknown_roles  nothing was done: there are no roles of these names
--
-- NULL for valid_for: for ever; for user_pool_id: into any pool; for invited_by: the login.
CREATE FUNCTION cognito.invite(
  invitee            text,
  roles              text[] DEFAULT '{}',
  valid_for          interval DEFAULT '7 days',
  user_pool_id       text DEFAULT NULL,
  invited_by         text DEFAULT NULL,
  OUT id             uuid,
  OUT outcome        text,
  OUT expires_at     timestamptz,
  OUT unknown_roles  text[]
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_column
DECLARE
  is_address  boolean := invitee LIKE '%@%';
BEGIN
  SELECT array_agg(n.name ORDER BY n.place) INTO invite.unknown_roles
  FROM unnest(invite.roles) WITH ORDINALITY AS n (name, place)
  WHERE NOT EXISTS (SELECT FROM cognito.roles AS r WHERE lower(r.name::text) = lower(n.name));
  IF invite.unknown_roles IS NOT NULL THEN
    outcome := 'unknown_roles';
    RETURN;
  END IF;

  -- One at a time: which of several constraints a row would break, no ON CONFLICT can say.
  PERFORM pg_advisory_xact_lock(hashtextextended('cognito.invite', 0));
  UPDATE cognito.invitations AS i
  SET expires_at = now() + invite.valid_for, invited_by = coalesce(invite.invited_by, session_user)
  WHERE lower(coalesce(i.email, i.email_domain)::text) = lower(invite.invitee) AND i.used_at IS NULL
    AND i.user_pool_id IS NOT DISTINCT FROM invite.user_pool_id
  RETURNING i.id, 'renewed', i.expires_at INTO invite.id, invite.outcome, invite.expires_at;
  IF NOT FOUND THEN
    INSERT INTO cognito.invitations AS i (email, email_domain, user_pool_id, invited_by, expires_at)
    VALUES (
      CASE WHEN is_address THEN invite.invitee END, CASE WHEN NOT is_address THEN invite.invitee END,
      invite.user_pool_id, coalesce(invite.invited_by, session_user), now() + invite.valid_for)
    RETURNING i.id, 'invited', i.expires_at INTO invite.id, invite.outcome, invite.expires_at;
  END IF;

  DELETE FROM cognito.invitation_roles AS ir WHERE ir.invitation_id = invite.id;
  INSERT INTO cognito.invitation_roles (invitation_id, role_id)
  SELECT invite.id, r.id FROM cognito.roles AS r
  WHERE lower(r.name::text) IN (SELECT lower(n) FROM unnest(invite.roles) AS n);
END
$function$;

COMMENT ON FUNCTION cognito.invite IS
  'Invites an address or a domain to sign up; answers the invitation, and whether it is new.';

REVOKE ALL ON FUNCTION cognito.invite FROM PUBLIC;
