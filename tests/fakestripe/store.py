"""Objects, kept as the dictionaries that the API returns."""

import calendar
import copy
import datetime as dt
import itertools
import threading
from collections.abc import Iterable
from typing import Any

from tests.fakestripe.answers import CLASSES, INCLUDED_ON_REQUEST, check
from tests.fakestripe.requests import ApiError

Object = dict[str, Any]
DAY = 86_400
MAX_EXPAND_DEPTH = 4


def add_interval(anchor: int, interval: str, count: int) -> int:
    """Return the time `count` intervals after `anchor`, always counted from there: 31 Jan, 28 Feb, 31 Mar."""
    start = dt.datetime.fromtimestamp(anchor, dt.UTC)
    if interval in ("day", "week"):
        return anchor + count * DAY * (7 if interval == "week" else 1)
    months = start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def listed(data: list[Object], url: str = "", *, more: bool = False) -> Object:
    return {"object": "list", "url": url, "has_more": more, "data": data}


class Store:
    """Keeps objects and the time. `now` is a Unix timestamp that only `advance` moves."""

    def __init__(self, now: int | None = None) -> None:
        self.now = now or int(dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC).timestamp())
        self.livemode = False
        self.base_url = "https://stripe.test"
        self.objects: dict[str, Object] = {}
        # The same objects by kind, and by kind and customer.
        self.groups: dict[tuple[str, str], dict[str, Object]] = {}
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_fake{next(self._numbers):06d}"

    def put(self, kind: str, prefix: str, **fields: Any) -> Object:
        """Store a new object. Common fields are added if the SDK declares them for this kind."""
        declared = CLASSES[kind].__annotations__
        common = {"created": self.now, "livemode": self.livemode, "metadata": {}}
        obj = {"id": fields.pop("id", None) or self.new_id(prefix), "object": kind}
        obj |= {name: value for name, value in common.items() if name in declared} | fields
        check(obj)
        self.objects[obj["id"]] = obj
        self.groups.setdefault((kind, ""), {})[obj["id"]] = obj
        if customer := obj.get("customer"):
            self.groups.setdefault((kind, customer), {})[obj["id"]] = obj
        return obj

    def get(self, id: str, kind: str | None = None) -> Object:
        obj = self.objects.get(id)
        if obj is None or (kind and obj["object"] != kind):
            raise ApiError(404, f"No such {kind or 'object'}: '{id}'", code="resource_missing", param="id")
        return obj

    def all(self, kind: str, **where: Any) -> list[Object]:
        """Return the objects of a kind, oldest first."""
        found = list(self.groups.get((kind, where.get("customer") or ""), {}).values())
        return [obj for obj in found if all(obj.get(name) == value for name, value in where.items())]

    def page(
        self,
        objects: Iterable[Object],
        url: str,
        *,
        limit: int = 10,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> Object:
        """Return a page of a list, newest first."""
        ordered = sorted(objects, key=lambda obj: (obj.get("created", 0), obj["id"]), reverse=True)
        ids = [obj["id"] for obj in ordered]
        if starting_after:
            ordered = ordered[ids.index(starting_after) + 1 :]
        if ending_before:
            ordered = ordered[: ids.index(ending_before)]
        return listed(ordered[:limit], url, more=len(ordered) > limit)

    def expanded(self, obj: Object, paths: Iterable[str]) -> Object:
        """Return a copy with references replaced by objects, without the fields that were not asked for."""
        answer = copy.deepcopy(obj)
        paths = list(paths)
        for path in paths:
            if path.count(".") >= MAX_EXPAND_DEPTH:
                raise ApiError(400, f"You cannot expand more than 4 levels of a property. Property: {path}")
        self._expand(answer, [path.split(".") for path in paths])
        check(answer)
        return answer

    def _expand(self, node: Any, paths: list[list[str]]) -> None:
        if isinstance(node, list):
            for item in node:
                self._expand(item, paths)
            return
        # Events hold objects as they were sent.
        if not isinstance(node, dict) or node.get("object") == "event":
            return
        wanted = {path[0] for path in paths}
        for name in INCLUDED_ON_REQUEST.get(node.get("object", ""), []):
            if name not in wanted:
                node.pop(name, None)
        for name in wanted:
            if isinstance(node.get(name), list):
                node[name] = [self._referenced(item) for item in node[name]]
            elif name in node:
                node[name] = self._referenced(node[name])
            elif node.get("object") in CLASSES and name not in CLASSES[node["object"]].__annotations__:
                raise ApiError(400, f"This property cannot be expanded ({name}).", param="expand")
        for name, value in node.items():
            self._expand(value, [path[1:] for path in paths if path[0] == name and path[1:]])

    def _referenced(self, value: Any) -> Any:
        return copy.deepcopy(self.objects[value]) if isinstance(value, str) and value in self.objects else value


def merge_metadata(obj: Object, changes: Any) -> None:
    """Merge as Stripe does: an empty value deletes the key, an empty string all keys."""
    if changes == "":
        obj["metadata"] = {}
        return
    merged = {**(obj.get("metadata") or {}), **(changes or {})}
    obj["metadata"] = {name: value for name, value in merged.items() if value != ""}
