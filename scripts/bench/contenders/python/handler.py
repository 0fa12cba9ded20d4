"""The handler that tutorials show: one connection at import, an inline upsert, the event returned."""

import json
import os

import psycopg

connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

WRITTEN = ("PostConfirmation_ConfirmSignUp", "PostAuthentication_Authentication")


def handler(event, context):
    if event["triggerSource"] in WRITTEN:
        attributes = event["request"]["userAttributes"]
        connection.execute(
            """
            INSERT INTO cognito.users
              (user_pool_id, sub, username, email, email_verified, status, attributes, observed_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, now())
            ON CONFLICT (user_pool_id, sub) DO UPDATE SET
              username = excluded.username, email = excluded.email,
              email_verified = excluded.email_verified, status = excluded.status,
              attributes = excluded.attributes, observed_at = excluded.observed_at,
              updated_at = now()
            """,
            (
                event["userPoolId"],
                attributes["sub"],
                event["userName"],
                attributes.get("email"),
                attributes.get("email_verified"),
                attributes.get("cognito:user_status"),
                json.dumps(attributes),
            ),
        )
    return event
