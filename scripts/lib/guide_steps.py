"""The steps of scripts/deploy/README.md as one script for bash, which scripts/ways runs: guide_steps.py >SCRIPT.

Each fence of the guide is a step, run as it stands in its order, but for what the tables below name; a fence that they
do not name and that cannot be run, and an entry that fits nothing, is an error. What is called around the steps, and
what stands in for commands that only AWS or another AWS CLI has, is guide.sh.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "deploy/README.md"

# What the guide leaves to the reader, or has for an example, and what the script has in its place.
REPLACED = {
    "bucket=…": "bucket=pooltable-zips",
    "'postgresql://owner@db.example/app?": '"postgresql://owner:$owner_password@$server/app?',
    "sslrootcert=.build/rds.pem'": 'sslrootcert=.build/rds.pem"',
    "DatabaseHost=app.cluster-abcdefghijkl.eu-central-1.rds.amazonaws.com":
        'DatabaseHost="${server%:*}" DatabasePort="${server#*:}"',
    "DatabaseResourceId=cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ": 'DatabaseResourceId="$resource_id"',
    "SubnetIds=subnet-0a1b2c3d,subnet-1a2b3c4d SecurityGroupIds=sg-0a1b2c3d":
        'SubnetIds="$subnets" SecurityGroupIds="$security_group"',
    "pool=eu-central-1_a1B2c3D4e": 'pool="$theirs"',
    "ReconcileDatabaseUrlSecretArn=arn:…": 'ReconcileDatabaseUrlSecretArn="$url_secret"',
    # The triggers are what differs: looked at below.
    "diff .build/before.json .build/after.json ": "! diff .build/before.json .build/after.json ",
    # MiniStack shows a setting that the pool does not have as an empty text.
    "' .build/before.json >": """  | del(.. | select(. == ""))\n' .build/before.json >""",
    # PyPI's AWS CLI lacks two settings, as the guide says. This pool has neither.
    "knows_all_settings && aws": "! knows_all_settings\naws",
    # MiniStack makes no trail of a template. It says so, or this is to go.
    "deploy FollowChanges=on CreateTrail=on ": "! deploy FollowChanges=on CreateTrail=on ",
    # MiniStack reads the function's JSON and writes it anew.
    "cmp .build/event.json .build/answer.json": "diff <(jq -S . .build/event.json) <(jq -S . .build/answer.json)",
}

# How the fences begin that are not run, and why.
LEFT_OUT = {
    "swift build -c release --static-swift-stdlib": "there is no Docker here",
    "cluster=$(output ReconcileClusterName)": "MiniStack runs tasks in Docker only: guide.sh runs the task's command",
    "GRANT rds_iam TO lambda;": "says what step 3 does",
    "DATABASE_AUTH=iam": "variables of the function, which the template sets",
    "DATABASE_SECRET_ARN=": "variables of the function, which the template sets",
    '{ "Effect": "Allow", "Action": "rds-db:connect"': "is in the template",
    '{ "Effect": "Allow", "Action": "secretsmanager:GetSecretValue"': "is in the template",
    "client ─ signs up": "a picture",
}

# What is done before or after the fence that begins so: functions of guide.sh.
BEFORE = {
    "parameters=(": "network",
    "for trail in": "make_trail",
    "queue=$(output FailedChangesUrl)": "changes_failed",
}
AFTER = {
    "export AWS_REGION": "make_bucket",
    'sed "s/eu-central-1_ExaMPLe01/': "shows '\"outcome\":\"inserted\"'",
    "deploy Triggers=connected": "shows PostConfirmation PostAuthentication",
    "swift run -c release pooltable doctor": "doctor_says",
    "read -rs -p 'A password": "has_row ada@example.com",
    "aws cognito-idp admin-create-user": "has_row bo@example.com",
    "ask() {": "shows '\"name\": \"attic\"' '\"email\": \"bo@example.com\"'",
    "aws cognito-idp add-custom-attributes": "keeps_legacy_ids",
    "knows_all_settings() {": "only_triggers_changed",
    "read -rs -p 'Password: '": "database_secret=$(tail -n 1 \"$printed\")",
    "read -rs -p 'URL: '": "url_secret=$(tail -n 1 \"$printed\")",
    "deploy 'ReconcileSchedule=": "task_reconciles",
    "deploy FollowChanges=on ": "shows 'Unrecognized resource types: [AWS::CloudTrail::Trail]'",
    "for trail in": "shows true '\"IncludeManagementEvents\": true'",
    "aws cognito-idp admin-disable-user": "disabling_is_followed",
    "queue=$(output FailedChangesUrl)": "failed_changes_are_made_good",
    "deploy Triggers=detached\n": "detached_and_back",
    'aws cloudformation delete-stack --stack-name "$stack"\n': "users_stay",
}

# The sections that are about another deployment: in a shell of their own, what is done before and after them.
APART = {"A pool that exists": ("make_their_pool", "comes_in carl@example.com")}


@dataclass
class Step:
    line: int
    heading: str
    language: str
    text: str


def steps(text: str) -> Iterator[Step]:
    heading = ""
    lines = enumerate(text.splitlines(), 1)
    for number, line in lines:
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if fence := re.match(r"( *)```(.*)$", line):
            content = []
            for _, line in lines:
                if line == f"{fence[1]}```":
                    break
                content.append(line)
            yield Step(number, heading, fence[2], textwrap.dedent("\n".join(content)) + "\n")


class Tables:
    """The tables, and which of their entries fitted."""

    def __init__(self) -> None:
        self.unused = {*REPLACED, *LEFT_OUT, *BEFORE, *AFTER, *APART}

    def find(self, table: dict[str, str], step: Step) -> str | None:
        for beginning, value in table.items():
            if step.text.startswith(beginning):
                self.unused.discard(beginning)
                return value
        return None

    def replace(self, text: str) -> str:
        for old, new in REPLACED.items():
            if old in text:
                self.unused.discard(old)
                text = text.replace(old, new)
        return text


def script() -> Iterator[str]:
    tables = Tables()
    apart = None
    for step in steps(GUIDE.read_text()):
        if step.heading != apart:
            if apart:
                yield f"{APART[apart][1]}\n)\n"
            apart = step.heading if step.heading in APART else None
            if apart:
                tables.unused.discard(apart)
                yield f"(\n{APART[apart][0]}\n"
        place = f"{GUIDE.name}:{step.line}, {step.heading}"
        if tables.find(LEFT_OUT, step):
            continue
        if before := tables.find(BEFORE, step):
            yield f"{before}\n"
        yield f"step {place!r}\n"
        if step.language == "sh":
            command = tables.replace(step.text)
            if "…" in re.sub(r"(^|\s)#.*", "", command):
                sys.exit(f"{place}: nothing says what … stands for")
            yield f"{{\n{command}}} >\"$printed\" 2>&1\n"
        elif step.language == "sql":
            yield f"psql \"$owner_url\" --set=ON_ERROR_STOP=1 >\"$printed\" <<'SQL'\n{step.text}SQL\n"
        elif step.language == "json":
            yield f"printed_json <<'JSON'\n{step.text}JSON\n"
        else:
            sys.exit(f"{place}: neither run nor named in {Path(__file__).name}: {step.text.splitlines()[0]}")
        if after := tables.find(AFTER, step):
            yield f"{after}\n"
    if tables.unused:
        sys.exit(f"{Path(__file__).name} names what {GUIDE.name} does not have: {', '.join(sorted(tables.unused))}")


print("".join(script()), end="")
