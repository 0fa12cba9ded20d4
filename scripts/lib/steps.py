"""What the journeys have in common: a deployed stack, its users and its database, and a step that is waited for.

Its arguments are those of the journeys: STACK DATABASE_URL POOLTABLE.
"""

import subprocess
import sys
import time

import botocore.session

# Seconds that a step has.
DEADLINE = 20
# MiniStack's code.
SIGN_UP_CODE = "123456"

stack, database_url, pooltable = sys.argv[1:]
session = botocore.session.get_session()
cognito = session.create_client("cognito-idp")


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


def confirm(username):
    cognito.confirm_sign_up(ClientId=client, Username=username, ConfirmationCode=SIGN_UP_CODE)


def sign_in(username, password):
    """The access token."""
    return cognito.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password})["AuthenticationResult"]["AccessToken"]
