"""Access to the newsroom by role, URL and method."""

from uuid import uuid4

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.test import TestCase, tag
from django.urls import reverse

from articles.models import Article, Author
from articles.services.publishing import publish
from tests.articles.admin.editor import form_data
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_draft, make_image, make_member, make_section, make_topic
from truthlytics.roles import ROLES, grant_roles

REFUSED = {403, 404}
ACTIONS = ("publish", "withdraw", "restore", "unschedule", "end", "keep")


class AccessTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.users = {role: make_member(role) for role in ROLES}
        cls.author = make_author(user=cls.users["Author"])
        cls.own = make_draft(authors=[cls.author])
        cls.own_published = make_article(authors=[cls.author])
        cls.foreign = make_draft()
        cls.foreign_published = make_article()
        cls.items = {"section": make_section(), "topic": make_topic(), "author": make_author(), "image": make_image()}

    def status(self, role, url, method="get", data=None):
        self.client.force_login(self.users[role])
        return getattr(self.client, method)(url, data or {}).status_code

    def urls(self, article):
        names = ("change", "delete", "history", *ACTIONS)
        return [reverse(f"admin:articles_article_{name}", args=[article.pk]) for name in names]

    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_author_cannot_open_foreign_or_published_articles(self):
        for article in (self.own_published, self.foreign, self.foreign_published):
            for url in self.urls(article):
                for method in ("get", "post"):
                    with self.subTest(url=url, method=method):
                        self.assertIn(self.status("Author", url, method, form_data(article)), {404, 405})
        self.assertEqual(Article.objects.exclude(headline__startswith="Headline").count(), 0)

    @takes_longer("Every role asks many addresses.")
    def test_author_edits_own_draft_but_cannot_publish(self):
        change, delete, history, *action_urls = self.urls(self.own)
        self.assertEqual(self.status("Author", change), 200)
        self.assertEqual(self.status("Author", change, "post", form_data(self.own, headline="Mine", _publish="1")), 302)
        self.own.refresh_from_db()
        self.assertEqual((self.own.headline, self.own.state()), ("Mine", "draft"))
        self.assertEqual(self.status("Author", history), 200)
        for url in [delete, *action_urls]:
            for method in ("get", "post"):
                with self.subTest(url=url, method=method):
                    self.assertEqual(self.status("Author", url, method), 403)
        self.assertNotContains(self.client.get(change), "_publish")

    def test_article_created_by_an_author_is_their_own_whatever_the_byline(self):
        add = reverse("admin:articles_article_add")
        self.assertEqual(self.status("Author", add, "post", form_data(headline="Started")), 302)
        article = Article.objects.get(headline="Started")
        self.assertEqual(self.status("Author", self.urls(article)[0]), 200)
        publish_ready(article)
        self.assertEqual(self.status("Author", self.urls(article)[0]), 404)

    def test_author_lists_show_own_drafts_only(self):
        self.client.force_login(self.users["Author"])
        listed = self.client.get(reverse("admin:articles_article_changelist")).context["cl"].result_list
        self.assertEqual(list(listed), [self.own])
        dashboard = self.client.get(reverse("admin:index"))
        self.assertContains(dashboard, self.own.headline)
        for other in (self.foreign, self.own_published, self.foreign_published):
            self.assertNotContains(dashboard, f">{other.headline}<")

    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_admin_lists_by_role(self):
        view = {
            "article": ("Author", "Editor", "Publisher"),
            "image": ("Author", "Editor", "Publisher"),
            "section": ("Author", "Editor", "Publisher"),
            "topic": ("Author", "Editor", "Publisher"),
            "author": ("Author", "Editor", "Publisher"),
            "redirect": ("Editor", "Publisher"),
            "dossier": ("Editor", "Publisher"),
            "page": ("Editor", "Publisher"),
        }
        add = {"article": view["article"], "image": view["image"]}
        for role in ROLES:
            for model, roles in view.items():
                for name in ("changelist", "add"):
                    allowed = add.get(model, ("Editor", "Publisher")) if name == "add" else roles
                    with self.subTest(role=role, model=model, page=name):
                        status = self.status(role, reverse(f"admin:articles_{model}_{name}"))
                        self.assertEqual(status, 200 if role in allowed else 403)

    @takes_longer("Every role asks many addresses.")
    def test_only_editors_change_or_delete_shared_objects(self):
        for role in ROLES:
            for model, item in self.items.items():
                for name in ("change", "delete"):
                    url = reverse(f"admin:articles_{model}_{name}", args=[item.pk])
                    with self.subTest(role=role, url=url):
                        data = {"name": f"Taken over by {role}", "alt": "Taken over"} if name == "change" else {}
                        status = self.status(role, url, "post", data)
                        if role in {"Editor", "Publisher"}:
                            self.assertIn(status, {200, 302})
                        else:
                            self.assertIn(status, REFUSED)
                            self.assertFalse(Author.objects.filter(name=f"Taken over by {role}").exists())

    @takes_longer("Every role asks many addresses.")
    def test_moderator_sees_comments_and_names_only(self):
        for article in (self.own, self.foreign_published):
            for url in [*self.urls(article), reverse("admin:articles_image_pick")]:
                for method in ("get", "post"):
                    with self.subTest(url=url, method=method):
                        self.assertIn(self.status("Moderator", url, method), {403, 404, 405})
        self.client.force_login(self.users["Moderator"])
        dashboard = self.client.get(reverse("admin:index"))
        names = {str(item["name"]) for item in dashboard.context["nav_items"]}
        expected = {"Appeals", "Comments", "Comment settings", "Decisions", "New display names", "Suspensions"}
        self.assertEqual(names, expected)
        self.assertNotContains(dashboard, "Drafts")

    def test_editors_and_publishers_can_publish(self):
        for role in ("Editor", "Publisher"):
            article = make_draft()
            url = reverse("admin:articles_article_publish", args=[article.pk])
            self.assertEqual(self.status(role, url, "post", {"when": "now", "last": 0, "ai_uses": "none"}), 302)
            article.refresh_from_db()
            self.assertEqual(article.state(), "published")

    def test_image_picker_needs_view_permission(self):
        url = reverse("admin:articles_image_pick")
        for role in ROLES:
            self.assertEqual(self.status(role, url), 403 if role in ("Moderator", "Support") else 200)
        self.client.logout()
        self.assertEqual(self.client.get(url).status_code, 302)

    def test_local_time_endpoint_needs_publish_permission(self):
        url = reverse("admin:moment")
        for role in ROLES:
            allowed = role in {"Editor", "Publisher"}
            self.assertEqual(self.status(role, url), 200 if allowed else 403)
            self.assertIn(self.status(role, url, "post"), {405} if allowed else {403, 405})

    def test_author_learns_nothing_of_foreign_drafts(self):
        kind = ContentType.objects.get_for_model(Article).pk
        links = {
            article: reverse("admin:view_on_site", args=[kind, article.pk]) for article in (self.own, self.foreign)
        }
        self.assertEqual(self.status("Author", links[self.own]), 302)
        self.assertEqual(self.status("Author", links[self.foreign]), 404)
        self.assertEqual(self.status("Moderator", links[self.foreign]), 404)
        self.assertEqual(self.status("Editor", links[self.foreign]), 302)
        self.assertEqual(self.status("Editor", reverse("admin:view_on_site", args=[10**12, 1])), 404)
        image = self.items["image"]
        self.foreign.lead, self.foreign.headline = image, "Not for others yet"
        self.foreign.save()
        page = reverse("admin:articles_image_change", args=[image.pk])
        for role, visible in (("Author", False), ("Editor", True)):
            self.client.force_login(self.users[role])
            self.assertEqual("Not for others yet" in self.client.get(page).content.decode(), visible)


class AutosaveAndHistoryAccessTests(TestCase):
    """Autosave, history and restoring need permission to change the article."""

    @classmethod
    def setUpTestData(cls):
        cls.users = {role: make_member(role) for role in ROLES}
        author = make_author(user=cls.users["Author"])
        cls.drafts = {"own": make_draft(authors=[author]), "foreign": make_draft()}

    def status(self, role, name, method, draft="foreign", key=()):
        self.client.force_login(self.users[role])
        article = self.drafts[draft]
        url = reverse(f"admin:articles_article_{name}", args=[article.pk, *key])
        return getattr(self.client, method)(url, form_data(article) if method == "post" else {}).status_code

    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_urls_by_role_and_method(self):
        allowed = {"Author": {"own"}, "Editor": {"own", "foreign"}, "Publisher": {"own", "foreign"}}
        for name, get, post in [
            ("autosave", 405, 200),
            ("presence", 405, 200),
            ("merge", 200, 409),
            ("drop", 405, 302),
            ("history", 200, 405),
        ]:
            for role in ROLES:
                for draft in self.drafts:
                    for method, expected in (("get", get), ("post", post)):
                        with self.subTest(name, role=role, draft=draft, method=method):
                            status = self.status(role, name, method, draft)
                            if draft in allowed.get(role, ()):
                                self.assertEqual(status, expected)
                            else:
                                self.assertIn(status, {403, 404, 405})

    def test_revision_page(self):
        for role in ROLES:
            for method in ("get", "post"):
                self.assertIn(self.status(role, "save", method, key=["s1"]), {403, 404})

    def test_create_token_and_login_done(self):
        for role in ROLES:
            self.client.force_login(self.users[role])
            for name in ("token", "back"):
                self.assertEqual(self.client.get(reverse(f"admin:articles_article_{name}")).status_code, 200)
            status = self.client.post(reverse("admin:articles_article_begin"), form_data(key=str(uuid4()))).status_code
            self.assertEqual(status, 404 if role in ("Moderator", "Support") else 200)
        self.client.logout()
        for name in ("token", "back", "begin"):
            self.assertIn(self.client.get(reverse(f"admin:articles_article_{name}")).status_code, {302, 405})


class GroupTests(TestCase):
    def permissions(self, role):
        rows = Permission.objects.filter(group__name=role)
        return {f"{app}.{code}" for app, code in rows.values_list("content_type__app_label", "codename")}

    def test_groups_exist_on_a_fresh_database(self):
        self.assertEqual(set(Group.objects.values_list("name", flat=True)), set(ROLES))
        self.assertNotIn("articles.publish_article", self.permissions("Author"))
        self.assertIn("articles.publish_article", self.permissions("Editor"))
        names = {"subscriptions.view_namechange", "subscriptions.review_namechange"}
        self.assertTrue(all(code.startswith("comments.") for code in self.permissions("Moderator") - names))
        self.assertIn("subscriptions.change_user", self.permissions("Publisher"))
        self.assertFalse(any(code.startswith(("auth.", "admin.")) for code in self.permissions("Publisher")))

    def test_publisher_has_all_apps(self):
        for label in ("articles", "comments", "subscriptions"):
            for model in apps.get_app_config(label).get_models():
                self.assertIn(f"{label}.view_{model._meta.model_name}", self.permissions("Publisher"))

    def test_granting_again_restores_the_permissions(self):
        before = {role: self.permissions(role) for role in ROLES}
        Group.objects.get(name="Author").permissions.set(Permission.objects.filter(codename="publish_article"))
        Group.objects.filter(name="Moderator").delete()
        for _ in range(2):
            grant_roles()
        self.assertEqual({role: self.permissions(role) for role in ROLES}, before)


def publish_ready(article):
    article.section = make_section()
    article.save()
    article.bylines.create(author=make_author())
    publish(item=article)
