"""What a clock on a wall means: none, one or two moments. Pure."""

from datetime import UTC, date, datetime, time, tzinfo


def moments(day: date, hour: time, zone: tzinfo) -> list[datetime]:
    """When (UTC) clocks in `zone` show `day` and `hour`, the earlier first.

    Empty in the hour that they leave out as they go forward; two in the hour that they show twice as they go back.
    """
    shown = datetime.combine(day, hour)
    either = {shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    # In the hour that is left out, there and back again is another time.
    return sorted(at for at in either if at.astimezone(zone).replace(tzinfo=None) == shown)
