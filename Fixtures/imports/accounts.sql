-- The users of an application from before Cognito, as a framework keeps them, and what belongs to them.
CREATE SCHEMA shop;
CREATE TABLE shop.accounts (
  id         text PRIMARY KEY,
  login      text NOT NULL UNIQUE,
  email      text NOT NULL,
  confirmed  timestamptz,
  full_name  text,
  password   text
);
CREATE TABLE shop.orders (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id  text NOT NULL REFERENCES shop.accounts,
  item        text NOT NULL
);
