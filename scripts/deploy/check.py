"""check.py: template.yaml as CloudFormation would see it, for each way to deploy it; and appsync.yaml, by api.py.

The template is linted, translated by SAM, its conditions and parameters are put in, and what comes out
is linted again. Beyond that: who may do what to which resources, that the function's variables, the
metrics and the alarms are those that the project's README names, and that wrong combinations of
parameters are refused.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
from api import wrong_api
from cases import CASES, LEFT_OUT, MISTYPED, POOLS, RECONCILED, REFUSED
from cfnlint.decode.decode import decode_str
from follow import wrong_following
from guide import wrong_guide
from judging import wrong_cases, wrong_text
from reading import text_of, texts_of
from reconcile import wrong_reconciliation
from watch import wrong_watching

TEMPLATE = Path(__file__).with_name("template.yaml")
API = TEMPLATE.with_name("appsync.yaml")
README = TEMPLATE.with_name("README.md")

# Features to be chosen: the parameter, and the variable that it sets.
SWITCHES = {
    "TokenRoles": "TOKEN_ROLES",
    "TokenClaims": "TOKEN_CLAIMS",
    "SyncOnToken": "SYNC_ON_TOKEN",
    "TrackSignIns": "TRACK_SIGN_INS",
    "FollowChanges": "FOLLOW_CHANGES",
    "MigrateUsers": "MIGRATE_USERS",
    "MigrateWeakHashes": "MIGRATE_WEAK_HASHES",
    "PushCreateGroups": "PUSH_CREATE_GROUPS",
    "Doctor": "DOCTOR",
}

# Who may sign up: the variable, the parameter that sets it, and what it is where that is not given.
SIGN_UP = (
    ("SIGN_UP_ALLOWED_EMAIL_DOMAINS", "SignUpAllowedEmailDomains", None),
    ("SIGN_UP_BLOCKED_EMAIL_DOMAINS", "SignUpBlockedEmailDomains", None),
    ("SIGN_UP_POLICY", "SignUpPolicy", "none"),
    ("SIGN_UP_ADMIN_CREATED", "SignUpAdminCreated", "exempt"),
    ("SIGN_UP_ON_FAILURE", "SignUpOnFailure", "fail"),
    ("SIGN_UP_REFUSED_MESSAGE", "SignUpRefusedMessage", None),
)

# Any of these needs the pre sign-up trigger; nothing else does.
PRE_SIGN_UP = {"SignUpAllowedEmailDomains", "SignUpBlockedEmailDomains", "SignUpPolicy", "LinkProviders"}


def wrong_environment(
    function: dict[str, Any], given: dict[str, str], url: str, known: set[str]
) -> Iterator[str]:
    variables = function["Environment"]["Variables"]
    for name in variables.keys() - known:
        yield f"the README's configuration does not know {name}"
    if text_of(variables["DATABASE_URL"]) != url:
        yield f"DATABASE_URL is {text_of(variables['DATABASE_URL'])}"
    if variables.get("USER_POOL_IDS") != given.get("ExistingUserPoolId", {"Ref": "UserPool"}):
        yield f"USER_POOL_IDS is {variables.get('USER_POOL_IDS')}: other pools would be served"
    if variables.get("METRICS") != "emf":
        yield "METRICS is not emf: the alarms would never see a thing"
    for parameter, name in SWITCHES.items():
        if variables.get(name) != given.get(parameter, "off"):
            yield f"{name} is {variables.get(name)}"
    if variables.get("TOKEN_GENERATION_ON_FAILURE") != given.get("TokenGenerationOnFailure", "continue"):
        yield f"TOKEN_GENERATION_ON_FAILURE is {variables.get('TOKEN_GENERATION_ON_FAILURE')}"
    if variables.get("LINK_ANSWER") != given.get("LinkAnswer", "continue"):
        yield f"LINK_ANSWER is {variables.get('LINK_ANSWER')}"
    for name, parameter in (
        ("TOKEN_ROLES_KEEP", "TokenRolesKeep"),
        ("CLIENT_METADATA_KEYS", "ClientMetadataKeys"),
        ("LINK_PROVIDERS", "LinkProviders"),
        ("MIGRATE_PEPPER", "MigratePepper"),
        ("LINK_SUBJECT_ATTRIBUTE", "LinkSubjectAttribute"),
    ):
        if variables.get(name) != given.get(parameter):
            yield f"{name} is not what was given"
    for name, parameter, otherwise in SIGN_UP:
        if variables.get(name) != given.get(parameter, otherwise):
            yield f"{name} is {variables.get(name)}"
    if variables.get("PUSH_ON_SCHEDULE") != ("on" if "PushSchedule" in given else "off"):
        yield "PUSH_ON_SCHEDULE does not follow the schedule"
    if variables.get("WRITE_BACK_ATTRIBUTE") != given.get("WriteBackAttribute"):
        yield "WRITE_BACK_ATTRIBUTE is not the one that was given"


def wrong_wiring(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    arn = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}"
    memory = "1024" if given.get("MigrateUsers") == "on" else "256"
    if str(resources["Function"]["Properties"]["MemorySize"]) != given.get("MemorySize", memory):
        yield f"the function has {resources['Function']['Properties']['MemorySize']} MB"
    if resources["Function"]["Properties"]["FunctionName"] != {"Ref": "AWS::StackName"}:
        yield "the function has not the name that the pool calls"
    if ("PushRule" in resources, "PushPermission" in resources) != ("PushSchedule" in given,) * 2:
        yield "the schedule is not what was asked for, or may not call"
    permitted = [
        properties["SourceArn"]
        for properties in (each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::Permission")
        if properties["Principal"] == "events.amazonaws.com"
    ]
    rules = [{"Fn::GetAtt": [name, "Arn"]} for name, each in resources.items() if each["Type"] == "AWS::Events::Rule"]
    if sorted(map(str, permitted)) != sorted(map(str, rules)):
        yield f"of the rules {rules} may call {permitted}"
    if "UserPool" not in resources:
        return
    wanted: dict[str, Any] = {name: arn for name in ("PostConfirmation", "PostAuthentication")}
    if PRE_SIGN_UP & given.keys():
        wanted["PreSignUp"] = arn
    if given.get("MigrateUsers") == "on":
        wanted["UserMigration"] = arn
    if "on" in (given.get("TokenRoles"), given.get("TokenClaims"), given.get("SyncOnToken")):
        version = given.get("TokenEventVersion", "V1_0")
        wanted["PreTokenGenerationConfig"] = {"LambdaArn": arn, "LambdaVersion": version}
    if given.get("Triggers") == "detached":
        wanted = {}
    triggers = resources["UserPool"]["Properties"]["LambdaConfig"]
    if texts_of(triggers) != wanted:
        yield f"the pool's triggers are {triggers}"
    client = resources["UserPoolClient"]["Properties"]
    if ("ALLOW_USER_PASSWORD_AUTH" in texts_of(client["ExplicitAuthFlows"])) != (given.get("MigrateUsers") == "on"):
        yield "passwords are sent as they are, and nobody is migrated, or the other way about"
    for attribute in ("userId", "legacy_id"):
        if attribute not in {each["Name"] for each in resources["UserPool"]["Properties"]["Schema"]}:
            yield f"the pool has no custom:{attribute}"
        if f"custom:{attribute}" in client.get("WriteAttributes", [f"custom:{attribute}"]):
            yield f"a user could write custom:{attribute}"


def wrong_parameters(template: dict[str, Any]) -> Iterator[str]:
    session = botocore.session.get_session()
    regions = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("cognito-idp", partition)
    }
    pools = POOLS | {f"{region}_a1B2c3D4e" for region in regions}
    taken = [("ExistingUserPoolId", pool) for pool in ("", *sorted(pools))]
    for name, value in taken + MISTYPED:
        pattern = template["Parameters"][name]["AllowedPattern"]
        if bool(re.search(pattern, value)) != ((name, value) in taken):
            yield f"{name}={value}: {'not taken' if (name, value) in taken else 'is not refused'}"


def readme_rows(heading: str) -> list[list[str]]:
    """The code words in the first column of the table below a heading of the guide, row by row."""
    section = README.read_text().split(f"\n## {heading}\n", 1)[1].split("\n#", 1)[0]
    return [re.findall(r"`(\w+)`", row) for row in re.findall(r"^\| (`[^|]+)", section, re.M)]


def readme_names(heading: str) -> set[str]:
    return {name for row in readme_rows(heading) for name in row}


def problems() -> Iterator[str]:
    text = TEMPLATE.read_text()
    yield from wrong_text(text)
    template, broken = decode_str(text)
    if broken:
        return
    variables, metrics = readme_names("Configuration"), readme_names("Metrics")
    (outcomes,) = (row for row in readme_rows("Metrics") if "Inserted" in row)
    assert "DATABASE_URL" in variables and "Failed" in metrics, "the README's tables are not where they were"

    yield from wrong_parameters(template)
    yield from wrong_guide(TEMPLATE)
    passed = template["Resources"]["Function"]["Properties"]["Environment"]["Variables"].keys()
    yield from (f"no parameter sets {name}" for name in sorted(variables - passed - LEFT_OUT))
    yield from (f"{API.name}: {each}" for each in wrong_api(API, template, variables, metrics))

    def wrong(name: str, resources: dict[str, Any]) -> Iterator[str]:
        given, url, _ = CASES[name]
        yield from wrong_environment(resources["Function"]["Properties"], given, url, variables)
        yield from wrong_wiring(resources, given)
        yield from wrong_following(resources, given)
        yield from wrong_watching(resources, given, metrics, outcomes)
        yield from wrong_reconciliation(resources, given, RECONCILED.get(name))

    yield from wrong_cases(template, CASES, REFUSED, wrong)


found = list(problems())
print("\n".join(found), file=sys.stderr, end="\n" if found else "")
sys.exit(1 if found else 0)
