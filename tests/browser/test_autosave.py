"""Autosave in a browser: lost network, expired session, closed tab, restarted server, two users at once."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from functools import partial

from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Route, expect

from articles.models import Article, Autosave, Revision
from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, make_draft, make_editor
from tests.truthlytics.server.served import database_url, free_port

WORDS = "The crane drivers see it first."
# Stores a draft with another text in the browser, made from an earlier revision than the current one.
STORE_DRAFT = """([key, user, body]) => {
  const values = [...new FormData(document.querySelector(".canvas").closest("form"))]
    .filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && !name.startsWith("_"))
    .map(([name, value]) => [name, name === "body" ? body : value])
  const draft = { values, key, user, edition: "-1", isNew: false, baseUrl: "/admin/articles/article/", at: Date.now() }
  localStorage.setItem(`newsroom:draft:${key}:gone`, JSON.stringify(draft))
}"""


class AutosaveTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        # Chromium's console messages about the failures that the tests provoke.
        self.expected = ["Failed to load resource", "ERR_"]
        self.mara = make_editor(display_name="Mara Oduya", email="mara@example.org")
        self.log_in(self.mara)

    def open(self, path, page=None):
        page = page or self.page
        page.goto(path)
        expect(page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        return page

    def open_editor(self, article, page=None):
        return self.open(f"/admin/articles/article/{article.pk}/change/", page)

    def type(self, words, page=None):
        page = page or self.page
        self.to_end_of(page.get_by_role("textbox", name="Text", exact=True))
        page.keyboard.type(words)

    def expect_saved(self, page=None):
        expect((page or self.page).locator("[data-save-status]")).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))

    def text(self, page=None):
        return (page or self.page).get_by_role("textbox", name="Text", exact=True)


class AutosaveTests(AutosaveTestCase):
    def test_new_article_is_restored_in_another_tab(self):
        self.open("/admin/articles/article/add/")
        self.page.get_by_label("Headline").fill("The plug and the queue")
        self.type(WORDS)
        self.wait_for_autosave("drivers see it first")
        self.page.wait_for_url("**/change/")
        article = Article.objects.get()
        self.assertEqual(article.body, "")
        self.page.close(run_before_unload=False)  # without the unload prompt
        page = self.page = self.new_page()
        self.log_in(self.mara, page)
        self.open_editor(article, page)
        expect(page.get_by_text(re.compile(r"Unsaved changes from \d\d:\d\d restored."))).to_be_visible()
        expect(self.text(page)).to_contain_text(WORDS)
        self.assertEqual(self.axe(page), [])
        self.type(" And then the captains.", page)
        page.get_by_role("button", name="Save draft").click()
        expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        article.refresh_from_db()
        self.assertIn("drivers see it first. And then the captains.", article.body)
        self.assertEqual((article.slug, Autosave.objects.count()), ("the-plug-and-the-queue", 0))

    def test_a_server_that_cannot_save_is_not_called_a_missing_connection(self):
        self.open_editor(make_draft(body="<p>Before.</p>"))
        answers = {"The server’s disk is full": {"X-Problem": "disk-full"}, "The server cannot save now": {}}
        for reason, headers in answers.items():
            self.page.route("**/autosave/", partial(Route.fulfill, status=503, headers=headers, body=""))
            self.type(" More.")
            expect(self.page.locator("[data-save-status]")).to_contain_text(reason)
            self.page.unroute("**/autosave/")

    def test_offline_changes_are_saved_on_reconnect(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        self.type(" With it.")
        self.wait_for_autosave("With it.")
        self.page.context.set_offline(True)
        self.type(" Without it.")
        expect(self.page.locator("[data-save-status]")).to_contain_text("No connection. Saved in this browser")
        with self.page.expect_event("requestfailed"):
            self.page.get_by_role("button", name="Save draft").click()
        self.page.context.set_offline(False)
        self.wait_for_autosave("Without it.")
        self.expect_saved()
        self.page.get_by_label("Headline").fill("Kept and saved")
        self.wait_for_autosave("Kept and saved")
        self.expect_saved()
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_text("Saved.", exact=True)).to_be_visible()
        article.refresh_from_db()
        self.assertEqual(article.headline, "Kept and saved")
        self.assertIn("Without it.", article.body)

    def test_offline_changes_of_a_closed_tab_are_restored_from_the_browser(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        self.page.context.set_offline(True)
        self.type(" Written on the train.")
        expect(self.page.locator("[data-save-status]")).to_contain_text("Saved in this browser")
        context = self.page.context
        self.page.close(run_before_unload=False)
        context.set_offline(False)
        self.page = context.new_page()
        self.open_editor(article)
        expect(self.text()).to_contain_text("Written on the train.")
        self.wait_for_autosave("Written on the train.")

    def test_draft_of_the_browser_is_compared_before_it_is_restored(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        self.page.evaluate(STORE_DRAFT, [str(article.uuid), str(self.mara.pk), "<p>Before. Elsewhere.</p>"])
        self.page.reload()
        notice = self.page.locator(".unsaved-notice", has_text="This browser has unsaved changes from")
        with self.page.context.expect_page() as opened:
            notice.get_by_role("button", name="Compare").click()
        page = opened.value
        expect(page.locator(".diff ins")).to_contain_text("Elsewhere.")
        self.screenshot("draft-comparison", page)
        page.close()
        expect(self.text()).to_have_text("Before.")
        self.assertFalse(Autosave.objects.exists())
        notice.get_by_role("button", name="Restore").click()
        expect(self.text()).to_contain_text("Elsewhere.")

    def test_restored_changes_can_be_discarded_and_brought_back(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        self.type(" Unsaved.")
        self.wait_for_autosave("Unsaved.")
        self.page.close(run_before_unload=False)
        self.page = self.new_page()
        self.log_in(self.mara)
        self.open_editor(article)
        expect(self.text()).to_contain_text("Unsaved.")
        self.page.get_by_role("button", name="Discard").click()
        expect(self.text()).to_have_text("Before.")
        expect(self.page.get_by_text("Changes discarded.")).to_be_visible()
        self.assertFalse(Autosave.objects.exists())
        self.page.locator("[data-notices]").get_by_role("button", name="Undo").click()
        expect(self.text()).to_contain_text("Unsaved.")
        self.wait_for_autosave("Unsaved.")

    def test_a_form_with_errors_does_not_conflict_with_itself(self):
        self.open_editor(make_draft(body="<p>One.</p>"))
        self.type(" Two.")
        self.page.locator("details", has=self.page.locator("#id_translation_of")).locator("summary").click()
        field = self.page.get_by_label("Translation of")
        field.fill("nothing like it")
        with self.page.expect_response("**/autosave/"):
            field.press("Enter")  # chooses a suggestion, and does not submit
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+s")
        expect(self.page.locator(".errorlist").first).to_be_visible()
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        self.type(" Three.")
        self.wait_for_autosave("Three")
        expect(self.page.get_by_text("other unsaved changes")).to_have_count(0)

    def test_second_tab_asks_while_the_first_is_open(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        self.type(" Unsaved.")
        self.wait_for_autosave("Unsaved.")
        second = self.open_editor(article, self.page.context.new_page())
        expect(second.get_by_text("You have unsaved changes from")).to_be_visible()
        expect(second.get_by_role("button", name="Restore", exact=True)).to_be_visible()
        second.evaluate("navigator.locks.query().then(() => {})")  # answered after the query of the page
        expect(self.text(second)).to_have_text("Before.")
        second.get_by_role("button", name="Restore", exact=True).click()
        expect(self.text(second)).to_contain_text("Unsaved.")

    def test_expired_session_is_renewed_in_a_popup(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        Session.objects.all().delete()
        self.type(" After the login ended.")
        dialog = self.page.get_by_role("dialog", name="You are logged out")
        expect(dialog).to_be_visible()
        self.assertEqual(self.axe(), [])
        with self.page.expect_popup() as popup:
            dialog.get_by_role("link", name="Log in").click()
        window = popup.value
        window.get_by_label("Email").fill("mara@example.org")
        window.get_by_label("Password", exact=True).fill(PASSWORD)
        window.get_by_role("button", name="Log in", exact=True).click()
        expect(dialog).to_be_hidden()
        self.wait_for_autosave("After the login ended.")
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_text("Saved.", exact=True)).to_be_visible()
        self.assertIn("After the login ended.", Article.objects.get().body)

    def test_changes_during_a_server_restart_are_saved(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        port = free_port()
        kill = self.serve(port)
        self.page.goto(f"http://localhost:{port}/admin/articles/article/{article.pk}/change/")
        expect(self.page.locator("html[data-ready][data-autosaving]")).to_be_attached()
        kill()
        self.type(" While it was away.")
        expect(self.page.locator("[data-save-status]")).to_contain_text("No connection")
        self.serve(port)
        self.wait_for_autosave("While it was away.")
        self.expect_saved()

    def serve(self, port):
        """Start a server on the test database, wait until it answers, and return a function that kills it."""
        environment = {"DATABASE_URL": database_url(), "SECRET_KEY": settings.SECRET_KEY, "DEBUG": "1"}
        environment |= {"SITE_URL": f"http://localhost:{port}", "TRUTHLYTICS_DEMO": "0"}
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        server = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def kill():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()

        self.addCleanup(kill)
        for _ in range(150):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return kill
            time.sleep(0.1)
        raise AssertionError("The server did not start.")

    def test_leaving_asks_only_with_unsaved_changes(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        dialogs = []
        self.page.on("dialog", lambda dialog: dialogs.append(dialog.type))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.type(" Kept.")
        self.wait_for_autosave("Kept.")
        self.expect_saved()
        self.page.goto("/admin/")
        self.assertEqual(dialogs, [])
        self.open_editor(article)
        self.page.context.set_offline(True)
        self.type(" Not kept.")
        expect(self.page.locator("[data-save-status]")).to_contain_text("No connection")
        with self.page.expect_event("dialog") as event:
            self.page.close(run_before_unload=True)
        self.assertEqual(event.value.type, "beforeunload")

    def test_two_tabs_of_one_user_do_not_overwrite_each_other(self):
        article = make_draft(headline="Kept", body="<p>Before.</p>")
        self.open_editor(article)
        second = self.page.context.new_page()
        self.open_editor(article, second)
        self.type(" In the first.")
        self.wait_for_autosave("In the first.")
        self.type(" In the second.", second)
        expect(second.get_by_text("You have other unsaved changes")).to_be_visible()
        self.assertIn("In+the+first", Autosave.objects.get().form_data)
        second.get_by_role("button", name="Continue here").click()
        self.wait_for_autosave("In the second.")
        self.assertIn("In the first.", Revision.objects.get(set_aside=True).content)
        second.close()


class TwoUsersTests(AutosaveTestCase):
    def test_concurrent_edits_are_merged(self):
        article = make_draft(headline="The plug", body="<p>One.</p><p>Two.</p>")
        tom = make_editor(display_name="Tom Verbeek")
        other = self.new_page()
        self.client = self.client_class()  # keep the first user's session
        self.log_in(tom, other)
        self.open_editor(article)
        self.open_editor(article, other)
        self.type(" Tom’s words.", other)
        other.get_by_role("button", name="Save draft").click()
        expect(other.get_by_text("Saved.", exact=True)).to_be_visible()
        self.type(" Mara’s words.")
        expect(self.page.get_by_text("Tom Verbeek saved a newer version")).to_be_visible()
        expect(self.page.locator("[data-presence]")).to_have_text("Tom Verbeek also has this open")
        self.screenshot("two-users")
        self.page.get_by_role("button", name="Save draft").click()
        expect(self.page.get_by_role("heading", name="Tom Verbeek saved while you were writing")).to_be_visible()
        self.screenshot("merge-conflict")
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            self.assertEqual(self.axe(), [])
        self.page.get_by_role("radio", name="Keep both").check()
        self.page.get_by_role("button", name="Save merged version").click()
        expect(self.page.get_by_text("Saved the merged version.")).to_be_visible()
        article.refresh_from_db()
        self.assertIn("Tom’s words.", article.body)
        self.assertIn("Mara’s words.", article.body)
        self.page.get_by_role("link", name="History").click()
        expect(self.page.get_by_role("heading", name="History of")).to_be_visible()
        self.screenshot("history")
        self.assertEqual(self.axe(), [])
