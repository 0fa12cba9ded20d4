// The handler that tutorials show: one client at start, an inline upsert, the event returned.
'use strict';

const { Client } = require('pg');

const client = new Client({ connectionString: process.env.DATABASE_URL });
const connected = client.connect();

const written = ['PostConfirmation_ConfirmSignUp', 'PostAuthentication_Authentication'];

exports.handler = async (event) => {
  await connected;
  if (written.includes(event.triggerSource)) {
    const attributes = event.request.userAttributes;
    await client.query(
      `INSERT INTO cognito.users
         (user_pool_id, sub, username, email, email_verified, status, attributes, observed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now())
       ON CONFLICT (user_pool_id, sub) DO UPDATE SET
         username = excluded.username, email = excluded.email,
         email_verified = excluded.email_verified, status = excluded.status,
         attributes = excluded.attributes, observed_at = excluded.observed_at,
         updated_at = now()`,
      [
        event.userPoolId,
        attributes.sub,
        event.userName,
        attributes.email,
        attributes.email_verified,
        attributes['cognito:user_status'],
        JSON.stringify(attributes),
      ],
    );
  }
  return event;
};
