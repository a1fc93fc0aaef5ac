"""axe reports no violations on the pages of newsletters; signing up, leaving and returning need no script or mouse."""

from urllib.parse import urlsplit

from django.core import mail
from django.urls import reverse
from django.utils import timezone

from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import make_author, make_draft, make_member, make_user
from tests.truthlytics.newsletters.factories import (
    make_address,
    make_issue,
    make_newsletter,
    sent_with_correction,
)
from truthlytics.newsletters.models import Address, Delivery
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services import follows
from truthlytics.newsletters.services.sign_up import ask
from truthlytics.publication.models import Publication
from truthlytics.roles import grant_roles

ADMIN = "/admin/newsletters/"


class PageTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        Publication.objects.create(name="The Paper")
        self.newsletter = make_newsletter(name="Weekly", slug="weekly", accent="#8a1c4a", footer="Write to us.")
        self.issue, self.correction = sent_with_correction(self.newsletter)
        self.address = make_address(self.newsletter, suppressed_at=timezone.now(), suppression="bounce")
        self.author = make_author(name="Ines Vidal")
        followed = [("author", self.author.pk)]
        follows.follow(address=self.address, followed=followed, frequency="daily", now=timezone.now())
        self.token = token_of(self.address.uuid.hex, self.issue.pk)

    def check(self, *paths):
        """Check each path in the light theme at desktop width and in the dark theme at phone width."""
        for path in paths:
            self.page.goto(path)
            self.wait_for_editors(self.page)
            for scheme, width in (("light", 1440), ("dark", 360)):
                with self.subTest(path, scheme=scheme, width=width):
                    self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    self.page.set_viewport_size({"width": width, "height": 900})
                    self.assertEqual(axe_violations(self.page), [])
                    wide = "Math.max(0, document.documentElement.scrollWidth - innerWidth)"
                    self.assertEqual(self.page.evaluate(wide), 0)

    def test_pages_of_readers(self):
        self.expected = ["410 (Gone)"]
        asked = ask(email="new@example.org", code="123456", newsletters=[self.newsletter], source="page")
        links = [reverse(f"newsletters:{name}", args=[self.token]) for name in ("choices", "leave", "stop")]
        follow = reverse("newsletters:follow", args=["author", self.author.slug])
        confirm = [reverse("newsletters:confirm", args=[token]) for token in (asked.token, "expired")]
        places = ["/newsletters/", self.newsletter.get_absolute_url(), self.issue.get_absolute_url()]
        self.check(*places, *links, follow, *confirm, "/newsletters/confirm/")
        self.log_in(make_user())
        self.check("/account/emails/", follow)

    def test_pages_of_the_newsroom(self):
        # The checker looks into the frame of the preview, which is sandboxed.
        self.expected = ["postMessage"]
        grant_roles()
        self.log_in(make_member("Publisher"))
        Delivery.objects.create(issue=self.issue, address=self.address, level=0, state="uncertain")
        drafts = [make_issue(self.newsletter, state="draft", kind=kind) for kind in ("article", "digest", "letter")]
        pages = [f"{ADMIN}issue/{draft.pk}/change/" for draft in drafts]
        one = f"{ADMIN}issue/{drafts[0].pk}/"
        pages += [f"{one}preview/", f"{one}preview/?format=text", f"{one}send/", f"{one}cancel/"]
        sent = f"{ADMIN}issue/{self.issue.pk}/"
        pages += [f"{sent}sending/", f"{sent}deliveries/?state=uncertain"]
        pages += [f"{ADMIN}issue/", f"{ADMIN}issue/add/", f"{ADMIN}newsletter/", f"{ADMIN}newsletter/add/"]
        pages += [f"{ADMIN}address/", f"{ADMIN}address/{self.address.pk}/change/"]
        self.check(*pages, f"/admin/articles/article/{make_draft().pk}/publish/")


class KeyboardTests(BrowserTestCase):
    """Without script and without a mouse."""

    script = False

    def press(self, name, key="Enter"):
        """Move on with the Tab key until the control with this name has the focus, and press a key."""
        control = self.page.get_by_role("button", name=name, exact=True)
        for _step in range(60):
            self.page.keyboard.press("Tab")
            if control.evaluate("element => element === document.activeElement"):
                return self.page.keyboard.press(key)
        return self.fail(f"The Tab key does not lead to “{name}”.")

    def test_a_stranger_signs_up_in_the_footer_leaves_and_returns(self):
        Publication.objects.create(name="The Paper")
        newsletter = make_newsletter(name="Weekly")
        self.page.goto("/latest/")
        self.page.get_by_label("Our newsletter “Weekly”").focus()
        self.page.keyboard.type("reader@example.org")
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        self.page.get_by_role("heading", name="Check your email").wait_for()
        link = next(word for word in mail.outbox[0].body.split() if "/newsletters/confirm/" in word)
        self.page.goto(urlsplit(link).path)
        self.press("Confirm")
        self.page.get_by_role("heading", name="Your emails").wait_for()
        address = Address.objects.get(email="reader@example.org")
        self.assertEqual(address.sign_ups.active().get().source, "footer")
        issue = make_issue(newsletter, state="sent", prepared_at=timezone.now(), slug="one")
        self.page.goto(reverse("newsletters:leave", args=[token_of(address.uuid.hex, issue.pk)]))
        self.press("Unsubscribe")
        self.page.get_by_text("You’ve unsubscribed from this newsletter.").wait_for()
        self.assertFalse(address.sign_ups.active().exists())
        self.press("Undo")
        self.page.get_by_text("Do you want to leave this newsletter?").wait_for()
        self.assertTrue(address.sign_ups.active().exists())
