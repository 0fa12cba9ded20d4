"""messages.py: every error message that the sources can print, with how the command or the function ends, as one table.

    messages.py           the table, as Sources/CommandLine/MESSAGES.md has it
    messages.py --write   writes it there
    messages.py --check   whether it is up to date
    --root FOLDER         of another package: for the test

Read from the sources, not by running them: string literals that are handed to what tells an error (CALLS), or that stand
in the text of an error's type, or of one of TYPES. "…" stands for what is put in.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = Path("Sources/CommandLine/MESSAGES.md")

# Of the command, or of the function.
BOTH = "1, or the log"
SETTING = "1, or Function.InvalidConfiguration"
# How it ends when one of these is made. None: the call says so itself, by its argument `type:`.
CALLS = {
    "ValidationError": "64",
    "CommandFailure": "1",
    "StandardError.print": "beside",
    "SettingError": SETTING,
    "PostgresError.unexpectedAnswer": BOTH,
    ".unexpectedAnswer": BOTH,
    "PostgresError.connectFailed": BOTH,
    ".connectFailed": BOTH,
    "InvocationFailure": None,
    "InitializationFailure": None,
    "RuntimeLost": "the log",
    "log.warning": "the log",
    "log.error": "the log",
    "FunctionUnknown": "1",
    "InvokeRefusal": "HTTP 4xx of pooltable local",
}
# How it ends where the text of an error's type is told, by the type's module: of the command, of the function, else BOTH.
MODULES = {
    **dict.fromkeys(
        ["CommandLine", "Doctor", "LocalLambda", "Reconciliation", "SampleEvents", "SchemaMigrations", "TokenVerification", "UserImport"],
        "1",
    ),
    **dict.fromkeys(["AppSync", "CognitoTriggers", "LambdaRuntime", "PasswordVerification", "TriggerFunction"], "the log"),
}
# Where that is not so; and what is told without being an Error: all that such a type says, or one member of it.
TYPES = {
    "ConnectionStringError.description": SETTING,
    "ConnectionStringError": "",
    "CredentialsRefusal": BOTH,
    "FieldFailure": "Function.* or a field's errors",
    "ForgetCommand.Refusal": "1",
    "FreshnessLimits.problems": "1",
    "FreshnessReport.init": "1",
    "HTTPError.description": BOTH,
    "HTTPError": "",
    "HTTPSetUpError": SETTING,
    "HashFault": "beside",
    "ImportUploadError": "1",
    "InvokeRefusal": "HTTP 4xx of pooltable local",
    "KeyFailure": "3",
    "KeyFile.again": "beside",
    "LibPQMessage.noWay": BOTH,
    "LibPQMessage.remedy": BOTH,
    "LibPQMessage.unknownHost": BOTH,
    "LinkDoubt": BOTH,
    "LinkedPair.lines": "1",
    "ListingError": "1 or 3",
    "ListingHint": "1 or 3",
    "LocalRuntimeError.words": "1",
    "LostClaim": "the log",
    "MalformedUser": "3",
    "MergeProblem": "1",
    "MovedUser": "1",
    "Pruning.Refusal": "3",
    "ReconcileOutcome.interrupted": "1 or 3",
    "ReconcileOutcome.nobody": "1 or 3",
    "ReconcileOutcome.problem": "1 or 3",
    "ReconcileOutcome.problems": "1 or 3",
    "ReconciliationError": "1 or 3",
    "ReplaySession.explanation": "1",
    "RetryNotice.line": "beside",
    "SQLState": BOTH,
    "SQLStateMeaning": BOTH,
    "SampleError": "64",
    "ServiceSetUpError": SETTING,
    "SignUpPolicy.refusedMessage": "Function.SignUpRefused",
    "TokenHolder.problem": "1",
    "TokenOutcome.problem": "1 or 3",
    "UnidentifiedUser": "the log",
    "UnwritableValue": "beside",
    "UnwritableValue.Fault": "beside",
}

# What only compares a text with another, or is no message.
COMPARISONS = {"says", "contains", "hasPrefix", "hasSuffix", "starts", "split", "HTTPClient", "replace", "range"}
# What stands among errors and is none: what went well, or goes on.
NO_ERRORS = {
    "could be linked…", "linked…", ", … moved", ", the federated user deleted",
    "; the federated user would be deleted, by --delete-federated", "… is served on …; ^C ends it. To call it:",
    "bootstrap: …", "…: … written", "refused: …",
}
# What a variable must be: Environment's readers are handed it behind the variable's name.
RULE = re.compile(r"must (?:be|name|not|have|hold|start)\b")
RULES_IN = ("Sources/TriggerFunction/", "Sources/Settings/", "Sources/AWS/")

TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*|\s+)
      | (?P<block>/\*)
      | (?P<string>\#*\"(?:\"\")?)
      | (?P<regex>\#+/)
      | (?P<name>[A-Za-z_][\w.]*|\.[A-Za-z_]\w*|@\w+|\#\w+|\d[\w.]*|`\w+`)
      | (?P<mark>.)""",
    re.X | re.S,
)


@dataclass
class Token:
    kind: str
    text: str
    line: int


def interpolation_end(text: str, at: int) -> int:
    """Behind the parenthesis that closes the one at `at`."""
    depth = 0
    while at < len(text):
        if text[at] == '"':
            _, at = literal(text, at)
            continue
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
        if depth == 0:
            break
    return at


def literal(text: str, at: int) -> tuple[str, int]:
    """What a string literal holds, with … for what is put in, and where it ends."""
    hashes = len(text[at:]) - len(text[at:].lstrip("#"))
    quote = '"""' if text.startswith('"""', at + hashes) else '"'
    closing, escape = quote + "#" * hashes, "\\" + "#" * hashes
    at += hashes + len(quote)
    content = ""
    while not text.startswith(closing, at):
        if text.startswith(escape, at):
            at += len(escape)
            if text[at] == "(":
                content, at = content + "…", interpolation_end(text, at)
            elif text[at] == "\n":
                at = len(text) - len(text[at:].lstrip())
            else:
                content, at = content + {"n": " ", "t": " ", "u": "?"}.get(text[at], text[at]), at + 1
        else:
            content, at = content + text[at], at + 1
    return " ".join(content.split("\n")) if quote == '"""' else content, at + len(closing)


def tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match
        line = text.count("\n", 0, at) + 1
        kind, at = match.lastgroup or "", match.end()
        if kind == "block":
            at = text.index("*/", at) + 2
        elif kind == "string":
            content, at = literal(text, match.start())
            yield Token("string", content, line)
        elif kind == "regex":
            at = text.index("/" + "#" * (len(match[0]) - 1), at) + len(match[0])
        elif kind != "skip":
            yield Token(kind, match[0], line)


@dataclass
class Scope:
    """What a bracket opens: a call, the body of a type or of a member, or neither."""

    call: str = ""
    name: str = ""
    # The exit code of the command that ends right behind a call.
    code: str = ""
    # What is told as its type, of a call that says it.
    said: str = ""
    # A text that + may go on, and its line.
    pending: tuple[str, int] | None = None


@dataclass(frozen=True)
class Message:
    file: str
    line: int
    # The call or the type that tells it.
    teller: str
    text: str
    ends: str


def header_name(header: list[Token]) -> str:
    """The type or the member whose body stands behind this header."""
    for index, token in enumerate(header[:-1]):
        if token.text in {"enum", "struct", "class", "extension", "protocol", "actor", "func", "var"}:
            return header[index + 1].text
    return ""


def exit_behind(all_tokens: list[Token], at: int) -> str:
    """N where `throw ExitCode(N)` is the next statement behind the call whose parenthesis is at `at`, or behind its loop."""
    depth = 0
    while at < len(all_tokens):
        mark = all_tokens[at].text if all_tokens[at].kind == "mark" else ""
        depth += (mark == "(") - (mark == ")")
        at += 1
        if depth == 0:
            break
    while at < len(all_tokens) and all_tokens[at].text == "}":
        at += 1
    words = [token.text for token in all_tokens[at : at + 4]]
    return words[3] if words[:3] == ["throw", "ExitCode", "("] and words[3].isdigit() else ""


def messages(file: str, text: str, errors: set[str]) -> Iterator[Message]:
    """`errors`: the names of all types that are errors."""
    scopes = [Scope()]
    header: list[Token] = []
    before: Token | None = None
    all_tokens = list(tokens(text))
    # What is given a value outside of any body, as a default.
    member = ""

    def told(text: str, line: int) -> Iterator[Message]:
        if not re.search(r"[a-z]{2}", text) or " " not in text.strip() and "…" not in text:
            return
        if cell(text) in NO_ERRORS or cell(text).startswith("aws lambda invoke"):
            return
        if any(scope.call.rsplit(".", 1)[-1] in COMPARISONS for scope in scopes):
            return
        call = next((scope for scope in reversed(scopes) if scope.call in CALLS), None)
        if call:
            yield Message(file, line, call.call, text, call.code or CALLS[call.call] or call.said)
            return
        path = [part for scope in scopes if scope.name for part in scope.name.split(".")]
        path += [member] if member else []
        for length in (2, 1):
            for start in range(len(path) - length, -1, -1):
                name = ".".join(path[start : start + length])
                if name in TYPES or name in errors:
                    ends = TYPES.get(name, MODULES.get(file.split("/")[1], BOTH))
                    if ends:
                        yield Message(file, line, name, text, ends)
                    return
        if RULE.match(text) and file.startswith(RULES_IN):
            yield Message(file, line, "rule", text, SETTING)

    for index, token in enumerate(all_tokens):
        scope = scopes[-1]
        following = all_tokens[index + 1] if index + 1 < len(all_tokens) else None
        if token.kind == "string":
            if before and before.text == "type" or before and before.text == ":" and all_tokens[index - 2].text == "type":
                scope.said = token.text
            elif scope.pending and before and before.text == "+":
                scope.pending = (scope.pending[0] + token.text, scope.pending[1])
            else:
                if scope.pending:
                    yield from told(*scope.pending)
                scope.pending = (token.text, token.line)
        elif token.text in "([{" and token.kind == "mark":
            if scope.pending and before and before.text == "+":
                scope.pending = (scope.pending[0] + "…", scope.pending[1])
            new = Scope()
            if token.text == "(" and before and before.kind == "name":
                new.call = before.text
                if new.call == "StandardError.print":
                    new.code = exit_behind(all_tokens, index)
            elif token.text == "{":
                new.name = header_name(header)
                header = []
            scopes.append(new)
        elif token.text in ")]}" and token.kind == "mark":
            if scope.pending:
                yield from told(*scope.pending)
            if len(scopes) > 1:
                scopes.pop()
            if token.text == "}":
                header = []
        elif token.text == "+":
            if before and before.kind == "name" and scope.pending:
                scope.pending = (scope.pending[0] + "…", scope.pending[1])
        elif scope.pending and before and before.kind == "string":
            # The chain is at its end.
            yield from told(*scope.pending)
            scope.pending = None
        elif token.text in {",", "?", ":", "case", "return", "default", "let", "var", "static", "private", "public"}:
            if scope.pending:
                yield from told(*scope.pending)
                scope.pending = None
        if token.kind != "string":
            header.append(token)
            if token.text in {";"} or following and following.line != token.line and token.text in {"}"}:
                header = []
        if token.text in {"let", "var"}:
            member = all_tokens[index + 1].text
        elif token.text in {"func", "case", "}"}:
            member = ""
        before = token


ERROR = re.compile(r"\b(?:enum|struct|class)\s+(\w+)\s*:[^{]*\bError\b[^{]*\{")


ERROR = re.compile(r"\b(?:enum|struct|class)\s+(\w+)\s*:[^{]*\bError\b[^{]*\{")


def cell(text: str) -> str:
    return re.sub(r"…+", "…", " ".join(text.split())).replace("|", "\\|").replace("<", "&lt;")


RAISED = re.compile(r"RAISE (?:EXCEPTION|SQLSTATE '(\w+)' USING MESSAGE =|(\w+) USING MESSAGE =) (?:format\()?'((?:[^']|'')+)'([^;]*)")


def raised(text: str) -> Iterator[tuple[str, str]]:
    """What the schema's functions raise, with the SQLSTATE or its name."""
    for state, name, message, rest in RAISED.findall(text):
        own = re.search(r"ERRCODE = '(\w+)'", rest)
        yield re.sub(r"%\w", "…", message), state or name or (own[1] if own else "P0001")


def table(sources: dict[str, str]) -> str:
    lines = [
        "# Messages",
        "",
        "Every error message, made by `scripts/lib/messages.py --write` from the sources; \"…\" stands for what is put in, and a",
        "line that begins with it is put behind another one. How it ends: the exit code of the command; `beside` is told on",
        "standard error while the command goes on, and its outcome decides; a name with `Function.` or `Runtime.` is the error's",
        "type as Lambda is told; `the log` is a line of the function's log. What `pooltable doctor` finds is not here: that is",
        "its answer.",
    ]
    module = ""
    errors = {name for text in sources.values() for name in ERROR.findall(text)}
    for file, text in sources.items():
        if file.endswith(".sql"):
            found = [(cell(message), f"SQLSTATE {state}") for message, state in raised(text) if state != "PT000"]
        else:
            found = list(dict.fromkeys((cell(m.text), m.ends) for m in messages(file, text, errors)))
        if not found:
            continue
        if module != (module := file.split("/")[1]):
            lines += ["", f"## {module}", "", "| message | how it ends | in |", "|---|---|---|"]
        name = file.rsplit("/", 1)[1].removesuffix(".swift")
        lines += [f"| {text} | {ends} | {name} |" for text, ends in found]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    files = sorted([*options.root.glob("Sources/**/*.swift"), *options.root.glob("Sources/*/SQL/*.sql")])
    sources = {str(file.relative_to(options.root)): file.read_text() for file in files}
    problems = []
    page = options.root / PAGE
    made = table(sources)
    if options.write:
        page.write_text(made)
    elif options.check:
        if not page.exists() or page.read_text() != made:
            problems.append(f"{PAGE} is not what the sources say: run scripts/lib/messages.py --write, and read what it has changed")
    else:
        print(made, end="")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
