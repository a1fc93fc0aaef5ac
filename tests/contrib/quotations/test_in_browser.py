"""A selected sentence is checked, and a pasted one; the address of the answer leads back to it."""

from django.urls import reverse

from tests.browser.base import BrowserTestCase
from tests.browser.test_comment_quotes import SELECT
from tests.factories import make_article, make_version

BODY = (
    '<p>The river rose for %s days before anybody <em>measured</em><sup data-footnote="A note."></sup> it at 10'
    "<sup>6</sup> litres.</p><p>Filler.</p>"
)
OLD = "“The river rose for two days before any\u00adbody measured it at 10^6 litres”"


class CheckQuotationTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(body=BODY % "two")
        make_version(self.article, body=BODY % "three")

    def answer(self):
        return self.page.locator("#answer").inner_text()

    def test_a_selected_sentence(self):
        self.page.goto(self.article.get_absolute_url())
        link = self.page.locator("[data-check-quotation]")
        self.assertEqual(link.inner_text(), "Check a quotation")
        self.page.evaluate(SELECT, ["The river", " litres."])
        self.page.get_by_role("link", name="Check the selected text").click()
        self.page.wait_for_url("**/check/?q=*")
        self.assertIn("Word for word in the current text, since version 2", self.answer())
        self.assertEqual(self.axe(), [])

    def test_a_pasted_sentence_and_the_address_of_its_answer(self):
        self.page.goto(reverse("check_quotation"))
        self.page.get_by_label("The quotation").fill(OLD)
        self.page.get_by_role("button", name="Check", exact=True).click()
        self.page.wait_for_url("**/check/?q=*")
        self.assertIn("changed in version 2", self.answer())
        self.assertEqual(self.page.locator("blockquote ins").inner_text().split()[-1], "three")
        self.assertEqual(self.axe(), [])
        self.page.goto(self.page.locator(".share").get_attribute("data-address").partition(":8000")[2])
        self.assertIn("changed in version 2", self.answer())
        self.page.get_by_role("link", name="Read it in the text").click()
        self.page.wait_for_url("**/versions/1/*")
