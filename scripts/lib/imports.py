"""Checks that no source file imports a module that its target does not name in Package.swift.

SwiftPM lets a target import whatever happens to be built before it; the arrows between the modules would then be
what the last build order allowed. Reads `swift package dump-package` from standard input.

Also an error: a dependency that no file imports, Foundation in what bootstrap links, and a row of the graph in
Sources/README.md that does not say what Package.swift does.
"""

import json
import re
import sys
from pathlib import Path

# Modules of the toolchain. Foundation is checked apart.
TOOLCHAIN = {"Glibc", "Synchronization", "XCTest", "PackageDescription"}
FOUNDATION = {"Foundation", "FoundationEssentials"}
# Never linked into bootstrap.
MAY_IMPORT_FOUNDATION = {"CommandLine", "LocalLambda"}
# Programs that tests start: a dependency without an import.
STARTED = {"bootstrap"}

# Not in the graph's rows: what everything may know; and what has an arrow there, or is for the tests.
EVERYWHERE = {"Settings", "JSON", "Clock"}
WITHOUT_A_ROW = {"TriggerFunction", "CommandLine", "bootstrap", "TestSupport"}
NAMES = r"(?:[A-Z]|lib)\w+(?:, (?:[A-Z]|lib)\w+)*"
ROW = re.compile(rf"^ (?P<modules>{NAMES}) +(?:(?P<known>{NAMES}) )? +[a-z].*", re.MULTILINE)

IMPORT = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+|public\s+|internal\s+|package\s+|private\s+|fileprivate\s+)*"
    r"import\s+(?:struct\s+|class\s+|enum\s+|protocol\s+|func\s+|var\s+|let\s+|typealias\s+)?(\w+)",
    re.MULTILINE,
)


def dependencies(target: dict) -> set[str]:
    names = set()
    for dependency in target["dependencies"]:
        (_, value), = ((kind, value) for kind, value in dependency.items() if value)
        names.add(value[0])
    return names


def imports(folder: Path) -> dict[str, Path]:
    """Every imported module, with a file that imports it."""
    found: dict[str, Path] = {}
    for file in sorted(folder.rglob("*.swift")):
        for match in IMPORT.finditer(file.read_text()):
            found.setdefault(match.group(1), file)
    return found


def problems(package: dict, root: Path):
    targets = {target["name"]: target for target in package["targets"]}
    for name, target in targets.items():
        if target["type"] == "system":
            continue
        is_test = target["type"] == "test" or name == "TestSupport"
        folder = root / (target.get("path") or f"{'Tests' if is_test else 'Sources'}/{name}")
        declared = dependencies(target)
        imported = imports(folder)
        if not imported and not declared:
            continue
        for module, file in imported.items():
            place = file.relative_to(root)
            if module in FOUNDATION:
                if not is_test and name not in MAY_IMPORT_FOUNDATION:
                    yield f"{place}: {name} may not import {module}"
            elif module not in TOOLCHAIN and module not in declared:
                yield f"{place}: imports {module}, which Package.swift does not name for {name}"
        for module in sorted(declared - set(imported)):
            if module not in STARTED:
                yield f"Package.swift: {name} names {module}, which none of its files imports"


def graph_problems(package: dict, page: str):
    targets = {target["name"]: dependencies(target) for target in package["targets"] if target["type"] == "regular"}
    shown = set()
    for row in ROW.finditer(page.split("```")[1]):
        modules = row["modules"].split(", ")
        shown.update(modules)
        known = set((row["known"] or "").split(", ")) - EVERYWHERE - {""}
        declared = set().union(*(targets.get(module, {"nothing: there is no such module"}) for module in modules))
        # CLibPQ is libpq there.
        declared = {re.sub("^CLib(.*)", lambda name: "lib" + name[1].lower(), name) for name in declared} - EVERYWHERE
        if known != declared:
            yield f"Sources/README.md: {row['modules']}: Package.swift has {', '.join(sorted(declared)) or 'nothing'} there"
    for module in sorted(targets.keys() - shown - WITHOUT_A_ROW):
        yield f"Sources/README.md: the graph has no row for {module}"


def main() -> int:
    root = Path(__file__).resolve().parents[2]
    package = json.load(sys.stdin)
    found = [*problems(package, root), *graph_problems(package, (root / "Sources/README.md").read_text())]
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
