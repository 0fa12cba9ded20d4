-- One request of an API for whoever has the verified claims in psql's variable "claims".
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL ROLE authenticated;
SELECT set_config('request.jwt.claims', :'claims', true) \g /dev/null
SELECT cognito.pre_request() \g /dev/null
SELECT item FROM api.orders;
COMMIT;
