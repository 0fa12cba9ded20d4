"""Whether a start with a MiniStack that has changed says so in one line, and names what is gone or different."""

import pathlib
import runpy
import sys

from ministack.services import cognito

del cognito._sign_up
cognito._confirm_sign_up = lambda event: None
server = pathlib.Path(__file__).with_name("ministack_server.py")
sys.argv = [str(server), "--check"]
# As Python does for a script.
sys.path.insert(0, str(server.parent))
try:
    runpy.run_path(str(server))
    told = "nothing"
except SystemExit as end:
    told = str(end)
wanted = "cognito._sign_up is gone; ministack.services.cognito._confirm_sign_up takes (event), and took (data)"
if not told.startswith("MiniStack ") or not told.endswith(wanted) or "\n" in told:
    sys.exit(f"NOT told that MiniStack has changed: {told}")
print(told)
