"""A user pool's trigger, as MiniStack's functions are called for one.

With POOLTABLE_EVENTS in the environment, the last event of each trigger source and version is kept in that folder.
"""

import functools
import json
import os
import pathlib

from ministack.services import lambda_svc

USED = {
    lambda_svc: {
        "_get_func_record_for_ref": None,
        "_execution_record_for_config": None,
        "_execute_function_with_config_scope": ("func", "event"),
    },
}


class Refused(Exception):
    """The function failed: what Cognito answers its caller with."""


def invoke(trigger, arn, event):
    """What the function answers to the event: JSON's text, or what it says."""
    record, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if record is None or config is None:
        raise Refused(f"{trigger} invocation failed: there is no function {arn}")
    result = lambda_svc._execute_function_with_config_scope(
        lambda_svc._execution_record_for_config(record, config), event)
    if isinstance(result, dict) and result.get("error"):
        raise Refused(f"{trigger} failed with error {result.get('body')}.")
    return result.get("body") if isinstance(result, dict) else result


def keep_events():
    folder = os.environ.get("POOLTABLE_EVENTS")
    if not folder:
        return
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    original = lambda_svc._execute_function_with_config_scope

    @functools.wraps(original)
    def kept(func, event):
        if isinstance(event, dict) and "triggerSource" in event:
            name = f"{event['triggerSource']}.{event['version']}.json"
            pathlib.Path(folder, name).write_text(json.dumps(event))
        return original(func, event)
    lambda_svc._execute_function_with_config_scope = kept
