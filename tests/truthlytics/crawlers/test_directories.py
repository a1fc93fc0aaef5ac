"""Fetching the keys of agents, from sites that may be hostile."""

import json
from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.utils import timezone

from tests.articles.sources.listener import listening
from tests.truthlytics.crawlers.signing import Signer
from truthlytics.crawlers.directories import EVERY, MAX_BYTES, PATH, fetch_due
from truthlytics.crawlers.models import SignedAgent

Problem = SignedAgent.Problem


class FetchTests(TestCase):
    def setUp(self):
        self.now, self.signer = timezone.now(), Signer()
        self.agent = SignedAgent.objects.create(name="Explorer", kind="search", fetch_at=self.now)

    def fetch(self, answer, at=None):
        """Let the job fetch from a server that answers this; return what it was asked."""
        with listening() as listener:
            listener.answers[PATH] = answer
            SignedAgent.objects.update(host=f"127.0.0.1:{listener.port}")
            fetch_due(at or self.now)
        self.agent.refresh_from_db()
        return [(method, path) for method, _host, path in listener.requests]

    def good(self):
        return json.dumps(self.signer.directory).encode()

    def test_keys_are_fetched_and_a_day_later_again(self):
        self.assertEqual(self.fetch(self.good()), [("GET", PATH)])
        self.assertEqual((self.agent.keys, self.agent.fetch_at), (self.signer.stored, self.now + EVERY))
        self.assertEqual(self.fetch(self.good(), self.now + timedelta(hours=23)), [])
        other = self.signer = Signer()
        self.fetch(self.good(), self.now + EVERY)
        self.assertEqual(self.agent.keys, other.stored)

    def test_only_other_keys_are_a_change_for_pages(self):
        with mock.patch("truthlytics.crawlers.models.publication_changed") as changed:
            for _ in range(2):
                self.fetch(self.good())
                SignedAgent.objects.update(fetch_at=self.now)
        changed.assert_called_once()

    def test_what_is_no_directory_leaves_the_known_keys(self):
        self.fetch(self.good())
        for answer in (404, (302, "https://elsewhere.example/"), b"<html>", b"[" * 50_000, b" " * (MAX_BYTES + 1)):
            SignedAgent.objects.update(fetch_at=self.now, problem="")
            self.fetch(answer)
            self.assertEqual((self.agent.problem, self.agent.keys), (Problem.NO_DIRECTORY, self.signer.stored))
            self.assertGreater(self.agent.fetch_at, self.now)

    def test_no_answer_is_told_apart(self):
        self.fetch(("drop", ""))
        self.assertEqual(self.agent.problem, Problem.UNREACHABLE)

    def test_private_networks_are_not_asked(self):
        SignedAgent.objects.update(host="agent.example")
        connect = mock.Mock(side_effect=AssertionError("connected"))
        fetch_due(self.now, resolve=lambda host, port: ["10.0.0.1"], connect=connect)
        self.agent.refresh_from_db()
        self.assertEqual(self.agent.problem, Problem.NOT_PUBLIC)

    def test_agents_with_pasted_keys_are_not_asked(self):
        SignedAgent.objects.update(fetch_at=None)
        self.assertEqual(self.fetch(self.good()), [])
