"""A site with every kind of content, and the pages with forms that each user can open."""

from django.core.cache import cache
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Redirect
from articles.services.sharing import share
from comments.models import Appeal, Decision
from comments.services import decide
from tests.factories import (
    PASSWORD,
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_coupon,
    make_dossier,
    make_draft,
    make_editor,
    make_error_report,
    make_grant,
    make_image,
    make_order,
    make_page,
    make_paid,
    make_price,
    make_renewing,
    make_source,
    make_topic,
    make_user,
)
from tests.oidc_provider import settings_for
from tests.subscriptions.journeys import on_demo

ANONYMOUS = "anonymous"
LOCAL_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def admin_url(name, *arguments):
    return reverse(f"admin:{name}", args=arguments)


@on_demo
# No provider answers there.
@override_settings(CACHES=LOCAL_CACHE, SOCIALACCOUNT_PROVIDERS=settings_for("http://127.0.0.1:9"))
class BadInputCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.users = {"editor": make_editor(), "reader": make_user(), "commenter": make_commenter()}
        cls.article, cls.draft = make_article(topics=[make_topic()]), make_draft()
        scheduled = make_article(at=timezone.now() + timezone.timedelta(days=2))
        own_comment = make_comment(article=cls.article, author=cls.users["commenter"])
        cls.other = make_comment(article=cls.article)
        removed = [make_comment(article=cls.article, author=cls.users["commenter"]) for _ in range(2)]
        removals = [decide(comment=row, kind="remove", by=cls.users["editor"], reason="No.") for row in removed]
        # Too long ago to be undone.
        Decision.objects.update(created_at=timezone.now() - timezone.timedelta(minutes=1))
        appeal = Appeal.objects.create(decision=removals[1], text="Why?")
        transfer, demo = make_order(provider="manual"), make_order()
        cls.users |= {"subscriber": make_paid().user, "transfer": transfer.user, "demo": demo.user}
        renewing = make_renewing()
        cls.users["renewing"] = renewing.user
        price, grant = make_price(), make_grant(cls.users["reader"])
        redirect = Redirect.objects.create(path="/old", article=cls.article)
        source = make_source()
        cited = make_draft(body=f'<p><a href="{source.url}" data-source="">The report</a></p>')
        link = share(article=cls.draft, by=cls.users["editor"], days=1)
        shared_remarks = reverse("articles:draft_remarks", args=[link.token])
        dossier = make_dossier(cls.article)
        article, thread = cls.article.get_absolute_url(), f"{cls.article.get_absolute_url()}comments/"
        report = f"/comments/{cls.other.pk}/report/"
        accounts = ("login/", "signup/", "login/code/", "password/reset/")
        cls.pages = {
            ANONYMOUS: [
                *(f"/accounts/{name}" for name in accounts),
                "/subscribe/",
                "/cancel/",
                "/withdraw/",
                article,
                thread,
                report,
                f"{article}report-error/",
                "/check/",
                shared_remarks,
            ],
            "commenter": [
                article,
                f"/comments/{own_comment.pk}/edit/",
                f"/comments/decisions/{removals[0].pk}/",
                report,
                f"{thread}following/",
                "/account/emails/",
                "/account/name/",
            ],
            "subscriber": [
                "/account/cancellation/",
                "/give/",
                f"{make_article(required_level=10).get_absolute_url()}gift-link/",
                "/accounts/email/",
                "/accounts/password/change/",
                "/accounts/sessions/",
                "/accounts/2fa/totp/activate/",
                "/accounts/2fa/webauthn/add/",
                "/accounts/reauthenticate/",
                "/account/keys/",
                "/account/logins/",
            ],
            "renewing": [
                "/account/plan/",
                f"/account/plan/{make_price(renewing.price.plan, interval='year').pk}/",
                "/account/",
            ],
            "transfer": ["/cart/"],
            "demo": ["/cart/", f"/checkout/{demo.uuid}/", f"/checkout/{demo.uuid}/demo/"],
            "editor": [
                admin_url("truthlytics_loginsettings_changelist"),
                admin_url("truthlytics_connectionsettings_changelist"),
                admin_url("truthlytics_crawlersettings_changelist"),
                admin_url("truthlytics_designsettings_changelist"),
                admin_url("articles_article_add"),
                admin_url("articles_article_change", cls.draft.pk),
                admin_url("articles_article_publish", cls.draft.pk),
                admin_url("articles_article_work", cls.draft.pk),
                admin_url("responsibility"),
                admin_url("statistics"),
                admin_url("statistics_author", make_author().pk),
                admin_url("articles_article_delete", make_draft().pk),
                admin_url("articles_article_unschedule", scheduled.pk),
                admin_url("articles_article_changelist"),
                admin_url("articles_page_add"),
                admin_url("articles_page_change", make_page().pk),
                admin_url("articles_page_publish", make_page(published=False).pk),
                *(admin_url(f"articles_page_{name}", make_page().pk) for name in ("end", "withdraw", "preview")),
                *(admin_url(f"articles_dossier_{name}", dossier.pk) for name in ("end", "withdraw", "preview")),
                admin_url("articles_dossier_add"),
                admin_url("articles_dossier_change", dossier.pk),
                admin_url("articles_image_add"),
                admin_url("articles_image_change", make_image().pk),
                admin_url("articles_section_add"),
                admin_url("articles_topic_add"),
                admin_url("articles_series_add"),
                admin_url("articles_recording_add"),
                admin_url("articles_article_sharing", cls.draft.pk),
                admin_url("articles_article_sources", cited.pk),
                admin_url("articles_source_change", source.pk),
                admin_url("articles_source_changelist"),
                admin_url("articles_article_remarks", cls.draft.pk),
                admin_url("articles_article_preview", cls.draft.pk),
                admin_url("articles_author_change", make_author().pk),
                admin_url("articles_redirect_change", redirect.pk),
                admin_url("articles_errorreport_change", make_error_report(cls.article).pk),
                admin_url("articles_errorreport_changelist"),
                admin_url("comments_comment_changelist"),
                admin_url("comments_comment_change", cls.other.pk),
                admin_url("comments_queue_comment", cls.other.pk),
                admin_url("comments_thread_add"),
                admin_url("comments_appeal_change", appeal.pk),
                *(admin_url(f"comments_{name}_changelist") for name in ("appeal", "decision", "suspension")),
                admin_url("subscriptions_tier_add"),
                admin_url("subscriptions_plan_change", price.plan_id),
                admin_url("subscriptions_price_add"),
                admin_url("subscriptions_price_changelist"),
                admin_url("subscriptions_coupon_add"),
                admin_url("subscriptions_coupon_change", make_coupon().pk),
                admin_url("subscriptions_coupon_changelist"),
                admin_url("subscriptions_order_changelist"),
                admin_url("subscriptions_subscription_changelist"),
                admin_url("subscriptions_grant_add"),
                admin_url("subscriptions_grant_change", grant.pk),
                admin_url("subscriptions_grant_changelist"),
                admin_url("subscriptions_user_change", cls.users["reader"].pk),
                admin_url("subscriptions_user_extend", cls.users["reader"].pk),
                admin_url("subscriptions_user_access", cls.users["reader"].pk),
                admin_url("subscriptions_payment_changelist"),
                admin_url("subscriptions_payment_refund", renewing.payments.latest("pk").pk),
                admin_url("subscriptions_subscription_end", renewing.pk),
                admin_url("revenue"),
                admin_url("import_contracts"),
                admin_url("import_links"),
            ],
        }

    def setUp(self):
        self.client.raise_request_exception = False

    def log_in(self, visitor):
        self.client.logout()
        if visitor != ANONYMOUS:
            self.client.force_login(self.users[visitor])
        if visitor == "subscriber":
            self.client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    def send(self, method, target, data, label):
        cache.clear()
        response = getattr(self.client, method)(target, data)
        with self.subTest(f"{method} {target} {label}"):
            self.assertLess(response.status_code, 500)
