"""Which responses are articles that people read, and counting how often something is opened by people.

`truthlytics.statistics` counts the reads.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.http import HttpResponse
from django.utils import timezone

from truthlytics.web.agents import Kind, agent_of
from truthlytics.web.batches import BatchCounter

# The number of sums (a thing and a day) kept while they cannot be saved.
MAX_TOTALS = 50_000

# A response header for the page cache, with the id of the article that is read.
READ_OF = "X-Page-Read-Of"
# The keys in the WSGI environ that tell Django that the page cache will count, and that the site asks itself, which is
# not counted. Requests cannot set them: their headers become keys starting with HTTP_.
COUNTED_BY_CACHE = "truthlytics.counted_by_cache"
ASKED_BY_SITE = "truthlytics.asked_by_site"

# How often something was opened, by day and id.
Totals = Counter[tuple[date, int]]
OpenCounter = BatchCounter[int, Totals]


def read_of(response: HttpResponse, subject: int) -> HttpResponse:
    """Count each time `response` is sent as a request for the article with the id `subject`."""
    response.read_of = subject  # type: ignore[attr-defined]
    return response


def is_read(environ: Mapping[str, object]) -> bool:
    """Return whether a GET request is made by a browser that shows the page now."""
    return (
        agent_of(str(environ.get("HTTP_USER_AGENT", ""))).kind is Kind.PERSON
        and "HTTP_SEC_PURPOSE" not in environ
        and "HTTP_PURPOSE" not in environ
    )


def open_counter(save: Callable[[Totals], None]) -> OpenCounter:
    """Return a counter of ids, which belong to the day on which they are saved first."""
    return BatchCounter(new=Counter, add=_add, save=save)


def _add(totals: Totals, subjects: Iterable[int]) -> None:
    today = timezone.localdate()
    for subject, number in Counter(subjects).items():
        if (today, subject) in totals or len(totals) < MAX_TOTALS:
            totals[today, subject] += number
