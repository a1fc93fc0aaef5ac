"""axe reports no violations on readers' and newsroom pages, in both themes, wide and narrow."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from articles.services.sharing import share
from subscriptions.models import Declaration, Order
from subscriptions.services import receipts
from subscriptions.services.accounts import SIGNED_UP_AT
from subscriptions.services.cart import add as add_to_cart
from subscriptions.services.cart import set_coupon
from subscriptions.services.declarations import receipt_token
from tests.browser.base import BrowserTestCase, axe_violations
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_coupon,
    make_draft,
    make_edition,
    make_editor,
    make_error_report,
    make_image,
    make_member,
    make_order,
    make_paid,
    make_plan,
    make_price,
    make_recording,
    make_renewing,
    make_section,
    make_series,
    make_topic,
    make_user,
    make_version,
)
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.test_gifts import make_gift
from tests.subscriptions.test_receipts import make_refund
from tests.truthlytics.newsroom.readership.cases import add_all
from truthlytics.audit.log import log_action
from truthlytics.publication.models import Publication
from truthlytics.tools.demo.clock import skip_ahead
from truthlytics.tools.demo.provider import Demo

BODY = """<h2>One</h2><p>Free words.<sup data-footnote="A source."></sup></p><aside class="pullquote">Said.</aside>
<table><tbody><tr><th>Year</th><th>Sum</th></tr><tr><td>2025</td><td>1</td></tr></tbody></table>
<h2>Two</h2><table><tbody><tr><th>Year</th></tr><tr><td>2026</td></tr></tbody></table><pre><code>sum(1)</code></pre>
<aside class="pullquote" data-by="N. N.">Said again.</aside><hr data-gate><p>Gated words.</p>"""
ADMIN = "/admin/articles/article/"
# The text spacing that pages must support (WCAG 1.4.12).
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"


class AxeTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.price, self.editor, self.member = make_price(), make_editor(), make_commenter(trusted=True)
        author, lead, topic = (
            make_author(name="נא Calloway", user=self.editor, links="A page https://e.example/"),
            make_image(),
            make_topic(name="Ports"),
        )
        section = make_section(name="Climate")
        shared = {"section": section, "topics": [topic], "authors": [author], "body": BODY}
        series = make_series(name="In order")
        self.open = make_article(lead=lead, series=series, series_part=1, audio=make_recording(), **shared)
        make_version(self.open, standfirst="Another.", note="We counted again.")
        self.gated = make_article(required_level=10, kind="opinion", **shared)
        self.draft = make_draft(ai_uses=["draft"], **shared)
        first = make_comment(article=self.open, text="A thought.\n\n> quoted\n\nhttps://example.org/")
        self.comment = make_comment(parent=first, author=self.member)
        make_comment(article=self.open, status="removed", removed_reason="Off the subject.", removed_at=timezone.now())
        places = section, topic, author, series
        self.lists = [
            *(place.get_absolute_url() for place in places),
            "/archive/",
            timezone.now().strftime("/archive/%Y/%m/"),
        ]
        self.article, self.write = self.open.get_absolute_url(), f"{self.open.get_absolute_url()}comments/"

    def visit(self, user, *paths):
        """Check each path in the light theme at desktop width and in the dark theme at phone width."""
        page = self.new_page()
        if user:
            self.log_in(user, page)
        for path in paths:
            page.goto(path)
            if path.startswith(ADMIN) and path.endswith(("add/", "change/")):
                page.locator("html[data-ready]").wait_for()
            for scheme, width in (("light", 1440), ("dark", 360)):
                with self.subTest(path, scheme=scheme, width=width):
                    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    page.set_viewport_size({"width": width, "height": 900})
                    self.assertEqual(axe_violations(page), [])
                    self.assertEqual(page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)"), 0)
        page.context.close()

    def test_pages_of_anonymous_readers(self):
        self.expected = ["404 (Not Found)"]
        public = ["/", "/latest/", *self.lists, self.article, self.gated.get_absolute_url(), "/subscribe/", "/cart/"]
        declaration = Declaration(kind="withdrawal", declared_at=timezone.now())
        public += ["/withdraw/", reverse("subscriptions:declared", args=[receipt_token(declaration)])]
        public += ["/cancel/", "/cancel/sent/", "/corrections/", f"{self.article}history/", "/record/"]
        public += [f"{self.article}verify/", f"{self.article}versions/1/verify/"]
        public += [f"{self.article}report-error/", f"{self.article}report-error/sent/"]
        self.visit(
            None,
            *public,
            "/accounts/login/",
            "/accounts/signup/",
            self.write,
            "/no/such/page/",
            "/search/?q=words",
            "/search/?q=nowhere",
        )

    def test_pages_of_subscribers(self):
        report = f"/comments/{self.comment.parent_id}/report/"
        self.visit(self.member, self.gated.get_absolute_url(), f"{self.article}#comments", self.write, report)

    def test_pages_of_buyers(self):
        order = make_order(price=self.price, provider="manual")
        self.visit(order.user, "/cart/", order.get_absolute_url(), f"{order.get_absolute_url()}transfer/", "/account/")
        reader = make_paid(price=self.price).user
        payment = reader.payments.get()
        contract = ["/withdraw/", f"/account/withdrawal/{payment.order.uuid}/"]
        books = ["/account/payments/", payment.get_absolute_url()]
        self.visit(reader, "/account/", "/account/cancellation/", *contract, *books)
        with on_demo:
            subscription = make_renewing(price=make_price(plan=make_plan(), minor=500))
            self.visit(subscription.user, "/account/", "/account/plan/", f"/account/plan/{self.price.pk}/")

    @on_demo
    def test_pages_of_subscriptions_and_gifts(self):
        yearly = make_price(self.price.plan, interval="year", minor=9000)
        gift = make_gift(price=yearly, giver_name="Ada", message="For the long evenings.")
        renewing, coupon = make_renewing(price=self.price), make_coupon()
        reader, order = renewing.user, Order.objects.get(user=renewing.user)
        make_gift(giver=reader, price=yearly)
        demo = f"{order.get_absolute_url()}demo/subscription/"
        self.visit(None, "/give/", gift.get_absolute_url())
        self.visit(reader, "/account/gifts/", "/give/", order.get_absolute_url(), demo, "/account/cancellation/")
        self.visit(gift.order.user, gift.order.get_absolute_url(), gift.get_absolute_url())
        set_coupon(cart=add_to_cart(price=yearly, token="", user=self.member), coupon=coupon)
        self.visit(self.member, "/cart/")
        Demo().set_card(renewing.provider_ref, declines=True)
        skip_ahead(user=reader, ref=renewing.provider_ref, now=timezone.now())
        self.visit(reader, "/account/", demo)

    def test_longest_names_do_not_overflow(self):
        plan = make_plan(name="Institutionsabonnementsverwaltungsgemeinschaft", summary="w" * 200)
        price = make_price(plan=plan, minor=99_999_999_900, currency="USD")
        names = [{"display_name": "W" * 60, "email": f"{'m' * 60}{n}@{'w' * 60}.example.org"} for n in "12"]
        buyer, reader = (make_user(**fields) for fields in names)
        order, paid = make_order(buyer, price, provider="manual"), make_paid(reader, price)
        room = order.get_absolute_url()
        addresses = {buyer: ["/cart/", room, f"{room}transfer/", "/accounts/email/"]}
        receipt = reader.payments.get().get_absolute_url()
        rooms = [
            "/account/",
            "/account/payments/",
            receipt,
            "/account/cancellation/",
            "/account/name/",
            "/accounts/sessions/",
        ]
        addresses[paid.user] = [*rooms, self.write]
        for user, paths in addresses.items():
            page = self.new_page(viewport={"width": 320, "height": 800}, bypass_csp=True)
            self.log_in(user, page)
            session = self.client.session
            session[SIGNED_UP_AT] = timezone.now().timestamp()  # a recent login, for the page of the address
            session.save()
            for path in paths:
                with self.subTest(path):
                    page.goto(path)
                    page.add_style_tag(content=SPACED)
                    self.assertEqual(page.evaluate("document.documentElement.scrollWidth"), 320)

    def test_newsroom(self):
        one, draft = (f"{ADMIN}{article.pk}/" for article in (Article.objects.get(pk=self.open.pk), self.draft))
        desk = [f"{ADMIN}add/", f"{one}change/", f"{one}versions/1/redact/", f"{draft}publish/"]
        report = make_error_report(self.open, quote="Free words.", name="Ola", email="ola@example.org")
        reports = "/admin/articles/errorreport/"
        desk += [reports, f"{reports}{report.pk}/change/"]
        self.visit(self.editor, "/admin/", ADMIN, *desk, "/admin/articles/image/", "/admin/comments/comment/")
        add_all(self.open, timezone.localdate())
        statistics = ["?period=day", "?period=month&not_counted=on", f"articles/{self.open.pk}/"]
        self.visit(self.editor, *(f"/admin/statistics/{page}" for page in statistics))

    def test_newsroom_pages_about_readers(self):
        paid = make_paid(price=self.price)
        payment = paid.payments.get()
        payment.refunds.create(minor=100, requested_at=timezone.now(), reason="Goodwill")
        paid.user.account_notes.create(text="Phoned.", by="Edith Orr")
        room = "/admin/subscriptions/"
        user, pay = f"{room}user/{paid.user.pk}/", f"{room}payment/{payment.pk}/"
        own = [f"{user}change/", f"{user}extension/", f"{user}access/?article={self.gated.get_absolute_url()}"]
        lists = [f"{room}{name}/" for name in ("order", "payment", "subscription", "plan")]
        rows = [f"{pay}change/", f"{pay}refund/", f"{room}order/{payment.order_id}/change/"]
        rows += [f"{room}subscription/{paid.pk}/{page}/" for page in ("change", "end")]
        plan = f"{room}plan/{self.price.plan_id}/change/"
        # Django's lists of all permissions, which only superusers see, have violations.
        self.visit(make_member("Publisher"), "/admin/revenue/", *own, *lists, *rows, plan)

    def test_accounts(self):
        Publication.objects.create(name="The Harbour Review", country="DE", tax_rate=7, immediate_start="never")
        payment = make_paid(price=self.price).payments.get()
        refund = make_refund(payment, 300)
        receipts.issue_credit_note(refund=refund)
        # An order that awaits a transfer is open; refunds that no payment counts differ.
        make_order(price=self.price, provider="manual")
        month, room = f"/admin/accounts/{timezone.localdate():%Y-%m}/", "/admin/subscriptions/"
        lists = [f"{room}{name}/" for name in ("receipt", "refund", "declaration")]
        waiting = Declaration.objects.create(kind="withdrawal", declared_at=timezone.now(), name="Ada", contract="May")
        rows = [f"{room}receipt/{payment.receipts.originals().get().pk}/change/"]
        rows += [f"{room}declaration/{waiting.pk}/{page}/" for page in ("change", "assignment")]
        rows += [f"{room}refund/{refund.pk}/change/", "/admin/selling/"]
        self.visit(payment.user, "/account/billing/", payment.get_absolute_url())
        self.visit(make_member("Publisher"), "/admin/accounts/", month, f"{month}check/", *lists, *rows)

    def test_homepage_editor(self):
        make_edition(at=timezone.now() + timedelta(hours=1))
        rooms = ["", "preview/", "publish/", "editions/", "editions/1/restore/", "editions/1/end/"]
        self.visit(self.editor, *(f"/admin/front/{room}" for room in rooms))

    def test_admin_sections(self):
        one = f"{ADMIN}{self.open.pk}/"
        share(article=self.draft, by=self.editor, days=7)
        self.draft.remarks.create(author_name="Ruth", text="Sure?", quote="Free words.")
        entry = log_action(by=self.editor, row=self.draft, message="Viewed.", before={"a": 1}, after={"a": 2})
        drafts = [f"{ADMIN}{self.draft.pk}/{page}/" for page in ("change", "work", "preview", "sharing", "remarks")]
        rooms = [ADMIN, f"{one}history/", f"{one}end/", "/admin/calendar/", "/admin/calendar/week/", "/admin/menus/"]
        rooms += ["/admin/articles/page/", "/admin/articles/document/", "/admin/articles/topic/", "/admin/find/?q=free"]
        rooms += [
            "/admin/articles/section/",
            "/admin/subscriptions/user/",
            f"/admin/articles/image/{self.open.lead_id}/change/",
        ]
        audit = ["/admin/truthlytics/auditentry/", f"/admin/truthlytics/auditentry/{entry.pk}/change/"]
        self.visit(self.editor, *drafts, *rooms, *audit)
