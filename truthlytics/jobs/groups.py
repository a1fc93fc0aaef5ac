"""What a group of periodic jobs is. Web processes import this, and not `listed` with all that jobs need, 10 MB."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

NAMES = ("publication", "money", "tasks", "readers", "images", "outside", "backups")
# Seconds after which a job is ended: most of them, those that may have thousands of readers, those that deal with
# strangers and other servers, and backups.
LIMIT, LIMIT_OF_MANY, LIMIT_OUTSIDE, LIMIT_OF_BACKUPS = 300, 1800, 120, 6 * 3600


class Job(NamedTuple):
    """`run` gets the current time and returns a count of what `label` says. It is safe to run twice, concurrently or
    late. What it has not done after `limit` seconds, it does the next time.
    """

    label: str
    run: Callable[[datetime], int]
    limit: float = LIMIT


class Group(NamedTuple):
    name: str
    jobs: tuple[Job, ...]
