"""The whole subscriber journey: an article is published, paid for, read and commented on; the comment is approved."""

import re

from django.core import mail
from django.test import override_settings
from playwright.sync_api import expect

from articles.models import Article
from comments.models import Comment
from tests.browser.base import BrowserTestCase
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_editor,
    make_price,
    make_section,
    make_staff,
)

DEMO_SITE = override_settings(
    DEMO=True, PAYMENT_PROVIDERS=["truthlytics.tools.demo.provider.Demo", "subscriptions.providers.manual.Manual"]
)
PASSWORD = "correct-horse-battery"
GATED = "Behind the gate the harbour master speaks."
COMMENT = "The berths were never counted, and I counted them."


class Journey:
    """The steps of the journey, run with and without JavaScript below."""

    def setUp(self):
        super().setUp()
        self.editor = make_editor(email="editor@example.org", password=PASSWORD)
        make_staff(
            "comments.view_comment", "comments.moderate_comment", email="moderator@example.org", password=PASSWORD
        )
        make_section(name="Climate")
        make_author(name="Ines Calloway", user=self.editor)
        make_price()

    def log_in_with_form(self, page, email, at):
        page.goto(at)
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in", exact=True).click()

    def editor_publishes(self):
        page = self.page
        self.log_in_with_form(page, "editor@example.org", "/admin/articles/article/add/")
        page.get_by_label("Headline").fill("The harbour’s account")
        page.get_by_label("Standfirst").fill("Who counted the berths.")
        self.write_text(page)
        page.get_by_label("Section", exact=True).select_option("Climate")
        page.get_by_label("Access", exact=True).select_option("Subscribers")
        page.get_by_role("button", name="Publish…").click()
        page.get_by_label("No AI", exact=True).check()
        page.get_by_role("button", name="Publish now").click()
        expect(page.get_by_text("Version 1 is live.")).to_be_visible()

    def visitor_sees_the_gate(self):
        page = self.visitor = self.new_page()
        page.goto("/")
        page.get_by_role("link", name="The harbour’s account").first.click()
        expect(page.locator("#gate")).to_contain_text("€9.00 a month")
        expect(page.locator("#gate")).to_contain_text("Already subscribed?")
        self.assertNotIn(GATED, page.content())
        expect(page.get_by_role("heading", name="Share your perspective")).to_be_visible()

    def visitor_orders_and_signs_up(self):
        page = self.visitor
        page.locator("#gate").get_by_role("link", name="See plans").click()
        page.get_by_role("button", name=re.compile("^Choose")).first.click()
        expect(page.locator(".mini-cart > button")).to_contain_text("1")
        page.get_by_role("button", name="Continue to your account").click()
        page.get_by_label("Email").fill("sanna@example.org")
        page.get_by_label("Display name").fill("Sanna Berge")
        page.get_by_label(re.compile("^Password")).fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Sign up", exact=False).click()
        code = page.get_by_label("Code")
        expect(code).to_be_visible()
        code.fill(self.code())
        page.locator("main").get_by_role("button").first.click()
        expect(page.get_by_role("heading", name="Your cart")).to_be_visible()

    def code(self):
        email = next(email for email in reversed(mail.outbox) if email.to == ["sanna@example.org"])
        return re.search(r"^\s*([A-Z0-9]{4,}-?[A-Z0-9]*)\s*$", email.body, re.MULTILINE)[1]

    def visitor_pays(self):
        page = self.visitor
        page.get_by_role("button", name=re.compile("^Order and pay")).click()
        page.get_by_role("button", name="Pay", exact=True).click()
        expect(page.get_by_role("heading", name="Thank you. You’re subscribed.")).to_be_visible()
        page.goto("/account/")
        expect(page.locator("main")).to_contain_text("Renews on")

    def subscriber_reads_and_comments(self):
        page = self.visitor
        page.goto(Article.objects.get().get_absolute_url())
        expect(page.locator(".article__paid")).to_contain_text(GATED)
        self.assertEqual(page.locator("#gate").count(), 0)
        page.locator("#comments textarea[name=text]").fill(COMMENT)
        page.get_by_role("button", name="Post", exact=True).click()
        expect(page.locator("#comments")).to_contain_text(COMMENT)
        expect(page.locator("#comments")).to_contain_text("review")

    def comment_is_hidden_from_others(self, other):
        other.goto(Article.objects.get().get_absolute_url())
        self.assertNotIn(COMMENT, other.content())

    def moderator_approves(self):
        page = self.new_page()
        self.log_in_with_form(page, "moderator@example.org", "/admin/comments/queue/")
        page.get_by_role("article").get_by_role("button", name="Approve").click()
        expect(page.get_by_text("Nothing to review.")).to_be_visible()

    def comment_is_visible_to_others(self, other):
        other.goto(Article.objects.get().get_absolute_url())
        comment = Comment.objects.get()
        expect(other.locator(f"#comment-{comment.pk}")).to_contain_text(COMMENT)
        expect(other.locator(f"#comment-{comment.pk}")).to_contain_text("Sanna Berge")

    def test_subscriber_journey(self):
        self.editor_publishes()
        self.visitor_sees_the_gate()
        self.visitor_orders_and_signs_up()
        self.visitor_pays()
        self.subscriber_reads_and_comments()
        other = self.new_page()
        self.comment_is_hidden_from_others(other)
        self.moderator_approves()
        self.comment_is_visible_to_others(other)


@DEMO_SITE
class JourneyTests(Journey, BrowserTestCase):
    def write_text(self, page):
        expect(page.locator("html[data-ready]")).to_be_attached()
        page.get_by_role("textbox", name="Text", exact=True).click()
        self.pause(page)
        page.keyboard.type("Free for everyone.")
        toolbar = page.get_by_role("toolbar")
        toolbar.get_by_role("button", name="Paywall", exact=True).click()
        page.keyboard.press("Enter")
        page.keyboard.type(GATED)


@DEMO_SITE
class JourneyWithoutScriptTests(Journey, BrowserTestCase):
    script = False

    def write_text(self, page):
        page.get_by_label("Text", exact=True).fill(
            f"<p>Free for everyone.</p><hr data-gate><p>{GATED}</p><script>alert(1)</script>"
        )


class ReportTests(BrowserTestCase):
    def test_report_confirmation_is_shown_beside_the_comment(self):
        comment = make_comment(article=make_article(body="<p>Long.</p>" * 60))
        self.log_in(make_commenter())
        self.page.goto(f"/comments/{comment.pk}/report/")
        self.page.get_by_label("Advertising").check()
        self.page.get_by_role("button", name="Report", exact=True).click()
        for locator in (self.page.get_by_text("Thank you. A moderator"), self.page.locator(f"#comment-{comment.pk}")):
            expect(locator).to_be_in_viewport()
