"""resolver.py: a template with its parameters and conditions put in, as CloudFormation would do it."""

from __future__ import annotations

import re
from typing import Any

GONE = object()  # AWS::NoValue


class Resolver:
    """Puts parameters and conditions into a template; references to resources stay."""

    def __init__(self, template: dict[str, Any], given: dict[str, str]) -> None:
        self.conditions = template.get("Conditions", {})
        self.values: dict[str, Any] = {}
        unknown = given.keys() - template["Parameters"].keys()
        assert not unknown, f"no such parameters: {unknown}"
        for name, parameter in template["Parameters"].items():
            value = str(given.get(name, parameter.get("Default")))
            allowed = [str(choice) for choice in parameter.get("AllowedValues", [value])]
            assert value in allowed, f"{name}={value} is not allowed"
            assert re.search(parameter.get("AllowedPattern", ""), value), f"{name}={value} does not match"
            self.values[name] = value.split(",") if parameter["Type"] == "CommaDelimitedList" else value

    def condition(self, node: Any) -> bool:
        if isinstance(node, str):
            return self.condition(self.conditions[node])
        ((function, arguments),) = node.items()
        match function:
            case "Condition":
                return self.condition(arguments)
            case "Fn::Not":
                return not self.condition(arguments[0])
            case "Fn::And":
                return all(self.condition(each) for each in arguments)
            case "Fn::Or":
                return any(self.condition(each) for each in arguments)
            case "Fn::Equals":
                left, right = (str(self.resolve(each)) for each in arguments)
                return left == right
            case "Fn::EachMemberEquals":
                members, value = (self.resolve(each) for each in arguments)
                return all(member == value for member in members)
        raise AssertionError(f"a condition with {function}")

    def resolve(self, node: Any) -> Any:
        if isinstance(node, list):
            return [item for item in map(self.resolve, node) if item is not GONE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, argument),) = node.items()
            if function == "Ref":
                return GONE if argument == "AWS::NoValue" else self.values.get(argument, node)
            if function == "Fn::If":
                return self.resolve(argument[1 if self.condition(argument[0]) else 2])
            if function == "Fn::Sub":
                return self.substitute(argument)
            if function == "Fn::Join" and all(isinstance(part, str) for part in self.resolve(argument[1])):
                return argument[0].join(self.resolve(argument[1]))
            if function == "Fn::Split" and isinstance(self.resolve(argument[1]), str):
                return self.resolve(argument[1]).split(argument[0])
            if function == "Fn::Select" and isinstance(self.resolve(argument[1]), list):
                return self.resolve(argument[1])[int(argument[0])]
        resolved = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not GONE}

    def substitute(self, argument: Any) -> Any:
        text, own = argument if isinstance(argument, list) else (argument, {})
        left = {}
        for name, value in {**self.values, **own}.items():
            value = self.resolve(value)
            if isinstance(value, dict) and value.keys() == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
                value = value["Fn::Sub"]
            if isinstance(value, str):
                text = text.replace(f"${{{name}}}", value)
            elif name in own:
                left[name] = value
        if "${" not in text:
            return text
        return {"Fn::Sub": [text, left] if left else text}

    def template(self, template: dict[str, Any]) -> dict[str, Any]:
        """The template without parameters, conditions, and what these leave out."""
        result = {key: template[key] for key in ("AWSTemplateFormatVersion", "Description")}
        for section in ("Resources", "Outputs"):
            result[section] = {
                name: self.resolve({key: value for key, value in item.items() if key != "Condition"})
                for name, item in template[section].items()
                if "Condition" not in item or self.condition(item["Condition"])
            }
        return result

    def refusals(self, template: dict[str, Any]) -> list[str]:
        return [
            assertion["AssertDescription"]
            for rule in template["Rules"].values()
            if "RuleCondition" not in rule or self.condition(rule["RuleCondition"])
            for assertion in rule["Assertions"]
            if not self.condition(assertion["Assert"])
        ]
