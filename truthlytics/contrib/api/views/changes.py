"""What has happened since a program last asked, in the order of the transparency log, where nothing is lost."""

from articles.access import ReaderRequest
from articles.views.lists import LISTED
from truthlytics.api.endpoints import endpoint
from truthlytics.api.pages import items
from truthlytics.api.parameters import LIMIT, Parameter
from truthlytics.api.problems import invalid
from truthlytics.contrib.api import schemas
from truthlytics.contrib.api.presenters import api_url, articles_that_can_be_read
from truthlytics.transparency.models import Log, LogEntry
from truthlytics.transparency.views import TAG as LOG_TAG
from truthlytics.web.canonical_json import format_time
from truthlytics.web.types import JsonObject


def _place(text: str) -> tuple[int, int]:
    log, _, position = text.partition("-")
    if len(text) > 30 or not (text.isascii() and log.isdigit() and position.isdigit()):
        raise ValueError
    return int(log), int(position)


SINCE = Parameter(
    "since",
    "The `number` of the last change you know. Without it, the list begins with the first one.",
    {"type": "string", "pattern": "^[0-9]{1,9}-[0-9]{1,18}$"},
    _place,
    None,
)


@endpoint("List changes, oldest first", schemas.CHANGE, SINCE, LIMIT, many=True, depends_on=(*LISTED, LOG_TAG))
def changes(request: ReaderRequest, *, since: tuple[int, int] | None, limit: int) -> JsonObject:
    log = Log.objects.newest()
    if log is None:
        return items([])
    number, last = since or (log.number, -1)
    if number != log.number or last >= log.size:
        raise invalid("This change is of another log. Begin again, without “since”.")
    # Entries without a place are about what has not appeared yet.
    placed = LogEntry.objects.filter(log=log, position__isnull=False, position__gte=last + 1)
    rows = placed.exclude(item="").order_by("position")
    found = list(rows.only("kind", "item", "uuid", "number", "position", "appears_at")[: limit + 1])
    shown = found[:limit]
    known = articles_that_can_be_read(uuid__in={entry.uuid for entry in shown if entry.item == "article"})
    answer = items(
        {
            "number": f"{log.number}-{entry.position}",
            "what": entry.kind,
            "item": entry.item,
            "id": str(entry.uuid),
            "record_number": entry.number,
            "at": format_time(entry.appears_at),
            "article": known.get(str(entry.uuid)),
        }
        for entry in shown
    )
    if len(found) > limit:
        answer["next"] = f"{api_url('changes')}?since={answer['items'][-1]['number']}&limit={limit}"
    return answer
