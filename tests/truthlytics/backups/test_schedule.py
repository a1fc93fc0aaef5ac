"""Tests of scheduled backups: one a day, kept for a while, and seen when they fail."""

import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from unittest import mock

import boto3
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone
from moto.server import ThreadedMotoServer

from articles.models import Article
from tests.budget import takes_longer
from tests.factories import make_article, make_member
from tests.transactions import TransactionTestCase
from truthlytics.backups import making, schedule
from truthlytics.backups.destinations import FolderDestination
from truthlytics.backups.models import BackupRun
from truthlytics.checks import check_backups
from truthlytics.env import env_numbers
from truthlytics.jobs.listed import GROUPS
from truthlytics.management.commands.tick import run_here
from truthlytics.server import health
from truthlytics.storage import backup_settings

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def tick():
    """Run the job in this process, which has the storages of the test."""
    if errors := run_here([group for group in GROUPS if group.name == "backups"]):
        raise CommandError("; ".join(errors))


def check(*args):
    call_command("restore", *args, "--check", stdout=(said := StringIO()))
    return said.getvalue()


def empty_storages(test):
    """Give `test` storages in memory without the files of other tests."""
    test.enterContext(override_settings(STORAGES=dict(settings.STORAGES)))


class RetentionTests(SimpleTestCase):
    def test_seven_days_five_weeks_and_twelve_months_are_kept(self):
        today = date(2026, 11, 29)  # a Sunday
        kept = set()
        for age in range(500, -1, -1):
            kept = schedule.days_to_keep({*kept, today - timedelta(days=age)}, (7, 5, 12))
        days = [f"2026-11-{day}" for day in range(23, 30)]
        weeks = ["2026-11-01", "2026-11-08", "2026-11-15", "2026-11-22"]
        lasts = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31)
        months = ["2025-12-31", *(f"2026-{month:02}-{last}" for month, last in enumerate(lasts, start=1))]
        self.assertEqual([day.isoformat() for day in sorted(kept)], sorted([*months, *weeks, *days]))


class ClaimTests(TestCase):
    def test_a_day_has_one_backup(self):
        self.assertIsNotNone(schedule.claim(NOW))
        self.assertIsNone(schedule.claim(NOW + HOUR))
        BackupRun.objects.get().finish(1, NOW)
        self.assertIsNone(schedule.claim(NOW + 11 * HOUR))
        self.assertIsNotNone(schedule.claim(NOW + DAY))

    def test_a_failed_backup_is_tried_again_after_an_hour_and_once(self):
        schedule.claim(NOW).fail("The disk is full")
        self.assertIsNone(schedule.claim(NOW + timedelta(minutes=50)))
        self.assertIsNotNone(schedule.claim(NOW + HOUR))
        self.assertIsNone(schedule.claim(NOW + HOUR))

    def test_a_killed_backup_is_made_again(self):
        schedule.claim(NOW - 8 * HOUR)
        self.assertIsNone(schedule.claim(NOW - 3 * HOUR))
        self.assertIsNotNone(schedule.claim(NOW - 2 * HOUR))

    @override_settings(BACKUP_TO="somewhere")
    def test_problems_are_named(self):
        self.assertEqual(schedule.find_problem(NOW), ("", ""))
        run = schedule.claim(NOW)
        self.assertEqual(schedule.find_problem(NOW + DAY), ("", ""))
        run.fail("The disk is full")
        self.assertEqual(schedule.find_problem(NOW), ("the last backup failed", "The disk is full"))
        run.finish(1, NOW)
        self.assertEqual(schedule.find_problem(NOW + DAY), ("", ""))
        self.assertEqual(schedule.find_problem(NOW + 3 * DAY)[0], "the last backup is too old")
        with override_settings(BACKUP_TO=""):
            self.assertEqual(schedule.find_problem(NOW + 3 * DAY), ("", ""))


@override_settings(BACKUP_TO="somewhere")
class ShownTests(TestCase):
    def setUp(self):
        schedule.claim(timezone.now()).fail("The disk is full")

    def test_publishers_see_why_the_backup_failed(self):
        for role, seen in (("Publisher", True), ("Author", False)):
            self.client.force_login(make_member(role))
            with self.subTest(role):
                page = self.client.get(reverse("admin:index")).content.decode()
                self.assertEqual("Tell the operator of the server: The disk is full" in page, seen)

    def test_readyz_says_that_it_failed(self):
        self.assertEqual(health.find_problems(), [("the last backup failed", "The disk is full")])

    def test_the_deployment_check_wants_backups_that_can_be_made(self):
        def ids():
            return [message.id for message in check_backups(None)]

        self.assertEqual(ids(), [])
        with override_settings(BACKUP_TO=""):
            self.assertEqual(ids(), ["truthlytics.W006"])
        with mock.patch("os.access", return_value=False):
            self.assertEqual(ids(), ["truthlytics.E006"])
        with override_settings(DEMO=True, BACKUP_TO=""):
            self.assertEqual(ids(), [])

    def test_wrong_settings_are_told(self):
        for address in ("ftp://host/folder", "s3://", "s3:///folder"):
            with self.subTest(address), self.assertRaisesMessage(ImproperlyConfigured, "look like s3://bucket/folder"):
                backup_settings(address)
        for value in ("7", "7,x,1", "0,1,1"):
            said = self.assertRaisesMessage(ImproperlyConfigured, "3 whole numbers, as in 7,5,12")
            with self.subTest(value), mock.patch.dict(os.environ, {"BACKUP_KEEP": value}), said:
                env_numbers("BACKUP_KEEP", "7,5,12", 3)


class ScheduledBackupTests(TransactionTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(BACKUP_TO=str(self.folder), BACKUP_KEEP=(2, 0, 0)))
        empty_storages(self)
        make_article(headline="Saved")
        self.file = "abc.webp"
        storages["default"].save(self.file, ContentFile(b"an image"))
        self.addCleanup(storages["default"].delete, self.file)

    def run_on(self, day):
        return schedule.make_due(NOW + day * DAY)

    def test_tick_makes_the_backup_of_the_day(self):
        tick()
        tick()
        run = BackupRun.objects.get()
        self.assertEqual([path.name for path in self.folder.iterdir()], [f"auto-{run.day}"])
        self.assertGreater(run.size, 100_000)

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_old_ones_are_deleted_and_those_made_by_hand_stay(self):
        by_hand = self.folder / "2026-01-01"
        making.make(by_hand)
        self.assertEqual([self.run_on(day) for day in range(4)], [1] * 4)
        names = ["2026-01-01", "auto-2026-12-01", "auto-2026-12-02"]
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), names)

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_files_are_stored_once_and_each_backup_is_complete(self):
        self.run_on(0)
        self.run_on(1)
        first, second = (self.folder / name / "media" / self.file for name in FolderDestination(self.folder).names())
        self.assertEqual(first.stat().st_ino, second.stat().st_ino)
        self.assertIn("can be restored", check())
        first.unlink()
        self.assertIn("can be restored", check())

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_a_truncated_file_is_copied_again(self):
        self.run_on(0)
        (self.folder / "auto-2026-11-29/media" / self.file).write_bytes(b"an")
        self.run_on(1)
        self.assertIn("can be restored", check())

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_the_newest_is_checked_without_touching_the_site(self):
        self.run_on(0)
        Article.objects.update(slug="changed")
        self.assertIn("Verified: 1 article", check())
        self.assertEqual(Article.objects.get().slug, "changed")

    def test_a_damaged_backup_is_found(self):
        self.run_on(0)
        (self.folder / "auto-2026-11-29/media" / self.file).write_bytes(b"an imagx")
        with self.assertRaisesMessage(CommandError, f"{self.file} in"):
            check()

    def test_a_failure_is_recorded_and_told(self):
        refused = mock.patch.object(making.folder, "export_media", side_effect=OSError("No space left on device"))
        with refused, self.assertRaisesMessage(CommandError, "backups made (The backup failed: No space left"):
            tick()
        self.assertEqual(BackupRun.objects.get().problem, "The backup failed: No space left on device")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_without_a_backup_there_is_nothing_to_check(self):
        with self.assertRaisesMessage(CommandError, "There is no complete backup"):
            check()


class BucketTests(TransactionTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        host, port = cls.server.get_host_and_port()
        cls.service = {"S3_ENDPOINT_URL": f"http://{host}:{port}", "S3_REGION": "eu-central-1"}
        cls.service |= {"S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret"}

    def setUp(self):
        self.enterContext(mock.patch.dict(os.environ, self.service))
        self.bucket = self.id().rpartition("_")[2]
        self.enterContext(override_settings(BACKUP_TO=f"s3://{self.bucket}/news", BACKUP_KEEP=(2, 0, 0)))
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.service["S3_ENDPOINT_URL"],
            region_name="eu-central-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        empty_storages(self)
        make_article(headline="Saved")

    def names(self):
        return {entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]}

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_backups_in_a_bucket_share_files_and_can_be_restored(self):
        storages["default"].save("old.webp", ContentFile(b"an old image"))
        schedule.make_due(NOW)
        first = {name for name in self.names() if name.startswith("news/files/")}
        self.assertEqual(len(first), 1)
        storages["default"].delete("old.webp")
        storages["default"].save("new.webp", ContentFile(b"a new image"))
        self.addCleanup(storages["default"].delete, "new.webp")
        for day in (1, 2):
            schedule.make_due(NOW + day * DAY)
        names = self.names()
        self.assertEqual({name.split("/")[1] for name in names}, {"auto-2026-11-30", "auto-2026-12-01", "files"})
        files = {name for name in names if name.startswith("news/files/")}
        self.assertEqual((len(files), files & first), (1, set()))
        self.assertIn("can be restored: 2 files", check())
        self.assertIn("can be restored: 2 files", check(f"s3://{self.bucket}/news/auto-2026-11-30"))

    @takes_longer("Backups and files of a bucket are written and read.")
    def test_a_missing_bucket_is_a_problem_of_the_day(self):
        with override_settings(BACKUP_TO="s3://elsewhere/news"), self.assertRaises(CommandError):
            tick()
        self.assertIn("NoSuchBucket", BackupRun.objects.get().problem)
