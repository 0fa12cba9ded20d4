"""watch.py: whether alarms and the dashboard look at what there is, and tell whom they should."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from reading import text_of


def wrong_watching(
    resources: dict[str, Any], given: dict[str, str], metrics: set[str], outcomes: list[str]
) -> Iterator[str]:
    """Takes the metrics that the README names, and those of them that count outcomes."""
    yield from wrong_metrics(resources, metrics)
    (dashboard,) = (each for each in resources.values() if each["Type"] == "AWS::CloudWatch::Dashboard")
    widgets = {each["properties"]["title"]: each["properties"] for each in body_of(dashboard)["widgets"]}
    shown = [metric[1] for metric in widgets["Outcomes"]["metrics"]]
    if shown != outcomes:
        yield f"the dashboard counts {shown}"
    ages = {(metric[1], metric[-1]["stat"]) for metric in widgets["From a change at Cognito to its arrival, ms"]["metrics"]}
    if ages != {("ChangeAge", stat) for stat in ("p50", "p99", "Maximum")}:
        yield f"the dashboard shows of the age of changes {sorted(ages)}"
    alarms = alarms_of(resources)
    if sorted(widgets["Alarms"]["alarms"]) != sorted(f"${{{name}.Arn}}" for name in alarms):
        yield f"the dashboard shows the alarms {widgets['Alarms']['alarms']}"
    yield from wrong_recipients(alarms, given)


def alarms_of(resources: dict[str, Any]) -> dict[str, Any]:
    """The properties of each alarm."""
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"}


def wrong_metrics(resources: dict[str, Any], metrics: set[str]) -> Iterator[str]:
    yield from (
        f"nothing writes the metric {metric}"
        for namespace, metric in watched(resources)
        if namespace == "PoolTable" and metric not in metrics
    )


def wrong_recipients(alarms: dict[str, Any], given: dict[str, str]) -> Iterator[str]:
    told = [given["AlarmTopicArn"]] if "AlarmTopicArn" in given else None
    yield from (
        f"{name}: tells {alarm.get(key)}"
        for name, alarm in alarms.items()
        for key in ("AlarmActions", "OKActions")
        if alarm.get(key) != told
    )


def body_of(dashboard: dict[str, Any]) -> Any:
    """A dashboard's body, which must be JSON."""
    return json.loads(text_of(dashboard["Properties"]["DashboardBody"]))


def watched(resources: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(namespace, metric) of every alarm and of the dashboard."""
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            stats = [each["MetricStat"]["Metric"] for each in properties.get("Metrics", []) if "MetricStat" in each]
            for metric in stats or [properties]:
                yield metric["Namespace"], metric["MetricName"]
        elif resource["Type"] == "AWS::CloudWatch::Dashboard":
            for widget in body_of(resource)["widgets"]:
                for metric in widget["properties"].get("metrics", []):
                    if isinstance(metric[0], str):
                        yield metric[0], metric[1]
                        continue
                    searched = re.search(r"\{(\w+),.*MetricName=\"(\w+)\"", metric[0]["expression"])
                    assert searched, metric
                    yield searched[1], searched[2]
