"""The autumn in which the clocks of Amsterdam go back."""

from datetime import UTC, datetime, timedelta

import time_machine
from django.test import TestCase

from tests.factories import make_member
from truthlytics.roles import ROLES

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


DAY = timedelta(days=1)


class AutumnTestCase(TestCase):
    """Amsterdam, five days before its clocks go back."""

    def setUp(self):
        for context in (time_machine.travel(NOW, tick=False), self.settings(TIME_ZONE="Europe/Amsterdam")):
            self.enterContext(context)
        self.people = {role: make_member(role) for role in ROLES}

    def see(self, address, role="Editor"):
        self.client.force_login(self.people[role])
        return self.client.get(address)

    def slips(self, role="Editor", address="/admin/calendar/"):
        found = self.see(address, role).context["days"]
        return {(slip.kind, day.date.day, slip.title): slip for day in found for slip in day.slips}
