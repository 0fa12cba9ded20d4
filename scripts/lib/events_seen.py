"""Whether the function has seen what Cognito sends: events_seen.py POOLTABLE FOLDER.

FOLDER has the last event of each trigger source and version (see ministack_trigger.py). Each has the members and the
types of the one that 'pooltable events' prints, and of the attributes those that Cognito adds itself.
"""

import json
import pathlib
import subprocess
import sys

pooltable, folder = sys.argv[1:]
EVERY = ("1", "2", "3")
SOURCES = {
    "PreSignUp_SignUp": "1",
    "PreSignUp_AdminCreateUser": "1",
    "PreSignUp_ExternalProvider": "1",
    "PostConfirmation_ConfirmSignUp": "1",
    "PostConfirmation_ConfirmForgotPassword": "1",
    "PostAuthentication_Authentication": "1",
    "TokenGeneration_Authentication": EVERY,
    "TokenGeneration_NewPasswordChallenge": EVERY,
    "TokenGeneration_HostedAuth": EVERY,
    "TokenGeneration_RefreshTokens": EVERY,
    "TokenGeneration_ClientCredentials": "3",
}


def sample(source, version):
    options = ["--token-version", version] if source.startswith("TokenGeneration_") else []
    return json.loads(subprocess.run([pooltable, "events", source, *options], capture_output=True, check=True).stdout)


def shape(value):
    return {name: shape(each) for name, each in value.items()} if isinstance(value, dict) else type(value).__name__


def shape_of(event):
    # Where there is no user, MiniStack names one.
    if event["triggerSource"] == "TokenGeneration_ClientCredentials":
        event.pop("userName", None)
    # What the client sent along is its own.
    event["request"].pop("clientMetadata", None)
    attributes = event["request"]["userAttributes"]
    event["request"]["userAttributes"] = {
        name: value for name, value in attributes.items() if name == "sub" or name.startswith("cognito:")}
    return shape(event)


wanted = {f"{source}.{version}.json" for source, versions in SOURCES.items() for version in versions}
kept = {path.name for path in pathlib.Path(folder).iterdir()}
if kept != wanted:
    sys.exit(f"NOT seen, or not expected: {sorted(kept ^ wanted)}")
for name in sorted(kept):
    source, version, _ = name.split(".")
    found, due = shape_of(json.loads(pathlib.Path(folder, name).read_text())), shape_of(sample(source, version))
    if found != due:
        sys.exit(f"NOT as Cognito sends it: {name}\n  {found}\nin place of\n  {due}")
print(f"{len(kept)} kinds of events, each as Cognito sends it")
