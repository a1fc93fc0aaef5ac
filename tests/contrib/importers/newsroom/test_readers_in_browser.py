"""Readers move in, in a browser: three clicks for a newsletter's list, a corrected column, and the same in German."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from subscriptions.models import User
from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_editor
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.newsletters.models import SignUp

LIST = "email,name,date\nAda@example.org,Ada Orr,2021-02-03\nbo@example.org,Bo,2022-02-03\n"


class ImportReadersTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(self.settings(IMPORT_WORK_DIR=folder / "work", IMPORT_DIR=folder / "server"))
        self.list = folder / "list.csv"
        self.list.write_text(LIST, encoding="utf-8")
        make_newsletter(name="Weekly")
        self.log_in(make_editor())

    def test_a_list_of_newsletter_readers_takes_three_clicks(self):
        page = self.page
        page.goto("/admin/import/")
        page.get_by_role("link", name="Readers", exact=True).click()
        page.get_by_label("Export files").set_input_files(self.list)
        page.get_by_label("Where their consent comes from").fill("Form on old.example")
        self.check_axe()
        page.get_by_role("button", name="Check the list").click()
        expect(page.get_by_text("Is signed up for “Weekly”, with consent of 3 Feb 2021.")).to_be_visible()
        self.screenshot("import-readers")
        self.check_axe()
        page.get_by_role("button", name="Start the import").click()
        expect(page.get_by_role("heading", name="What was done")).to_be_visible()
        sign_up = SignUp.objects.get(address__email="ada@example.org")
        self.assertEqual((sign_up.origin, sign_up.asked_at), ("Form on old.example", datetime(2021, 2, 3, tzinfo=UTC)))

    def check_axe(self):
        """Without contrast, which is sometimes measured while the page is painted (test_axe has the header's)."""
        self.assertEqual(axe_violations(self.page, rules={"color-contrast": {"enabled": False}}), [])

    def test_a_column_is_corrected_in_german(self):
        self.list.write_text("Postfach;Wer\nada@example.org;Ada Orr\n", encoding="utf-8")
        page = self.page
        page.goto("/admin/import/readers/")
        page.get_by_role("button", name="Deutsch").click()
        page.get_by_label("Exportdateien").set_input_files(self.list)
        page.get_by_label("Woher ihre Einwilligung stammt").fill("Formular")
        page.get_by_role("button", name="Liste prüfen").click()
        column = page.get_by_label("Wer Ada Orr")
        expect(column).to_have_value("")
        column.select_option("Name")
        page.get_by_role("button", name="Speichern und erneut prüfen").click()
        expect(page.get_by_label("Wer Ada Orr")).to_have_value("name")
        page.get_by_role("button", name="Import starten").click()
        expect(page.get_by_role("heading", name="Was getan wurde")).to_be_visible()
        self.assertEqual(User.objects.get(email="ada@example.org").display_name, "Ada Orr")
