"""The alerts and the dashboard of docs/deploy use metrics that there are, and alerts begin when something stops."""

import json
import operator
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from unittest import mock

import yaml
from django.core.cache import cache
from django.db import OperationalError
from django.test import TestCase, override_settings, tag
from django.utils import timezone

from tests.truthlytics.metrics.site import TOKEN, CountedCase, samples
from tests.truthlytics.newsroom.test_system import make_task
from tests.truthlytics.server.requests import call
from truthlytics.backups.models import BackupRun
from truthlytics.contact.models import Message
from truthlytics.events.models import Delivery
from truthlytics.jobs.groups import NAMES
from truthlytics.jobs.models import JobProblem
from truthlytics.metrics import exposition, readings
from truthlytics.monitoring import strangers
from truthlytics.monitoring.strangers import Stored
from truthlytics.web import tasks

DEPLOY = Path(__file__).parents[3] / "docs/deploy"
LOCAL_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SERIES = r"(?P<{0}>\w+)(?:\{{(?P<{0}_label>\w+)(?P<{0}_match>!~|=~|=)\"(?P<{0}_values>[^\"]*)\"\}})?"
SIMPLE = re.compile(SERIES.format("series") + r" (?P<sign>[<>]) (?P<limit>\d+)")
DELTA = re.compile(r"delta\(" + SERIES.format("series") + r"\[1h\]\) > (?P<limit>\d+)")
RATE = r"sum\(rate\({}\[10m\]\)\)"
RATIO = re.compile(f"{RATE.format(SERIES.format('part'))} / {RATE.format(SERIES.format('all'))} > (?P<limit>[\\d.]+)")
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


def values(name, rule, found):
    """Return the values of the series that part `name` of a rule selects. Raises KeyError for what there is not.

    Prometheus takes a name that does not exist for a series without values, and the alert never begins.
    """
    metric, label, wanted = rule[name], rule[f"{name}_label"], rule[f"{name}_match"] != "!~"
    if metric not in {key[0] for key in found}:
        raise KeyError(metric)
    series = [(dict(key[1:]), value) for key, value in found.items() if key[0] == metric]
    if not label:
        return [value for _labels, value in series]
    pattern = rule[f"{name}_values"]
    return [value for labels, value in series if (re.fullmatch(pattern, labels[label]) is not None) == wanted]


def is_true(expression, before, found):
    """Evaluate the three kinds of expression that the rules have, with the samples of a while ago and of now.

    The first kind is `metric > 1` or `metric{label!~"a|b"} > 1`, the second a difference, the last compares two rates.
    """
    if rule := SIMPLE.fullmatch(expression):
        compare = {"<": operator.lt, ">": operator.gt}[rule["sign"]]
        return any(compare(value, float(rule["limit"])) for value in values("series", rule, found))
    if rule := DELTA.fullmatch(expression):
        pairs = zip(values("series", rule, found), values("series", rule, before), strict=True)
        return any(now - then > float(rule["limit"]) for now, then in pairs)
    rule = RATIO.fullmatch(expression)
    part, total = (sum(values(name, rule, found)) - sum(values(name, rule, before)) for name in ("part", "all"))
    # Nothing divided by nothing is no number, and greater than none.
    return total > 0 and part / total > float(rule["limit"])


@tag("all_features")
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
        # In this thread, which sees what the test has written.
        from_database = mock.patch.object(exposition, "from_database", lambda: exposition.read(readings.DATABASE))
        self.enterContext(from_database)
        added = mock.patch.object(exposition, "from_extensions", lambda: exposition.read(exposition.extension_parts()))
        self.enterContext(added)
        self.statuses, self.up = ["200 OK"], 1
        self.site = self.site_around(lambda environ, start: start(self.statuses[-1], []) or [b""])
        self.request("200 OK")
        self.before = self.exposed()

    def request(self, status, times=1):
        self.statuses.append(status)
        for _ in range(times):
            call(self.site, "GET")

    def exposed(self):
        """Return the samples in the text that Prometheus gets, and its own of whether it got one."""
        up = {("up", ("job", "truthlytics")): self.up}
        if not self.up:
            return up
        headers = {"PATH_INFO": "/metrics", "HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
        return samples(call(self.site, "GET", **headers)[1].decode()) | up

    def firing(self):
        found = self.exposed()
        # Of a site that does not answer, Prometheus keeps no series.
        known = [(name, rule) for name, rule in rules().items() if self.up or rule["expr"].startswith("up{")]
        return [name for name, rule in known if is_true(rule["expr"], self.before, found)]

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

    def test_more_errors_than_two_of_a_hundred_requests(self):
        self.request("404 Not Found", 48)
        self.request("500 Oops")
        self.request("504 Late")
        self.assertEqual(self.firing(), ["ErrorsRise"])
        self.request("200 OK", 50)
        self.assertEqual(self.firing(), [])

    def test_refused_formats_and_a_busy_server_are_no_errors(self):
        for status in ("501 Not Implemented", "503 Busy", "400 Bad Request"):
            self.request(status, 50)
        self.assertEqual(self.firing(), [])

    def test_strangers_fill_a_kind_of_rows(self):
        kinds = tuple(kind._replace(most=Stored(1, 10_000)) for kind in strangers.KINDS if kind.key == "messages")
        Message.objects.create(subject="question", text="x")
        with mock.patch.object(strangers, "KINDS", kinds):
            self.assertEqual(self.firing(), ["StrangersFillTheDatabase"])

    def test_a_backup_that_was_dated_in_the_future_hides_nothing(self):
        later = timezone.now() + timedelta(days=454)
        BackupRun.objects.create(day=later.date(), started_at=later, finished_at=later)
        self.assertEqual(self.firing(), [])
        BackupRun.objects.filter(day__lte=timezone.localdate()).update(finished_at=timezone.now() - timedelta(hours=49))
        self.assertEqual(self.firing(), ["BackupOld"])
        BackupRun.objects.filter(day__lte=timezone.localdate()).delete()
        self.assertEqual(self.firing(), ["BackupOld"])

    def test_a_run_that_was_dated_in_the_future_hides_nothing(self):
        cache.set("last-run:publication", timezone.now() + timedelta(days=454), None)
        self.assertEqual(self.firing(), ["TickLate"])

    def test_a_database_that_is_away(self):
        def away(now):
            raise OperationalError("connection refused")

        for names in (list(readings.DATABASE), *([name] for name in readings.DATABASE)):
            parts = readings.DATABASE | dict.fromkeys(names, away)
            with self.subTest(names), mock.patch.object(readings, "DATABASE", parts):
                self.assertIn("ReadingFailed", self.firing_of_what_is_there())

    def firing_of_what_is_there(self):
        """As Prometheus does, take a rule about series that are not there for one that does not fire."""
        found, firing = self.exposed(), []
        for name, rule in rules().items():
            with suppress(KeyError):
                firing += [name] * is_true(rule["expr"], self.before, found)
        return firing

    def test_a_site_that_does_not_answer(self):
        self.up = 0
        self.assertEqual(self.firing(), ["Down"])

    def test_jobs_that_fail(self):
        JobProblem.objects.create(job="orders settled", problem="x", failures=1, noticed_at=timezone.now())
        self.assertEqual(self.firing(), ["JobsFail"])

    def test_tasks_that_fail(self):
        for _ in range(10):
            make_task()
        self.assertEqual(self.firing(), [])
        make_task()
        self.assertEqual(self.firing(), ["TasksFail"])
        self.before = self.exposed()
        self.assertEqual(self.firing(), [])

    def test_events_that_wait(self):
        with mock.patch.object(Delivery.objects, "waiting") as waiting:
            waiting.return_value.filter.return_value.count.return_value = 1
            self.assertEqual(self.firing(), ["WebhooksWait"])

    def test_several_at_once(self):
        make_task(status=tasks.READY, exception_class_path="", run_after=timezone.now() - timedelta(minutes=6))
        cache.clear()
        BackupRun.objects.all().delete()
        self.assertEqual(self.firing(), ["WorkerStopped", "TickLate", "BackupOld"])

    def test_a_rule_about_something_that_does_not_exist_is_noticed(self):
        found = self.exposed()
        for name, rule in rules().items():
            for right, wrong in (
                ("truthlytics_", "truthlytics_no_"),
                ("{", "{no_"),
                ("group", "job"),
                ("status", "code"),
            ):
                expression = rule["expr"].replace(right, wrong)
                if expression != rule["expr"]:
                    with self.subTest(name, expression=expression), self.assertRaises(KeyError):
                        is_true(expression, self.before, found)

    def test_there_are_twelve(self):
        names = [
            "Down", "ReadingFailed", "WorkerStopped", "MailRefused", "DiskAlmostFull", "TickLate", "ErrorsRise",
            "StrangersFillTheDatabase", "BackupOld", "JobsFail", "TasksFail", "WebhooksWait",
        ]  # fmt: skip
        self.assertEqual(list(rules()), names)

    def test_names_and_labels_are_those_of_the_site(self):
        labels = {}
        for name, *pairs in self.exposed():
            labels.setdefault(name, set()).update(label for label, _ in pairs)
        expressions = [rule["expr"] for rule in rules().values()] + [target["expr"] for target in targets()]
        for expression in expressions:
            for name, named in used(expression):
                with self.subTest(expression, metric=name):
                    self.assertLessEqual(named, labels.get(name, {"no such metric"}))
                    self.assertIn(name, labels)
        for rule in rules().values():
            ((name, _), *_) = [*used(rule["expr"]), ("up", set())]
            shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
            self.assertLessEqual(shown, labels[name] | {"instance"}, rule["alert"])
        for target in targets():
            ((name, _), *_) = used(target["expr"])
            self.assertLessEqual(set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])), labels[name])
