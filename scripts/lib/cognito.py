"""A Cognito of one's own for scripts/replay: moto, with the pools and the users of some events in it.

  python cognito.py ADDRESS_FILE PATH...

serves until it is ended, and writes its URL to ADDRESS_FILE once it does. It ends with its parent.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from moto.cognitoidp.models import cognitoidp_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


def end_with_parent():
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def events(paths):
    for path in map(Path, paths):
        for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
            try:
                event = json.loads(file.read_bytes())
            except (OSError, ValueError):
                continue
            if isinstance(event, dict):
                yield event


def subject(event):
    """Pool, name and sub of the user that a trigger's event, or a record of CloudTrail's, is about, as far as it says."""
    detail = event.get("detail")
    if isinstance(detail, dict):
        # A record hides the name: any other will do.
        sub = (detail.get("additionalEventData") or {}).get("sub")
        return (detail.get("requestParameters") or {}).get("userPoolId"), sub, sub
    attributes = (event.get("request") or {}).get("userAttributes") or {}
    sub = attributes.get("sub") if isinstance(attributes, dict) else None
    return event.get("userPoolId"), event.get("userName"), sub


def add_user(event):
    """The pool and the user that an event is about; nothing where it names neither, or a region that is none."""
    pool_id, name, sub = subject(event)
    if not all(isinstance(value, str) and value for value in (pool_id, name, sub)) or "_" not in pool_id:
        return
    backends, region = cognitoidp_backends[DEFAULT_ACCOUNT_ID], pool_id.rpartition("_")[0]
    if region not in backends.regions:
        return
    backend = backends[region]
    if pool_id not in backend.user_pools:
        pool = backend.create_user_pool("replay", {})
        # moto invents ids; the events' are wanted.
        del backend.user_pools[pool.id]
        pool.id = pool_id
        backend.user_pools[pool_id] = pool
    pool = backend.user_pools[pool_id]
    if name not in {user.username for user in pool.users.values()}:
        user = backend.admin_create_user(pool_id, name, "SUPPRESS", None, [])
        # As with pools: the event's, not moto's.
        user.update_attributes([{"Name": "sub", "Value": sub}])


end_with_parent()
for each in events(sys.argv[2:]):
    add_user(each)
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
with open(sys.argv[1] + ".new", "w") as address:
    address.write(f"http://127.0.0.1:{server.port}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
server.serve_forever()
