"""Emails in a browser, on narrow and wide screens and in both colour schemes."""

from base64 import b64encode

from django.core import mail
from lxml import html as lxml_html

from tests.browser.base import BrowserTestCase, axe_violations
from tests.subscriptions.emails.samples import send_all
from truthlytics.publication.mail import Email
from truthlytics.publication.models import Publication

LONG_NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunte"
LONG_TEXT = "Vorwärts" * 60
# Emails are shown inside the pages of mail programs, which have the landmarks.
AXE = {
    "light": {"rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}},
    "dark": {"runOnly": ["color-contrast"]},
}
OVERFLOWING = """() => [...document.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect()
  return box.right > document.documentElement.clientWidth + 1 || box.left < -1
}).map((element) => element.outerHTML.slice(0, 120))"""


class EmailLayoutTests(BrowserTestCase):
    sent: dict[str, Email] = {}

    def setUp(self):
        super().setUp()
        if not self.sent:  # once for all tests
            Publication.objects.create(
                name="The Daily Ledger", contact_email="desk@example.org", legal_address="1 Mill Lane\nOxford"
            )
            labels = send_all(name=LONG_NAME, text=LONG_TEXT)
            self.sent.update(zip(labels, mail.outbox, strict=True))

    def show(self, page, email):
        html = email.alternatives[0].content
        for name, content in email.images.items():
            html = html.replace(f"cid:{name}", f"data:image/png;base64,{b64encode(content).decode()}")
        page.set_content(html)

    def test_nothing_scrolls_sideways(self):
        for width in (320, 600, 900):
            page = self.new_page(viewport={"width": width, "height": 700})
            for label, email in self.sent.items():
                with self.subTest(label, width=width):
                    self.show(page, email)
                    self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), width)
                    self.assertEqual(page.evaluate(OVERFLOWING), [])
                    self.assertLessEqual(page.evaluate("document.querySelector('.sheet').offsetWidth"), 600)

    def test_emails_are_accessible_in_light_and_dark(self):
        kinds = {label.partition(",")[0]: email for label, email in self.sent.items()}
        for scheme in ("light", "dark"):
            page = self.new_page(color_scheme=scheme, viewport={"width": 320, "height": 700})
            for kind, email in kinds.items():
                with self.subTest(kind, scheme=scheme):
                    self.show(page, email)
                    self.assertEqual(axe_violations(page, **AXE[scheme]), [])

    def test_buttons_are_large_enough_to_tap(self):
        page = self.new_page(viewport={"width": 320, "height": 700})
        for label, email in self.sent.items():
            with self.subTest(label):
                self.show(page, email)
                for height in page.evaluate("[...document.querySelectorAll('.btn a')].map((a) => a.offsetHeight)"):
                    self.assertGreaterEqual(height, 44)

    def test_the_first_words_of_each_email_are_its_heading(self):
        for label, email in self.sent.items():
            with self.subTest(label):
                root = lxml_html.fromstring(email.alternatives[0].content)
                self.assertEqual(len(root.findall(".//h1")), 1)
                self.assertTrue(root.findtext(".//title").strip())
