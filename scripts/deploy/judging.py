"""judging.py: what is asked of every template: that it is clean before and after SAM's translation, and names what it allows."""

from __future__ import annotations

import copy
import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from cases import Cases, REGION
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from reading import allowed, as_list, text_of
from resolver import Resolver

os.environ["AWS_DEFAULT_REGION"] = REGION  # before SAM's translator asks boto3 for one
from samtranslator.translator.transform import transform  # noqa: E402

logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of usage figures that it did not send

# Statements whose resource is '*', with what they say of actions.
STAR_ALLOWED = {
    # A Deny takes away, so it names all that it can.
    ("FunctionRole", "no-network-interfaces-from-code", "Deny"): ["ec2:*"],
    # The one action of ECR's that IAM takes for no single repository.
    ("ReconcileExecutionRole", "registry-login", "Allow"): ["ecr:GetAuthorizationToken"],
}
# Lambda insists on these for a function in a VPC: EC2 actions and no others.
MANAGED_ALLOWED = {"arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"}
# Policies that are compared word by word, in follow.py.
POLICIES_COMPARED = {"FailedChangesPolicy", "TrailBucketPolicy"}
# What YAML reads as null, where it is not quoted.
NULL = re.compile(r"~|null|Null|NULL|")


class NoPolicies:
    """SAM's translator asks IAM for the managed policies by name; the templates name none but by ARN."""

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


def wrong_text(text: str) -> Iterator[str]:
    """What is wrong with a template as it is written."""
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
        yield "CloudFormation takes no YAML aliases"
    # yaml's own reader knows no !Ref, and cfn-lint lets a null in a list pass.
    if any(isinstance(event, yaml.ScalarEvent) and event.implicit[0] and NULL.fullmatch(event.value) for event in yaml.parse(text)):
        yield "CloudFormation takes no null"
    yield from linted(text)


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


def wrong_cases(
    template: dict[str, Any],
    cases: Cases,
    refused: dict[str, dict[str, str]],
    wrong: Callable[[str, dict[str, Any]], Iterator[str]],
) -> Iterator[str]:
    """What is wrong with each way to deploy a template; and which of the parameters that make none are not refused.

    wrong: takes a case's name and the resources that come out, and says what else is wrong with them.
    """
    for name, (given, _, actions) in cases.items():
        resolver = Resolver(template, given)
        found = resolver.refusals(template)
        result = resolver.template(translated(template, given))
        resources = result["Resources"]
        found += linted(json.dumps(result, indent=1))
        found += wrong_permissions(resources)
        found += wrong(name, resources)
        may = {action for action, _ in allowed(resources["FunctionRole"])}
        if may != actions | {"logs:CreateLogStream", "logs:PutLogEvents"}:
            found.append(f"the function may {', '.join(sorted(may))}")
        yield from (f"{name}: {each}" for each in found)
    for name, given in refused.items():
        if not Resolver(template, given).refusals(template):
            yield f"{name}: is not refused"
