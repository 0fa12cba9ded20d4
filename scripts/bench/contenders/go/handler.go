// The handler that tutorials show: one connection at start, an inline upsert, the event returned.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/jackc/pgx/v4"
)

// As in github.com/aws/aws-lambda-go/events, which Debian does not have.
type event struct {
	Version       string        `json:"version"`
	TriggerSource string        `json:"triggerSource"`
	Region        string        `json:"region"`
	UserPoolID    string        `json:"userPoolId"`
	CallerContext callerContext `json:"callerContext"`
	UserName      string        `json:"userName"`
	Request       request       `json:"request"`
	Response      struct{}      `json:"response"`
}

type callerContext struct {
	AWSSDKVersion string `json:"awsSdkVersion"`
	ClientID      string `json:"clientId"`
}

type request struct {
	NewDeviceUsed  bool              `json:"newDeviceUsed"`
	UserAttributes map[string]string `json:"userAttributes"`
	ClientMetadata map[string]string `json:"clientMetadata"`
}

const upsert = `
	INSERT INTO cognito.users
	  (user_pool_id, sub, username, email, email_verified, status, attributes, observed_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, now())
	ON CONFLICT (user_pool_id, sub) DO UPDATE SET
	  username = excluded.username, email = excluded.email,
	  email_verified = excluded.email_verified, status = excluded.status,
	  attributes = excluded.attributes, observed_at = excluded.observed_at,
	  updated_at = now()`

var connection = connect()

func connect() *pgx.Conn {
	connection, err := pgx.Connect(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		panic(err)
	}
	return connection
}

func handle(ctx context.Context, in event) (event, error) {
	if in.TriggerSource != "PostConfirmation_ConfirmSignUp" && in.TriggerSource != "PostAuthentication_Authentication" {
		return in, nil
	}
	attributes := in.Request.UserAttributes
	text, err := json.Marshal(attributes)
	if err != nil {
		return in, err
	}
	_, err = connection.Exec(ctx, upsert, in.UserPoolID, attributes["sub"], in.UserName, attributes["email"],
		attributes["email_verified"] == "true", attributes["cognito:user_status"], string(text))
	return in, err
}
