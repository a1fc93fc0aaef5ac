"""Times and messages for tests of expiry."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
TWO = NOON + timedelta(hours=2)
NONEXISTENT_TIME = "This time does not exist: the clocks go forward on that day."
SECOND = timedelta(seconds=1)
