"""What a report to Sentry may contain. Everything else is left out, so that no personal data can be in it.

The messages of exceptions are left out, too: those of the database contain rows, and others what a reader has typed.
They are in the log, under the same number of the request. What remains is which code failed: types of exceptions and
lines of source code, and of a request the name of its route.
"""

from logging import LogRecord
from typing import cast

from sentry_sdk.types import Event, Hint

from truthlytics.web.request_ids import current_request_id
from truthlytics.web.types import Content, JsonObject

KEPT = frozenset(
    {"event_id", "timestamp", "level", "platform", "logger", "release", "environment", "server_name", "sdk"}
)
KEPT_OF_FRAMES = frozenset(
    {"filename", "function", "module", "lineno", "pre_context", "context_line", "post_context", "in_app"}
)
KEPT_OF_MECHANISMS = frozenset({"type", "handled", "source", "exception_id", "parent_id", "is_exception_group"})
# Only these log constant texts with arguments, which are left out. Ruff checks it (G).
OWN_LOGGERS = ("articles.", "comments.", "subscriptions.", "truthlytics.")
# A client can invent others.
METHODS = frozenset({"GET", "HEAD", "POST"})


def reduce_report(event: Event, hint: Hint) -> Event | None:
    """Return what may be sent of `event`, or None if it is no error of the site."""
    record: LogRecord | None = hint.get("log_record")
    if not is_error(event, record):
        return None
    # Files that a plug-in may have attached.
    hint["attachments"] = []
    reduced = _only(KEPT, event)
    reduced["tags"] = tags_of(record)
    if values := (event.get("exception") or {}).get("values"):
        reduced["exception"] = {"values": [reduce_exception(value) for value in values]}
    if record and isinstance(record.msg, str) and record.name.startswith(OWN_LOGGERS):
        reduced["logentry"] = {"message": record.msg}
    return cast(Event, reduced)


def is_error(event: Event, record: LogRecord | None) -> bool:
    """Return whether to report `event`: not what strangers can cause as often as they like."""
    if record is None or record.name.split(".")[0] != "django":
        return True
    # Django logs each response with a status such as 503, and requests with a wrong host.
    return "exception" in event and not record.name.startswith("django.security")


def tags_of(record: LogRecord | None) -> dict[str, str]:
    """Return which page failed: the name of its route and no path, and the number that the log has."""
    request = getattr(record, "request", None)
    if request is None:
        return {"request": number} if (number := current_request_id()) else {}
    match = getattr(request, "resolver_match", None)
    return {
        "route": (match.view_name if match else "") or "unknown",
        "method": request.method if request.method in METHODS else "other",
        "request": current_request_id(),
    }


def reduce_exception(exception: Content) -> JsonObject:
    frames = (exception.get("stacktrace") or {}).get("frames") or []
    return {
        **_only({"type", "module"}, exception),
        "mechanism": _only(KEPT_OF_MECHANISMS, exception.get("mechanism") or {}),
        "stacktrace": {"frames": [_only(KEPT_OF_FRAMES, frame) for frame in frames]},
    }


def _only(names: frozenset[str] | set[str], of: Content) -> JsonObject:
    return {name: value for name, value in of.items() if name in names}
