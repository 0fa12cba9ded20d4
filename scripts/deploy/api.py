"""api.py: whether appsync.yaml can work, for each way to deploy it, and beside the first stack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cases import ACCEPTED, Cases, DIRECT, KEY, LAYER, REGION, SECRET, VPC
from cfnlint.decode.decode import decode_str
from judging import wrong_cases, wrong_text
from reading import allowed, text_of
from watch import alarms_of, watched, wrong_recipients, wrong_metrics

FUNCTIONS = Path(__file__).parents[2] / "Fixtures/setup/appsync.sql"

POOL = {"UserPoolId": "eu-central-1_a1B2c3D4e"}
# Ways to deploy.
CASES: Cases = {
    "a URL with a password": (
        {"UserPoolClientId": "3n4b5urk1ft4fl3mg5e62d9ado", "ReservedConcurrency": "0", **POOL, **ACCEPTED},
        "postgresql://u:p@db.example/app",
        set(),
    ),
    "IAM, in a VPC": (
        {
            "DatabaseResourceId": "cluster-ABC123",
            "AlarmTopicArn": f"arn:aws:sns:{REGION}:111122223333:ops",
            **POOL,
            **VPC,
            **DIRECT,
        },
        "postgresql://pooltable_api@db.example:5432/app?sslmode=verify-full",
        {"rds-db:connect"},
    ),
    "a secret with its own key, on arm64": (
        {"DatabaseAuth": "secret", "DatabaseSecretArn": SECRET, "Architecture": "arm64", **POOL, **DIRECT, **LAYER, **KEY},
        "postgresql://db.example:5432/app?sslmode=verify-full",
        {"secretsmanager:GetSecretValue", "kms:Decrypt"},
    ),
}
REFUSED: dict[str, dict[str, str]] = {
    "nothing but a pool": POOL,
    "password without a URL": {"DatabaseAuth": "password", **POOL, **DIRECT},
    "IAM without a resource id": {**POOL, **DIRECT},
    "IAM without a host": {"DatabaseResourceId": "cluster-ABC123", **POOL},
    "a secret without its ARN": {"DatabaseAuth": "secret", **POOL, **DIRECT, **LAYER},
    "a secret without the layer": {"DatabaseAuth": "secret", "DatabaseSecretArn": SECRET, **POOL, **DIRECT},
}
# What parameters of one name have in common in both templates; what they are for is said for each.
COMPARED = ("Type", "Default", "AllowedValues", "AllowedPattern", "ConstraintDescription", "NoEcho", "MinValue", "MaxValue")
# Another login, and another limit of time.
DIFFERENT = {("DatabaseUser", "Default"), ("LatencyThresholdMs", "Default"), ("LatencyThresholdMs", "MaxValue")}
# The most of a batch that AppSync takes as a setting.
BATCH_LIMIT = 2000
# What raises an alarm.
ALARMED = {("PoolTable", metric) for metric in ("Failed", "FieldFailed", "TotalTime")} | {
    ("AWS/Lambda", metric) for metric in ("Errors", "Throttles")
}


def wrong_api(path: Path, first: dict[str, Any], variables: set[str], metrics: set[str]) -> Iterator[str]:
    """Takes the first stack's template, and the variables and metrics that the README names."""
    text = path.read_text()
    yield from wrong_text(text)
    template, broken = decode_str(text)
    if broken:
        return
    yield from wrong_likeness(template, first)

    def wrong(name: str, resources: dict[str, Any]) -> Iterator[str]:
        given, url, _ = CASES[name]
        yield from wrong_environment(resources["Function"]["Properties"], given, url, variables)
        yield from wrong_limit(resources["Function"]["Properties"]["Timeout"], path.with_name("README.md").read_text())
        yield from wrong_fields(resources)
        yield from wrong_guard(resources, given)
        yield from wrong_metrics(resources, metrics)
        yield from wrong_recipients(alarms_of(resources), given)
        if (found := set(watched(resources))) != ALARMED:
            yield f"there are alarms for {sorted(found)}"

    yield from wrong_cases(template, CASES, REFUSED, wrong)


def wrong_likeness(template: dict[str, Any], first: dict[str, Any]) -> Iterator[str]:
    """Whether a parameter that both templates have is the same in both."""
    for name, parameter in template["Parameters"].items():
        other = first["Parameters"].get(name, parameter)
        for key in COMPARED:
            if parameter.get(key) != other.get(key) and (name, key) not in DIFFERENT:
                yield f"{name}: {key} is {parameter.get(key)}, and in template.yaml {other.get(key)}"


def wrong_environment(function: dict[str, Any], given: dict[str, str], url: str, known: set[str]) -> Iterator[str]:
    set_here = function["Environment"]["Variables"]
    yield from (f"the README's configuration does not know {name}" for name in set_here.keys() - known)
    wanted = {
        "APPSYNC": "on",
        "DATABASE_URL": url,
        "DATABASE_AUTH": "iam" if given.get("DatabaseAuth", "iam") == "iam" else "password",
        "USER_POOL_IDS": given["UserPoolId"],
        "METRICS": "emf",
    }
    if "DatabaseSecretArn" in given:
        wanted["DATABASE_SECRET_ARN"] = given["DatabaseSecretArn"]
    if (found := {name: text_of(value) for name, value in set_here.items()}) != wanted:
        yield f"the function's variables are {found}"


def wrong_limit(timeout: int, guide: str) -> Iterator[str]:
    """Whether the guide has the server end the login's statements a second before Lambda ends the function."""
    if f"ALTER ROLE pooltable_api SET statement_timeout = '{timeout - 1}s'" not in guide:
        yield f"the guide's statement_timeout is not a little less than {timeout} s"


def wrong_fields(resources: dict[str, Any]) -> Iterator[str]:
    """Whether each field with a resolver is one of the schema, in batches, and has its function."""
    schema = resources["Schema"]["Properties"]["Definition"]
    fields = {
        f"{kind}_{field}"
        for kind, body in re.findall(r"^type (\w+) \{(.*?)^\}", schema, re.M | re.S)
        for field in re.findall(r"^ +(\w+)(?:\(.*\))?:", body, re.M)
    }
    resolvers = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::AppSync::Resolver"]
    names = {f"{each['TypeName']}_{each['FieldName']}" for each in resolvers}
    functions = set(re.findall(r'^CREATE FUNCTION api\."(\w+)"\(arguments jsonb, source jsonb\)', FUNCTIONS.read_text(), re.M))
    if names != functions:
        yield f"of resolvers and functions only one is there for {', '.join(sorted(names ^ functions))}"
    if lost := names - fields:
        yield f"the schema has no {', '.join(sorted(lost))}"
    if lost := {name for name in fields if name.startswith("Query_")} - names:
        yield f"nothing answers {', '.join(sorted(lost))}"
    for each in resolvers:
        if not 0 < each.get("MaxBatchSize", 0) <= BATCH_LIMIT or {"Code", "RequestMappingTemplate"} & each.keys():
            yield f"{each['FieldName']}: no direct resolver in batches, which alone tells a client Forbidden"


def wrong_guard(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    """Whether only tokens of the pool are taken, and only this API calls the function."""
    api = resources["Api"]["Properties"]
    wanted = {"UserPoolId": given["UserPoolId"], "AwsRegion": {"Ref": "AWS::Region"}, "DefaultAction": "ALLOW"}
    if "UserPoolClientId" in given:
        wanted["AppIdClientRegex"] = f"^{given['UserPoolClientId']}$"
    if api["AuthenticationType"] != "AMAZON_COGNITO_USER_POOLS" or api.get("UserPoolConfig") != wanted:
        yield f"the API takes {api.get('UserPoolConfig')}"
    if "AdditionalAuthenticationProviders" in api:
        yield "the API takes more than tokens of the pool"
    role = resources["DataSourceRole"]
    if list(allowed(role)) != [("lambda:InvokeFunction", {"Fn::GetAtt": ["Function", "Arn"]})]:
        yield f"AppSync may {list(allowed(role))}"
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    if trust["Principal"] != {"Service": "appsync.amazonaws.com"} or trust.get("Condition", {}).keys() != {"StringEquals", "ArnLike"}:
        yield "another API could use the role of this one"
