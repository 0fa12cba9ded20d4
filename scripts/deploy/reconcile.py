"""reconcile.py: whether the scheduled task of template.yaml does what was asked for, and may do no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reading import allowed, text_of

ACCOUNT = "${AWS::Region}:${AWS::AccountId}"
REPORT = Path(__file__).parents[2] / "Sources/Reconciliation/Report.swift"
ROLES = ("ReconcileTaskRole", "ReconcileExecutionRole")


def wrong_reconciliation(
    resources: dict[str, Any], given: dict[str, str], wanted: tuple[str, str, set[str]] | None
) -> Iterator[str]:
    """Takes options, repository and further actions, as RECONCILED has them; None: nothing may be there."""
    there = {
        name
        for name, resource in resources.items()
        if name.startswith("Reconcile")
        or resource["Type"].startswith(("AWS::ECS::", "AWS::Scheduler::", "AWS::Logs::MetricFilter"))
    }
    if wanted is None:
        yield from (f"{name}: nobody asked for it" for name in sorted(there))
        return
    if "ReconcileTimer" not in there:
        yield "nothing is scheduled"
        return
    options, repository, actions = wanted
    yield from wrong_task(resources, given, options)
    yield from wrong_roles(resources, given, repository, actions)
    yield from wrong_timer(resources, given)
    yield from wrong_alarm(resources, given)


def wrong_task(resources: dict[str, Any], given: dict[str, str], options: str) -> Iterator[str]:
    task = resources["ReconcileTask"]["Properties"]
    (container,) = task["ContainerDefinitions"]
    pool = given.get("ExistingUserPoolId", {"Ref": "UserPool"})
    if container["Command"] != ["reconcile", "--user-pool-id", pool, "--resume", *options.split(), "--json"]:
        yield f"the task's command is {container['Command']}"
    image = f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/{given['ReconcileImage']}"
    if text_of(container["Image"]) != image:
        yield f"the task's image is {container['Image']}"
    if container["Secrets"] != [{"Name": "DATABASE_URL", "ValueFrom": given["ReconcileDatabaseUrlSecretArn"]}]:
        yield f"the task's secrets are {container['Secrets']}"
    if "Environment" in container:
        yield "a variable of the task could hold what belongs into its secret"
    if task["RuntimePlatform"]["CpuArchitecture"].lower() != given.get("Architecture", "x86_64"):
        yield f"the task runs on {task['RuntimePlatform']}"
    if not container["ReadonlyRootFilesystem"] or container["User"].split(":")[0] in ("", "0", "root"):
        yield "the task could write its file system, or is root"
    if container["LogConfiguration"]["Options"]["awslogs-group"] != {"Ref": "ReconcileLogs"}:
        yield "the task logs somewhere else"
    yield from (
        f"the task's {key} is {task[key]}"
        for key, role in zip(("TaskRoleArn", "ExecutionRoleArn"), ROLES)
        if task[key] != {"Fn::GetAtt": [role, "Arn"]}
    )


def wrong_roles(
    resources: dict[str, Any], given: dict[str, str], repository: str, actions: set[str]
) -> Iterator[str]:
    existing = f"arn:${{AWS::Partition}}:cognito-idp:{ACCOUNT}:userpool/{given.get('ExistingUserPoolId')}"
    pool = {"Fn::Sub": existing} if "ExistingUserPoolId" in given else {"Fn::GetAtt": ["UserPool", "Arn"]}
    image = {"Fn::Sub": f"arn:${{AWS::Partition}}:ecr:{ACCOUNT}:repository/{repository}"}
    logs = {"Fn::GetAtt": ["ReconcileLogs", "Arn"]}
    pull = ("BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer")
    start = [
        ("ecr:GetAuthorizationToken", "*"),
        *((f"ecr:{call}", image) for call in pull),
        *((f"logs:{call}", logs) for call in ("CreateLogStream", "PutLogEvents")),
        ("secretsmanager:GetSecretValue", given["ReconcileDatabaseUrlSecretArn"]),
    ]
    if "DatabaseSecretKeyArn" in given:
        start.append(("kms:Decrypt", given["DatabaseSecretKeyArn"]))
    run = [
        ("ecs:RunTask", {"Ref": "ReconcileTask"}),
        *(("iam:PassRole", {"Fn::GetAtt": [role, "Arn"]}) for role in ROLES),
    ]
    work = [(action, pool) for action in {"cognito-idp:ListUsers"} | actions]
    for role, wanted in (*zip(ROLES, (work, start)), ("ReconcileTimerRole", run)):
        may = sorted(f"{action} on {text_of(resource)}" for action, resource in allowed(resources[role]))
        if may != sorted(f"{action} on {text_of(resource)}" for action, resource in wanted):
            yield f"{role} may {', '.join(may)}"
    for statement in resources["ReconcileTimerRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
        if "Condition" not in statement:
            yield f"{statement['Action']} is not bound to a cluster or a service"


def wrong_timer(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    timer = resources["ReconcileTimer"]["Properties"]
    target = timer["Target"]
    parameters = target["EcsParameters"]
    network = {
        "Subnets": given["SubnetIds"].split(","),
        "SecurityGroups": given["SecurityGroupIds"].split(","),
        "AssignPublicIp": "DISABLED",
    }
    if timer["ScheduleExpression"] != given["ReconcileSchedule"] or timer.get("State", "ENABLED") != "ENABLED":
        yield "the schedule is not what was asked for"
    if parameters["TaskDefinitionArn"] != {"Ref": "ReconcileTask"} or parameters["LaunchType"] != "FARGATE":
        yield "the schedule runs another task"
    if parameters["NetworkConfiguration"]["AwsvpcConfiguration"] != network:
        yield f"the task's network is {parameters['NetworkConfiguration']}"
    if target["RetryPolicy"]["MaximumRetryAttempts"] != 0:
        yield "a run that could not be started would be started again and again"


def wrong_alarm(resources: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    """Whether a run that does not come is told, and no run that came, however it ended."""
    results = resources["ReconcileResults"]["Properties"]
    words = re.findall(r'\$\.result = "([^"]+)"', results["FilterPattern"])
    expected = verdicts() - {"failed"}
    if set(words) != expected or not re.search(r"\(\$\.dryRun IS FALSE\) }$", results["FilterPattern"]):
        yield f"as a run that came counts {results['FilterPattern']}, not {sorted(expected)}"
    if results["LogGroupName"] != {"Ref": "ReconcileLogs"}:
        yield "results are looked for in another log"
    hours = int(given.get("ReconcileOverdueHours", "36"))
    alarm = resources.get("ReconcileAlarm", {}).get("Properties")
    if (alarm is not None) != (hours > 0):
        yield f"{hours} hours without a run, and the alarm is {alarm}"
    if alarm is None:
        return
    (metric,) = results["MetricTransformations"]
    if (metric["MetricNamespace"], metric["MetricName"]) != (alarm["Namespace"], alarm["MetricName"]):
        yield "the alarm looks at another metric than the log gives"
    if "AWS::StackName" not in text_of(metric["MetricNamespace"]) or "Dimensions" in alarm:
        yield "the alarm would be quieted by the runs of another stack"
    if alarm["TreatMissingData"] != "breaching" or alarm["ComparisonOperator"] != "LessThanThreshold":
        yield "the alarm is not raised by silence"
    if (alarm["Period"], int(alarm["EvaluationPeriods"])) != (3600, hours) or "DatapointsToAlarm" in alarm:
        yield f"the alarm waits for {alarm['EvaluationPeriods']} times {alarm['Period']} s"


def verdicts() -> set[str]:
    """What 'pooltable reconcile --json' may say as its result, from its source."""
    (cases,) = re.findall(r"enum Verdict: String.*?\n\n", REPORT.read_text(), re.S)
    return {word or name for name, word in re.findall(r'^    case (\w+)(?: = "([^"]+)")?$', cases, re.M)}
