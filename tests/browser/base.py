"""Browser tests against a live server. Console messages and requests to other hosts fail the test."""

import atexit
import faulthandler
import mimetypes
import os
import re
import shutil
import time
from functools import cache as once
from pathlib import Path
from typing import Any
from unittest import SkipTest
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import tag
from django.test.utils import override_settings

from articles.models import Autosave
from tests.transactions import TransactionTestCase
from truthlytics.staticfiles import BUNDLES, bundle
from truthlytics.statistics.beacon import READ, Beacon

SITE, NEWSROOM = BUNDLES
# Playwright's event loop runs in this thread, where Django would otherwise refuse database access.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds; generous for busy machines.
TIMEOUT = 30_000
# Seconds. Some calls of Playwright, such as pressing a key, have no time limit: a test that hangs ends the run.
HANGS = 600
# Chromium logs this if a test types before the page has finished loading, or the address leads to a part of the page.
HARMLESS = re.compile(
    "Autofocus processing was blocked because a document('s URL has a fragment '#.*'| already has a focused element)."
)
# The headless shell needs a quarter of the time: it has no windows, tabs and toolbars, which each test would open.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    return os.environ.get("BROWSER") or next(filter(None, map(shutil.which, CHROMIUMS)), None)


@once
def static_file(name: str) -> bytes:
    """Return a static file, or one that production makes of many style sheets."""
    if name in BUNDLES:
        return bundle(BUNDLES[name], finders.find).encode()
    return Path(finders.find(name) or name).read_bytes()


class StaticFiles(StaticFilesHandler):
    """Serves files from memory, and lets the browser keep them: a page of the newsroom has two hundred.

    What pages of articles report is answered around Django, as in production.
    """

    beacon = Beacon()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return (self.beacon if environ["PATH_INFO"] == READ else super().__call__)(environ, start_response)

    def serve(self, request: HttpRequest) -> HttpResponse:
        name = self.file_path(request.path)
        try:
            content = static_file(name)
        except OSError:
            return HttpResponse(status=404)
        kind = mimetypes.guess_type(name)[0]
        return HttpResponse(content, content_type=kind, headers={"Cache-Control": "max-age=3600"})


@once
def shared_browser() -> Any:
    """Start the browser once for all tests."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=TIMEOUT)
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


# Editors replace their text fields after the page has loaded, and get their ARIA label after that.
EDITOR_FIELD, LABELLED_EDITOR = (
    "[data-django-prose-editor-configurable]",
    ":is(.tiptap[aria-label], .tiptap[aria-labelledby])",
)
# Longer than the editor waits after receiving focus before it restores its own selection.
PAUSE = "() => new Promise((done) => setTimeout(done, 50))"
SELECT = """(words) => {
  const { editor } = document.querySelector(".editor-content")
  let from
  editor.state.doc.descendants((node, pos) => {
    if (node.isText && from === undefined && node.text.includes(words)) from = pos + node.text.indexOf(words)
  })
  editor.view.focus()
  editor.commands.setTextSelection({ from, to: from + words.length })
}"""


def axe_violations(page: Any, **options: Any) -> list[str]:
    """Return the axe violations on the page, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    # Preloading would fetch the style sheets again, possibly after navigation. Reporting passed rules doubles the time.
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]} | options).response["violations"]
    return [f"{v['id']}: {node['html'][:200]}" for v in found for node in v["nodes"]]


@tag("browser")
@override_settings(ALLOWED_HOSTS=["localhost", "127.0.0.1"], STYLESHEET=SITE, NEWSROOM_STYLESHEET=NEWSROOM)
class BrowserTestCase(TransactionTestCase, StaticLiveServerTestCase):
    """`self.page` is a page without cookies and storage; `self.new_page()` opens another browser context.

    The tests of a class share the context of `self.page`, with the static files that it keeps.
    """

    takes_longer = "A browser loads pages with all their files."
    static_handler = StaticFiles
    host = "localhost"
    script = True
    context: Any = None

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        try:
            cls.browser = shared_browser()
            cls.context = cls.new_context()
        except ImportError:
            raise SkipTest("playwright is not installed (uv sync --group e2e)") from None
        except Exception as error:
            raise SkipTest(f"no browser could be started: {error}") from error
        cls.addClassCleanup(cls.context.close)

    def setUp(self) -> None:
        faulthandler.dump_traceback_later(HANGS, exit=True)
        self.addCleanup(faulthandler.cancel_dump_traceback_later)
        super().setUp()
        cache.clear()  # rate limits of the previous test
        self.console_messages: list[str] = []
        # Console messages that a test provokes, such as those for a 404.
        self.expected: list[str] = []
        self.page = self.page_in(self.context)
        session = self.context.new_cdp_session(self.page)
        session.send("Storage.clearDataForOrigin", {"origin": self.live_server_url, "storageTypes": "all"})
        session.detach()
        self.addCleanup(self.reset_context)

    def reset_context(self) -> None:
        for page in self.context.pages:
            page.close()
        self.context.set_offline(False)
        self.context.clear_cookies()
        self.context.clear_permissions()

    def tearDown(self) -> None:
        unexpected = [
            message for message in self.console_messages if not any(part in message for part in self.expected)
        ]
        self.assertEqual(unexpected, [], "Unexpected console messages or requests.")
        super().tearDown()

    @classmethod
    def new_context(cls, **options: Any) -> Any:
        options.setdefault("java_script_enabled", cls.script)
        options.setdefault("viewport", {"width": 1440, "height": 900})
        return cls.browser.new_context(base_url=cls.live_server_url, locale="en-GB", **options)

    def new_page(self, **options: Any) -> Any:
        context = self.new_context(**options)
        self.addCleanup(context.close)
        return self.page_in(context)

    def install_clock(self) -> None:
        """Continue in a new context, whose clock the test moves: a clock cannot be removed from a context."""
        cookies = self.page.context.cookies()
        self.page = self.new_page()
        self.page.context.add_cookies(cookies)
        self.page.clock.install()

    def page_in(self, context: Any) -> Any:
        """Return a new page that notes console messages and requests to other hosts."""
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.console_messages.append(f"error: {error} ({page.url})"))
        page.on("request", self._check_request)
        return page

    def _note_message(self, message: Any) -> None:
        if not HARMLESS.fullmatch(message.text):
            self.console_messages.append(f"{message.type}: {message.text} ({message.page.url})")

    def _check_request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.hostname != self.host:
            self.console_messages.append(f"request to another host: {request.url}")

    def log_in(self, user: Any, page: Any = None) -> None:
        """Give the page a session of `user` without the login form."""
        self.client.force_login(user)
        cookie = self.client.cookies["sessionid"]
        (page or self.page).context.add_cookies(
            [{"name": "sessionid", "value": cookie.value, "url": self.live_server_url}]
        )

    def wait_for_editors(self, page: Any) -> None:
        if count := page.locator(EDITOR_FIELD).count():
            page.locator(LABELLED_EDITOR).nth(count - 1).wait_for()

    def pause(self, page: Any = None) -> None:
        """Let the editor notice a new focus or cursor position, which it does asynchronously."""
        (page or self.page).evaluate(PAUSE)

    def select(self, words: str, page: Any = None) -> None:
        """Select words in the editor; without any, move the cursor to the start."""
        (page or self.page).evaluate(SELECT, words)

    def to_end_of(self, text: Any) -> None:
        """Move the cursor to the end of an editor's text."""
        text.focus()
        self.pause(text.page)
        text.press("Control+End")
        self.pause(text.page)

    def wait_for_autosave(self, words: str) -> None:
        """Wait until an autosave contains `words`. “Saved” may be about an earlier one, without the last words."""
        end = time.monotonic() + TIMEOUT / 1000
        while time.monotonic() < end:
            if any(words in stored.form_data.replace("+", " ") for stored in Autosave.objects.all()):
                return
            self.pause()
        self.fail(f"“{words}” was not autosaved.")

    def axe(self, page: Any = None, only: str = "") -> list[str]:
        """Return the axe violations on the page, one line each; with `only`, of that rule."""
        page = page or self.page
        self.wait_for_editors(page)
        return axe_violations(page, **({"runOnly": [only]} if only else {}))

    def screenshot(self, name: str, page: Any = None) -> None:
        """Save a screenshot if the environment variable `SCREENSHOTS` names a folder."""
        if folder := os.environ.get("SCREENSHOTS"):
            (page or self.page).screenshot(path=Path(folder) / f"{name}.png", full_page=True)
