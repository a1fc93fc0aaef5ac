"""Which code runs. Read when the process starts: later, other files may be installed."""

import re

from truthlytics import __version__
from truthlytics.env import BASE_DIR

GIT = BASE_DIR / ".git"


def read_commit() -> str:
    """Return the beginning of the commit that is checked out; "" if the code is not from Git."""
    try:
        head = (GIT / "HEAD").read_text(encoding="utf-8").strip()
        if name := head.removeprefix("ref: ") if head.startswith("ref: ") else "":
            loose = GIT / name
            packed = "" if loose.exists() else (GIT / "packed-refs").read_text(encoding="utf-8")
            found = re.search(rf"^([0-9a-f]{{40}}) {re.escape(name)}$", packed, re.MULTILINE)
            head = found[1] if found else loose.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    return head[:8]


COMMIT = read_commit()
# Such as “1.1.0.dev0 (47c8065c)”.
RUNNING = f"{__version__} ({COMMIT})" if COMMIT else __version__
