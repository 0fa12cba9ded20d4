"""reading.py: what a resolved template says, in values that can be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """A string, or the text of a Fn::Sub."""
    return value["Fn::Sub"] if isinstance(value, dict) and isinstance(value.get("Fn::Sub"), str) else str(value)


def texts_of(value: Any) -> Any:
    """The same for every value of an object, however deep."""
    if isinstance(value, dict) and "Fn::Sub" not in value:
        return {name: texts_of(inner) for name, inner in value.items()}
    return text_of(value)


def allowed(role: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each action that a role allows, with each resource that it may be done to."""
    for policy in role["Properties"]["Policies"]:
        for statement in as_list(policy["PolicyDocument"]["Statement"]):
            if statement["Effect"] == "Allow":
                for action in as_list(statement["Action"]):
                    for resource in as_list(statement["Resource"]):
                        yield action, resource
