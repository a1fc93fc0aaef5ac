"""What unknown visitors can make the site store, and the ceiling of each kind.

Every kind is declared here. After requests that strangers send to change something, and with `tick`, what exceeds its
ceiling is deleted, what matters least first; where nothing may be deleted, what comes later is refused in a sentence.
Rows of accounts are never touched, nor counted. `tests.truthlytics.monitoring.test_strangers` sends large forms to all
addresses of the site and fails for a table that grows and is not here.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import OperationalError, models
from django.db.models import Count, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from articles.models import ErrorReport
from subscriptions.models import Cart, Declaration
from subscriptions.models.billing import BILLING_FIELDS
from truthlytics.contact.models import Message
from truthlytics.events.models import Event
from truthlytics.web import tasks
from truthlytics.web.counter_cache import CounterCache

logger = logging.getLogger(__name__)

MB = 1024 * 1024
# Bytes of a row beside its texts, with its entries in indexes.
ROW = 200
# Rows are deleted until this part of the ceiling, so that it need not be done again at once.
KEPT_PART = 0.9
BATCH = 500
# The part of a ceiling from which *Settings → System* and the alerts warn.
NEARLY = 0.95


class Octets(models.Func):
    """The length of a text in bytes."""

    function = "OCTET_LENGTH"
    output_field = models.IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **context)


class Stored(NamedTuple):
    rows: int
    size: int


class Kind(NamedTuple):
    """A kind of rows. `texts` are the columns with a length that strangers choose.

    `spare` are those that may be deleted, the first ones first, unless `is_owned`. A kind without them is refused at
    the routes in `refused_at` once it is full.
    """

    key: str
    name: str | Promise
    rows: Callable[[], QuerySet[Any]]
    texts: tuple[str, ...]
    most: Stored
    spare: Callable[[], QuerySet[Any]] | None = None
    refused_at: tuple[str, ...] = ()
    # Whether a row that is about to be deleted belongs to a person after all.
    is_owned: Callable[[Any], bool] = lambda pk: False

    def stored(self) -> Stored:
        """Return how much there is. Reads every row."""
        sums = self.rows().order_by().aggregate(rows=Count("pk"), size=Coalesce(Sum(self._size()), 0))
        return Stored(sums["rows"], sums["size"])

    def is_full(self) -> bool:
        found = self.stored()
        return found.rows >= self.most.rows or found.size >= self.most.size

    def shrink(self) -> int:
        """Delete what exceeds the ceiling. Returns the number of rows."""
        rows, size = self.stored()
        if self.spare is None or (rows <= self.most.rows and size <= self.most.size):
            return 0
        chosen = []
        for pk, octets in self.spare().values_list("pk", self._size()).iterator():
            if rows <= self.most.rows * KEPT_PART and size <= self.most.size * KEPT_PART:
                break
            if self.is_owned(pk):
                continue
            chosen.append(pk)
            rows, size = rows - 1, size - octets
        for start in range(0, len(chosen), BATCH):
            # Checked again by the conditions: a visitor may have got an account meanwhile.
            doomed = self.spare().order_by().filter(pk__in=chosen[start : start + BATCH]).values("pk")
            self.rows().model._default_manager.filter(pk__in=doomed).delete()
        return len(chosen)

    def _size(self) -> Any:
        texts = (Coalesce(Octets(Cast(name, models.TextField())), 0) for name in self.texts)
        return sum(texts, start=Value(ROW, models.IntegerField()))


class Counters(NamedTuple):
    """The counters of attempts in the database. Redis and memory have limits of their own."""

    key: str
    name: str | Promise
    most: Stored
    refused_at: tuple[str, ...] = ()

    def stored(self) -> Stored:
        table = caches["default"]
        return Stored(*table.attempts()) if isinstance(table, CounterCache) else Stored(0, 0)

    def shrink(self) -> int:
        """Delete first those of what was tried once, and of these those that expire first."""
        table, rows = caches["default"], self.stored().rows
        if rows <= self.most.rows or not isinstance(table, CounterCache):
            return 0
        return table.delete_attempts(rows - int(self.most.rows * KEPT_PART))


def _sessions() -> QuerySet[Session]:
    """Sessions of visitors who are not logged in."""
    return Session.objects.exclude(session_key__in=UserSession.objects.values("session_key"))


def _largest_sessions() -> QuerySet[Session]:
    return _sessions().order_by(Octets("session_data").desc(), "expire_date")


def _is_logged_in(session_key: str) -> bool:
    return SESSION_KEY in SessionStore(session_key).load()


def _carts() -> QuerySet[Cart]:
    return Cart.objects.filter(user=None, status=Cart.Status.OPEN).order_by("updated_at")


def _declarations() -> QuerySet[Declaration]:
    return Declaration.objects.from_unknown_senders()


def _unrelated_declarations() -> QuerySet[Declaration]:
    """Those without any account or order of this site. All others must be decided by an editor."""
    return _declarations().filter(user=None).order_by("declared_at")


def _events() -> QuerySet[Event]:
    return Event.objects.filter(kind__startswith="error_report.").order_by("pk")


def _told_events() -> QuerySet[Event]:
    return _events().exclude(told_at=None)


def _finished_tasks() -> QuerySet[Any]:
    return DBTaskResult.objects.filter(status=tasks.SUCCESSFUL).order_by("finished_at")


KINDS: tuple[Kind | Counters, ...] = (
    Kind(
        "sessions",
        _("Sessions without a login"),
        _sessions,
        ("session_data",),
        Stored(50_000, 32 * MB),
        spare=_largest_sessions,
        is_owned=_is_logged_in,
    ),
    Kind(
        "carts",
        _("Carts of visitors"),
        _carts,
        ("back_to", "campaign", *BILLING_FIELDS),
        Stored(20_000, 16 * MB),
        spare=_carts,
    ),
    Kind(
        "declarations",
        _("Declarations of unknown senders"),
        _declarations,
        ("name", "email", "contract", "reason"),
        Stored(20_000, 32 * MB),
        spare=_unrelated_declarations,
    ),
    Kind(
        "messages",
        _("Messages that wait"),
        Message.objects.waiting,
        ("text", "name", "email"),
        Stored(5_000, 32 * MB),
        refused_at=("contact",),
    ),
    Kind(
        "error_reports",
        _("Error reports that wait"),
        ErrorReport.objects.waiting,
        ("quote", "prefix", "suffix", "text", "source", "email", "name"),
        Stored(5_000, 32 * MB),
        refused_at=("articles:report_error",),
    ),
    Kind(
        "events",
        _("Events about error reports"),
        _events,
        ("data",),
        Stored(20_000, 16 * MB),
        spare=_told_events,
    ),
    Kind(
        "tasks",
        _("Finished tasks"),
        _finished_tasks,
        ("args_kwargs", "return_value", "traceback"),
        Stored(100_000, 64 * MB),
        spare=_finished_tasks,
    ),
    Counters("counters", _("Counters of attempts"), Stored(200_000, 64 * MB)),
)
TOTAL = sum(kind.most.size for kind in KINDS)


def shrink_all() -> int:
    """Delete what exceeds a ceiling, and log it. Returns the number of rows."""
    total = 0
    for kind in KINDS:
        if count := kind.shrink():
            logger.warning("Strangers have filled the ceiling of %s: %d rows deleted.", kind.key, count)
            total += count
    return total


def shrink_due(now: datetime) -> int:
    """Do so periodically."""
    return shrink_all()


def shrink_unless_locked() -> None:
    """Do so after a request. While the database is locked, the next one does."""
    try:
        shrink_all()
    except OperationalError:
        logger.info("What strangers have stored could not be looked at.")


def full_kind_at(route: str) -> Kind | None:
    """Return the kind of which nothing more is accepted at this route."""
    for kind in KINDS:
        if route in kind.refused_at and isinstance(kind, Kind) and kind.is_full():
            return kind
    return None


def is_nearly_full(kind: Kind | Counters, stored: Stored) -> bool:
    return stored.rows > NEARLY * kind.most.rows or stored.size > NEARLY * kind.most.size


def all_stored() -> Iterator[tuple[Kind | Counters, Stored]]:
    for kind in KINDS:
        yield kind, kind.stored()
