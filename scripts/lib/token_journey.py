"""Every way of a user to a row and to tokens: token_journey.py STACK DATABASE_URL POOLTABLE.

The stack's pool says which version of the token event it sends; each has users of its own. After each step the row is
what AdminGetUser says, and both tokens, verified, carry of the database's what that version can carry.
"""

import collections
import os

import oidc
from steps import (
    PASSWORD_CODE, authenticate, called, client, cognito, confirm, expect, outputs, pool, session, shown, sign_up, value,
    verified, wait_for)

PASSWORD, NEWER = "First-Password-1", "Second-Password-2"
BEGINNING = ["employee", "member"]
TRIGGERS = {
    "PreSignUp_SignUp": 2,
    "PreSignUp_AdminCreateUser": 2,
    "PreSignUp_ExternalProvider": 1,
    "PostConfirmation_ConfirmSignUp": 3,
    "PostConfirmation_ConfirmForgotPassword": 1,
    "PostAuthentication_Authentication": 5,
    "TokenGeneration_Authentication": 3,
    "TokenGeneration_NewPasswordChallenge": 1,
    "TokenGeneration_HostedAuth": 2,
    "TokenGeneration_RefreshTokens": 3,
}

endpoint = os.environ["AWS_ENDPOINT_URL"]
config = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["LambdaConfig"]
version = config["PreTokenGenerationConfig"]["LambdaVersion"]
function = session.create_client("lambda").get_function_configuration(FunctionName=outputs["FunctionArn"])
settings = function["Environment"]["Variables"]
# Part of an address.
name = version.lower().replace("_", "-")


def carried(tokens, client_id=client):
    """What the two tokens of an answer have of the database's."""
    names = ("sub", "user_id", "role", "roles", "cognito:groups", "errors")
    found = {use: verified(token, use, client_id) for use, token in tokens.items()}
    return {use: {name: claims.get(name) for name in names} for use, claims in found.items()}


def due(sub, roles, groups=()):
    """What they have to carry: version 1 has groups for both and texts for the ID token, the others all for both."""
    user_id = value("SELECT id FROM cognito.users WHERE user_pool_id = :'pool' AND sub = :'sub'", sub)
    both = {"sub": sub, "cognito:groups": sorted([*roles, *groups]), "errors": None}
    nothing = {"user_id": None, "role": None, "roles": None}
    of_access = {"user_id": user_id, "role": "authenticated", "roles": roles}
    return {
        "access": both | (nothing if version == "V1_0" else of_access),
        "id": both | nothing | {"user_id": user_id}}


def of_api(answer):
    """The two tokens of an answer of Cognito's API."""
    result = answer["AuthenticationResult"]
    return {"access": result["AccessToken"], "id": result["IdToken"]}


def of_endpoint(answer):
    """The two tokens of an answer of its token endpoint."""
    return {"access": answer["access_token"], "id": answer["id_token"]}


def refresh(refresh_token):
    return cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": refresh_token})


def give(sub, role):
    value(f"""
        INSERT INTO cognito.user_roles (user_id, role_id) SELECT u.id, r.id FROM cognito.users u, cognito.roles r
        WHERE u.user_pool_id = :'pool' AND u.sub = :'sub' AND r.name = '{role}'""", sub)


def create(email, **options):
    """Somebody whom an administrator creates. Returns the sub, which is the user's name."""
    return cognito.admin_create_user(
        UserPoolId=pool, Username=email, MessageAction="SUPPRESS", **options, UserAttributes=[
            {"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}])["User"]["Username"]


def sent(sub):
    """What the row has kept of the client that signed somebody up, and the client."""
    return value("""
        SELECT concat_ws(' ', client_metadata, sign_up_client_id) FROM cognito.users
        WHERE user_pool_id = :'pool' AND sub = :'sub'""", sub)


def signs_up():
    email = f"ann-{name}@example.com"
    ann = sign_up(email)
    expect("signs up: no row yet", ann, lambda: None)
    confirm(email, ClientMetadata={"referral": "poster", "other": "x"})
    expect("confirms: the row", ann, lambda: shown(ann))
    wait_for("with what the client sent along", lambda: sent(ann), lambda: f'{{"referral": "poster"}} {client}')
    answer = authenticate(email, PASSWORD)
    wait_for("signs in: the tokens", lambda: carried(of_api(answer)), lambda: due(ann, BEGINNING))
    expect("and the row", ann, lambda: shown(ann))
    give(ann, "admin")
    refreshed = refresh(answer["AuthenticationResult"]["RefreshToken"])
    wait_for("is given a role, and refreshes: the tokens", lambda: carried(of_api(refreshed)),
             lambda: due(ann, ["admin", *BEGINNING]))


def is_refused(refresh_token):
    try:
        refresh(refresh_token)
    except cognito.exceptions.UserLambdaValidationException:
        return True
    return False


def is_lost():
    """Nothing but a refresh, of somebody who has no row: the row where tokens write their user, else what is set."""
    email = f"eli-{name}@example.com"
    eli = sign_up(email)
    confirm(email)
    refresh_token = authenticate(email, PASSWORD)["AuthenticationResult"]["RefreshToken"]
    value("DELETE FROM cognito.users WHERE user_pool_id = :'pool' AND sub = :'sub'", eli)
    if settings.get("SYNC_ON_TOKEN") == "on":
        refreshed = refresh(refresh_token)
        expect("has lost the row, and refreshes: the row", eli, lambda: shown(eli))
        wait_for("and the tokens", lambda: carried(of_api(refreshed)), lambda: due(eli, BEGINNING))
    elif settings.get("TOKEN_GENERATION_ON_FAILURE") == "fail":
        wait_for("has lost the row, and refreshes: no tokens", lambda: is_refused(refresh_token), lambda: True)
    else:
        refreshed = refresh(refresh_token)
        nothing = {"sub": eli, "user_id": None, "role": None, "roles": None, "cognito:groups": None, "errors": None}
        wait_for("has lost the row, and refreshes: Cognito's own tokens", lambda: carried(of_api(refreshed)),
                 lambda: {"access": nothing, "id": nothing})


def is_created():
    email = f"bo-{name}@example.com"
    bo = create(email, TemporaryPassword=PASSWORD)
    expect("is created by an administrator: no row yet", bo, lambda: None)
    challenge = authenticate(email, PASSWORD)
    expect("signs in, and has to choose a password: no row yet", bo, lambda: None)
    answer = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool, ClientId=client, ChallengeName=challenge["ChallengeName"], Session=challenge["Session"],
        ChallengeResponses={"USERNAME": email, "NEW_PASSWORD": NEWER})
    expect("chooses one: the row", bo, lambda: shown(bo))
    wait_for("and the tokens", lambda: carried(of_api(answer)), lambda: due(bo, BEGINNING))


def forgets():
    email = f"cy-{name}@example.com"
    cy = create(email)
    cognito.admin_set_user_password(UserPoolId=pool, Username=cy, Password=PASSWORD, Permanent=True)
    cognito.forgot_password(ClientId=client, Username=email)
    expect("has forgotten the password: no row yet", cy, lambda: None)
    cognito.confirm_forgot_password(
        ClientId=client, Username=email, ConfirmationCode=PASSWORD_CODE, Password=NEWER)
    expect("chooses another: the row", cy, lambda: shown(cy))
    answer = authenticate(email, NEWER)
    wait_for("signs in: the tokens", lambda: carried(of_api(answer)), lambda: due(cy, BEGINNING))


def is_federated():
    provider = oidc.Provider(f"Acme-{name}")
    federated = provider.connect(cognito, pool)
    # Cognito's own group of everybody who comes through it, which TokenRolesKeep names.
    groups = [f"{pool}_{provider.name}"]
    user = {"sub": "Dee-1", "email": f"dee-{name}@example.com", "email_verified": "true"}
    answer = provider.tokens(endpoint, federated, **user, name="Dee")
    username = f"{provider.name}_Dee-1"
    dee = verified(answer["id_token"], "id", federated)["sub"]
    expect("comes through a provider: the row", dee, lambda: shown(username))
    wait_for("with the client", lambda: sent(dee), lambda: federated)
    wait_for("and the tokens", lambda: carried(of_endpoint(answer), federated), lambda: due(dee, BEGINNING, groups))
    answer = provider.tokens(endpoint, federated, **user, name="Dee Dee")
    expect("comes again, with another name: the row", dee, lambda: shown(username))
    give(dee, "admin")
    refreshed = oidc.token_endpoint(
        endpoint, grant_type="refresh_token", client_id=federated, refresh_token=answer["refresh_token"])
    wait_for("is given a role, and refreshes: the tokens", lambda: carried(of_endpoint(refreshed), federated),
             lambda: due(dee, ["admin", *BEGINNING], groups))


def is_a_machine():
    cognito.create_resource_server(
        UserPoolId=pool, Identifier=name, Name=name, Scopes=[{"ScopeName": "read", "ScopeDescription": "Reads"}])
    machine = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName=f"machine-{name}", GenerateSecret=True, AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=[f"{name}/read"])["UserPoolClient"]
    users = value("SELECT count(*) FROM cognito.users", "")
    answer = oidc.token_endpoint(
        endpoint, grant_type="client_credentials", client_id=machine["ClientId"], client_secret=machine["ClientSecret"])
    claims = verified(answer["access_token"], "access", machine["ClientId"])
    names = ("client_id", "scope", "role", "roles", "user_id", "cognito:groups", "errors")
    wait_for("a client's own credentials: its token", lambda: {name: claims.get(name) for name in names}, lambda: {
        "client_id": machine["ClientId"], "scope": f"{name}/read", "role": "authenticated" if version == "V3_0" else None,
        "roles": None, "user_id": None, "cognito:groups": None, "errors": None})
    wait_for("and no row", lambda: value("SELECT count(*) FROM cognito.users", ""), lambda: users)


before = called()
signs_up()
is_lost()
is_created()
forgets()
is_federated()
is_a_machine()
machine = {"TokenGeneration_ClientCredentials": 1} if version == "V3_0" else {}
wait_for("every trigger was called as often as Cognito calls it", lambda: called() - before,
         lambda: collections.Counter(TRIGGERS | machine))
