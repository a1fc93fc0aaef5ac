"""The moments that the tests of ends are about."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


TWO = NOON + timedelta(hours=2)


LEFT_OUT = "The clocks go forward that day: this time does not exist."


SECOND = timedelta(seconds=1)
