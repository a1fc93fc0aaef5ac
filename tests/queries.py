"""Numbers of queries that must not grow with the rows."""

from typing import Any
from unittest import TestCase

from django.db import connection
from django.test.utils import CaptureQueriesContext


class SameQueries(CaptureQueriesContext):
    """Each `with` block runs as many queries as the first one did, whatever their number."""

    def __init__(self, case: TestCase) -> None:
        super().__init__(connection)
        self.case = case
        self.first: list[str] | None = None

    def __exit__(self, kind: Any, *rest: Any) -> None:
        super().__exit__(kind, *rest)
        if kind is None:
            queries = [query["sql"][:200] for query in self.captured_queries]
            self.first = queries if self.first is None else self.first
            self.case.assertEqual(len(queries), len(self.first), "\n".join(["First:", *self.first, "Then:", *queries]))
