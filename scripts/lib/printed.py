"""Whether something printed what a README shows: printed.py PAGE COMMAND <OUTPUT.

The page's session that begins with COMMAND is compared, but for that line. In it "…" stands for any text, and a line of
nothing else for any lines.
"""

import re
import sys
from pathlib import Path

page, command = sys.argv[1:]
sessions = re.findall(rf"^```console\n\$ {re.escape(command)}\n(.*?)^```$", Path(page).read_text(), re.M | re.S)
if len(sessions) != 1:
    sys.exit(f"{page} has {len(sessions)} sessions that begin with {command}")
printed = sys.stdin.read()
pattern = "".join(
    "(?:.*\n)*" if line == "…\n" else ".*".join(map(re.escape, line.split("…"))) for line in sessions[0].splitlines(True))
if not re.fullmatch(pattern, printed):
    sys.exit(f"{command} printed\n{printed}in place of {page}'s\n{sessions[0]}")
