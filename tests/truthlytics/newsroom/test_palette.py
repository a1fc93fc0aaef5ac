"""The command palette: results, ranking and permissions."""

from datetime import timedelta
from unittest import mock

import time_machine
from django.contrib.admin import site
from django.db import connection
from django.test import RequestFactory, TestCase, tag
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from articles.models import Page
from articles.services.revisions import save_revision
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_coupon,
    make_draft,
    make_editor,
    make_image,
    make_member,
    make_page,
    make_topic,
    make_user,
    make_version,
)
from truthlytics.newsroom import palette
from truthlytics.newsroom.navigation import nav_areas
from truthlytics.newsroom.palette_entries import OWN_PAGES, SITE_PAGES
from truthlytics.publication.models import Publication
from truthlytics.roles import ROLES

RESULTS, PAGE = reverse("admin:find_answers"), reverse("admin:find")


class PaletteTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.users = {role: make_member(role, display_name=f"Wanda {role}") for role in ROLES}

    def results(self, q, role="Publisher"):
        """Return the names and kinds of the results by group."""
        self.client.force_login(self.users[role])
        groups = self.client.get(RESULTS, {"q": q}).json()["groups"]
        return {group["name"]: [(item["name"], item["kind"]) for item in group["items"]] for group in groups}

    def groups(self, q, role="Publisher"):
        request = RequestFactory().get(RESULTS)
        request.user = self.users[role]
        return palette.search(request, site, [item for area in nav_areas(request) for item in area["items"]], q)

    def names(self, q, group, role="Publisher"):
        return [name for name, _ in self.results(q, role).get(group, [])]

    def test_best_match_comes_first(self):
        for headline in ("Small water", "The waterline", "Breakwater", "Water", "Waters of March"):
            make_draft(headline=headline)
        self.assertEqual(
            self.names("water", "Articles"), ["Water", "Waters of March", "The waterline", "Small water", "Breakwater"]
        )

    def test_finds_words_of_all_headlines_and_parts_of_words_of_new_ones(self):
        for headline in ("Water", "Old breakwater", "Fire"):
            make_draft(headline=headline)
        with mock.patch("articles.search.newsroom.MAX_CANDIDATES", 1):
            self.assertEqual(self.names("water", "Articles"), ["Water"])
            self.assertEqual(self.names("ire", "Articles"), ["Fire"])
            self.assertEqual(self.names("-", "Articles"), [])

    def test_all_words_must_match_in_any_order(self):
        make_draft(headline="The village that audits its own water")
        make_draft(headline="Water")
        self.assertEqual(self.names("WATER  village", "Articles"), ["The village that audits its own water"])

    def test_search_ignores_case_in_any_script(self):
        make_draft(headline="Élections sur l’Île")
        make_draft(headline="Вода у моря")
        for query in ("élections", "ÉLECTIONS", "Élections", "île sur"):
            self.assertEqual(self.names(query, "Articles"), ["Élections sur l’Île"], query)
        self.assertEqual(self.names("вода МОРЯ", "Articles"), ["Вода у моря"])
        page = self.client.get(reverse("admin:articles_article_changelist"), {"q": "élections"})
        self.assertContains(page, "Élections sur l’Île")

    def test_finds_published_articles_by_words_of_their_text(self):
        article = make_article(headline="Short", body="<p>Nobody had counted the cormorants.</p>")
        make_article(headline="Cormorants")
        make_draft(headline="Unknown", body="<p>More cormorants.</p>")
        found = self.results("cormorants", "Editor")
        self.assertEqual(found["Articles"], [("Cormorants", "Published")])
        self.assertEqual(found["In the text"], [("Short", "Published")])
        make_article(headline="Often", body="<p>Cormorants, cormorants and cormorants.</p>")
        make_article(headline="Once", body="<p>One of many words about cormorants.</p>" + "<p>And others.</p>" * 50)
        self.assertEqual(self.names("cormorants", "In the text", "Editor")[0], "Often")
        make_version(article, headline="Due", at=timezone.now() + timedelta(hours=1))
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            self.assertIn("Due", self.names("cormorants", "In the text", "Editor"))
        article.withdrawn_at = timezone.now()
        article.save()
        self.assertFalse({"Short", "Due"} & {*self.names("cormorants", "In the text", "Editor")})
        self.assertNotIn("In the text", self.results("cormorants", "Moderator"))

    def test_nothing_dangerous_waits_for_the_enter_key(self):
        for q in ("log", "logo", "logbook", "out", "ab", "abm"):
            with self.subTest(q):
                found = [name for items in self.results(q).values() for name, _kind in items]
                self.assertNotIn("Log out", found)

    def test_each_page_is_listed_once(self):
        for q in ("logo", "price", "comments", "newsletter"):
            with self.subTest(q):
                urls = [(item.url, str(item.name)) for group in self.groups(q) for item in group.items]
                self.assertEqual(len(urls), len(set(urls)))
        for q in ("logo", "sender", "tax", "country"):
            with self.subTest(q):
                names = self.names(q, "Settings")
                self.assertTrue(names)
                self.assertEqual(len(names), len(set(names)))

    def test_articles_show_their_state(self):
        make_article(headline="Quay one")
        make_draft(headline="Quay two")
        self.assertEqual(dict(self.results("quay")["Articles"]), {"Quay one": "Published", "Quay two": "Draft"})

    def test_finds_images_authors_and_topics(self):
        image = make_image()
        make_author(name="Ada Harbour")
        make_topic(name="Harbours")
        results = self.results("harbour", "Editor")
        self.assertEqual([*results["Authors"], *results["Topics"]], [("Ada Harbour", "Author"), ("Harbours", "Topic")])
        self.assertIn(str(image), self.names(image.credit[:8], "Images", "Editor"))
        make_coupon(code="SPRING25")
        self.assertEqual(self.names("spring", "Coupons", "Support"), ["SPRING25"])
        self.assertEqual(self.names("spring", "Coupons", "Editor"), [])

    def test_sections_and_actions_depend_on_the_role(self):
        expected = {"Author": True, "Editor": True, "Moderator": False, "Publisher": True}
        for role, may_write in expected.items():
            self.assertEqual("New article" in self.names("new art", "Go to", role), may_write, role)
        self.assertEqual(self.names("comm", "Go to", "Moderator")[:2], ["Comments", "Comment settings"])
        self.assertNotIn("Users", self.names("use", "Go to", "Editor"))

    @tag("all_features")
    @takes_longer("Many requests, one after the other.")
    def test_each_search_finds_what_the_role_may_do(self):
        make_page(headline="Comment rules", slug="comment-rules")
        everyone, staff, editors = set(ROLES), {"Support", "Publisher"}, {"Editor", "Publisher"}
        publisher, moderators = {"Publisher"}, {"Moderator", "Publisher"}
        searches = [
            ("log out", "Log out", everyone),
            ("abmelden", "Log out", everyone),
            ("password", "Change your password", everyone),
            ("2fa", "Two-factor authentication and passkeys", everyone),
            ("comment rules", "Comment rules", everyone),
            ("view site", "Front page of the site", everyone),
            ("new article", "New article", {"Author", *editors}),
            ("artikel schreiben", "New article", {"Author", *editors}),
            ("foto", "Upload an image", {"Author", *editors}),
            ("suspend", "Suspend a reader: choose one of the comments", moderators),
            ("leser sperren", "Suspend a reader: choose one of the comments", moderators),
            ("unban", "Lift a suspension", moderators),
            ("refund", "Refund a payment: choose it", staff),
            ("rückzahlung", "Refund a payment: choose it", staff),
            ("free access", "Give free access", staff),
            ("roles", "Give somebody a role: choose the user", publisher),
            ("invite", "Add a user", publisher),
            ("coupon", "New coupon", publisher),
            ("logo", "Logo", publisher),
            ("appearance", "Accent colour", publisher),
            ("farben", "Accent colour", publisher),
            ("time zone", "Time zone", publisher),
            ("revenue", "Revenue", publisher),
            ("umsatz", "Revenue", publisher),
            ("audit log", "Audit log", publisher),
            ("footer", "Menus", editors),
            ("impressum", "Pages", editors),
            ("newsletter", "New issue of a newsletter", editors),
            ("podcast host", None, set()),
            # As people say it.
            ("add author", "New author", editors),
            ("add a topic", "New topic", editors),
            ("change price", "Change a price: choose the plan", publisher),
            ("preis erhöhen", "Change a price: choose the plan", publisher),
            ("unpublish", "Withdraw an article: choose it", editors),
            ("take down an article", "Withdraw an article: choose it", editors),
            ("members", "Users", staff),
            ("who subscribed yesterday", "Subscriptions", staff),
            ("who cancelled", "Subscriptions", staff),
            ("gift", "Give a subscription as a gift", everyone),
            ("stats", "Revenue", publisher),
            ("stats", "Dashboard", everyone),
            ("backup", "Back up the site: the operator does it on the server", publisher),
            ("export", "Download revenue as CSV", publisher),
            ("import from wordpress", "Import", publisher),
            ("how do i import", "Import", publisher),
            ("where is the imprint", "Pages", editors),
            ("how can i invite", "Add a user", publisher),
        ]
        # Tests of their own are about rows.
        self.enterContext(
            mock.patch.object(palette, "MODELS", [model for model in palette.MODELS if model.model is Page])
        )
        for q, name, roles in searches:
            for role in ROLES:
                found = {str(item.name) for group in self.groups(q, role) for item in group.items}
                with self.subTest(q, role=role):
                    if name is None:
                        self.assertEqual(found, set())
                    else:
                        self.assertEqual(name in found, role in roles, found)

    @takes_longer("Many requests, one after the other.")
    def test_each_action_can_be_opened_by_those_who_find_it(self):
        opened = set()
        for role in ("Author", "Moderator", "Support", "Editor", "Publisher"):
            items = self.groups("", role)[-1].items
            urls = {item.url for item in items if item.kind == "Action"} - opened
            opened |= urls
            self.client.force_login(self.users[role])
            for url in urls:
                with self.subTest(role, url=url):
                    self.assertEqual(self.client.get(url).status_code, 200)
        for entry in (*OWN_PAGES, *SITE_PAGES):
            self.assertEqual(self.client.get(reverse(entry.url_name), follow=True).status_code, 200, entry)

    @takes_longer("Many requests, one after the other.")
    def test_every_setting_is_found(self):
        admin = site.get_model_admin(Publication)
        self.client.force_login(self.users["Publisher"])
        page = self.client.get(reverse("admin:truthlytics_publication_changelist"), follow=True)
        for section, options in admin.fieldsets:
            results = {str(item.name): item for group in self.groups(str(section)) for item in group.items}
            self.assertIn(section, results)
            for name in set(options["fields"]) - set(admin.readonly_fields):
                self.assertContains(page, f'id="id_{name}"')
                label = capfirst(Publication._meta.get_field(name).verbose_name)
                urls = [item.url for group in self.groups(label) for item in group.items]
                self.assertIn(f"{reverse('admin:truthlytics_publication_changelist')}#id_{name}", urls)

    def test_texts_that_only_readers_see_are_found_on_the_site(self):
        article, page = make_article(headline="Ebb and flow"), make_page(headline="Ebb page", slug="ebb-page")
        article.headline, page.headline = "Ebb rewritten", "Ebb page rewritten"
        article.save()
        page.save()
        make_page(headline="Ebb draft", published=False, slug="ebb-draft")
        for role in ("Author", "Moderator", "Support"):
            self.assertEqual(
                self.results("ebb", role), {"On the site": [("Ebb and flow", "Article"), ("Ebb page", "Page")]}
            )
            self.assertEqual(self.results("rewritten", role), {})
        self.assertNotIn("On the site", self.results("ebb", "Editor"))

    def test_author_finds_own_drafts_only(self):
        own = make_draft(headline="Tide one", authors=[make_author(user=self.users["Author"])])
        make_draft(headline="Tide two")
        make_article(headline="Tide three")
        self.assertEqual(self.names("tide", "Articles", "Author"), [own.headline])
        self.assertEqual(self.names("tide", "Articles", "Moderator"), [])

    @takes_longer("Every role asks many addresses.")
    def test_only_publishers_and_support_find_users(self):
        make_user(email="quiet.reader@example.org", display_name="Quiet Reader")
        for role in ROLES:
            for q in ("quiet", "quiet.reader@example.org", "@example.org"):
                self.client.force_login(self.users[role])
                content = (
                    self.client.get(RESULTS, {"q": q}).content.decode()
                    + self.client.get(PAGE, {"q": q}).content.decode()
                )
                self.assertEqual("Quiet Reader" in content, role in ("Support", "Publisher"), (role, q))

    def test_users_hidden_from_the_admin_are_not_found(self):
        make_editor(display_name="Root Person")
        self.assertEqual(self.names("root person", "Users"), [])

    def test_empty_query_shows_recently_saved_articles(self):
        drafts = [make_draft(headline=f"Saved {number}") for number in range(8)]
        for draft in drafts:
            save_revision(item=draft, by=self.users["Editor"])
        save_revision(item=make_draft(), by=self.users["Publisher"])
        self.assertEqual(self.names("", "Recent", "Editor"), [f"Saved {number}" for number in range(7, 1, -1)])
        moderators = [
            "Dashboard",
            "New display names",
            "Comments",
            "Appeals",
            "Decisions",
            "Suspensions",
            "Comment settings",
            "Moderate comments",
            "Suspend a reader: choose one of the comments",
            "Lift a suspension",
            "Close or open comments of an article",
        ]
        self.assertEqual(self.names("  ", "Go to", "Moderator"), moderators)

    def test_author_does_not_find_published_articles(self):
        article = make_article(authors=[make_author(user=self.users["Author"])])
        save_revision(item=article, by=self.users["Author"])
        self.assertEqual(self.names("", "Recent", "Author"), [])

    @takes_longer("Long lists are made and read.")
    def test_unusual_queries_are_handled(self):
        make_draft(headline="100 % of_it")
        for q in ("%", "_", "'; --", "\\", "\u202e", "x" * 5000, "a " * 500, "<script>", "𝔘" * 90):
            for url in (RESULTS, PAGE):
                self.client.force_login(self.users["Publisher"])
                self.assertEqual(self.client.get(url, {"q": q}).status_code, 200, q[:9])
        self.assertEqual(self.names("100 %", "Articles"), ["100 % of_it"])
        self.assertEqual(self.names("0_i", "Articles"), [])

    def test_null_character_is_refused(self):
        self.client.force_login(self.users["Publisher"])
        self.assertEqual(self.client.get(f"{RESULTS}?q=%00").status_code, 400)

    def test_search_page_works_without_script(self):
        draft = make_draft(headline="<b>Bold</b> water")
        self.client.force_login(self.users["Editor"])
        page = self.client.get(PAGE, {"q": "bold"})
        self.assertContains(page, "&lt;b&gt;Bold&lt;/b&gt; water")
        self.assertContains(page, reverse("admin:articles_article_change", args=[draft.pk]))
        self.assertContains(self.client.get(PAGE, {"q": "nothing so"}), "Nothing found for “nothing so”")

    def test_access_and_methods(self):
        for url in (RESULTS, PAGE):
            for role in ROLES:
                self.client.force_login(self.users[role])
                self.assertEqual(self.client.get(url).status_code, 200)
                self.assertEqual(self.client.post(url, {"q": "a"}).status_code, 405)
            self.client.force_login(make_user())
            self.assertIn(self.client.get(url).status_code, {302, 403})
            self.client.logout()
            self.assertEqual(self.client.get(url).status_code, 302)

    @takes_longer("Long lists are made and read.")
    def test_queries_do_not_grow_with_results(self):
        for number in range(20):
            make_article(headline=f"Water {number}", authors=[make_author(name=f"Water {number}")])
        # PostgreSQL searches texts in a savepoint with limits of its own.
        limits = 3 if connection.vendor == "postgresql" else 0
        for role, queries in {"Publisher": 19 + limits, "Moderator": 6}.items():
            self.results("water", role)
            with self.subTest(role), self.assertNumQueries(queries):
                self.client.get(RESULTS, {"q": "water"})
