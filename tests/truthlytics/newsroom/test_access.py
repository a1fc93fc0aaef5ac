"""Access to every URL of the newsroom by role and method. A URL without an expectation fails."""

from copy import copy
from datetime import timedelta
from unittest import mock
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404
from django.test import Client, RequestFactory, TestCase, override_settings, tag
from django.urls import resolve, reverse
from django.utils import timezone

from articles.models import Article, Redirect, SavedBlock
from articles.models.remarks import Remark
from articles.models.saved import SavedFilter
from articles.services import revisions, sharing
from articles.services.menus import save_menus
from comments.models import Appeal
from comments.services import decide
from subscriptions.models import (
    Coupon,
    Declaration,
    Grant,
    NameChange,
    Order,
    Payment,
    Plan,
    Price,
    Receipt,
    Refund,
    SentEmail,
    Subscription,
    Tier,
)
from subscriptions.services.access import access_for
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_document,
    make_dossier,
    make_draft,
    make_edition,
    make_error_report,
    make_image,
    make_member,
    make_page,
    make_paid,
    make_recording,
    make_section,
    make_series,
    make_source,
    make_topic,
    make_user,
    make_version,
)
from tests.oidc_provider import settings_for
from tests.rendering import rendered
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter, sent_with_correction
from tests.truthlytics.newsroom.admin_urls import admin_urls
from tests.truthlytics.newsroom.expected_access import EXPECTED
from truthlytics.audit import log
from truthlytics.contact.models import Message
from truthlytics.crawlers.models import SignedAgent
from truthlytics.events.models import Delivery, Endpoint, Event
from truthlytics.publication.design_editions import DesignEdition
from truthlytics.publication.models import Publication
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.transparency.models import TimestampAuthority, Witness, WitnessedLog

INDEX = "/admin/"
# Django redirects to the index if a row does not exist.
LOGIN = "/admin/login/"
LOGIN_URLS = {"/accounts/login/", LOGIN}
REFUSED = {403, 404, 405}
ROLES = {"A": "Author", "E": "Editor", "M": "Moderator", "P": "Publisher", "S": "Support"}
# URL arguments that identify the row.
ROW_ARGUMENTS = {"pk", "object_id"}
UNSUPPORTED_METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS")

MENUS = {"main": [], "columns": []}


@override_settings(SOCIALACCOUNT_PROVIDERS=settings_for("http://127.0.0.1:9"))
class NewsroomRows(TestCase):
    """A row for each page of the newsroom, and a user with each role."""

    @classmethod
    def setUpTestData(cls):
        cls.users = {key: make_member(role) for key, role in ROLES.items()}
        cls.own = make_draft(authors=[make_author(user=cls.users["A"])])
        cls.other_draft = make_draft()
        cls.revision = revisions.save_revision(item=cls.own, by=cls.users["A"])
        comment = make_comment(article=make_article())
        cls.rows = {
            "articles_article": cls.own,
            "articles_author": make_author(),
            "articles_dossier": make_dossier(make_article()),
            "articles_page": make_page(),
            "articles_image": make_image(),
            "articles_recording": make_recording(),
            "articles_section": make_section(),
            "articles_series": make_series(),
            "articles_topic": make_topic(),
            "comments_comment": comment,
            "comments_thread": comment.article.thread,
            "subscriptions_user": make_user(),
            "articles_document": make_document(),
            "articles_source": make_source(),
            "articles_errorreport": make_error_report(comment.article),
            "statistics_article": comment.article,
            "statistics_author": make_author(),
        }
        make_paid()
        cls.rows |= {"subscriptions_order": Order.objects.get(), "subscriptions_payment": Payment.objects.get()}
        refund = Refund.objects.create(
            payment=Payment.objects.get(), minor=900, status="done", requested_at=timezone.now()
        )
        cls.rows |= {"subscriptions_receipt": Receipt.objects.get(), "subscriptions_refund": refund}
        for model in (Tier, Plan, Price, Subscription, Grant):
            cls.rows[f"subscriptions_{model._meta.model_name}"] = model.objects.first()
        cls.rows["subscriptions_declaration"] = Declaration.objects.create(
            kind="withdrawal", declared_at=timezone.now(), email="nadia@example.org"
        )
        cls.rows["subscriptions_coupon"] = Coupon.objects.create(code="SPRING25", percent=25)
        cls.rows["subscriptions_namechange"] = NameChange.objects.create(user=make_user(), name="New name")
        decision = decide(comment=make_comment(), kind="suspend", by=cls.users["P"], reason="Insults.")
        cls.rows |= {"comments_decision": decision, "comments_suspension": decision.suspension}
        # Only the publisher's own decision can be undone.
        cls.rows |= {"comments_queue": comment, "comments_queue_undo": decision}
        cls.rows["comments_appeal"] = Appeal.objects.create(decision=decision, text="It was a quotation.")
        cls.rows["truthlytics_message"] = Message.objects.create(subject="tip", text="A tip.")
        settings_pages = ("publication", "taxsettings", "contractsettings", "paymentsettings", "emailsettings")
        cls.rows |= dict.fromkeys((f"truthlytics_{page}" for page in settings_pages), Publication.objects.create())
        witness = Witness.objects.create(name="W", address="https://witness.example", verifier_key="key")
        authority = TimestampAuthority.objects.create(name="T", address="https://time.example", certificate="")
        other_log = WitnessedLog.objects.create(name="L", origin="other.example/log", verifier_keys="")
        cls.rows |= {
            "truthlytics_recordsettings_remove_witnesses": witness,
            "truthlytics_recordsettings_test_witnesses": witness,
            "truthlytics_recordsettings_remove_authorities": authority,
            "truthlytics_recordsettings_test_authorities": authority,
            "truthlytics_recordsettings_remove_logs": other_log,
        }
        cls.rows["truthlytics_designsettings_restore"] = DesignEdition.objects.create(content={})
        endpoint = Endpoint.objects.create(description="E", url="https://hooks.invalid/", kinds=[], last_number=1)
        event = Event.objects.create(kind="article.published", due_at=timezone.now(), told_at=timezone.now())
        Delivery.objects.create(endpoint=endpoint, event=event, number=1)
        changes = ("change", "test", "switch", "remove")
        cls.rows |= dict.fromkeys(["webhook", *(f"{name}_webhook" for name in changes)], endpoint)
        cls.rows |= dict.fromkeys(["rotate_webhook_secret", "send_webhook_again"], endpoint)
        cls.rows["truthlytics_auditentry"] = log.log_action(by=None, row=cls.own)
        newsletter = make_newsletter()
        issue = make_issue(newsletter, kind="letter", state="draft", send_at=None)
        cls.rows |= {
            "newsletters_newsletter": newsletter,
            "newsletters_issue": issue,
            "newsletters_address": make_address(),
            "newsletters_issue_sending": make_issue(newsletter, kind="letter"),
        }
        sent, correction = sent_with_correction(newsletter)
        cls.rows["newsletters_issue_correct"] = sent
        cls.rows["articles_savedblock"] = SavedBlock.objects.create(name="About us", body="<p>Us.</p>")
        cls.rows["articles_redirect"] = Redirect.objects.create(path="/old", article=cls.own)
        cls.articles = ContentType.objects.get_for_model(Article)
        later = timezone.now() + timedelta(days=1)
        # Filters are private; this one belongs to the publisher.
        saved_filter = SavedFilter.objects.create(user=cls.users["P"], name="Mine", query="state=draft")
        cls.rows |= {"articles_article_forget_filter": saved_filter, "calendar_move": make_article(at=later)}
        corrected = make_article()
        make_version(corrected, headline="Corrected", kind="correction", note="It was wrong.", by=cls.users["E"])
        cls.rows |= {"view_on_site": cls.own, "articles_article_supersede": corrected}
        cls.rows["articles_article_redact"] = corrected
        link = sharing.share(article=cls.own, by=cls.users["A"], days=7)
        remark = Remark.objects.create(article=cls.own, author_name="A", text="Sure?", key=uuid4())
        own_remark = Remark.objects.create(article=cls.own, author=cls.users["A"], author_name="A", text="Mine.")
        email = SentEmail.objects.create(
            user=cls.rows["subscriptions_user"], kind="ended", key=str(uuid4()), sent_at=timezone.now()
        )
        device = cls.client_of(cls.rows["subscriptions_user"]).session.session_key
        device = UserSession.objects.create(user=cls.rows["subscriptions_user"], session_key=device, ip="192.0.2.1")
        colleague = cls.client_of(cls.users["A"]).session.session_key
        cls.rows["truthlytics_loginsettings_end_staff_session"] = UserSession.objects.create(
            user=cls.users["A"], session_key=colleague, ip="192.0.2.1"
        )
        agent = SignedAgent.objects.create(name="Explorer", kind="search", host="agent.example")
        cls.rows |= {f"truthlytics_crawlersettings_{name}": agent for name in ("fetch_keys", "remove_agent")}
        cls.arguments = {
            "number": make_edition(at=later).number, "key": f"s{cls.revision.pk}", "app_label": "articles",
            "content_type_id": cls.articles.pk, "parent": remark.pk, "link": link.pk, "remark": own_remark.pk,
            "table": "months", "email": email.pk, "session": device.pk, "refund": 1, "upload_id": uuid4(),
            "correction": correction.pk, "name": "front",
            "period": f"{timezone.localdate():%Y-%m}",
            "year": 2026, "month": 11, "day": 25, ("articles_page_save", "key"): "v1",
            ("send_webhook_again", "number"): 1,
            ("statistics_csv", "table"): "figures", ("statistics_author_csv", "table"): "articles",
            ("articles_article_supersede", "number"): 2, ("articles_article_redact", "number"): 1,
            ("articles_dossier_redact", "number"): 1, ("articles_page_redact", "number"): 1,
            ("truthlytics_loginsettings_change_login_provider", "slug"): "oidc",
            ("menus_restore", "number"): save_menus(content=MENUS, seen=0).number,
        }  # fmt: skip
        cls.clients = {key: cls.client_of(user) for key, user in cls.users.items()}

    @classmethod
    def client_of(cls, user):
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    def path(self, url, article=None):
        arguments = {name: self.argument(url, name, article) for name in url.arguments}
        return reverse(f"{url.namespace}{url.name}", kwargs=arguments)

    def argument(self, url, name, article):
        """Return the value of the URL argument `name`."""
        if name in {"object_id", "pk"}:
            model = "_".join(url.name.split("_")[:2])
            default = article if article is not None and model == "articles_article" else self.rows.get(model)
            row = self.rows.get(url.name, default)
            return row.pk if row is not None else 1
        return self.arguments.get((url.name, name)) or self.arguments[name]


@tag("all_features")
@tag("sqlite")  # Three thousand requests: permissions do not depend on the database.
class AccessTests(NewsroomRows):
    def setUp(self):
        # tests.tools.test_styleguide renders the hundreds of samples.
        self.enterContext(mock.patch.object(Sample, "render", return_value=""))

    def status(self, client, method, path):
        """Return the status of the response, 403 for a redirect to the login. Changes are rolled back."""
        cookies = copy(client.cookies)
        with transaction.atomic():
            response = client.generic(method, path)
            transaction.set_rollback(True)
        client.cookies = cookies
        return self.status_of(response, path)

    def status_of(self, response, path):
        location = urlsplit(response.headers.get("Location", "")).path
        refused = location in LOGIN_URLS or (location == INDEX and path != LOGIN)
        return 403 if refused else response.status_code

    def test_every_url_has_an_expectation(self):
        self.assertEqual(set(admin_urls()), set(EXPECTED))

    def statuses(self, number, method, path, roles):
        """Return the status by role. For every third URL one of them, in turn, requests the page as a browser does."""
        drawn = list(ROLES)[number // 3 % len(ROLES)] if number % 3 == 0 else ""
        return {
            key: self.status(client, method, path)
            if key == drawn
            else self.status_of_view(self.users[key], method, path)
            for key, client in self.clients.items()
        }

    def status_of_view(self, user, method, path):
        """Return the status that the view answers `user`, without middleware, error pages and most templates."""
        request = RequestFactory().generic(method, path)
        request.user, request.access = user, access_for(user, timezone.now())
        request.session = SessionStore()
        request._messages, request._dont_enforce_csrf_checks = mock.MagicMock(), True
        request.resolver_match = match = resolve(path)
        try:
            with transaction.atomic():
                response = match.func(request, *match.args, **match.kwargs)
                transaction.set_rollback(True)
        except (PermissionDenied, Http404, BadRequest) as error:
            return {PermissionDenied: 403, Http404: 404, BadRequest: 400}[type(error)]
        return self.status_of(response, path)

    @takes_longer("Every role asks many addresses.")
    def test_access_by_role(self):
        for number, (name, url) in enumerate(admin_urls().items()):
            for method, roles in zip(("GET", "POST"), EXPECTED[name].split("/"), strict=True):
                statuses = self.statuses(number, method, self.path(url), roles)
                with self.subTest(f"{method} {name}", statuses=statuses):
                    self.assertEqual({key for key, status in statuses.items() if status not in REFUSED}, set(roles))
                    self.assertLess(max(statuses.values()), 500)

    @takes_longer("Every role asks many addresses.")
    def test_other_methods_are_refused(self):
        for number, (name, url) in enumerate(admin_urls().items()):
            for method in UNSUPPORTED_METHODS if name != "login" else ():  # redirects to the index for any method
                with self.subTest(f"{method} {name}"):
                    self.assertIn(self.status_of_view(self.users["P"], method, self.path(url)), REFUSED)
            if number % 10 == 0 and name != "login":
                self.assertIn(self.status(self.clients["P"], method, self.path(url)), REFUSED)

    @takes_longer("Every role asks many addresses.")
    def test_anonymous_visitors_and_readers_are_refused(self):
        reader, anonymous = make_user(), AnonymousUser()
        clients = (self.client_of(reader), Client())
        for number, (name, url) in enumerate(admin_urls().items()):
            for method in ("GET", "POST"):
                path = self.path(url)
                with self.subTest(f"{method} {name}"):
                    self.assertIn(self.status_of_view(reader, method, path), REFUSED)
                    self.assertIn(self.status_of_view(anonymous, method, path), REFUSED)
                    with rendered(False):
                        self.assertIn(self.status(clients[number % 2], method, path), REFUSED)

    @takes_longer("Every role asks many addresses.")
    def test_the_public_page_of_a_row_is_found_only_with_the_permission_to_view_it(self):
        comment = self.rows["comments_comment"]
        arguments = [ContentType.objects.get_for_model(comment).pk, comment.pk]
        path = reverse("admin:view_on_site", args=arguments)
        self.assertEqual(self.status(self.clients["A"], "GET", path), 404)
        self.assertEqual(self.status(self.clients["M"], "GET", path), 302)

    @takes_longer("Many requests, one after the other.")
    def test_authors_only_open_own_drafts(self):
        article_urls = {
            name: url
            for name, url in admin_urls().items()
            if name.startswith("articles_article_") and ROW_ARGUMENTS & {*url.arguments}
        }
        self.assertIn("articles_article_change", article_urls)
        for name, url in article_urls.items():
            for method in ("GET", "POST"):
                if name != "articles_article_forget_filter":  # takes a filter
                    with self.subTest(f"{method} {name}"):
                        path = self.path(url, self.other_draft)
                        self.assertIn(self.status(self.clients["A"], method, path), REFUSED)
