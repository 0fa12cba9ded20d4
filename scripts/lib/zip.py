"""zip.py OUT NAME=FILE…: a zip that depends on nothing but the names, contents and modes of its files.

Entries are sorted by name, carry SOURCE_DATE_EPOCH (or 1980, zip's first year) as their time, and
0755 or 0644 as their mode: whether FILE is executable.
"""

import os
import sys
import time
import zipfile

EARLIEST = 315532800  # 1980-01-01T00:00:00Z


def main(out, members):
    epoch = max(EARLIEST, int(os.environ.get("SOURCE_DATE_EPOCH") or EARLIEST))
    when = time.gmtime(epoch)[:6]
    unfinished = out + ".new"
    with zipfile.ZipFile(unfinished, "w") as archive:
        for name, path in sorted(member.split("=", 1) for member in members):
            entry = zipfile.ZipInfo(name, when)
            entry.create_system = 3  # Unix: without it the mode means nothing
            entry.external_attr = (0o100755 if os.access(path, os.X_OK) else 0o100644) << 16
            with open(path, "rb") as file:
                archive.writestr(entry, file.read(), zipfile.ZIP_DEFLATED, 9)
    os.replace(unfinished, out)


main(sys.argv[1], sys.argv[2:])
