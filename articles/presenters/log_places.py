"""Where the versions of articles are in the transparency log."""

from collections.abc import Collection
from uuid import UUID

from truthlytics.transparency.models import Log, LogEntry


def log_places(uuids: Collection[UUID]) -> dict[tuple[UUID, int], int]:
    """Return the places of the versions of these articles by UUID and number. Of several logs, the newest counts.

    What became public a moment ago has none yet. One query.
    """
    # The logs are named for the index, which begins with them.
    rows = LogEntry.objects.filter(
        log__in=Log.objects.values("pk"), uuid__in=uuids, kind=LogEntry.Kind.VERSION, position__isnull=False
    )
    places = {}
    for uuid, number, position in rows.order_by("log__number").values_list("uuid", "number", "position"):
        if uuid is not None and position is not None:
            places[uuid, number] = position
    return places
