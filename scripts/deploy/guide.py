"""guide.py: whether the commands of README.md beside this file can work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
from awscli.customizations.cloudformation.yamlhelper import yaml_dump, yaml_parse
from botocore.utils import ArgumentGenerator

# What CloudFormation takes in the request itself, and what from a bucket; bytes.
BODY_LIMIT, BUCKET_LIMIT = 51_200, 460_800


def wrong_guide(template: Path) -> Iterator[str]:
    text = template.with_name("README.md").read_text()
    # Each command of the guide as one line, however many it is written in.
    fences = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.M | re.S)
    commands = [line for fence in fences for line in fence.replace("\\\n", " ").splitlines()]
    yield from wrong_size(template, commands)
    (pool,) = (fence for fence in fences if "before.json" in fence)
    yield from wrong_pool_update(pool)


def wrong_size(template: Path, commands: list[str]) -> Iterator[str]:
    """The template as 'aws cloudformation package' writes it, with the longest place that a zip can have."""
    packaged = yaml_parse(template.read_text())
    packaged["Resources"]["Function"]["Properties"]["CodeUri"] = f"s3://{'b' * 63}/{'0' * 32}"
    size = len(yaml_dump(packaged).encode())
    if size > BUCKET_LIMIT:
        yield f"the packaged template has {size} bytes, CloudFormation takes {BUCKET_LIMIT}"
    deploying = [command for command in commands if "aws cloudformation deploy" in command]
    if not deploying:
        yield "the guide deploys nothing"
    for command in deploying:
        if "--s3-bucket" not in command:
            yield f"{size} bytes, beyond {BODY_LIMIT} or close to it, need --s3-bucket: {command.strip()}"


def wrong_pool_update(fence: str) -> Iterator[str]:
    """That the guide passes every setting of a pool on, and stops before a command line that drops one."""
    service = botocore.session.get_session().get_service_model("cognito-idp")
    update = service.operation_model("UpdateUserPool").input_shape
    shown = service.operation_model("DescribeUserPool").output_shape.members["UserPool"].members.keys()
    removed = set(re.findall(r"\.(\w+)", fence.split("can be seen but not set", 1)[1].split("\n' ", 1)[0]))
    if removed != shown - update.members.keys():
        yield f"of what describe-user-pool shows, other members cannot be set than {sorted(removed)}"

    # The command line that scripts/test installs is a real one that lacks a member; the other answers as one
    # that has botocore's own model.
    with tempfile.TemporaryDirectory() as folder:
        newest = Path(folder, "aws")
        newest.write_text(f"#!/bin/sh\ncat <<'JSON'\n{json.dumps(ArgumentGenerator().generate_skeleton(update))}\nJSON\n")
        newest.chmod(0o755)
        check = fence.split("\n\n", 1)[0] + "\nknows_all_settings"
        for name, aws in (("the newest", folder), ("an older", str(Path(sys.executable).parent))):
            unknown = update.members.keys() - settings(Path(aws, "aws"))
            environment = {**os.environ, "PATH": f"{aws}:{os.environ['PATH']}"}
            found = subprocess.run(["bash", "-c", check], env=environment, capture_output=True, text=True)
            if (found.returncode != 0) != bool(unknown):
                yield f"the guide's check of {name} AWS CLI: exit code {found.returncode}, {found.stderr}"
            yield from (f"the guide does not ask the AWS CLI for {member}" for member in unknown if f'has("{member}")' not in check)


def settings(aws: Path) -> set[Any]:
    """The members of UpdateUserPool that a command line knows."""
    arguments = [aws, "cognito-idp", "update-user-pool", "--generate-cli-skeleton"]
    return set(json.loads(subprocess.run(arguments, capture_output=True, check=True, text=True).stdout))
