"""A check of a plug-in that fails costs only its own findings, and a person says that a text is published without."""

import logging
from datetime import timedelta
from io import StringIO
from unittest import mock

import time_machine
from django.core.management import call_command
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from articles.checks import Check, Finding, Location, Severity, run_checks
from articles.services.publishing import NotReadyError, publish
from tests.articles.checks.base import manuscript
from tests.factories import make_article, make_draft, make_editor
from truthlytics.audit.log import AuditEntry


def fails(self, text):
    raise ZeroDivisionError("no")


def fails_late(self, text):
    yield Finding("seen", Severity.BLOCKING, "Seen before.", Location("body"))
    raise AttributeError("manuscript.headline")


class Unreadable:
    def __str__(self):
        raise RuntimeError("no")

    __repr__ = __html__ = __str__


RUNS = {
    "raises": fails,
    "fails_late": fails_late,
    "nothing": lambda self, text: None,
    "words": lambda self, text: "words",
    "number": lambda self, text: 3,
    "tuples": lambda self, text: [("a", 1)],
    "no_place": lambda self, text: [Finding("x", Severity.ADVICE, "x", None)],
    "wrong_field": lambda self, text: [Finding("x", Severity.ADVICE, "x", Location(["body"]))],
    "no_severity": lambda self, text: [Finding("x", None, "x", Location("body"))],
    "no_text": lambda self, text: [Finding("x", Severity.ADVICE, Unreadable(), Location("body"))],
    "half_a_character": lambda self, text: [Finding("x", Severity.ADVICE, "\ud800", Location("body"))],
    "wrong_number": lambda self, text: [Finding("x", Severity.ADVICE, "x", Location("body", "first"))],
    "wrong_quote": lambda self, text: [Finding("x", Severity.ADVICE, "x", Location("body", 1, Unreadable()))],
    "no_end": lambda self, text: (Finding("x", Severity.ADVICE, "x", Location("body")) for _ in iter(int, 1)),
    "wrong_image": lambda self, text: [Finding("x", Severity.ADVICE, "x", Location("body"), image="x.jpg")],
}


def raise_or_return(value):
    if isinstance(value, Exception):
        raise value
    return value


def of_a_plugin(name, run, **attributes):
    return type(
        f"Check_{name}", (), {"run": run, "articles_only": False, "__module__": "harbourmaster.checks"} | attributes
    )


class FailingCase(TestCase):
    def setUp(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)

    def among_ours(self, check):
        own = Check.__subclasses__()
        return mock.patch.object(Check, "__subclasses__", lambda: [check, *own])


class FailingTests(FailingCase):
    def test_it_is_named_and_in_the_log(self):
        for severity in Severity:
            for name, run in RUNS.items():
                with (
                    self.subTest(name, severity=severity),
                    self.among_ours(of_a_plugin(name, run, severity=severity)),
                    self.assertLogs("articles.checks", "ERROR") as logs,
                ):
                    found = run_checks(manuscript())
                    self.assertIn("harbourmaster", logs.output[0])
                    [failed] = [finding for finding in found if finding.failed]
                    self.assertEqual((failed.severity, failed.blocking), (severity, False))
                    self.assertIn(f"“Check_{name}” of the plug-in “harbourmaster” failed", failed.message)
                    needed = run_checks(manuscript(), minimum=Severity.BLOCKING)
                    self.assertEqual(any(finding.failed for finding in needed), severity >= Severity.BLOCKING)
                    self.assertEqual(any(finding.blocking for finding in needed), "late" in name and severity > 1)

    def test_one_that_cannot_be_made_or_has_no_severity(self):
        def init(self):
            raise RuntimeError("no")

        for check in (
            of_a_plugin("a", fails),
            of_a_plugin("b", fails, __init__=init),
            of_a_plugin("c", fails, severity="x"),
        ):
            with self.among_ours(check), self.assertLogs("articles.checks", "ERROR"):
                [found] = run_checks(manuscript())
                self.assertIn("harbourmaster", found.message)
                self.assertTrue(found.left_open)

    def test_the_editor_stays_open(self):
        article = make_article()
        self.client.force_login(make_editor())
        with (
            self.among_ours(of_a_plugin("raises", fails, severity=Severity.BLOCKING)),
            self.assertLogs("articles.checks"),
        ):
            for page in ("change", "publish", "checks"):
                answer = self.client.get(reverse(f"admin:articles_article_{page}", args=[article.pk]))
                self.assertContains(answer, "of the plug-in “harbourmaster” failed")


class PublishingTests(FailingCase):
    """An editor, a program and an import come to a text whose check has failed."""

    NAME = "harbourmaster.Check_raises"

    def setUp(self):
        super().setUp()
        self.article, editor = make_draft(), make_editor()
        self.client.force_login(editor)
        self.page = reverse("admin:articles_article_publish", args=[self.article.pk])

    def failing(self, severity=Severity.BLOCKING):
        self.enterContext(self.among_ours(of_a_plugin("raises", fails, severity=severity)))
        self.enterContext(self.assertLogs("articles.checks", "ERROR"))

    def post(self, **data):
        data = {"when": "now", "last": 0, "note": "", "ai_uses": "none"} | data
        response = self.client.post(self.page, data)
        self.article.refresh_from_db()
        return response

    def test_an_editor_publishes_without_it_only_on_purpose(self):
        self.failing()
        self.assertContains(self.client.get(self.page), f"Publish without the check “{self.NAME}”")
        for data in ({}, {"without": ""}, {"without": "harbourmaster.Another"}):
            response = self.post(**data)
            self.assertContains(response, "Publish without the check", status_code=response.status_code)
            self.assertEqual(self.article.state(), "draft")
        self.assertEqual(self.post(without=self.NAME).status_code, 302)
        self.assertEqual(self.article.state(), "published")
        logged = AuditEntry.objects.filter(model="articles.article", message__contains=self.NAME)
        self.assertEqual(logged.count(), 1)

    def test_one_that_fails_only_while_it_is_published_is_asked_about(self):
        runs = iter([(), ZeroDivisionError(), ZeroDivisionError()])
        check = of_a_plugin(
            "raises", mock.Mock(side_effect=lambda text: raise_or_return(next(runs))), severity=Severity.BLOCKING
        )
        self.enterContext(self.among_ours(check))
        with self.assertLogs("articles.checks", "ERROR"):
            self.assertContains(self.post(), "of the plug-in “harbourmaster” failed", status_code=422)
        self.assertEqual(self.article.state(), "draft")

    def test_advice_that_fails_asks_nothing(self):
        self.failing(Severity.ADVICE)
        self.assertNotContains(self.client.get(self.page), "Publish without the check")
        self.assertEqual(self.post().status_code, 302)

    def test_programs_are_refused_with_the_reason_and_can_name_the_check(self):
        self.failing()
        with self.assertRaisesMessage(NotReadyError, "of the plug-in “harbourmaster” failed"):
            publish(item=self.article)
        publish(item=self.article, without=[self.NAME])
        self.assertEqual(self.article.state(), "published")

    def test_what_is_scheduled_appears(self):
        publish(item=self.article, at=timezone.now() + timedelta(hours=1))
        self.failing(Severity.ESSENTIAL)
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            call_command("tick", stdout=StringIO())
            self.assertContains(Client().get(self.article.get_absolute_url()), self.article.headline)
        run_checks(manuscript())
