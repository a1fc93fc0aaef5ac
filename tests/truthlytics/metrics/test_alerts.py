"""The alerts and the dashboard of docs/deploy use metrics that there are, and alerts begin when something stops."""

import json
import operator
import re
from datetime import timedelta
from pathlib import Path
from unittest import mock

import yaml
from django.core.cache import cache
from django.test import TestCase, override_settings
from django.utils import timezone

from tests.truthlytics.metrics.site import CountedCase, read
from tests.truthlytics.newsroom.test_system import make_task
from tests.truthlytics.server.requests import call
from truthlytics.backups.models import BackupRun
from truthlytics.jobs.groups import NAMES
from truthlytics.web import tasks

DEPLOY = Path(__file__).parents[3] / "docs/deploy"
LOCAL_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SIMPLE = re.compile(r"(\w+)(?:\{(\w+)!~\"([^\"]*)\"\})? ([<>]) (\d+)")
GB = 1024**3


def rules():
    (group,) = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return {rule["alert"].removeprefix("Truthlytics"): rule for rule in group["rules"]}


def targets():
    for panel in json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"]:
        yield from panel["targets"]


def used(expression):
    """Yield each metric in an expression with the labels that are named beside it."""
    grouped = re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", expression)))
    for name, matchers in re.findall(r"(truthlytics_\w+)(?:\{([^}]*)\})?", expression):
        yield name, {*re.findall(r"(\w+)(?:=~|!~|!=|=)\"", matchers), *grouped}


def is_true(expression, found):
    """Evaluate an expression such as `metric > 1` or `metric{label!~"a|b"} > 1`."""
    name, label, excluded, sign, limit = SIMPLE.fullmatch(expression).groups()
    compare = {"<": operator.lt, ">": operator.gt}[sign]
    return any(
        compare(value, float(limit))
        for key, value in found.items()
        if key[0] == name and not (label and re.fullmatch(excluded, dict(key[1:])[label]))
    )


@override_settings(CACHES=LOCAL_CACHE, BACKUP_TO="/var/backups")
class AlertTests(CountedCase, TestCase):
    def setUp(self):
        super().setUp()
        cache.clear()
        now = timezone.now()
        for name in NAMES:
            cache.set(f"last-run:{name}", now, None)
        BackupRun.objects.create(day=timezone.localdate(), started_at=now, finished_at=now)
        self.enterContext(mock.patch("shutil.disk_usage", return_value=mock.Mock(free=5 * GB)))

    def firing(self):
        found = read()
        return [
            name for name, rule in rules().items() if SIMPLE.fullmatch(rule["expr"]) and is_true(rule["expr"], found)
        ]

    def test_a_site_in_order_has_none(self):
        make_task(status=tasks.SUCCESSFUL)
        self.assertEqual(self.firing(), [])

    def test_a_worker_that_stopped(self):
        make_task(status=tasks.READY, exception_class_path="", run_after=timezone.now() - timedelta(minutes=6))
        self.assertEqual(self.firing(), ["WorkerStopped"])

    def test_a_mail_server_that_is_away(self):
        make_task(
            status=tasks.READY, exception_class_path=tasks.MAIL_SERVER_ERROR,
            run_after=timezone.now() + timedelta(minutes=5), started_at=timezone.now(),
        )  # fmt: skip
        self.assertEqual(self.firing(), ["MailRefused"])

    def test_a_full_disk(self):
        with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=GB - 1)):
            self.assertEqual(self.firing(), ["DiskAlmostFull"])

    def test_jobs_that_are_late_or_never_ran(self):
        cache.set("last-run:publication", timezone.now() - timedelta(minutes=16), None)
        self.assertEqual(self.firing(), ["TickLate"])
        cache.clear()
        self.assertEqual(self.firing(), ["TickLate"])

    def test_groups_whose_jobs_take_long_are_not_late(self):
        for name in ("backups", "readers"):
            cache.set(f"last-run:{name}", timezone.now() - timedelta(minutes=31), None)
        self.assertEqual(self.firing(), [])

    def test_an_old_backup(self):
        BackupRun.objects.update(finished_at=timezone.now() - timedelta(hours=49))
        self.assertEqual(self.firing(), ["BackupOld"])

    def test_there_are_six(self):
        names = ["WorkerStopped", "MailRefused", "DiskAlmostFull", "TickLate", "ErrorsRise", "BackupOld"]
        self.assertEqual(list(rules()), names)

    def test_names_and_labels_are_those_of_the_site(self):
        site = self.site_around(lambda environ, start: start("500 Oops", []) or [b""])
        call(site, "GET")
        self.metrics(site)
        labels = {}
        for name, *pairs in [*self.metrics(site), *read(), ("truthlytics_reading_failed", ("part", ""))]:
            labels.setdefault(name, set()).update(label for label, _ in pairs)
        expressions = [rule["expr"] for rule in rules().values()] + [target["expr"] for target in targets()]
        for expression in expressions:
            for name, named in used(expression):
                with self.subTest(expression, metric=name):
                    self.assertLessEqual(named, labels.get(name, {"no such metric"}))
                    self.assertIn(name, labels)
        for rule in rules().values():
            ((name, _), *_) = used(rule["expr"])
            shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
            self.assertLessEqual(shown, labels[name], rule["alert"])
        for target in targets():
            ((name, _), *_) = used(target["expr"])
            self.assertLessEqual(set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])), labels[name])
