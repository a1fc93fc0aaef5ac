"""Tests of settings from the environment, system checks and error messages for operators."""

import os
import re
import runpy
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.test import SimpleTestCase, override_settings

from manage import explain
from tests.test_house_rules import APPS
from truthlytics import env as env_module
from truthlytics.checks import check_cache_is_shared, check_email, check_https_proxy, check_not_demo, check_site_url
from truthlytics.env import (
    BASE_DIR,
    cache_settings,
    database_settings,
    env,
    env_bic,
    env_choice,
    env_iban,
    env_int,
    env_sender,
    env_time_zone,
    mailer_settings,
    media_url,
    parse_url,
    site_url,
    stored_secret_key,
)
from truthlytics.management.commands.serve import check_port


class StoredSecretKeyTests(SimpleTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.path = self.folder / "secret-key"
        self.enterContext(mock.patch.multiple(env_module, VAR_DIR=self.folder, STORED_SECRET_KEY=self.path))

    def test_it_is_made_once_and_only_for_its_owner(self) -> None:
        self.assertEqual(stored_secret_key(create=False), "")
        key = stored_secret_key(create=True)
        self.assertGreater(len(key), 50)
        self.assertEqual(stored_secret_key(create=True), key)
        self.assertEqual(stored_secret_key(create=False), key)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["secret-key"])

    def test_processes_that_start_together_have_the_same_key(self) -> None:
        with ThreadPoolExecutor(8) as threads:
            keys = set(threads.map(lambda _: stored_secret_key(create=True), range(8)))
        self.assertEqual(keys, {self.path.read_text(encoding="utf-8")})

    def test_a_folder_of_someone_else_is_explained(self) -> None:
        with (
            mock.patch.object(env_module, "NamedTemporaryFile", side_effect=PermissionError(13, "Permission denied")),
            self.assertRaisesMessage(ImproperlyConfigured, "cannot be read or made (Permission denied)"),
        ):
            stored_secret_key(create=True)


class SettingsTests(SimpleTestCase):
    def test_a_missing_secret_key_is_explained_without_a_traceback(self) -> None:
        environment = {"PATH": os.environ["PATH"], "SECRET_KEY": "", "DEBUG": "0", "TRUTHLYTICS_DEMO": "0"}
        with TemporaryDirectory() as folder:
            result = subprocess.run(
                [sys.executable, "manage.py", "check"],
                cwd=BASE_DIR,
                env=environment | {"VAR_DIR": folder},
                capture_output=True,
                text=True,
            )
        self.assertEqual(result.returncode, 1)
        self.assertNotIn("Traceback", result.stderr)
        self.assertTrue(result.stderr.startswith("Set SECRET_KEY"), result.stderr)

    def test_an_https_site_trusts_one_proxy_unless_the_number_is_set(self) -> None:
        for site, number, expected in [("https", "", 1), ("http", "", 0), ("https", "2", 2), ("https", "0", 0)]:
            environment = {"SITE_URL": f"{site}://news.example.org", "TRUSTED_PROXY_COUNT": number}
            with self.subTest(environment), mock.patch.dict(os.environ, environment):
                loaded = runpy.run_path(str(BASE_DIR / "truthlytics/settings.py"))
                self.assertEqual(loaded["TRUSTED_PROXY_COUNT"], expected)

    def test_database_connections_time_out(self) -> None:
        self.assertEqual(database_settings("postgres://u@h/d")["OPTIONS"]["connect_timeout"], "3")
        self.assertEqual(database_settings("postgres://u@h/d?connect_timeout=9")["OPTIONS"]["connect_timeout"], "9")

    def test_errors_name_the_variable(self) -> None:
        invalid = {
            "DATABASE_URL": lambda: database_settings("postgres://u:p@host:abc/x"),
            "SMTP_URL": lambda: mailer_settings("smtp://a:b@host:xx"),
            "CACHE_URL": lambda: cache_settings("redis://"),
            "SITE_URL": lambda: parse_url("SITE_URL", "http://[x"),
        }
        for name, read in invalid.items():
            with self.subTest(name), self.assertRaisesMessage(ImproperlyConfigured, name):
                read()
        with mock.patch.dict(os.environ, {"TIME_ZONE": "Mars/Phobos", "LOG_LEVEL": "quiet"}):
            with self.assertRaisesMessage(ImproperlyConfigured, "TIME_ZONE is 'Mars/Phobos'"):
                env_time_zone("TIME_ZONE", "UTC")
            with self.assertRaisesMessage(ImproperlyConfigured, "LOG_LEVEL is 'quiet'"):
                env_choice("LOG_LEVEL", "INFO", ["INFO"])

    def test_wrong_values_are_told_in_one_sentence(self) -> None:
        wrong: dict[str, tuple[str, Callable[[], object], str]] = {
            "BANK_IBAN": ("DE00", lambda: env_iban("BANK_IBAN", ""), "not a valid IBAN"),
            "BANK_IBAN ": ("DE88370400440532013000", lambda: env_iban("BANK_IBAN", ""), "not a valid IBAN"),
            "BANK_IBAN  ": ("DE8937040044053201300", lambda: env_iban("BANK_IBAN", ""), "not a valid IBAN"),
            "BANK_BIC": ("COBADE", lambda: env_bic("BANK_BIC"), "8 or 11 characters"),
            "MAIL_FROM": ("post", lambda: env_sender("MAIL_FROM", ""), "set it to an email address"),
            "GRACE_DAYS": ("x", lambda: env_int("GRACE_DAYS", 7), "set it to a whole number"),
        }
        for name, (value, read, message) in wrong.items():
            with self.subTest(name, value=value), mock.patch.dict(os.environ, {name.strip(): value}):
                with self.assertRaisesMessage(ImproperlyConfigured, f"{name.strip()} is {value!r}"):
                    read()
                with self.assertRaisesMessage(ImproperlyConfigured, message):
                    read()
        for url in ("https://news.example.org/blog", "https://news.example.org?a=1", "https://u@news.example.org"):
            message = "set it to https://news.example.org."
            with self.subTest(url), self.assertRaisesMessage(ImproperlyConfigured, message):
                site_url(url)
        for url in ("cdn.example.org/media", "//cdn.example.org", "https:///media", "https://cdn.example.org/?a=1"):
            message = "set it to a URL such as https://cdn.example.org/media/."
            with self.subTest(url), self.assertRaisesMessage(ImproperlyConfigured, message):
                media_url(url)
        for read in (
            lambda: database_settings("postgres://u:p#ss@host/x"),
            lambda: mailer_settings("smtp://u:p#ss@host"),
        ):
            with self.assertRaisesMessage(ImproperlyConfigured, "write # as %23"):
                read()

    def test_right_values_are_accepted(self) -> None:
        values = {"BANK_IBAN": "de89370400440532013000", "MAIL_FROM": "The Quay <post@quay.example>"}
        with mock.patch.dict(os.environ, values):
            self.assertEqual(env_iban("BANK_IBAN", ""), "DE89 3704 0044 0532 0130 00")
            self.assertEqual(env_sender("MAIL_FROM", ""), values["MAIL_FROM"])
        self.assertEqual(site_url("http://localhost:8000").port, 8000)
        self.assertEqual([media_url(url) for url in ("/media", "https://c.example")], ["/media/", "https://c.example/"])

    def test_a_folder_that_cannot_be_created_is_told_without_a_traceback(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            environment = {"PATH": os.environ["PATH"], "VAR_DIR": f"{file.name}/var"}
            result = subprocess.run(
                [sys.executable, "manage.py", "check"], cwd=BASE_DIR, env=environment, capture_output=True, text=True
            )
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\AThe folder \S+ cannot be created .*Set VAR_DIR to another folder")
        self.assertNotIn("Traceback", result.stderr)

    def test_pooled_databases_use_no_server_side_cursors(self) -> None:
        pooled = database_settings("postgres://u:p@host/x?pooled=1&sslmode=require")
        self.assertTrue(pooled["DISABLE_SERVER_SIDE_CURSORS"])
        self.assertEqual(pooled["OPTIONS"].keys(), {"connect_timeout", "tcp_user_timeout", "sslmode"})
        self.assertFalse(database_settings("postgres://u:p@host/x")["DISABLE_SERVER_SIDE_CURSORS"])

    def test_restore_on_a_fresh_machine_makes_the_secret_key(self) -> None:
        program = "import sys; sys.argv = ['manage.py', 'restore']; from truthlytics import settings"
        with TemporaryDirectory() as folder:
            environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
            environment |= {"VAR_DIR": folder, "DEBUG": "0"}
            subprocess.run([sys.executable, "-c", program], env=environment, cwd=BASE_DIR, check=True)
            key = Path(folder) / "secret-key"
            self.assertGreater(len(key.read_text()), 50)
            with mock.patch.object(env_module, "STORED_SECRET_KEY", key), mock.patch.dict(os.environ, SECRET_KEY=""):
                now = datetime.now(UTC)
                os.utime(key, (now.timestamp(), now.timestamp()))
                self.assertTrue(env_module.is_secret_key_new(now - timedelta(days=1)))
                self.assertFalse(env_module.is_secret_key_new(now + timedelta(days=1)))

    def test_the_api_of_a_mail_provider_needs_its_package(self) -> None:
        missing = mock.patch("truthlytics.env.find_spec", return_value=None)
        with missing, self.assertRaisesMessage(ImproperlyConfigured, "Install the extra `mail`."):
            mailer_settings("anymail://postmark?server_token=t")

    def test_reports_of_mail_providers_without_their_package_end_in_one_sentence(self) -> None:
        """Takes half a second of CPU, because the settings are read by a process."""
        program = (
            "import importlib.util as util; find = util.find_spec;"
            "util.find_spec = lambda name: None if name == 'anymail' else find(name);"
            "from truthlytics import settings"
        )
        environment = os.environ | {"MAIL_EVENTS_SECRET": "user:secret", "SECRET_KEY": "x" * 50}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, cwd=BASE_DIR, capture_output=True, text=True, check=False
        )
        self.assertIn("MAIL_EVENTS_SECRET is set, but a package is missing. Install the extra `mail`.", run.stderr)

    def test_redis_needs_its_client(self) -> None:
        missing = mock.patch("truthlytics.env.find_spec", return_value=None)
        with missing, self.assertRaisesMessage(ImproperlyConfigured, "extra `redis`"):
            cache_settings("redis://cache.internal:6379/0")
        with mock.patch("truthlytics.env.find_spec"):
            self.assertEqual(
                cache_settings("redis://cache.internal:6379/0")["LOCATION"], "redis://cache.internal:6379/0"
            )

    def test_empty_variables_count_as_unset(self) -> None:
        with tempfile.NamedTemporaryFile("w") as secret:
            secret.write("from a file\n")
            secret.flush()
            with mock.patch.dict(os.environ, {"SECRET_KEY": "", "SECRET_KEY_FILE": secret.name, "BANK_HOLDER": ""}):
                self.assertEqual(env("SECRET_KEY"), "from a file")
                self.assertEqual(env("BANK_HOLDER", "The publication"), "The publication")

    def test_database_errors_suggest_a_fix(self) -> None:
        self.assertIn("manage.py migrate", explain(OperationalError("no such table: articles_article")))
        for missing in ('database "news" does not exist', 'role "news" does not exist'):
            error = OperationalError(f'connection to server at "127.0.0.1" failed: FATAL:  {missing}')
            self.assertEqual(explain(error), f"On the server, the {missing}. Create it, or check DATABASE_URL.")
        self.assertIn("DATABASE_URL", explain(OperationalError("connection refused\n\tIs the server running?")))
        name = settings.DATABASES["default"]["NAME"]
        for message in ("unable to open database file", "attempt to write a readonly database"):
            self.assertIn(f"cannot write to the database {name}. Its folder must", explain(OperationalError(message)))

    def test_forbidden_files_are_named(self) -> None:
        error = PermissionError(13, "Permission denied", "/srv/var/static")
        self.assertIn("This user may not use /srv/var/static. Change its owner", explain(error))

    def test_deployment_checks_need_no_tables(self) -> None:
        """They must not hide behind the tables what the settings lack."""
        with tempfile.TemporaryDirectory() as folder:
            environment = {"PATH": os.environ["PATH"], "VAR_DIR": folder, "SECRET_KEY": "x" * 50, "SITE_URL": ""}
            environment["DATABASE_URL"] = f"sqlite:///{folder}/empty.sqlite3"
            result = subprocess.run(
                [sys.executable, "manage.py", "check", "--deploy"],
                cwd=BASE_DIR,
                env=environment,
                capture_output=True,
                text=True,
            )
        for problem in ("SITE_URL is not set", "Email is not configured", "No backups are scheduled"):
            self.assertIn(problem, result.stderr)


class SystemCheckTests(SimpleTestCase):
    @override_settings(MAILERS={"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}})
    def test_missing_email_configuration_is_an_error(self) -> None:
        self.assertEqual([message.hint for message in check_email(None)], ["Set SMTP_URL."])

    def test_a_missing_site_url_is_an_error(self) -> None:
        with mock.patch.dict(os.environ, {"SITE_URL": ""}):
            self.assertEqual([message.id for message in check_site_url(None)], ["truthlytics.E005"])
        with mock.patch.dict(os.environ, {"SITE_URL": "https://news.example.org"}):
            self.assertEqual(check_site_url(None), [])

    def test_https_without_a_trusted_proxy_is_a_warning(self) -> None:
        with override_settings(SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=None):
            self.assertEqual([message.id for message in check_https_proxy(None)], ["truthlytics.W001"])
        with override_settings(SECURE_SSL_REDIRECT=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
            self.assertEqual(check_https_proxy(None), [])

    def test_the_demo_fails_the_deployment_check(self) -> None:
        for demo, ids in [(True, ["truthlytics.E003"]), (False, [])]:
            with self.subTest(demo=demo), override_settings(DEMO=demo):
                self.assertEqual([message.id for message in check_not_demo(None)], ids)

    def test_an_in_memory_cache_supports_one_worker(self) -> None:
        servers, memory = (
            {"default": {"ENGINE": "django.db.backends.postgresql"}},
            {"default": cache_settings("memory://")},
        )
        with override_settings(CACHES=memory), mock.patch.object(settings, "DATABASES", servers):
            self.assertEqual([message.id for message in check_cache_is_shared(None)], ["truthlytics.W002"])
            with self.assertRaisesMessage(CommandError, "--workers 1"):
                call_command("serve")
        with (
            override_settings(CACHES={"default": cache_settings("db://")}),
            mock.patch.object(settings, "DATABASES", servers),
        ):
            self.assertEqual(check_cache_is_shared(None), [])

    def test_check_ids_are_unique(self) -> None:
        sources = [path for app in APPS for path in (BASE_DIR / app).rglob("*.py")]
        ids = [check_id for path in sources for check_id in re.findall(r"id=\"([a-z]+\.[EW]\d+)\"", path.read_text())]
        self.assertGreater(len(ids), 8)
        self.assertEqual(sorted(ids), sorted(set(ids)))


class PortTests(SimpleTestCase):
    def test_a_port_in_use_suggests_another(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with self.assertRaisesMessage(CommandError, f"Port {port} is already in use. Try `--port"):
                check_port("127.0.0.1", port)

    def test_an_invalid_port_is_rejected(self) -> None:
        with self.assertRaisesMessage(CommandError, "1 to 65535"):
            check_port("127.0.0.1", 70000)

    def test_an_unavailable_host_is_rejected(self) -> None:
        with self.assertRaisesMessage(CommandError, "not an address of this machine"):
            check_port("192.0.2.1", 8000)
