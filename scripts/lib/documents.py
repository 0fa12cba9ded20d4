"""documents.py: whether the links of every README lead somewhere, and whether a test runs each of its sessions.

And of every module's page, MODULE.docc/MODULE.md: whether its example stands in Tests/MODULETests/ExampleTests.swift, and
its topics have every public type.

A session, a fence of commands with what they print (```console), has a comment above it that names the class of tests
or the script that runs it, or compares it; and that names how its first command begins, as DocumentedSession or
printed.py is told it.
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
MARKER = re.compile(r"<!-- [^>]*\bby ([\w/]+)\b[^>]*-->\n+$")
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


def unrun_sessions(text: str, runners: dict[str, str]) -> Iterator[str]:
    for fence in FENCE.finditer(text):
        if not fence[0].lstrip().startswith("```console"):
            continue
        command = fence[0].split("\n", 2)[1].strip().removeprefix("$ ")
        marker = MARKER.search(text[: fence.start()])
        if not marker:
            yield f"nothing above '{command}' says who runs it"
        elif not any(command.startswith("".join(each)) for each in BEGINNING.findall(runners.get(marker[1], ""))):
            yield f"'{command}' is said to be run by {marker[1]}, and is not"


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
    for page in files:
        if page.name == "README.md" and page.exists():
            text = page.read_text()
            found = [*broken_links(page, text), *unrun_sessions(text, runners)]
            yield from (f"{page.relative_to(ROOT)}: {problem}" for problem in found)
        elif page.suffix == ".md" and page.parent.suffix == ".docc" and page.exists():
            module, text = page.parent.stem, page.read_text()
            found = [*uncompiled_examples(module, text), *unlisted_types(module, text)]
            yield from (f"{page.relative_to(ROOT)}: {problem}" for problem in found)


found = list(problems())
print("\n".join(found), file=sys.stderr, end="\n" if found else "")
sys.exit(1 if found else 0)
