"""A reader saves an article, looks at their comments, downloads their data and deletes the account."""

import json
from pathlib import Path

from django.urls import reverse

from comments.models import Comment
from subscriptions.models import User
from tests.browser.base import BrowserTestCase
from tests.factories import PASSWORD, make_article, make_comment, make_user


class AccountDataTests(BrowserTestCase):
    script = False

    def setUp(self):
        super().setUp()
        self.reader = make_user(display_name="Nadia Lund")
        self.article = make_article(headline="A long read")
        make_comment(article=self.article, author=self.reader, text="My own words.")

    def test_the_journey(self):
        page = self.page
        page.goto(self.article.get_absolute_url())
        page.get_by_role("link", name="Save for later").click()
        page.fill("[name=login]", self.reader.email)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Log in").first.click()
        page.get_by_role("button", name="Save").click()
        page.get_by_text("Saved for later").wait_for()
        page.goto(reverse("articles:saved"))
        self.assertIn("A long read", page.inner_text("main"))
        page.get_by_role("link", name="Your comments").click()
        self.assertIn("My own words.", page.inner_text("main"))
        page.get_by_role("link", name="Your data").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="Download my data").click()
        data = json.loads(Path(download.value.path()).read_text())
        self.assertEqual(data["comments"][0]["text"], "My own words.")
        page.get_by_role("link", name="Delete my account").click()
        page.get_by_label("Keep their text, without my name").check()
        page.get_by_label("I want to delete my account for good").check()
        page.get_by_role("button", name="Delete my account").click()
        page.get_by_text("Your account is deleted.").wait_for()
        page.goto(self.article.get_absolute_url())
        text = page.inner_text("#comments")
        self.assertIn("A former reader", text)
        self.assertIn("My own words.", text)
        self.assertNotIn("Nadia Lund", page.content())
        self.assertIsNone(Comment.objects.get().author)
        self.assertIsNotNone(User.objects.get(pk=self.reader.pk).deleted_at)


class AccountDataWithScriptTests(AccountDataTests):
    script = True
