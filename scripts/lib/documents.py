"""documents.py: whether the links of every README lead somewhere, whether something runs the commands in it, and whether
Tests/README.md names the versions that are installed.

And of every module's page, MODULE.docc/MODULE.md: whether its example stands in Tests/MODULETests/ExampleTests.swift, and
its topics have every public type.

A fence of commands, with what they print (```console) or without (```sh, or none), or of SQL has a comment above it
that names the class of tests or the script that runs it, or compares it. That names in turn how the fence begins, as
DocumentedSession, DocumentedFence or printed.py is told it, or runs it itself; or the comment also names a file, which
the fence shows. Where there is no output, the comment may say instead why it is not run. The guide's steps are for
guide_steps.py to look after.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)```.*?^\1```$", re.M | re.S)
COMMAND = re.compile(
    r"^ *(?:(?:[\d*/,-]+ +){5})?(?:\w+=\S* +)*(?:(?:pooltable|psql|aws|jq|curl|git|swift) [\w\"'$-]|(?:\.build|scripts)/\w)", re.M
)
INDENTED = re.compile(r"(?:^|\n)\n((?: {4}.*\n)+)")
MARKER = re.compile(r"<!-- [^>]*\bby ([\w/]+)\b[^>]*-->\n+$")
SHOWN_FILE = re.compile(r"<!-- (\w+/[\w/.-]+), [^>]*-->\n+$")
NOT_RUN = re.compile(r" *<!-- Not run: [^>]+\. -->\n+$")
GUIDE = ROOT / "scripts/deploy/README.md"
EXAMPLE = re.compile(r"^```swift\n(.*?)^```$", re.M | re.S)
PUBLIC_TYPE = re.compile(r"^public (?:final )?(?:struct|class|enum|protocol) (\w+)", re.M)
IMPORT = re.compile(r"^import \w+\n", re.M)
TESTS = re.compile(r"^final class (\w+Tests)\b", re.M)
BEGINNING = re.compile(r'\bbeginning: (?:"([^"]*)"|#"(.*?)"#)|\bcheck\(\s*(?:"([^"]*)"|#"(.*?)"#)|printed\.py \S+ "([^"]*)"')


def slug(heading: str) -> str:
    """As GitHub makes anchors."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(text: str) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.M)}


def broken_links(page: Path, text: str) -> Iterator[str]:
    for target in LINK.findall(FENCE.sub("", text)):
        path, _, anchor = target.partition("#")
        if re.match(r"\w+:", target):
            continue
        found = (page.parent / path).resolve() if path else page
        if not found.exists():
            yield f"{target} is not there"
        elif anchor and anchor not in anchors((found / "README.md" if found.is_dir() else found).read_text()):
            yield f"{target}: no such heading"


def unrun_commands(text: str, runners: dict[str, str]) -> Iterator[str]:
    for fence in FENCE.finditer(text):
        head, _, body = fence[0].lstrip().partition("\n")
        language, content = head.removeprefix("```"), body.rpartition("\n")[0] + "\n"
        if language not in ("console", "sh", "sql") and (language or not COMMAND.search(content)):
            continue
        beginning = content.split("\n", 1)[0].strip().removeprefix("$ ")
        above = text[: fence.start()]
        marker, shown = MARKER.search(above), SHOWN_FILE.search(above)
        if not marker:
            if language == "console" or not NOT_RUN.search(above):
                yield f"nothing above '{beginning}' says who runs it"
        elif shown:
            file = ROOT / shown[1]
            if marker[1] not in runners or not file.exists() or file.read_text() != content:
                yield f"'{beginning}' is said to be {shown[1]}, run by {marker[1]}, and is not"
        elif not runs(runners.get(marker[1], ""), beginning):
            yield f"'{beginning}' is said to be run by {marker[1]}, and is not"
    for block in INDENTED.finditer(FENCE.sub("", text)):
        if COMMAND.search(block[1]):
            yield f"'{block[1].strip()}' is not in a fence"


def other_versions() -> Iterator[str]:
    """Of what plays AWS."""
    page, pinned = (ROOT / "Tests/README.md").read_text(), (ROOT / "scripts/lib/python.sh").read_text()
    for name, package in [("MiniStack", "ministack"), ("AWS CLI", "awscli"), ("moto", "moto")]:
        version = re.search(rf"\b{package}(?:\[\w+\])?==([\d.]+)", pinned)
        row = re.search(rf"^\| \[?{name}(?:\]\([^)]*\))? ([\d.]+)", page, re.M)
        if not version or not row or version[1] != row[1]:
            yield f"Tests/README.md: the version of {name} is not the one of scripts/lib/python.sh"


def runs(runner: str, beginning: str) -> bool:
    told = ["".join(each) for each in BEGINNING.findall(runner)]
    return any(map(beginning.startswith, told)) or bool(re.search(rf"^ *{re.escape(beginning)}\b", runner, re.M))


def uncompiled_examples(module: str, text: str) -> Iterator[str]:
    """Imports may stand apart: a file has them at its head, and those of a test are more."""
    file = ROOT / "Tests" / f"{module}Tests" / "ExampleTests.swift"
    compiled = file.read_text() if file.exists() else ""
    for code in EXAMPLE.findall(text):
        imports = IMPORT.findall(code)
        if IMPORT.sub("", code).strip() not in compiled or not set(imports) <= set(IMPORT.findall(compiled)):
            yield f"{code.strip().splitlines()[-1]}: an example that {file.relative_to(ROOT)} does not have"


def unlisted_types(module: str, text: str) -> Iterator[str]:
    for file in sorted((ROOT / "Sources" / module).rglob("*.swift")):
        for name in PUBLIC_TYPE.findall(file.read_text()):
            if f"- ``{name}``\n" not in text:
                yield f"{name}, of {file.relative_to(ROOT)}, is in none of the topics"


def problems() -> Iterator[str]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    files = [ROOT / name for name in listed.stdout.splitlines()]
    tests = [file.read_text() for file in files if file.suffix == ".swift" and "Tests" in file.parts and file.exists()]
    runners = {name: text for text in tests for name in TESTS.findall(text)}
    runners |= {f"scripts/{file.name}": file.read_text() for file in (ROOT / "scripts").iterdir() if file.is_file()}
    yield from other_versions()
    for page in files:
        if page.name == "README.md" and page.exists():
            text = page.read_text()
            found = [*broken_links(page, text), *(unrun_commands(text, runners) if page != GUIDE else [])]
            yield from (f"{page.relative_to(ROOT)}: {problem}" for problem in found)
        elif page.suffix == ".md" and page.parent.suffix == ".docc" and page.exists():
            module, text = page.parent.stem, page.read_text()
            found = [*uncompiled_examples(module, text), *unlisted_types(module, text)]
            yield from (f"{page.relative_to(ROOT)}: {problem}" for problem in found)


found = list(problems())
print("\n".join(found), file=sys.stderr, end="\n" if found else "")
sys.exit(1 if found else 0)
