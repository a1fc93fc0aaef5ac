"""Comments on a passage: words are selected, quoted and found again, in a browser."""

from comments.models import Comment
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_commenter, make_version

PASSAGE = "before anybody measured it"
BODY = (
    '<p>The river rose for three days before anybody <em>measured</em><sup data-footnote="A note."></sup> it.</p>'
    + "<p>Filler. </p>" * 40
    + "<hr data-gate><p>Only subscribers learn who opened the sluice.</p>"
)
SELECT = """(words) => {
  const walker = document.createTreeWalker(document.querySelector(".article"), NodeFilter.SHOW_TEXT)
  const [first, last] = words
  const range = new Range()
  while (walker.nextNode()) {
    const { data } = walker.currentNode
    if (data.includes(first)) range.setStart(walker.currentNode, data.indexOf(first))
    if (data.includes(last)) { range.setEnd(walker.currentNode, data.indexOf(last) + last.length); break }
  }
  getSelection().removeAllRanges()
  getSelection().addRange(range)
}"""


class QuoteTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_article(body=BODY, required_level=10)
        self.reader = make_commenter()
        self.log_in(self.reader)
        self.page.goto(self.article.get_absolute_url())

    def select(self, *words, page=None):
        (page or self.page).evaluate(SELECT, words)

    def offer(self, page=None):
        return (page or self.page).get_by_role("button", name="Comment on this")

    def quote(self, *words, page=None):
        """Comment on the passage from the first to the last of `words`."""
        page = page or self.page
        self.select(*words, page=page)
        self.offer(page).click()
        page.locator("#write [name=text]").fill("I doubt it.")
        page.locator("#write").get_by_role("button", name="Post").click()
        page.locator(".comment__text", has_text="I doubt it.").wait_for()
        return Comment.objects.get(text="I doubt it.")


class QuoteTests(QuoteTestCase):
    def test_a_selected_passage_is_quoted_without_its_note(self):
        comment = self.quote("before anybody ", " it.")
        self.assertEqual(comment.quote, f"{PASSAGE}.")
        shown = self.page.locator(f"#comment-{comment.pk} .quotation")
        self.assertEqual(shown.locator("blockquote").inner_text(), f"{PASSAGE}.")
        self.assertEqual(self.page.locator("#write [name=quote]").input_value(), "")
        self.assertEqual(self.axe(), [])

    def test_gated_words_can_be_quoted(self):
        comment = self.quote("learn who", "sluice.")
        self.assertEqual((comment.quote, comment.quote_is_gated), ("learn who opened the sluice.", True))

    def test_words_across_paragraphs_can_be_quoted(self):
        self.assertTrue(self.quote("anybody ", "Filler.").quote.startswith("anybody measured it.\nFiller."))

    def test_the_quotation_can_be_removed(self):
        self.select("before anybody ", " it.")
        self.offer().click()
        form = self.page.locator("#write")
        form.get_by_text(PASSAGE).wait_for()
        self.assertEqual(self.axe(), [])
        form.get_by_role("button", name="Remove the quotation").click()
        self.assertEqual(form.get_by_text(PASSAGE).count(), 0)
        self.assertEqual(self.page.evaluate("document.activeElement.name"), "text")
        form.locator("[name=text]").fill("Without a quotation.")
        form.get_by_role("button", name="Post").click()
        self.page.locator(".comment__text", has_text="Without a quotation.").wait_for()
        self.assertEqual(Comment.objects.latest("pk").quote, "")

    def test_the_keyboard_reaches_the_button_and_escape_dismisses_it(self):
        self.select("three days", "three days")
        self.offer().wait_for()
        self.page.keyboard.press("Escape")
        self.assertTrue(self.offer().is_hidden())
        self.select("The river", "three days")
        self.offer().wait_for()
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        self.page.locator("#write .quotation", has_text="The river rose for three days").wait_for()

    def test_back_to_the_passage_and_from_the_comment_to_it(self):
        comment = self.quote("before anybody ", " it.")
        self.page.locator(f"#comment-{comment.pk}").get_by_role("link", name="Show in the article").click()
        self.assertEqual(self.page.evaluate("CSS.highlights.get('passage').size"), 1)
        self.assertTrue(self.page.evaluate("document.activeElement.textContent.startsWith('The river rose')"))
        self.assertLess(self.page.evaluate("document.activeElement.getBoundingClientRect().top"), 900)

    def test_words_outside_of_the_text_offer_nothing(self):
        comment = make_comment(article=self.article, text="Words of a comment.")
        self.install_clock()
        self.page.goto(self.article.get_absolute_url())
        self.page.locator(f"#comment-{comment.pk}").wait_for()
        self.select("Words of", "a comment")
        self.page.clock.run_for(500)
        self.assertTrue(self.offer().is_hidden())

    def test_a_passage_edited_since_is_on_an_earlier_version(self):
        comment = self.quote("before anybody ", " it.")
        make_version(self.article, body=BODY.replace("before anybody", "after somebody"))
        self.page.reload()
        self.page.locator(f"#comment-{comment.pk}").get_by_role("link", name="version 1").click()
        self.page.wait_for_url("**/versions/1/**")
        self.assertIn("before anybody", self.page.locator("main").inner_text())

    def test_a_passage_edited_while_the_comment_was_written(self):
        self.expected = ["422"]
        self.select("before anybody ", " it.")
        self.offer().click()
        make_version(self.article, body=BODY.replace("before anybody", "after somebody"))
        form = self.page.locator("#write")
        form.locator("[name=text]").fill("I doubt it.")
        form.get_by_role("button", name="Post").click()
        form.get_by_text("We couldn’t find this passage in the article.").wait_for()
        self.assertEqual(self.page.evaluate("document.activeElement.name"), "quote")
        self.assertEqual(form.locator("[name=text]").input_value(), "I doubt it.")


class PhoneTests(QuoteTestCase):
    def test_quoting_at_390_pixels(self):
        phone = self.new_page(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
        self.log_in(self.reader, phone)
        phone.goto(self.article.get_absolute_url())
        self.assertEqual(self.quote("before anybody ", " it.", page=phone).quote, f"{PASSAGE}.")
        self.assertLessEqual(phone.evaluate("document.documentElement.scrollWidth"), 390)


class WithoutScriptTests(QuoteTestCase):
    script = False

    def test_words_can_be_pasted(self):
        self.page.locator("#write summary").click()
        self.page.get_by_label("Passage").fill(f"{PASSAGE}.")
        self.page.locator("#write [name=text]").fill("I doubt it.")
        self.page.get_by_role("button", name="Post").click()
        self.page.get_by_text("I doubt it.").wait_for()
        self.assertEqual(Comment.objects.get(text="I doubt it.").quote, f"{PASSAGE}.")
        self.page.get_by_role("link", name="Show in the article").click()
        self.assertIn(self.article.slug, self.page.url)

    def test_words_that_are_not_found_are_kept(self):
        self.expected = ["422"]
        self.page.locator("#write summary").click()
        self.page.get_by_label("Passage").fill("words that nobody wrote")
        self.page.locator("#write [name=text]").fill("I doubt it.")
        self.page.get_by_role("button", name="Post").click()
        self.page.get_by_text("We couldn’t find this passage in the article.").wait_for()
        self.assertEqual(self.page.get_by_label("Passage").input_value(), "words that nobody wrote")
        self.assertEqual(self.page.locator("main [name=text]").input_value(), "I doubt it.")
