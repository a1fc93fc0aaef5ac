"""A site with something of everything, its forms, and who may send them."""

from django.core.cache import cache
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Redirect
from articles.services.sharing import share
from tests.factories import (
    PASSWORD,
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_dossier,
    make_draft,
    make_editor,
    make_grant,
    make_image,
    make_order,
    make_page,
    make_paid,
    make_price,
    make_topic,
    make_user,
)
from tests.subscriptions.journeys import on_demo

NOBODY = "nobody"
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def address(name, *arguments):
    return reverse(f"admin:{name}", args=arguments)


@on_demo
@override_settings(CACHES=LOCAL)
class BadInputCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = {"editor": make_editor(), "reader": make_user(), "commenter": make_commenter()}
        cls.article, cls.draft = make_article(topics=[make_topic()]), make_draft()
        waits = make_article(at=timezone.now() + timezone.timedelta(days=2))
        mine = make_comment(article=cls.article, author=cls.people["commenter"])
        cls.other = make_comment(article=cls.article)
        transfer, demo = make_order(provider="manual"), make_order()
        cls.people |= {"subscriber": make_paid().user, "transfer": transfer.user, "demo": demo.user}
        plain, grant = make_price(), make_grant(cls.people["reader"])
        old = Redirect.objects.create(path="/old", article=cls.article)
        link = share(article=cls.draft, by=cls.people["editor"], days=1)
        outside = reverse("articles:draft_remarks", args=[link.token])
        dossier = make_dossier(cls.article)
        article, thread = cls.article.get_absolute_url(), f"{cls.article.get_absolute_url()}comments/"
        report = f"/comments/{cls.other.pk}/report/"
        accounts = ("login/", "signup/", "login/code/", "password/reset/")
        cls.pages = {
            NOBODY: [*(f"/accounts/{name}" for name in accounts), "/subscribe/", article, thread, report, outside],
            "commenter": [article, f"/comments/{mine.pk}/edit/", report, "/account/name/"],
            "subscriber": [
                "/account/cancellation/", "/accounts/email/", "/accounts/password/change/", "/accounts/sessions/",
                "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/reauthenticate/",
            ],
            "transfer": ["/cart/"],
            "demo": [f"/checkout/{demo.uuid}/demo/"],
            "editor": [
                address("articles_article_add"), address("articles_article_change", cls.draft.pk),
                address("articles_article_publish", cls.draft.pk), address("articles_article_delete", make_draft().pk),
                address("articles_article_unschedule", waits.pk), address("articles_article_changelist"),
                address("articles_page_add"), address("articles_page_change", make_page().pk),
                address("articles_page_publish", make_page(published=False).pk),
                *(address(f"articles_page_{name}", make_page().pk) for name in ("end", "withdraw", "preview")),
                *(address(f"articles_dossier_{name}", dossier.pk) for name in ("end", "withdraw", "preview")),
                address("articles_dossier_add"), address("articles_dossier_change", dossier.pk),
                address("articles_image_add"), address("articles_image_change", make_image().pk),
                address("articles_section_add"), address("articles_topic_add"), address("articles_series_add"),
                address("articles_recording_add"), address("articles_article_sharing", cls.draft.pk),
                address("articles_article_remarks", cls.draft.pk), address("articles_article_preview", cls.draft.pk),
                address("articles_author_change", make_author().pk), address("articles_redirect_change", old.pk),
                address("comments_comment_changelist"), address("comments_comment_change", cls.other.pk),
                address("comments_thread_add"), address("subscriptions_tier_add"),
                address("subscriptions_plan_change", plain.plan_id), address("subscriptions_price_add"),
                address("subscriptions_price_changelist"), address("subscriptions_order_changelist"),
                address("subscriptions_subscription_changelist"), address("subscriptions_grant_add"),
                address("subscriptions_grant_change", grant.pk), address("subscriptions_grant_changelist"),
                address("subscriptions_user_change", cls.people["reader"].pk),
            ],
        }  # fmt: skip

    def setUp(self):
        self.client.raise_request_exception = False

    def log_in(self, who):
        self.client.logout()
        if who != NOBODY:
            self.client.force_login(self.people[who])
        if who == "subscriber":
            self.client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    def send(self, method, target, data, what):
        cache.clear()
        answer = getattr(self.client, method)(target, data)
        with self.subTest(f"{method} {target} {what}"):
            self.assertLess(answer.status_code, 500)
