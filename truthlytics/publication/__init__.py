"""The publication: its name, look and rules, one row that publishers edit in the newsroom under “Settings”.

`get_publication()` returns the row. Each process keeps it until a change is committed, by any worker.
"""

from truthlytics.publication.current import get_publication, sender

__all__ = ["get_publication", "sender"]
