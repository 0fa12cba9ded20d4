"""A user's life in a stack of scripts/deploy/template.yaml at AWS_ENDPOINT_URL: journey.py STACK DATABASE_URL POOLTABLE.

Each step is a call of Cognito's and, where AWS would have CloudTrail record it, the record on the event bus.
After each, the row must become what AdminGetUser says, or be marked as deleted.
"""

import collections
import copy
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time

import oidc
from steps import (
    PASSWORD_CODE, SIGN_UP_CODE, called, client, cognito, confirm, database_url, expect, invite, metrics, outputs, pool,
    pooltable, row, session, shown, sign_in, sign_up, value, verified, wait_for)

RECORDS = pathlib.Path(__file__).parents[2] / "Fixtures/events/changes"
# SIGN_UP_REFUSED_MESSAGE, where it is not set.
REFUSED = "You cannot sign up here with this account"

events = session.create_client("events")


def record(name, sub, at=None):
    """Puts CloudTrail's record of a call on the event bus, with its time, or now."""
    at = at or datetime.datetime.now(datetime.timezone.utc)
    event = json.loads((RECORDS / f"{name}.json").read_text())
    detail = copy.deepcopy(event["detail"])
    detail["eventTime"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    detail["additionalEventData"] = {"sub": sub}
    # Calls with an access token name no pool.
    if "userPoolId" in (detail["requestParameters"] or {}):
        detail["requestParameters"]["userPoolId"] = pool
    answer = events.put_events(Entries=[{
        "Source": event["source"], "DetailType": event["detail-type"], "Detail": json.dumps(detail), "Time": at}])
    if answer["FailedEntryCount"]:
        sys.exit(f"the record of {name} was not taken: {answer}")


def links():
    """What became of everybody who came through a provider for the first time."""
    return {name: sum(line.get(name, 0) for line in metrics()) for name in ("Linked", "LinkDoubted", "LinkFailed")}


def whoami(token):
    """What 'pooltable whoami' makes of a token: its exit code, and the user whom it found."""
    run = subprocess.run(
        [pooltable, "whoami", "--user-pool-id", pool, "--client-id", client, "--token-use", "access", "--json",
         "--database-url", database_url], input=token, capture_output=True, text=True)
    user = json.loads(run.stdout).get("user", {}) if run.stdout else {"errors": run.stderr}
    return {"exit": run.returncode, "sub": user.get("sub"), "live": user.get("live"), "errors": user.get("errors")}


def carried(token):
    """What an access token has of the database's."""
    claims = verified(token, "access")
    return {name: claims.get(name) for name in ("user_id", "role", "roles", "cognito:groups", "errors")}


def refused(email, password):
    """What somebody reads who signs up and may not; None where they may."""
    try:
        cognito.sign_up(ClientId=client, Username=email, Password=password,
                        UserAttributes=[{"Name": "email", "Value": email}])
    except cognito.exceptions.UserLambdaValidationException as error:
        message = error.response["Error"]["Message"]
        # MiniStack shows the function's whole error, Cognito its message only.
        return REFUSED if REFUSED in message else message
    return None


def set_name(name):
    return [{"Name": "name", "Value": name}]


def journey():
    email, password, newer = "lea@example.com", "First-Password-1", "Second-Password-2"
    wait_for("who is not invited may not sign up", lambda: refused(email, password), lambda: REFUSED)

    invite(email, "--role", "admin")
    sub = cognito.sign_up(ClientId=client, Username=email, Password=password, UserAttributes=[
        {"Name": "email", "Value": email}, *set_name("Lea")])["UserSub"]
    user = dict(UserPoolId=pool, Username=sub)
    as_shown = lambda: shown(sub)  # noqa: E731
    expect("is invited, signs up: no row yet", sub, lambda: None)

    cognito.confirm_sign_up(ClientId=client, Username=email, ConfirmationCode=SIGN_UP_CODE)
    expect("confirms: PostConfirmation", sub, as_shown)

    cognito.admin_update_user_attributes(**user, UserAttributes=set_name("Lea King"))
    token = sign_in(email, password)
    expect("signs in, changed since: PostAuthentication", sub, as_shown)
    wait_for("the invitation is used up", lambda: refused("LEA@example.com", password), lambda: REFUSED)
    wait_for("the access token carries the row's id and the roles", lambda: carried(token), lambda: {
        "user_id": value("SELECT id FROM cognito.users WHERE user_pool_id = :'pool' AND sub = :'sub'", sub),
        "role": "authenticated", "roles": ["admin", "employee", "member"],
        "cognito:groups": ["admin", "employee", "member"], "errors": None})

    cognito.update_user_attributes(AccessToken=token, UserAttributes=set_name("Lea Lovelace"))
    record("UpdateUserAttributes", sub)
    expect("changes the name in the account page: a record without pool", sub, as_shown)

    cognito.admin_disable_user(**user)
    record("AdminDisableUser", sub)
    expect("is disabled: a record", sub, as_shown)

    before = datetime.datetime.now(datetime.timezone.utc)
    cognito.admin_enable_user(**user)
    record("AdminEnableUser", sub)
    # The one before comes again, and late.
    record("AdminDisableUser", sub, before)
    expect("is enabled: a record, and an older one after it", sub, as_shown)

    cognito.admin_link_provider_for_user(
        UserPoolId=pool, DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": sub},
        SourceUser={"ProviderName": "AcmeSAML", "ProviderAttributeName": "NameID", "ProviderAttributeValue": "7"})
    record("AdminLinkProviderForUser", sub)
    expect("is linked to another provider's identity: a record", sub, as_shown)

    cognito.admin_reset_user_password(**user)
    record("AdminResetUserPassword", sub)
    expect("has to choose another password: a record", sub, as_shown)

    cognito.confirm_forgot_password(
        ClientId=client, Username=email, ConfirmationCode=PASSWORD_CODE, Password=newer)
    expect("chooses one: PostConfirmation", sub, as_shown)

    before = datetime.datetime.now(datetime.timezone.utc)
    cognito.delete_user(AccessToken=sign_in(email, newer))
    record("DeleteUser", sub)
    expect("deletes itself: a record without pool, and the row is marked", sub, lambda: "deleted")
    record("AdminEnableUser", sub, before)
    time.sleep(1)
    expect("an older record after that: the row stays marked", sub, lambda: "deleted")

    invited = "grace@example.com"
    other = cognito.admin_create_user(
        UserPoolId=pool, Username=invited, MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": invited}])["User"]["Username"]
    record("AdminCreateUser", other)
    expect("another is created by an administrator: a record", other, lambda: shown(other))
    # Connected here, since the template leaves it to others.
    config = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["LambdaConfig"]
    cognito.update_user_pool(UserPoolId=pool, LambdaConfig=config | {"PreAuthentication": outputs["FunctionArn"]})
    cognito.admin_set_user_password(UserPoolId=pool, Username=other, Password=newer, Permanent=True)
    token = sign_in(invited, newer)
    expect("signs in: PostAuthentication", other, lambda: shown(other))
    as_told = lambda code, live: {"exit": code, "sub": other, "live": live, "errors": None}  # noqa: E731
    wait_for("the token is verified, and its user is live", lambda: whoami(token), lambda: as_told(0, True))
    cognito.admin_delete_user(UserPoolId=pool, Username=other)
    record("AdminDeleteUser", other)
    expect("is deleted by an administrator: a record, and marked", other, lambda: "deleted")
    wait_for("the token is still valid, and its user is not live", lambda: whoami(token), lambda: as_told(1, False))


def accounts_of_one_person():
    provider = oidc.Provider("AcmeOIDC")
    federated = provider.connect(cognito, pool)
    invite("example.com", "--expires", "never")

    def comes(subject, email, **claims):
        """Whose token somebody gets who comes through the provider."""
        token = provider.sign_in(
            os.environ["AWS_ENDPOINT_URL"], federated, sub=subject, email=email, email_verified="true", **claims)
        return token.get("sub") or token

    def rows(email):
        return value(f"SELECT count(*) FROM cognito.users WHERE email = '{email}' AND deleted_at IS NULL", "")

    def linked(*arguments):
        run = subprocess.run(
            [pooltable, "link", *arguments, "--providers", provider.name, "--json", "--database-url", database_url],
            capture_output=True, text=True)
        pairs = json.loads(run.stdout)["pairs"] if run.stdout else run.stderr
        return {"exit": run.returncode, "results": [pair["result"] for pair in pairs]}

    email = "bea@example.com"
    bea = sign_up(email)
    confirm(email)
    expect("Bea signs up", bea, lambda: shown(bea))
    wait_for("comes through a provider, and is herself", lambda: comes("Bea-1", email, name="Bea"), lambda: bea)
    expect("her row has the identity", bea, lambda: shown(bea))
    wait_for("it is known by its subject, capitals and all",
             lambda: [each["userId"] for each in row(bea)["identities"]], lambda: ["Bea-1"])
    wait_for("comes again, with another name", lambda: comes("Bea-1", email, name="Beatrice"), lambda: bea)
    expect("her row has the name, as her user has", bea, lambda: shown(bea))
    wait_for("there is no other row", lambda: rows(email), lambda: "1")

    email = "eve@example.com"
    attacker = sign_up(email)
    victim = comes("Eve-1", email)
    expect("one who was signed up by somebody else has a user of her own", victim, lambda: shown(f"{provider.name}_Eve-1"))
    expect("and that one is nobody", attacker, lambda: None)

    email = "cleo@example.com"
    cleo = sign_up(email)
    before = comes("Cleo-1", email)
    # By the user's own name: MiniStack would take the address for that of the federated user.
    confirm(cleo)
    expect("Cleo comes through the provider before she confirms", cleo, lambda: shown(cleo))
    wait_for("they could be linked", lambda: linked("--dry-run"), lambda: {"exit": 0, "results": ["linkable"]})
    wait_for("and are not, by themselves", lambda: linked(cleo), lambda: {"exit": 1, "results": ["doubted"]})
    wait_for("pooltable link makes them one", lambda: linked("--delete-federated", cleo),
             lambda: {"exit": 0, "results": ["linked"]})
    expect("the old row is marked", before, lambda: "deleted")
    wait_for("comes through the provider, and is herself", lambda: comes("Cleo-1", email), lambda: cleo)
    expect("her row has the identity", cleo, lambda: shown(cleo))
    wait_for("one was linked at once, and two were not", links,
             lambda: {"Linked": 1, "LinkDoubted": 2, "LinkFailed": 0})


def count():
    wait_for("every trigger was called as often as Cognito calls it", called, lambda: collections.Counter({
        "PreSignUp_SignUp": 7,
        "PreSignUp_ExternalProvider": 3,
        "PostConfirmation_ConfirmSignUp": 6,
        "PostConfirmation_ConfirmForgotPassword": 1,
        "PreSignUp_AdminCreateUser": 1,
        "PreAuthentication_Authentication": 1,
        "PostAuthentication_Authentication": 7,
        "TokenGeneration_Authentication": 4,
        "TokenGeneration_HostedAuth": 5,
    }))


journey()
accounts_of_one_person()
count()
