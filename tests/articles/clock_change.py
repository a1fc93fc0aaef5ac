"""A test case around the autumn clock change in Amsterdam."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import TestCase

from tests.factories import make_member
from truthlytics.roles import ROLES

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


DAY = timedelta(days=1)


class ClockChangeTestCase(TestCase):
    """Set in Amsterdam, five days before its clocks go back."""

    def setUp(self):
        for context in (time_machine.travel(NOW, tick=False), self.settings(TIME_ZONE="Europe/Amsterdam")):
            self.enterContext(context)
        self.users = {role: make_member(role) for role in ROLES}

    def get(self, url, role="Editor"):
        self.client.force_login(self.users[role])
        return self.client.get(url)

    def events(self, role="Editor", url="/admin/calendar/"):
        """Return the events of a calendar page by kind, day of the month and title."""
        days = self.get(url, role).context["days"]
        return {(event.kind, day.date.day, event.title): event for day in days for event in day.events}
