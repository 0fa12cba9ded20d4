"""follow.py: whether template.yaml brings the function the changes that it follows, keeps what failed, and no more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reading import allowed, as_list, text_of, texts_of

ROOT = Path(__file__).parents[2]
RULES = ("FollowAdministratorsRule", "FollowUsersRule")
QUEUE = {"Fn::GetAtt": ["FailedChanges", "Arn"]}
FOLLOWING = {
    *RULES,
    "FollowAdministratorsPermission",
    "FollowUsersPermission",
    "FailedChanges",
    "FailedChangesPolicy",
    "FailedChangesAlarm",
}
TRAIL = {"Trail", "TrailBucket", "TrailBucketPolicy"}


def wrong_following(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    follows, makes_trail = (given.get(name) == "on" for name in ("FollowChanges", "CreateTrail"))
    wanted = (FOLLOWING if follows else set()) | (TRAIL if makes_trail else set())
    if (FOLLOWING | TRAIL) & resources.keys() != wanted:
        yield f"to follow changes there are {sorted((FOLLOWING | TRAIL) & resources.keys())}"
        return
    yield from wrong_queueing(resources, given)
    if follows:
        yield from wrong_rules(resources, given)
        yield from wrong_rights(resources, given)
        yield from wrong_queue(resources)
    if makes_trail:
        yield from wrong_trail(resources)


def wrong_queueing(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    """How often Lambda tries what is queued for the function; the rules name no version, which is $LATEST."""
    found = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Lambda::EventInvokeConfig"]
    where = {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST"}
    wanted = []
    if given.get("FollowChanges") == "on":
        kept = {"OnFailure": {"Destination": QUEUE}}
        wanted = [{**where, "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 21600, "DestinationConfig": kept}]
    elif "PushSchedule" in given:
        wanted = [{**where, "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}]
    if found != wanted:
        yield f"what is queued for the function is tried again or kept otherwise: {found}"


def wrong_rules(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    pool = given.get("ExistingUserPoolId", {"Ref": "UserPool"})
    rules = {name: resources[name]["Properties"] for name in RULES}
    followed = followed_calls()
    named = [name for rule in rules.values() for name in rule["EventPattern"]["detail"]["eventName"]]
    if sorted(named) != sorted(followed):
        yield f"the rules and the function name different calls: {sorted(set(named) ^ followed)}"
    for file in sorted((ROOT / "Fixtures/events/changes").glob("*.json")):
        record = json.loads(file.read_text())
        parameters = record["detail"].get("requestParameters") or {}
        # The pool of the records is the one that is served.
        if parameters.get("userPoolId") == "eu-central-1_ExaMPLe01":
            parameters["userPoolId"] = pool
        takers = sum(matches(rule["EventPattern"], record) for rule in rules.values())
        if file.stem in followed and takers != 1:
            yield f"{takers} rules take {file.name}"
        if file.stem in ("not-followed", "other-pool") and takers != 0:
            yield f"a rule takes {file.name}"
        record["detail"]["errorCode"] = None
        if file.stem in followed and sum(matches(rule["EventPattern"], record) for rule in rules.values()) != 1:
            yield f"no rule takes {file.name} where errorCode is null, which some records of calls hold that went well"
    for name, rule in rules.items():
        (target,) = rule["Targets"]
        if target != {
            "Id": "function",
            "Arn": {"Fn::GetAtt": ["Function", "Arn"]},
            "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
            "DeadLetterConfig": {"Arn": QUEUE},
        }:
            yield f"{name}: its target is {target}"
        if rule.get("State", "ENABLED") != "ENABLED" or "EventBusName" in rule:
            yield f"{name}: is off, or not of the bus that CloudTrail's records come by"


def followed_calls() -> set[str]:
    """The names that the function knows, from its source."""
    source = (ROOT / "Sources/CognitoTriggers/ChangeRecord.swift").read_text()
    calls = set(re.findall(r'^  case \w+ = "(\w+)"$', source.split("enum FollowedCall", 1)[1], re.M))
    assert "AdminDeleteUser" in calls, "the followed calls are not where they were"
    return calls


def matches(pattern: dict[str, Any], event: Any) -> bool:
    """As EventBridge compares, as far as the rules need it."""
    if not isinstance(event, dict):
        return False
    for key, wanted in pattern.items():
        if isinstance(wanted, dict):
            if not matches(wanted, event.get(key)):
                return False
        elif not any(takes(each, event, key) for each in wanted):
            return False
    return True


def takes(wanted: Any, event: dict[str, Any], key: str) -> bool:
    """One of the alternatives for a field; null is a value, and not the same as no field."""
    match wanted:
        case {"exists": exists}:
            return (key in event) == exists
        case {"prefix": prefix}:
            return isinstance(event.get(key), str) and event[key].startswith(prefix)
    return key in event and event[key] == wanted


def wrong_rights(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    """To what the function may do it; check.py knows all that it may do."""
    account = "${AWS::Region}:${AWS::AccountId}"
    existing = {"Fn::Sub": f"arn:${{AWS::Partition}}:cognito-idp:{account}:userpool/{given.get('ExistingUserPoolId')}"}
    pool = existing if "ExistingUserPoolId" in given else {"Fn::GetAtt": ["UserPool", "Arn"]}
    wanted = {"cognito-idp:AdminGetUser": pool, "cognito-idp:ListUsers": pool, "sqs:SendMessage": QUEUE}
    for action, resource in allowed(resources["FunctionRole"]):
        if resource != wanted.get(action, resource):
            yield f"the function may {action} on {text_of(resource)}"


def wrong_queue(resources: dict[str, Any]) -> Iterator[str]:
    queue = resources["FailedChanges"]["Properties"]
    if queue.get("SqsManagedSseEnabled") is not True or queue.get("MessageRetentionPeriod") != 1209600:
        yield f"the queue is not encrypted, or does not keep for long: {queue}"
    policy = resources["FailedChangesPolicy"]["Properties"]
    rules = [{"Fn::GetAtt": [name, "Arn"]} for name in RULES]
    if policy["Queues"] != [{"Ref": "FailedChanges"}]:
        yield f"the policy is for {policy['Queues']}"
    yield from wrong_statements(
        policy, {("events.amazonaws.com", "sqs:SendMessage", text_of(QUEUE)): {"ArnEquals": {"aws:SourceArn": rules}}}
    )
    alarm = resources["FailedChangesAlarm"]["Properties"]
    looks = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage",
        "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["FailedChanges", "QueueName"]}}],
        "Statistic": "Maximum",
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    if {key: alarm.get(key) for key in looks} != looks:
        yield f"the queue's alarm is not raised by what lies there: {alarm}"


def wrong_trail(resources: dict[str, Any]) -> Iterator[str]:
    trail = resources["Trail"]
    properties = trail["Properties"]
    if properties["EventSelectors"] != [{"IncludeManagementEvents": True, "ReadWriteType": "WriteOnly"}]:
        yield f"the trail records {properties['EventSelectors']}"
    if properties["IsLogging"] is not True or properties["IsMultiRegionTrail"] is not False:
        yield "the trail is off, or of all regions"
    if properties["S3BucketName"] != {"Ref": "TrailBucket"} or trail["DependsOn"] != "TrailBucketPolicy":
        yield "the trail would be made before it may write, or writes elsewhere"
    bucket = resources["TrailBucket"]["Properties"]
    public = bucket["PublicAccessBlockConfiguration"]
    if len(public) != 4 or not all(value is True for value in public.values()) or "BucketEncryption" not in bucket:
        yield "the bucket is not encrypted, or could be made public"
    if [rule.get("ExpirationInDays") for rule in bucket["LifecycleConfiguration"]["Rules"]] != [30]:
        yield "the bucket keeps records for ever"
    name = properties["TrailName"]
    arn = {"Fn::Sub": "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/${AWS::StackName}"}
    if name != {"Ref": "AWS::StackName"} or resources["TrailBucketPolicy"]["Properties"]["Bucket"] != {"Ref": "TrailBucket"}:
        yield f"the trail is {name}, which the bucket does not let in"
    service = "cloudtrail.amazonaws.com"
    yield from wrong_statements(
        resources["TrailBucketPolicy"]["Properties"],
        {
            (service, "s3:GetBucketAcl", text_of({"Fn::GetAtt": ["TrailBucket", "Arn"]})): {
                "StringEquals": {"aws:SourceArn": arn}
            },
            (service, "s3:PutObject", "${TrailBucket.Arn}/AWSLogs/${AWS::AccountId}/*"): {
                "StringEquals": {"aws:SourceArn": arn, "s3:x-amz-acl": "bucket-owner-full-control"}
            },
        },
    )


def wrong_statements(policy: dict[str, Any], wanted: dict[tuple[str, str, str], Any]) -> Iterator[str]:
    """Of a resource's own policy: which service may do what to what, and under which conditions."""
    found = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        if statement["Effect"] != "Allow" or statement["Principal"].keys() != {"Service"}:
            yield f"a policy lets in {statement['Principal']}"
            continue
        for action in as_list(statement["Action"]):
            for resource in as_list(statement["Resource"]):
                found[statement["Principal"]["Service"], action, text_of(resource)] = statement.get("Condition")
    if texts_of(list_of(found)) != texts_of(list_of(wanted)):
        yield f"a policy lets in {found}"


def list_of(statements: dict[tuple[str, str, str], Any]) -> dict[str, Any]:
    return {" ".join(key): condition for key, condition in statements.items()}
