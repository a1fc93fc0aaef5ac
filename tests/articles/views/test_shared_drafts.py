"""Share links: the draft page, and creating and revoking links in the admin."""

from datetime import timedelta
from unittest import mock

import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Remark, ShareLink
from articles.services import sharing
from articles.services.publishing import publish, withdraw
from articles.services.sharing import share
from tests.articles.shared_drafts import BODY, SharingTestCase, remarks_url
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_draft, make_editor, make_member, make_subscriber
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.roles import ROLES
from truthlytics.web.rate_limits import consume


class SharedDraftTests(SharingTestCase):
    def test_link_shows_the_whole_saved_draft_without_login(self):
        page = self.client.get(self.link.get_absolute_url())
        self.assertTemplateUsed(page, "articles/article.html")
        for text in ("Free text of the draft.", "Paid text of the draft.", "Draft, not for publication."):
            self.assertContains(page, text)
        Article.objects.filter(pk=self.draft.pk).update(body="<p>Edited since.</p>")
        self.assertContains(self.client.get(self.link.get_absolute_url()), "Edited since.")

    def test_draft_is_not_cached_indexed_or_leaked_by_referrer(self):
        page = self.client.get(self.link.get_absolute_url())
        self.assertEqual(page["Cache-Control"], "private, no-store")
        self.assertEqual(page["Referrer-Policy"], "no-referrer")
        self.assertEqual(page["X-Robots-Tag"], "noindex, nofollow, noarchive")
        self.assertContains(page, '<meta name="robots" content="noindex, nofollow, noarchive">')
        self.assertNotContains(page, "canonical")
        self.assertNotContains(page, "ld+json")
        self.assertFalse(page.cookies)
        self.assertIn("frame-ancestors 'none'", page["Content-Security-Policy"])

    def test_page_is_rendered_for_an_anonymous_reader(self):
        self.client.force_login(make_subscriber())
        page = self.client.get(self.link.get_absolute_url())
        self.assertNotContains(page, "masthead")
        self.assertNotContains(page, 'id="comments"')

    def test_draft_is_not_public_elsewhere(self):
        for path in ("/", "/latest/", self.draft.get_absolute_url(), "/sitemap-articles-0.xml"):
            self.assertNotContains(self.client.get(path), "The queue", status_code=self.client.get(path).status_code)

    def test_expired_link_is_invalid(self):
        with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
            for url in (self.link.get_absolute_url(), remarks_url(self.link)):
                self.assert_unavailable(url, 410)

    def test_revoked_link_is_invalid(self):
        self.link.revoke(by=self.editor)
        for url in (self.link.get_absolute_url(), remarks_url(self.link)):
            self.assert_unavailable(url, 410)
        self.assertEqual(
            self.client.post(remarks_url(self.link), {"name": "I", "text": "Still here."}).status_code, 410
        )
        self.assertFalse(Remark.objects.exists())

    def test_link_to_withdrawn_article_is_invalid_until_restored(self):
        article = make_article()
        link = share(article=article, by=self.editor, days=1)
        withdraw(item=article)
        self.assert_unavailable(link.get_absolute_url(), 410)
        Article.objects.filter(pk=article.pk).update(withdrawn_at=None)
        self.assertEqual(self.client.get(link.get_absolute_url()).status_code, 200)

    def test_publication_ends_links_and_later_drafts_stay_private(self):
        urls = self.link.get_absolute_url(), remarks_url(self.link)
        publish(item=self.draft)
        Article.objects.filter(pk=self.draft.pk).update(body="<p>The queue, not yet published.</p>")
        for url in urls:
            self.assert_unavailable(url, 410)
        self.assertContains(self.client.get(urls[0]), f'href="{self.draft.get_absolute_url()}"', status_code=410)
        # A new link to the changed draft works until that is published.
        link = share(article=self.draft, by=self.editor, days=1)
        self.assertContains(self.client.get(link.get_absolute_url()), "not yet published")
        publish(item=self.draft, kind="update", note="News.")
        self.assert_unavailable(link.get_absolute_url(), 410)

    def test_scheduled_publication_ends_links_at_its_time(self):
        publish(item=self.draft, at=timezone.now() + timedelta(days=1))
        for link in (self.link, share(article=self.draft, by=self.editor, days=7)):
            self.assertContains(self.client.get(link.get_absolute_url()), "until the text is published")
            with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
                self.assert_unavailable(link.get_absolute_url(), 410)

    def test_forged_token_is_invalid_without_a_query(self):
        good = self.link.token
        for token in (good[:-1] + ("A" if good[-1] != "A" else "B"), self.link.key, "x", "x.y", "²", "9" * 400):
            with self.subTest(token[:20]):
                url = reverse("articles:draft", args=[token])
                with CaptureQueriesContext(connection) as queries:
                    self.assert_unavailable(url, 404)
                self.assertFalse([query for query in queries if "sharelink" in query["sql"]])

    def test_stored_key_is_not_a_token(self):
        self.assertEqual(self.client.get(reverse("articles:draft", args=[self.link.key])).status_code, 404)
        self.assertNotIn(self.link.token, str(list(ShareLink.objects.values())))

    def test_page_of_an_invalid_link_offers_a_subscription(self):
        page = self.client.get(reverse("articles:draft", args=["x" * 40]))
        self.assertContains(page, 'class="masthead__subscribe"', status_code=404)

    def assert_unavailable(self, url, status):
        page = self.client.get(url)
        self.assertContains(page, "This link no longer works", status_code=status)
        self.assertNotIn(b"The queue", page.content)
        self.assertEqual(page["Cache-Control"], "private, no-store")
        self.assertIn("noindex", page["X-Robots-Tag"])

    def test_invalid_tokens_are_rate_limited_by_ip_address(self):
        # All within one minute, also on a busy machine.
        with time_machine.travel(timezone.now().replace(second=10), tick=False):
            for _ in range(120):
                consume("draft", "127.0.0.1", limit=120, seconds=60)
            page = self.client.get(self.link.get_absolute_url())
        self.assertEqual((page.status_code, page["Cache-Control"]), (429, "private, no-store"))

    def test_draft_page_query_count(self):
        self.client.get(self.link.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            self.client.get(self.link.get_absolute_url())
        self.assertLess(len(queries), 30)

    def test_only_get_and_head_are_allowed(self):
        for method in ("post", "put", "delete"):
            self.assertEqual(getattr(self.client, method)(self.link.get_absolute_url()).status_code, 405)


class ShareLinkAdminTests(SharingTestCase):
    def url(self, article=None):
        return reverse("admin:articles_article_sharing", args=[(article or self.draft).pk])

    def revoke_url(self, link, article=None):
        return reverse("admin:articles_article_sharing_end", args=[(article or link.article).pk, link.pk])

    def test_link_durations(self):
        self.client.force_login(self.editor)
        for days in (1, 7, 30):
            response = self.client.post(self.url(), {"days": days, "name": f"For {days}"})
            self.assertRedirects(response, self.url())
            link = ShareLink.objects.get(name=f"For {days}")
            self.assertAlmostEqual(link.expires_at, timezone.now() + timedelta(days=days), delta=timedelta(minutes=1))
            self.assertEqual((link.created_by, link.created_by_name), (self.editor, "Mara Oduya"))
            self.assertContains(self.client.get(self.url()), link.token)
        self.assertEqual(LogEntry.objects.filter(object_id=str(self.draft.pk)).count(), 3)

    def test_invalid_input_gets_an_error(self):
        self.client.force_login(self.editor)
        for data in ({"days": "8"}, {"days": ""}, {"days": "7", "name": "n" * 81}, {"days": "9" * 400, "name": "\x00"}):
            with self.subTest(data):
                page = self.client.post(self.url(), data)
                self.assertEqual(page.status_code, 422)
                self.assertTrue(page.context["form"].errors)
        self.assertEqual(ShareLink.objects.count(), 1)

    def test_number_of_active_links_is_limited(self):
        self.client.force_login(self.editor)
        with mock.patch.object(sharing, "MAX_ACTIVE_LINKS", 1):
            self.assertContains(self.client.post(self.url(), {"days": "1"}), "Revoke one first", status_code=422)
            self.link.revoke(by=self.editor)
            self.assertEqual(self.client.post(self.url(), {"days": "1"}).status_code, 302)

    def test_editor_lists_active_links(self):
        self.client.force_login(self.editor)
        editor_page = self.client.get(reverse("admin:articles_article_change", args=[self.draft.pk]))
        for text in ("Ines, for her reading", "by Mara Oduya, until", self.revoke_url(self.link)):
            self.assertContains(editor_page, text)

    def test_revoking_stores_the_user_and_is_repeatable(self):
        self.client.force_login(self.editor)
        self.assertRedirects(self.client.post(self.revoke_url(self.link)), self.url())
        self.link.refresh_from_db()
        first = self.link.revoked_at
        self.assertEqual(self.link.revoked_by, self.editor)
        self.client.force_login(make_editor())
        self.client.post(self.revoke_url(self.link))
        self.link.refresh_from_db()
        self.assertEqual((self.link.revoked_at, self.link.revoked_by), (first, self.editor))

    def test_creator_can_still_revoke_their_link_without_access_to_the_article(self):
        user = make_member("Author")
        article = make_article(authors=[make_author(user=user)])
        own, other = (share(article=article, by=by, days=1) for by in (user, self.editor))
        self.client.force_login(user)
        page = self.client.get(self.url(article))
        self.assertContains(page, self.revoke_url(own))
        for text in (self.revoke_url(other), "Create link"):
            self.assertNotContains(page, text)
        self.assertEqual(self.client.post(self.url(article), {"days": "1"}).status_code, 404)
        self.assertRedirects(self.client.post(self.revoke_url(own)), self.url(article))
        own.refresh_from_db()
        self.assertEqual(own.revoked_by, user)

    def test_editor_sees_that_publication_ended_a_link(self):
        publish(item=self.draft)
        self.client.force_login(self.editor)
        page = self.client.get(self.url())
        self.assertContains(page, "ended with publication")
        self.assertNotContains(page, self.link.token)

    def test_link_of_another_article_answers_404(self):
        self.client.force_login(self.editor)
        self.assertEqual(self.client.post(self.revoke_url(self.link, make_draft())).status_code, 404)
        self.link.refresh_from_db()
        self.assertIsNone(self.link.revoked_at)

    def test_creator_name_outlives_the_account(self):
        creator = make_editor(display_name="Gone Soon")
        link = share(article=self.draft, by=creator, days=1)
        creator.delete()
        link.refresh_from_db()
        self.assertEqual((link.created_by, link.created_by_name), (None, "Gone Soon"))
        self.assertEqual(self.client.get(link.get_absolute_url()).status_code, 200)

    @takes_longer("Every role asks many addresses.")
    def test_permissions_by_role_url_and_method(self):
        users = {role: make_member(role) for role in ROLES}
        author = make_author(user=users["Author"])
        drafts = {"own": make_draft(authors=[author]), "foreign": make_draft(), "out": make_article(authors=[author])}
        for role, user in users.items():
            self.client.force_login(user)
            for ownership, article in drafts.items():
                allowed = role in {"Editor", "Publisher"} or (role == "Author" and ownership == "own")
                link = share(article=article, by=self.editor, days=1)
                for url, method, expected in [
                    (self.url(article), "get", 200),
                    (self.url(article), "post", 302),
                    (self.revoke_url(link), "get", 405),
                    (self.revoke_url(link), "post", 302),
                ]:
                    with self.subTest(role=role, ownership=ownership, url=url, method=method):
                        status = getattr(self.client, method)(url, {"days": "1"}).status_code
                        self.assertIn(status, {expected} if allowed else {403, 404, 405})
                link.refresh_from_db()
                self.assertEqual(link.revoked_at is not None, allowed)

    def test_query_count_does_not_grow_with_links(self):
        self.client.force_login(self.editor)
        with CaptureQueriesContext(connection) as few:
            self.client.get(self.url())
        for _ in range(20):
            share(article=self.draft, by=self.editor, days=1).revoke(by=self.editor)
        with CaptureQueriesContext(connection) as many:
            self.client.get(self.url())
        self.assertEqual(len(many), len(few))


class PageCacheTests(TransactionTestCase):
    def test_draft_is_never_in_the_page_cache(self):
        with self.settings(MIDDLEWARE=MIDDLEWARE):
            draft = make_draft(body=BODY)
            link = share(article=draft, by=make_editor(), days=1)
            visitor = Visitor()
            for _ in range(2):
                visitor.get(link.get_absolute_url())
            self.assertEqual(visitor.rendered, 2)
            link.revoke(by=None)
            self.assertIn("410", str(visitor.get(link.get_absolute_url())))
