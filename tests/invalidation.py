"""Whether a change invalidates cached pages."""

from collections.abc import Callable, Iterable
from unittest.mock import patch

from truthlytics.web.generations import Generations


def invalidates(case, tags: Iterable[str], change: Callable[[], object]) -> bool:
    """Return whether `change`, made in the TestCase `case`, invalidates one of `tags`.

    Compares tags and not the cells of the generations file, which different tags can share.
    """
    wanted = set(tags)
    with patch.object(Generations, "bump") as bump, case.captureOnCommitCallbacks(execute=True):
        change()
    return any(wanted & set(call.args[0]) for call in bump.call_args_list)
