"""Local times across daylight saving changes. Pure."""

from datetime import UTC, date, datetime, time, tzinfo


def utc_candidates(day: date, clock_time: time, zone: tzinfo) -> list[datetime]:
    """Return the UTC times at which clocks in `zone` show `clock_time` on `day`, the earlier first.

    Empty in the hour that is skipped when clocks go forward; two in the hour that is repeated when they go back.
    """
    local = datetime.combine(day, clock_time)
    candidates = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    # In the skipped hour, converting back gives a different time.
    return sorted(utc for utc in candidates if utc.astimezone(zone).replace(tzinfo=None) == local)
