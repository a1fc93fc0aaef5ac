"""A writer appeals against a removal or suspension, and a moderator answers, on a phone and without script."""

from datetime import timedelta

import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from comments.models import Comment, Suspension
from comments.services import decide
from tests.browser.base import BrowserTestCase
from tests.factories import make_article, make_comment, make_commenter, make_member

PHONE = {"width": 390, "height": 844}


class AppealTests(BrowserTestCase):
    script = False

    def setUp(self):
        super().setUp()
        self.article, self.writer = make_article(headline="The harbour"), make_commenter()
        self.comment = make_comment(article=self.article, author=self.writer, text="Rude words. " + "x" * 90)
        self.decider, self.other = make_member("Moderator", display_name="Mo"), make_member("Moderator")
        self.page.set_viewport_size(PHONE)

    def decide(self, kind, **options):
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            return decide(comment=self.comment, kind=kind, by=self.decider, reason="An insult", **options)

    def fits(self):
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.assertLessEqual(width, PHONE["width"])

    def appeal(self):
        self.page.get_by_label("Your appeal").fill("I was quoting the minister.")
        self.page.get_by_role("button", name="Appeal").click()
        expect(self.page.locator("main")).to_contain_text("It has not been answered yet.")

    def answer(self, result):
        page = self.new_page()
        # Another client, so that the writer stays logged in.
        self.client = Client()
        self.log_in(self.other, page)
        page.goto("/admin/")
        page.get_by_role("link", name="1 appeal to answer").click()
        page.get_by_role("link", name="I was quoting the minister.").click()
        self.screenshot("appeal-admin", page)
        page.get_by_label(result).check()
        page.get_by_label("Reason", exact=True).fill("You are right.")
        page.get_by_role("button", name="Send the answer").click()
        expect(page.locator("main, #content").first).to_contain_text("Decision reversed")

    def test_the_removed_writer_appeals_and_is_right(self):
        decision = self.decide("remove")
        self.log_in(self.writer)
        self.page.goto(reverse("comments:appeal", args=[decision.pk]))
        expect(self.page.locator("main")).to_contain_text("Rude words.")
        self.fits()
        self.screenshot("appeal-form")
        self.appeal()
        self.answer("The decision is reversed")
        self.page.reload()
        expect(self.page.locator("main")).to_contain_text("your comment is shown again")
        self.fits()
        self.screenshot("appeal-answered")
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_visible)

    def test_a_suspended_writer_finds_the_decision_where_the_form_would_be(self):
        self.decide("suspend", until=timezone.now() + timedelta(days=7))
        self.log_in(self.writer)
        self.page.goto(self.article.get_absolute_url())
        self.page.get_by_role("link", name="Read the decision or appeal").click()
        expect(self.page.locator("main")).to_contain_text("You can read everything as before.")
        self.appeal()
        self.answer("The decision is reversed")
        self.assertFalse(Suspension.objects.in_force().exists())
        self.page.goto(self.article.get_absolute_url())
        expect(self.page.get_by_label("Your comment")).to_be_visible()


class AxeTests(BrowserTestCase):
    def test_the_pages_have_no_violations(self):
        writer = make_commenter()
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            comment = make_comment(author=writer)
            decision = decide(comment=comment, kind="suspend", by=make_member("Moderator"), reason="An insult")
        self.log_in(writer)
        for path in (reverse("comments:appeal", args=[decision.pk]), comment.article.get_absolute_url()):
            self.page.goto(path)
            self.assertEqual(self.axe(), [])
