"""An issue that is interrupted again and again: nobody gets two emails, and whose fate is unknown is uncertain.

`kill_proof` shows the same with processes that are killed.
"""

import random
from collections import Counter
from datetime import timedelta
from itertools import count
from unittest import mock

from django.core import mail
from django.db import OperationalError
from django.test import TestCase
from django.utils import timezone

from tests.budget import takes_longer
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Address, Delivery, Issue, SignUp
from truthlytics.newsletters.services import leases, sending
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.web.mail_errors import ConnectionLost, MailServerError, TemporarilyRefused

READERS = 200
FULL = OperationalError("database or disk is full")
# Where a process dies, before it or after it.
STEPS = [
    (sending, "_claim"),
    (sending, "_mark"),
    (sending, "_store"),
    (sending, "_finish_or_wait"),
    (sending.MailConnection, "send"),
]


class Killed(BaseException):
    pass


class Fate:
    """Decides at random what happens at each step."""

    def __init__(self, seed):
        self.random, self.kills, self.lost = random.Random(seed), 0, 0

    def wrapped(self, function, *args, **kwargs):
        self.maybe_kill()
        result = function(*args, **kwargs)
        self.maybe_kill()
        return result

    def maybe_kill(self):
        if self.random.random() < 0.01:
            self.kills += 1
            raise Killed

    def with_full_disk(self, function, *args):
        if self.random.random() < 0.02:
            raise FULL
        result = self.wrapped(function, *args)
        if self.random.random() < 0.01:
            # It was committed, but the answer was lost.
            raise FULL
        return result

    def send(self, function, connection, message):
        chance = self.random.random()
        if chance < 0.02:
            raise MailServerError("421 closing")
        if chance < 0.04:
            raise TemporarilyRefused("452 mailbox full")
        answer = self.wrapped(function, connection, message)
        if chance < 0.05:
            self.lost += 1
            raise ConnectionLost("lost")
        return answer


class InterruptionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        rows = Address.objects.bulk_create(Address(email=f"r{number}@example.org") for number in range(READERS))
        SignUp.objects.bulk_create(SignUp(address=row, newsletter=cls.newsletter, source="page") for row in rows)

    def patch(self, target, **values):
        patched = mock.patch.multiple(target, **values)
        patched.start()
        self.addCleanup(patched.stop)

    def interrupt(self, fate):
        special = {"send": fate.send, "_mark": fate.with_full_disk, "_store": fate.with_full_disk}
        for target, name in STEPS:
            function, wrapper = getattr(target, name), special.get(name, fate.wrapped)
            # A plain function, so that methods still get their instance.
            self.patch(target, **{name: lambda *args, f=function, w=wrapper, **kwargs: w(f, *args, **kwargs)})
        # A process that is killed does not give back its lease.
        self.patch(leases, release=mock.DEFAULT)
        no_time = {"SERVER_WAIT": timedelta(0), "RETRY_AFTER": timedelta(0), "STORE_INTERVAL": 0}
        self.patch(sending, MAX_ATTEMPTS=100, FIRST=10_000, CLAIM_SIZE=40, **no_time)

    @takes_longer("Servers or workers run beside the test.")
    def test_everyone_gets_one_email_unless_it_is_uncertain(self):
        issue, fate = make_issue(self.newsletter), Fate(seed=23)
        self.interrupt(fate)
        for _ in range(1000):
            try:
                work_on.call(issue_id=issue.pk)
            except (Killed, OperationalError):
                pass
            Issue.objects.update(sender_until=timezone.now(), wait_until=None)
            if Issue.objects.get().state == "sent":
                break
        received = Counter(message.to[0] for message in mail.outbox)
        states = dict(Delivery.objects.values_list("address__email", "state"))
        uncertain = {email for email, state in states.items() if state == "uncertain"}
        self.assertEqual((Issue.objects.get().state, len(states)), ("sent", READERS))
        self.assertEqual(set(states.values()), {"submitted", "uncertain"})
        self.assertEqual([email for email in states if email not in uncertain and received[email] != 1], [])
        self.assertEqual([email for email, number in received.items() if number > 1], [])
        self.assertGreater(fate.kills, 5)
        self.assertLessEqual(len(uncertain), fate.kills + fate.lost)


def failing(function, *numbers):
    """Return `function`, which fails at the calls with these numbers, beginning with 1."""
    calls = count(1)

    def wrapped(*args):
        if next(calls) in numbers:
            raise FULL
        return function(*args)

    return wrapped


class FullDiskTests(TestCase):
    def test_what_became_of_an_email_is_stored_when_there_is_space_again(self):
        newsletter = make_newsletter()
        for _ in range(3):
            make_address(newsletter)
        issue = make_issue(newsletter)
        values = {"_mark": failing(sending._mark, 2), "_store": failing(sending._store, 1, 2), "STORE_INTERVAL": 0}
        with mock.patch.multiple(sending, **values):
            self.assertRaises(OperationalError, work_on.call, issue_id=issue.pk)
        self.assertEqual((len(mail.outbox), Delivery.objects.counts()), (1, {"submitted": 1, "claimed": 2}))
        work_on.call(issue_id=issue.pk)
        self.assertEqual((len(mail.outbox), Delivery.objects.counts()), (3, {"submitted": 3}))
