"""Writing letters with images, buttons and embeds, and ordering the articles of a digest."""

from playwright.sync_api import expect

from articles.media.renditions import create_first_renditions
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_image, make_member
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Issue
from truthlytics.roles import grant_roles


class LetterBlockTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        grant_roles()
        self.log_in(make_member("Publisher"))
        self.image = make_image(title="Quay", alt="A quay at dusk", caption="The quay", credit="Photo: T. Est")
        create_first_renditions(self.image)
        self.newsletter = make_newsletter(name="Weekly", slug="weekly", accent="#8a1c4a", footer="Write to us.")
        make_address(self.newsletter)

    def open(self, issue):
        self.page.goto(f"/admin/newsletters/issue/{issue.pk}/change/")
        self.wait_for_editors(self.page)

    def button(self, name):
        self.page.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()

    def test_an_image_a_button_and_an_embed_are_put_into_a_letter(self):
        # The checker looks into the frame of the preview, which is sandboxed.
        self.expected = ["postMessage", "ERR_CONNECTION_REFUSED"]  # pictures come from SITE_URL
        page = self.page
        issue = make_issue(self.newsletter, kind="letter", subject="Hello", state="draft", send_at=None, body="")
        self.open(issue)
        page.locator(".tiptap").click()
        self.pause()
        page.keyboard.type("Dear readers.")
        page.keyboard.press("Enter")
        self.button("Image")
        page.locator("#picker").get_by_role("button", name="Quay").click()
        expect(page.locator(".tiptap figure img")).to_have_attribute("alt", "A quay at dusk")
        self.page.locator(".tiptap > p").last.click()
        self.pause()
        self.button("Button")
        page.get_by_role("combobox", name="Address").fill("https://example.org/plans")
        page.keyboard.press("Enter")
        expect(page.locator(".link-button-box__words")).to_have_text("Read on")
        page.keyboard.type("See the plans")
        page.keyboard.press("Enter")
        self.button("Embed")
        page.get_by_label("URL").fill("https://vimeo.com/1")
        page.get_by_label("Title (optional)").fill("A film")
        page.keyboard.press("Enter")
        expect(page.locator(".embed-card")).to_be_visible()
        self.assertEqual(self.axe(), [])
        self.screenshot("letter-editor")
        with page.expect_navigation():
            page.get_by_role("button", name="Save", exact=True).click()
        self.assertEqual(
            Issue.objects.get().body,
            f'<p>Dear readers.</p><figure data-image="{self.image.uuid}"><figcaption></figcaption></figure>'
            '<p data-button=""><a href="https://example.org/plans" rel="noopener">See the plans</a></p>'
            '<div data-embed="https://vimeo.com/1" data-title="A film"></div>',
        )
        # The address of a button that is stored can be changed.
        self.wait_for_editors(page)
        page.get_by_role("button", name="Address of the button").click()
        page.get_by_role("combobox", name="Address").fill("https://example.org/gifts")
        page.keyboard.press("Enter")
        with page.expect_navigation():
            page.get_by_role("button", name="Save and preview").click()
        email = page.frame_locator("iframe")
        expect(email.get_by_role("link", name="See the plans")).to_have_attribute("href", "https://example.org/gifts")
        expect(email.get_by_role("img", name="A quay at dusk")).to_be_visible()
        self.assertEqual(self.axe(), [])

    def test_the_articles_of_a_digest_are_ordered_by_keys_and_by_dragging(self):
        page = self.page
        issue = make_issue(self.newsletter, make_article(headline="One"), kind="digest", state="draft", send_at=None)
        for headline in ("Two", "Three"):
            issue.articles.create(newsletter=self.newsletter, article=make_article(headline=headline), position=9)
        self.open(issue)
        page.get_by_role("group", name="Article 3").get_by_role("combobox").focus()
        for _ in range(3):  # once more than there are places
            page.keyboard.press("Alt+ArrowUp")
        expect(page.locator("[data-order-status]")).to_have_text("Three: position 1 of 4.")
        page.get_by_role("group", name="Article 1").get_by_role("button", name="Move down").click()
        expect(page.locator("[data-order-status]")).to_have_text("One: position 3 of 4.")
        self.assertEqual(self.axe(), [])
        handles = page.locator("[data-drag-handle]:visible")
        handles.nth(1).drag_to(handles.nth(0))
        expect(page.locator("[data-order-status]")).to_have_text("Two: position 1 of 4.")
        self.screenshot("digest-editor")
        with page.expect_navigation():
            page.get_by_role("button", name="Save", exact=True).click()
        headlines = [row.article.headline for row in issue.articles.select_related("article")]
        self.assertEqual(headlines, ["Two", "Three", "One"])

    def test_a_header_picture_is_chosen_from_the_library(self):
        page = self.page
        page.goto(f"/admin/newsletters/newsletter/{self.newsletter.pk}/change/")
        page.get_by_role("button", name="Choose from the library: Header picture").click()
        page.locator("#picker").get_by_role("button", name="Quay").click()
        expect(page.locator("[data-image-name]")).to_have_text("Quay")
        self.assertEqual(self.axe(), [])
        self.screenshot("newsletter-form")
        with page.expect_navigation():
            page.get_by_role("button", name="Save", exact=True).click()
        self.newsletter.refresh_from_db()
        self.assertEqual(self.newsletter.header, self.image)
