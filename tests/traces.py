"""Which of the project's files and functions run while something happens, such as “Publish”.

.venv/bin/python -m tests.traces      # the figures of tests/test_traces.py, with the files of each
"""

import os
import sys
from collections import Counter
from functools import cache
from types import CodeType, FrameType
from typing import Any, Self

from truthlytics.env import BASE_DIR

# The parts of the product. Tests, Django and libraries are not counted.
PARTS = ("articles", "comments", "subscriptions", "truthlytics")
FEATURES = "truthlytics/contrib/"


class Trace:
    """Count what is called in this thread while the block runs. Code that runs once, on import, is not counted."""

    def __init__(self) -> None:
        self.calls: Counter[CodeType] = Counter()
        self.moves = 0

    def __enter__(self) -> Self:
        sys.setprofile(self.note)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(None)

    def note(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and is_ours(code := frame.f_code):
            self.calls[code] += 1
            caller = frame.f_back
            self.moves += caller is None or caller.f_code.co_filename != code.co_filename

    @property
    def files(self) -> list[str]:
        """Return the paths from the project's folder, in order."""
        return sorted({os.path.relpath(code.co_filename, BASE_DIR) for code in self.calls})

    @property
    def core(self) -> list[str]:
        """Return those that are not of a feature: who reads the way can leave the others out."""
        return [path for path in self.files if not path.startswith(FEATURES)]

    @property
    def functions(self) -> set[tuple[str, str]]:
        """Return the path and the name of each function that was called."""
        return {(os.path.relpath(code.co_filename, BASE_DIR), code.co_name) for code in self.calls}

    def __str__(self) -> str:
        return (
            f"{len(self.files)} files, {len(self.core)} of the core, {len(self.calls)} functions, "
            f"{self.calls.total()} calls, {self.moves} from another file"
        )


@cache
def is_ours(code: CodeType) -> bool:
    folder, _, rest = os.path.relpath(code.co_filename, BASE_DIR).partition(os.sep)
    return bool(rest) and folder in PARTS and code.co_name != "<module>"


def main() -> int:
    os.environ["SHOW_TRACES"] = "1"
    return os.spawnv(
        os.P_WAIT, sys.executable, [sys.executable, str(BASE_DIR / "manage.py"), "test", "tests.test_traces"]
    )


if __name__ == "__main__":
    sys.exit(main())
