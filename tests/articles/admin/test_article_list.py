"""The article list: columns, search, saved filters and bulk actions."""

from datetime import timedelta
from unittest import mock

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.admin.articles.editor import ArticleAdmin
from articles.admin.articles.filters import LIST_FILTERS
from articles.admin.articles.saved_filters import PARAMETERS
from articles.models import Article, SavedFilter
from articles.search.newsroom import find
from articles.services.workflow import assign, perform
from articles.workflow.stages import WorkflowAction
from tests.budget import takes_longer
from tests.factories import (
    add_reads,
    make_article,
    make_author,
    make_draft,
    make_editor,
    make_member,
    make_section,
    make_series,
    make_topic,
    make_version,
)
from truthlytics.audit.log import AuditEntry
from truthlytics.roles import ROLES
from truthlytics.web.long_lists import KeyPaginator

LIST = reverse("admin:articles_article_changelist")
SAVE = reverse("admin:articles_article_filter")


class ArticleListTests(TestCase):
    def setUp(self):
        self.editor = make_member("Editor", display_name="Ines Calloway")
        self.client.force_login(self.editor)

    def rows(self, **query):
        return list(self.client.get(LIST, query).context["cl"].result_list)

    def test_row_shows_reads_workflow_assignee_and_publish_link(self):
        public, draft = make_article(), make_draft()
        add_reads({(timezone.localdate(), public.pk): 1200, (timezone.localdate() - timedelta(9), public.pk): 34})
        perform(article=draft, action=WorkflowAction.SENT, by=self.editor)
        assign(article=draft, by=self.editor, to=self.editor, due_on=timezone.localdate() - timedelta(1))
        page = self.client.get(LIST)
        for text in ("1,234", "In review", "assigned to Ines Calloway", ", overdue"):
            self.assertContains(page, text)
        self.assertContains(page, '<time datetime="', 2)
        self.assertNotContains(page, "&lt;")
        self.assertNotContains(page, "Show all")
        self.assertContains(page, reverse("admin:articles_article_publish", args=[draft.pk]))
        self.assertNotContains(page, reverse("admin:articles_article_publish", args=[public.pk]))

    def test_publish_link_after_an_edit(self):
        article = make_article()
        Article.objects.filter(pk=article.pk).update(updated_at=timezone.now() + timedelta(hours=1))
        self.assertContains(self.client.get(LIST), reverse("admin:articles_article_publish", args=[article.pk]))

    def test_search_covers_headline_standfirst_and_authors(self):
        expected = make_draft(
            headline="Small print", standfirst="A large dam.", authors=[make_author(name="Ada Quist")]
        )
        make_draft(headline="Other", authors=[make_author(name="Ada Two"), make_author(name="Ben Quist")])
        for query in ("small", "LARGE dam", "print quist", "ada quist small"):
            self.assertEqual(self.rows(q=query), [expected], query)
        self.assertEqual(len(self.rows(q="quist")), 2)

    def test_search_finds_beginnings_of_words_in_any_case_and_the_slug(self):
        draft = make_draft(headline="Überfahrt 2026", standfirst="Cross-border e-mail", slug="the-long-crossing-3")
        for query in ("überf", "ÜBERFAHRT 20", "border", "e-mail", "long-cross", "crossing-3", "überfahrt crossing"):
            self.assertEqual(self.rows(q=query), [draft], query)
        for query in ("fahrt", "rossing", "überfahrt 2025"):
            self.assertEqual(self.rows(q=query), [], query)

    def test_search_follows_every_change_of_the_text(self):
        draft = make_draft(headline="Before")
        Article.objects.filter(pk=draft.pk).update(headline="After")
        self.assertEqual((self.rows(q="before"), self.rows(q="after")), ([], [draft]))
        draft.delete()
        self.assertEqual(self.rows(q="after"), [])

    def test_each_author_has_the_words_that_the_text_lacks(self):
        small, large = (
            make_draft(headline=f"{size} print", authors=[make_author(name="Ada Quist")]) for size in ("Small", "Large")
        )
        self.assertCountEqual(self.rows(q="ada quist"), [small, large])
        self.assertEqual(self.rows(q="quist large ada"), [large])
        self.assertEqual(self.rows(q="ada nobody"), [])

    def test_deep_pages_show_the_same_rows_as_one_long_page(self):
        every = [make_draft(headline=f"Number {number}").pk for number in range(9)][::-1]
        with mock.patch.object(KeyPaginator, "few_rows", 0), mock.patch.object(ArticleAdmin, "list_per_page", 2):
            pages = [[row.pk for row in self.rows(p=number)] for number in range(1, 6)]
        self.assertEqual(pages, [every[start : start + 2] for start in range(0, 9, 2)])

    def test_the_plan_of_a_search_uses_the_index(self):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # It would scan a table as small as this one.
                cursor.execute("SET LOCAL enable_seqscan = off")
        plan = find(Article.objects.order_by(), ["small", "print"]).explain()
        self.assertRegex(plan, "Index Scan on article_by_words|SEARCH articles_article USING INTEGER PRIMARY KEY")

    def test_unusual_queries_are_handled(self):
        make_draft()
        for query in (
            {"q": "%'\"\\_"},
            {"q": "x" * 5000},
            {"q": "a " * 999},
            {"work": "none"},
            {"q": "\u202e\ud7ff"},
            {"p": "99"},
        ):
            self.assertIn(self.client.get(LIST, query).status_code, {200, 302}, query)

    def test_workflow_filters(self):
        mine, review, ready = (make_draft() for _ in range(3))
        assign(article=mine, by=self.editor, to=self.editor, due_on=timezone.localdate() - timedelta(2))
        perform(article=review, action=WorkflowAction.SENT, by=self.editor)
        perform(article=ready, action=WorkflowAction.READY, by=self.editor)
        for work, expected in {"mine": mine, "review": review, "ready": ready, "late": mine}.items():
            self.assertEqual(self.rows(work=work), [expected], work)

    def test_articles_are_ordered_by_the_date_that_is_shown(self):
        now = timezone.now()
        old = make_article(at=now - timedelta(days=9))
        new = make_article(at=now - timedelta(days=2))
        draft, scheduled = make_draft(), make_article(at=now + timedelta(days=1))
        Article.objects.filter(pk=old.pk).update(updated_at=now)
        Article.objects.filter(pk=draft.pk).update(updated_at=now - timedelta(days=5))
        self.assertEqual(self.rows(), [scheduled, new, draft, old])
        self.assertEqual(self.rows(o="6"), [old, draft, new, scheduled])

    def test_published_articles_with_unpublished_changes_are_marked(self):
        article = make_article()
        self.assertNotContains(self.client.get(LIST), "unpublished changes")
        Article.objects.filter(pk=article.pk).update(updated_at=timezone.now() + timedelta(hours=1))
        self.assertContains(self.client.get(LIST), "unpublished changes")

    def test_author_and_topic_filters(self):
        author, topic = make_author(), make_topic()
        expected, other = make_draft(authors=[author, make_author()], topics=[topic]), make_draft()
        self.assertEqual(self.rows(author=author.pk), [expected])
        self.assertEqual(self.rows(topic=topic.pk, state="draft"), [expected])
        self.assertEqual(self.rows(topic="x"), [])
        page = self.client.get(LIST, {"author": author.pk, "q": "a", "p": 1})
        self.assertContains(page, f'<option value="{author.pk}" selected>{author.name}</option>', html=True)
        self.assertContains(page, '<input type="hidden" name="q" value="a">', html=True)
        self.assertEqual(len(self.rows(author="")), len([expected, other]))

    def test_empty_search_says_what_to_do(self):
        page = self.client.get(LIST, {"q": "nowhere <b>", "state": "draft"})
        self.assertContains(page, "No articles match “nowhere &lt;b&gt;”.")
        self.assertContains(page, 'href="?q=nowhere%20%3Cb%3E"')

    @takes_longer("Long lists are made and read.")
    def test_queries_do_not_grow_with_rows(self):
        for _ in range(30):
            make_article(authors=[make_author(), make_author()])
        for user, queries in ((self.editor, 13), (make_editor(), 11)):
            self.client.force_login(user)
            self.client.get(LIST)
            with self.assertNumQueries(queries):
                self.client.get(LIST, {"q": "headline"})

    def test_author_sees_own_drafts_without_publish_links(self):
        author = make_member("Author")
        own = make_draft(authors=[make_author(user=author)])
        make_draft()
        self.client.force_login(author)
        page = self.client.get(LIST)
        self.assertEqual(list(page.context["cl"].result_list), [own])
        self.assertNotContains(page, "Publish…")
        self.assertEqual(
            {value for value, _ in page.context["action_form"].fields["action"].choices} - {""},
            {"section", "topic", "review"},
        )


class SavedFilterTests(TestCase):
    def setUp(self):
        self.editor = make_member("Editor")
        self.client.force_login(self.editor)

    def save(self, name="Late politics", query="work=late&q=politics&p=3&evil=1"):
        return self.client.post(SAVE, {"name": name, "query": query}, follow=True)

    def test_saved_filter_is_a_private_tab(self):
        page = self.save()
        saved = SavedFilter.objects.get()
        self.assertEqual((saved.user, saved.query), (self.editor, "q=politics&work=late"))
        self.assertContains(
            page, '<a href="?q=politics&amp;work=late" aria-current="page">Late politics</a>', html=True
        )
        self.client.force_login(make_member("Publisher"))
        self.assertNotContains(self.client.get(LIST), "Late politics")

    def test_every_filter_of_the_list_can_be_saved(self):
        """`parameter` in articles.admin.articles.filters must know each kind of filter."""
        article = make_draft(topics=[make_topic()])
        make_draft(series=make_series(), series_part=1)
        assign(article=article, by=self.editor, to=self.editor, due_on=None)
        filters = self.client.get(LIST).context["cl"].filter_specs
        self.assertEqual(len(filters), len(LIST_FILTERS))
        for shown in filters:
            with self.subTest(shown.title):
                self.assertTrue(set(shown.expected_parameters()) & set(PARAMETERS))

    def test_saving_under_the_same_name_replaces_the_filter(self):
        self.save()
        self.save(query="state=draft")
        self.assertEqual(list(SavedFilter.objects.values_list("name", "query")), [("Late politics", "state=draft")])

    def test_invalid_filters_are_refused(self):
        for name, query in [
            ("", "q=a"),
            ("x" * 41, "q=a"),
            ("\x00 ", "q=a"),
            ("Empty", ""),
            ("Nothing", "p=2"),
            ("Long", f"q={'ü' * 400}"),
        ]:
            page = self.save(name, query)
            self.assertEqual(page.status_code, 200)
            self.assertEqual(len(page.context["messages"]), 1)
        self.assertFalse(SavedFilter.objects.exists())

    def test_at_most_twenty_filters(self):
        SavedFilter.objects.bulk_create(SavedFilter(user=self.editor, name=f"F{n}", query="q=a") for n in range(20))
        self.assertContains(self.save(), "Delete one first")
        self.assertEqual(SavedFilter.objects.count(), 20)

    def test_only_own_filters_can_be_deleted(self):
        self.save()
        url = reverse("admin:articles_article_forget_filter", args=[SavedFilter.objects.get().pk])
        self.client.force_login(make_member("Publisher"))
        self.assertEqual(self.client.post(url).status_code, 404)
        self.client.force_login(self.editor)
        self.assertEqual(self.client.get(url).status_code, 405)
        self.assertEqual(self.client.post(url).status_code, 302)
        self.assertFalse(SavedFilter.objects.exists())

    def test_saving_a_filter_needs_access_to_articles(self):
        for role in ROLES:
            self.client.force_login(make_member(role))
            status = self.client.post(SAVE, {"name": "Mine", "query": "q=a"}).status_code
            self.assertEqual(status, 403 if role in ("Moderator", "Support") else 302)


class BulkActionTests(TestCase):
    def setUp(self):
        self.editor = make_member("Editor")
        self.client.force_login(self.editor)
        self.section, self.topic = make_section(name="Politics"), make_topic(name="Water")

    def run_action(self, action, *articles, **data):
        data |= {"action": action, ACTION_CHECKBOX_NAME: [article.pk for article in articles]}
        return self.client.post(LIST, data)

    def test_confirmation_page_changes_nothing(self):
        public, draft = make_article(), make_draft()
        page = self.run_action("withdraw", public, draft)
        self.assertEqual([row["article"] for row in page.context["will"]], [public])
        self.assertContains(page, "Not published")
        public.refresh_from_db()
        self.assertEqual(public.state(), "published")

    def test_moving_to_a_section_saves_a_revision_of_each(self):
        public, draft, unchanged = make_article(), make_draft(), make_draft(section=self.section)
        before = f"{draft.section} → Politics"
        response = self.run_action(
            "section", public, draft, unchanged, confirmed="1", section=self.section.pk, back="state=draft&p=2"
        )
        self.assertRedirects(response, f"{LIST}?state=draft", fetch_redirect_response=False)
        for article in (public, draft):
            edition = article.revision_number
            article.refresh_from_db()
            self.assertEqual((article.section, article.revisions.saved().count()), (self.section, 2))
            self.assertGreater(article.revision_number, edition)
        self.assertNotEqual(public.live.section, self.section)
        self.assertEqual(AuditEntry.objects.about(draft).first().message, f"Move to a section (bulk action): {before}.")
        texts = [str(message) for message in self.client.get(LIST).context["messages"]]
        message = "2 drafts moved to the section Politics. 1 published article changes when you publish it."
        self.assertEqual(texts[0], message)
        self.assertIn("Already up to date", texts[1])
        self.assertEqual(AuditEntry.objects.about(draft).first().after["section"], "Politics")

    def test_adding_a_topic_keeps_existing_ones(self):
        before = make_topic()
        draft = make_draft(topics=[before])
        self.run_action("topic", draft, confirmed="1", topic=self.topic.pk)
        self.assertEqual(set(draft.topics.all()), {before, self.topic})

    def test_changing_access_of_drafts_waits_for_publication(self):
        public, free, paid = make_article(), make_draft(), make_draft(required_level=10)
        self.run_action("access", public, free, paid, confirmed="1", required_level=10)
        for article in (public, free):
            article.refresh_from_db()
            self.assertEqual((article.required_level, article.revisions.saved().count()), (10, 2))
        self.assertEqual(public.live.required_level, 0)
        texts = [str(message) for message in self.client.get(LIST).context["messages"]]
        message = "2 drafts set to the access “Subscribers”. 1 published article changes when you publish it."
        self.assertEqual(texts[0], message)
        self.assertIn(f"“{paid}”: Already up to date.", texts[1])
        self.assertEqual(AuditEntry.objects.about(free).first().after["required_level"], 10)

    def test_access_has_to_be_chosen(self):
        paid = make_draft(required_level=10)
        self.assertContains(self.run_action("access", paid), '<option value="" selected>')
        self.run_action("access", paid, confirmed="1", required_level="")
        paid.refresh_from_db()
        self.assertEqual(paid.required_level, 10)

    def test_author_is_added_or_replaces_the_byline(self):
        before, author = make_author(), make_author()
        added, replaced = make_draft(authors=[before]), make_draft(authors=[before])
        self.run_action("author", added, confirmed="1", author=author.pk, replace="")
        self.run_action("author", replaced, confirmed="1", author=author.pk, replace="yes")
        bylines = [[byline.author for byline in article.bylines.all()] for article in (added, replaced)]
        self.assertEqual(bylines, [[before, author], [author]])
        page = self.run_action("author", added)
        self.assertContains(page, "Published articles change for readers once you publish the change.")

    def test_sending_to_review_skips_articles_in_review(self):
        draft, sent = make_draft(), make_draft()
        perform(article=sent, action=WorkflowAction.SENT, by=self.editor)
        self.run_action("review", draft, sent, confirmed="1")
        self.assertEqual(list(Article.objects.in_review().values_list("steps__number", flat=True)), [1, 1])

    def test_assigning_articles(self):
        draft = make_draft()
        self.run_action("assignee", draft, confirmed="1", to=self.editor.pk, due_on="2026-12-01")
        draft.refresh_from_db()
        self.assertEqual((draft.assignee, str(draft.due_on)), (self.editor, "2026-12-01"))

    def test_withdrawing_published_articles(self):
        public, draft = make_article(), make_draft()
        self.run_action("withdraw", public, draft, confirmed="1")
        for article, state in ((public, "withdrawn"), (draft, "draft")):
            article.refresh_from_db()
            self.assertEqual(article.state(), state)
        self.assertEqual(self.client.get(public.get_absolute_url()).status_code, 410)

    def test_invalid_options_change_nothing(self):
        draft = make_draft()
        for data in ({"section": ""}, {"section": 10**12}, {"section": "x\x00"}):
            self.assertEqual(self.run_action("section", draft, confirmed="1", **data).status_code, 422)
        self.assertEqual(self.run_action("assignee", draft, confirmed="1", due_on="yesterday").status_code, 422)
        self.assertEqual(draft.revisions.count(), 0)

    def test_at_most_a_hundred_articles(self):
        for _ in range(101):
            make_draft(section=self.section, authors=[])
        articles = Article.objects.all()
        self.assertEqual(self.run_action("withdraw", *articles, confirmed="1").status_code, 302)
        self.assertContains(self.client.get(LIST), "Select at most 100 articles.")

    def test_bulk_actions_respect_permissions(self):
        other, public = make_draft(), make_article()
        for role, actions in {
            "Author": ("section", "topic", "review", "assignee", "withdraw"),
            "Moderator": ("withdraw",),
        }.items():
            self.client.force_login(make_member(role))
            for action in actions:
                self.run_action(action, other, public, confirmed="1", section=self.section.pk, topic=self.topic.pk)
        for article in (other, public):
            before = (article.section_id, article.state(), article.stage)
            article.refresh_from_db()
            self.assertEqual((article.section_id, article.state(), article.stage), before)
            self.assertEqual(article.revisions.count(), 0)

    def test_author_sends_own_draft_to_review(self):
        author = make_member("Author")
        own = make_draft(authors=[make_author(user=author)])
        self.client.force_login(author)
        self.run_action("review", own, confirmed="1")
        own.refresh_from_db()
        self.assertEqual(own.stage, "review")

    def test_bulk_deletion_is_not_available(self):
        article = make_version(make_article()).article
        self.run_action("delete_selected", article, post="yes")
        self.assertTrue(Article.objects.filter(pk=article.pk).exists())
