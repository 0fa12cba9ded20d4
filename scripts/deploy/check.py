"""check.py: template.yaml as CloudFormation would see it, for each way to deploy it.

The template is linted, translated by SAM, its conditions and parameters are put in, and what comes out
is linted again. Beyond that: who may do what to which resources, that the function's variables, the
metrics and the alarms are those that the project's README names, and that wrong combinations of
parameters are refused.
"""

from __future__ import annotations

import copy
import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import yaml
from cases import CASES, LEFT_OUT, MISTYPED, POOLS, RECONCILED, REFUSED, REGION
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from cfnlint.decode.decode import decode_str
from follow import wrong_following
from guide import wrong_guide
from reading import allowed, as_list, text_of, texts_of
from reconcile import wrong_reconciliation
from resolver import Resolver
from watch import wrong_watching

os.environ["AWS_DEFAULT_REGION"] = REGION  # before SAM's translator asks boto3 for one
from samtranslator.translator.transform import transform  # noqa: E402

logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of usage figures that it did not send

TEMPLATE = Path(__file__).with_name("template.yaml")
README = TEMPLATE.with_name("README.md")

# Features to be chosen: the parameter, and the variable that it sets.
SWITCHES = {
    "TokenRoles": "TOKEN_ROLES",
    "TokenClaims": "TOKEN_CLAIMS",
    "SyncOnToken": "SYNC_ON_TOKEN",
    "TrackSignIns": "TRACK_SIGN_INS",
    "FollowChanges": "FOLLOW_CHANGES",
    "PushCreateGroups": "PUSH_CREATE_GROUPS",
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

# Statements whose resource is '*', with what they say of actions.
STAR_ALLOWED = {
    # A Deny takes away, so it names all that it can.
    ("FunctionRole", "no-network-interfaces-from-code", "Deny"): ["ec2:*"],
    # The one action of ECR's that IAM takes for no single repository.
    ("ReconcileExecutionRole", "registry-login", "Allow"): ["ecr:GetAuthorizationToken"],
}
# Lambda insists on these for a function in a VPC: EC2 actions and no others.
MANAGED_ALLOWED = {"arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"}
# What YAML reads as null, where it is not quoted.
NULL = re.compile(r"~|null|Null|NULL|")
# Policies that are compared word by word, in follow.py.
POLICIES_COMPARED = {"FailedChangesPolicy", "TrailBucketPolicy"}


class NoPolicies:
    """SAM's translator asks IAM for the managed policies by name; the template names none but by ARN."""

    def load(self) -> dict[str, str]:
        return {}


def translated(template: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    source = json.loads(json.dumps(template))
    # As 'sam deploy' and 'aws cloudformation package' do after they have put the zip there.
    source["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/bootstrap.zip"
    return transform(source, copy.deepcopy(given), NoPolicies())


def linted(text: str) -> Iterator[str]:
    for match in lint(text, regions=[REGION], config=ManualArgs(regions=[REGION])):
        yield f"{match.rule.id} line {match.linenumber}: {match.message}"


def wrong_permissions(resources: dict[str, Any]) -> Iterator[str]:
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Lambda::Permission" and not {"SourceArn", "SourceAccount"} <= properties.keys():
            yield f"{name}: does not say which pool or rule of which account may call"
        if resource["Type"] != "AWS::IAM::Role":
            if "PolicyDocument" in properties and name not in POLICIES_COMPARED:
                yield f"{name}: a policy of a kind that is not checked here"
            continue
        for arn in properties.get("ManagedPolicyArns", []):
            if text_of(arn) not in MANAGED_ALLOWED:
                yield f"{name}: the managed policy {text_of(arn)}"
        for policy in properties.get("Policies", []):
            for statement in as_list(policy["PolicyDocument"]["Statement"]):
                where = (name, policy["PolicyName"], statement["Effect"])
                if STAR_ALLOWED.get(where) == as_list(statement.get("Action")):
                    continue
                for key in ("Action", "Resource"):
                    if key not in statement or any("*" in text_of(value) for value in as_list(statement[key])):
                        yield f"{'/'.join(where)}: {key} is not named"


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
    if "on" in (given.get("TokenRoles"), given.get("TokenClaims"), given.get("SyncOnToken")):
        version = given.get("TokenEventVersion", "V1_0")
        wanted["PreTokenGenerationConfig"] = {"LambdaArn": arn, "LambdaVersion": version}
    if given.get("Triggers") == "detached":
        wanted = {}
    triggers = resources["UserPool"]["Properties"]["LambdaConfig"]
    if texts_of(triggers) != wanted:
        yield f"the pool's triggers are {triggers}"
    client = resources["UserPoolClient"]["Properties"]
    if "custom:userId" in client.get("WriteAttributes", ["custom:userId"]):
        yield "a user could write custom:userId"


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
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
        yield "CloudFormation takes no YAML aliases"
    # yaml's own reader knows no !Ref, and cfn-lint lets a null in a list pass.
    if any(isinstance(event, yaml.ScalarEvent) and event.implicit[0] and NULL.fullmatch(event.value) for event in yaml.parse(text)):
        yield "CloudFormation takes no null"
    yield from linted(text)
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

    for name, (given, url, actions) in CASES.items():
        resolver = Resolver(template, given)
        found = resolver.refusals(template)
        result = resolver.template(translated(template, given))
        resources = result["Resources"]
        found += linted(json.dumps(result, indent=1))
        found += wrong_permissions(resources)
        found += wrong_environment(resources["Function"]["Properties"], given, url, variables)
        found += wrong_wiring(resources, given)
        found += wrong_following(resources, given)
        found += wrong_watching(resources, given, metrics, outcomes)
        found += wrong_reconciliation(resources, given, RECONCILED.get(name))
        may = {action for action, _ in allowed(resources["FunctionRole"])}
        if may != actions | {"logs:CreateLogStream", "logs:PutLogEvents"}:
            found.append(f"the function may {', '.join(sorted(may))}")
        yield from (f"{name}: {each}" for each in found)

    for name, given in REFUSED.items():
        if not Resolver(template, given).refusals(template):
            yield f"{name}: is not refused"


found = list(problems())
print("\n".join(found), file=sys.stderr, end="\n" if found else "")
sys.exit(1 if found else 0)
