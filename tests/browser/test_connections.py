"""A message in a chat for each publication, and a key for a program, from Settings alone."""

from playwright.sync_api import expect

from tests.browser.base import BrowserTestCase
from tests.contrib.webhooks.receiver import Receiver
from tests.factories import make_article, make_member


class ConnectionTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.chat = Receiver()
        self.addCleanup(self.chat.stop)
        self.log_in(make_member("Publisher"))

    def test_a_chat_hears_of_each_publication(self):
        page = self.page
        page.goto("/admin/truthlytics/publication/")
        with page.expect_navigation():
            page.get_by_role("link", name="Connections").click()
        page.get_by_text("Connect a program").first.click()
        page.get_by_label("Name", exact=True).fill("Chat of the newsroom")
        page.get_by_label("Address", exact=True).fill(self.chat.url)
        page.get_by_label("Format").select_option("Message in Slack, Mattermost or Matrix")
        page.get_by_label("Article published").check()
        self.assertEqual(self.axe(), [])
        with page.expect_navigation():
            page.get_by_role("button", name="Connect a program").click()
        with page.expect_navigation():
            page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("“Chat of the newsroom” has accepted the test.")).to_be_visible()
        self.assertEqual(self.axe(), [])
        article = make_article(headline="The harbour")
        texts = [body["text"] for body in self.chat.bodies]
        self.assertEqual(texts[1:], [f"Article published: http://localhost:8000{article.get_absolute_url()}"])
        page.set_viewport_size({"width": 360, "height": 800})
        page.reload()
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 360)

    def test_a_key_reads_until_it_is_revoked(self):
        page = self.page
        page.goto("/admin/truthlytics/connectionsettings/")
        page.get_by_text("Make a key").first.click()
        page.get_by_label("What the key is for").fill("Archive")
        page.get_by_label("comments:read").check()
        self.assertEqual(self.axe(), [])
        with page.expect_navigation():
            page.get_by_role("button", name="Make a key").click()
        key = page.get_by_label("API key").input_value()
        self.assertEqual((self.read(key, "comments"), self.read(key, "readers")), (200, 403))
        self.assertEqual(self.axe(), [])
        page.set_viewport_size({"width": 360, "height": 800})
        self.assertLessEqual(page.evaluate("document.documentElement.scrollWidth"), 360)
        page.context.add_cookies([{"name": "language", "value": "de", "domain": "localhost", "path": "/admin/"}])
        page.goto("/admin/truthlytics/connectionsettings/")
        self.assertNotIn(key, page.content())
        expect(page.get_by_text("zuletzt benutzt")).to_be_visible()
        with page.expect_navigation():
            page.get_by_role("button", name="Archive widerrufen").click()
        expect(page.get_by_text("„Archive“ gilt nicht mehr.")).to_be_visible()
        self.assertEqual(self.read(key, "comments"), 401)

    def read(self, key, path):
        headers = {"Authorization": f"Bearer {key}", "Host": "localhost"}
        return self.client.get(f"/api/v1/{path}", headers=headers).status_code
