"""What the journeys have in common: a deployed stack, its users and its database, and a step that is waited for.

Its arguments are those of the journeys: STACK DATABASE_URL POOLTABLE.
"""

import collections
import json
import subprocess
import sys
import time

import botocore.session

# Seconds that a step has.
DEADLINE = 20
# MiniStack's codes.
SIGN_UP_CODE = "123456"
PASSWORD_CODE = "654321"
# Those of a user's attributes that the table has as columns.
COLUMNS = ("email", "email_verified", "phone_number", "phone_number_verified", "identities")

stack, database_url, pooltable = sys.argv[1:]
session = botocore.session.get_session()
cognito = session.create_client("cognito-idp")
logs = session.create_client("logs")


def outputs_of(name):
    """What a stack says of itself."""
    described = session.create_client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


outputs = outputs_of(stack)
pool, client = outputs["UserPoolId"], outputs["UserPoolClientId"]


def value(query, sub):
    """The only value of a query, in which :'pool' and :'sub' stand for them; empty where there is none."""
    return subprocess.run(
        ["psql", "--quiet", "--no-psqlrc", "--tuples-only", "--no-align", f"--set=pool={pool}", f"--set=sub={sub}",
         database_url], input=query, capture_output=True, text=True, check=True).stdout.strip()


def wait_for(step, asked, wanted):
    """Waits until two functions return the same."""
    began = time.monotonic()
    while (found := asked()) != (now := wanted()):
        if time.monotonic() - began > DEADLINE:
            sys.exit(f"NOT {step}: found\n  {found}\nin place of\n  {now}")
        time.sleep(0.1)
    print(f"{step:<62}{time.monotonic() - began:6.1f} s", flush=True)


def invite(email, *options):
    subprocess.run([pooltable, "invite", email, "--database-url", database_url, *options],
                   capture_output=True, check=True)


def sign_up(email):
    """Somebody with a password of their own, not confirmed yet. Returns the sub, which is the user's name."""
    return cognito.sign_up(ClientId=client, Username=email, Password="First-Password-1", UserAttributes=[
        {"Name": "email", "Value": email}])["UserSub"]


def confirm(username, **options):
    cognito.confirm_sign_up(ClientId=client, Username=username, ConfirmationCode=SIGN_UP_CODE, **options)


def authenticate(username, password):
    """What a password is answered with: tokens, or a challenge."""
    return cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password})


def sign_in(username, password):
    """The access token."""
    return authenticate(username, password)["AuthenticationResult"]["AccessToken"]


def verified(token, use, client_id=client):
    """The claims of a token of that use, access or id, once 'pooltable verify' has looked at it; or what it says."""
    run = subprocess.run(
        [pooltable, "verify", "--user-pool-id", pool, "--client-id", client_id, "--token-use", use],
        input=token, capture_output=True, text=True)
    return json.loads(run.stdout) if run.returncode == 0 else {"errors": run.stderr}


def row(sub):
    """The user's row without times, "deleted" in its place where it is marked, or None."""
    answer = value("""
        SELECT to_jsonb(u) FROM (
          SELECT username, email, email_verified, phone_number, phone_number_verified, status, enabled, attributes,
            identities, deleted_at FROM cognito.users WHERE user_pool_id = :'pool' AND sub = :'sub') u""", sub)
    if not answer:
        return None
    found = json.loads(answer)
    return "deleted" if found.pop("deleted_at") else found


def shown(username):
    """What AdminGetUser says, as the row should hold it."""
    user = cognito.admin_get_user(UserPoolId=pool, Username=username)
    attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
    attributes.pop("sub")
    columns = {name: attributes.pop(name, None) for name in COLUMNS}
    for name in ("email_verified", "phone_number_verified"):
        columns[name] = columns[name] and columns[name] == "true"
    columns["identities"] = columns["identities"] and json.loads(columns["identities"])
    return columns | {
        "username": user["Username"], "status": user["UserStatus"], "enabled": user["Enabled"],
        "attributes": attributes}


def expect(step, sub, wanted):
    """Waits until the row is as wanted: a function that says how it should be, since Cognito's answer may change."""
    wait_for(step, lambda: row(sub), wanted)


def metrics():
    """What the function has measured, a dictionary an invocation."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=outputs["LogGroupName"])
    return [json.loads(event["message"]) for page in pages for event in page["events"] if event["message"].startswith("{")]


def called():
    """How often the function was called for which trigger, by its own metrics in its log."""
    sources = (line.get("TriggerSource") for line in metrics())
    # Records are no trigger.
    return collections.Counter(source for source in sources if source and source != "CloudTrail")
