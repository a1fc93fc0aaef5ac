"""A real browser against a live server: any word in the console and any request to another host fails the test."""

import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.core.cache import cache
from django.test import tag
from django.test.utils import override_settings

# Playwright's loop runs in this thread, and Django would refuse the database there. Nowhere else.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# ms. A busy machine may take its time: only what never comes is a failure.
PATIENCE = 30_000
# Who types before the page is at rest keeps the focus; Chromium notes that it did not take it away from them.
HARMLESS = "Autofocus processing was blocked"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    return os.environ.get("BROWSER") or next(filter(None, map(shutil.which, CHROMIUMS)), None)


# An editor stands over its box a moment after the page, and is named a moment after its text stands there.
BOX, NAMED = "[data-django-prose-editor-configurable]", ":is(.tiptap[aria-label], .tiptap[aria-labelledby])"


@tag("browser")
@override_settings(ALLOWED_HOSTS=["localhost", "127.0.0.1"])
class BrowserTestCase(StaticLiveServerTestCase):
    """`self.page` is a page of a fresh browser; `self.new_page()` is another visitor's."""

    host = "localhost"
    script = True

    @classmethod
    def setUpClass(cls) -> None:
        try:
            from playwright.sync_api import expect, sync_playwright
        except ImportError:
            cls.fail_or_skip("playwright is not installed (uv sync --group e2e)")
        super().setUpClass()
        expect.set_options(timeout=PATIENCE)
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        try:
            cls.browser = cls.playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        except Exception as error:  # noqa: BLE001 (whatever it is, there is no browser)
            cls.fail_or_skip(f"no browser could be started: {error}")
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def fail_or_skip(cls, reason: str) -> None:
        """A developer without a browser may go on; the machine that decides may not."""
        if os.environ.get("CI"):
            raise AssertionError(reason)
        cls.skipTest(cls, reason)  # type: ignore[arg-type]

    def setUp(self) -> None:
        super().setUp()
        cache.clear()  # rate limits of the test before
        self.complaints: list[str] = []
        # What a test does on purpose (a refused form, a page that is not there) and Chromium then notes.
        self.expected: list[str] = []
        self.page = self.new_page()

    def tearDown(self) -> None:
        found = [said for said in self.complaints if not any(part in said for part in [HARMLESS, *self.expected])]
        self.assertEqual(found, [], "The browser complained.")
        super().tearDown()

    def new_page(self, **options: Any) -> Any:
        options.setdefault("java_script_enabled", self.script)
        options.setdefault("viewport", {"width": 1440, "height": 900})
        context = self.browser.new_context(base_url=self.live_server_url, locale="en-GB", **options)
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text} ({page.url})"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error} ({page.url})"))
        page.on("request", self._look_at)
        return page

    def _look_at(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.hostname != self.host:
            self.complaints.append(f"request to another host: {request.url}")

    def log_in(self, user: Any, page: Any = None) -> None:
        """Gives the page the session of `user`: the log-in itself has its own tests."""
        self.client.force_login(user)
        cookie = self.client.cookies["sessionid"]
        (page or self.page).context.add_cookies(
            [{"name": "sessionid", "value": cookie.value, "url": self.live_server_url}]
        )

    def wait_for_editors(self, page: Any) -> None:
        if boxes := page.locator(BOX).count():
            page.locator(NAMED).nth(boxes - 1).wait_for()

    def axe(self, page: Any = None, only: str = "") -> list[str]:
        """What axe finds on the page, a line each; with `only`, by that one rule."""
        from axe_playwright_python.sync_playwright import Axe

        before = len(self.complaints)
        page = page or self.page
        self.wait_for_editors(page)
        # By itself it would fetch style sheets again, and their answers come when the page is another one.
        options = {"preload": False} | ({"runOnly": [only]} if only else {})
        found = Axe().run(page, options=options).response["violations"]
        page.wait_for_timeout(400)
        # axe tries styles on the page as it measures; the policy refuses them, and that is no fault of the page.
        del self.complaints[before:]
        return [f"{v['id']}: {node['html'][:200]}" for v in found for node in v["nodes"]]

    def picture(self, name: str, page: Any = None) -> None:
        """Keeps a picture of the page where `PICTURES` names a folder, to be looked at."""
        if folder := os.environ.get("PICTURES"):
            (page or self.page).screenshot(path=Path(folder) / f"{name}.png", full_page=True)
