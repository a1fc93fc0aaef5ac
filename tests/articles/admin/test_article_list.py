"""The list of articles: what a row says, how it is searched, filters of one's own, and deeds on many."""

from datetime import timedelta

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, ReadCount, SavedFilter
from articles.services.workflow import assign, move
from articles.workflow.stages import WorkflowAction
from tests.factories import (
    make_article,
    make_author,
    make_draft,
    make_editor,
    make_member,
    make_section,
    make_topic,
    make_version,
)
from truthlytics.audit.log import AuditEntry
from truthlytics.roles import ROLES

LIST = reverse("admin:articles_article_changelist")
SAVE = reverse("admin:articles_article_filter")


class RowTests(TestCase):
    def setUp(self):
        self.editor = make_member("Editor", display_name="Ines Calloway")
        self.client.force_login(self.editor)

    def rows(self, **query):
        return list(self.client.get(LIST, query).context["cl"].result_list)

    def test_a_row_says_reads_work_hands_and_the_way_to_publication(self):
        public, draft = make_article(), make_draft()
        ReadCount.objects.add(
            {(timezone.localdate(), public.pk): 1200, (timezone.localdate() - timedelta(9), public.pk): 34}
        )
        move(article=draft, deed=WorkflowAction.SENT, by=self.editor)
        assign(article=draft, by=self.editor, to=self.editor, due_on=timezone.localdate() - timedelta(1))
        page = self.client.get(LIST)
        for words in ("1,234", "In review", "with Ines Calloway", ", late"):
            self.assertContains(page, words)
        self.assertContains(page, '<time datetime="', 2)
        self.assertNotContains(page, "&lt;")
        self.assertNotContains(page, "Show all")
        self.assertContains(page, reverse("admin:articles_article_publish", args=[draft.pk]))
        self.assertNotContains(page, reverse("admin:articles_article_publish", args=[public.pk]))

    def test_what_was_edited_since_it_went_out_can_be_published_again(self):
        article = make_article()
        Article.objects.filter(pk=article.pk).update(updated_at=timezone.now() + timedelta(hours=1))
        self.assertContains(self.client.get(LIST), reverse("admin:articles_article_publish", args=[article.pk]))

    def test_search_finds_words_of_headline_standfirst_and_author(self):
        found = make_draft(headline="Small print", standfirst="A large dam.", authors=[make_author(name="Ada Quist")])
        make_draft(headline="Other", authors=[make_author(name="Ada Two"), make_author(name="Ben Quist")])
        for words in ("small", "LARGE dam", "print quist", "ada quist small"):
            self.assertEqual(self.rows(q=words), [found], words)
        self.assertEqual(len(self.rows(q="quist")), 2)

    def test_odd_searches_and_filters_are_no_error(self):
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

    def test_work_filters_ask_for_whose_turn_it_is(self):
        mine, review, ready = (make_draft() for _ in range(3))
        assign(article=mine, by=self.editor, to=self.editor, due_on=timezone.localdate() - timedelta(2))
        move(article=review, deed=WorkflowAction.SENT, by=self.editor)
        move(article=ready, deed=WorkflowAction.READY, by=self.editor)
        for work, expected in {"mine": mine, "review": review, "ready": ready, "late": mine}.items():
            self.assertEqual(self.rows(work=work), [expected], work)

    def test_queries_do_not_grow_with_the_rows(self):
        for _ in range(30):
            make_article(authors=[make_author(), make_author()])
        for person, queries in ((self.editor, 12), (make_editor(), 10)):
            self.client.force_login(person)
            self.client.get(LIST)
            with self.assertNumQueries(queries):
                self.client.get(LIST, {"q": "headline"})

    def test_an_author_sees_their_drafts_and_no_way_to_publish_them(self):
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

    def test_a_filter_becomes_a_tab_of_ones_own(self):
        page = self.save()
        kept = SavedFilter.objects.get()
        self.assertEqual((kept.person, kept.query), (self.editor, "q=politics&work=late"))
        self.assertContains(
            page, '<a href="?q=politics&amp;work=late" aria-current="page">Late politics</a>', html=True
        )
        self.client.force_login(make_member("Publisher"))
        self.assertNotContains(self.client.get(LIST), "Late politics")

    def test_the_same_name_again_changes_it(self):
        self.save()
        self.save(query="state=draft")
        self.assertEqual(list(SavedFilter.objects.values_list("name", "query")), [("Late politics", "state=draft")])

    def test_what_makes_no_filter_is_refused_in_a_sentence(self):
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

    def test_twenty_are_enough(self):
        SavedFilter.objects.bulk_create(SavedFilter(person=self.editor, name=f"F{n}", query="q=a") for n in range(20))
        self.assertContains(self.save(), "Forget one of them first")
        self.assertEqual(SavedFilter.objects.count(), 20)

    def test_only_ones_own_can_be_forgotten(self):
        self.save()
        url = reverse("admin:articles_article_forget_filter", args=[SavedFilter.objects.get().pk])
        self.client.force_login(make_member("Publisher"))
        self.assertEqual(self.client.post(url).status_code, 404)
        self.client.force_login(self.editor)
        self.assertEqual(self.client.get(url).status_code, 405)
        self.assertEqual(self.client.post(url).status_code, 302)
        self.assertFalse(SavedFilter.objects.exists())

    def test_who_sees_no_articles_keeps_no_filter(self):
        for role in ROLES:
            self.client.force_login(make_member(role))
            status = self.client.post(SAVE, {"name": "Mine", "query": "q=a"}).status_code
            self.assertEqual(status, 403 if role == "Moderator" else 302)


class BulkTests(TestCase):
    def setUp(self):
        self.editor = make_member("Editor")
        self.client.force_login(self.editor)
        self.section, self.topic = make_section(name="Politics"), make_topic(name="Water")

    def act(self, action, *articles, **data):
        data |= {"action": action, ACTION_CHECKBOX_NAME: [article.pk for article in articles]}
        return self.client.post(LIST, data)

    def test_it_first_says_what_will_happen_and_does_nothing(self):
        public, draft = make_article(), make_draft()
        page = self.act("withdraw", public, draft)
        self.assertEqual([row["article"] for row in page.context["will"]], [public])
        self.assertContains(page, "No reader has seen it yet")
        public.refresh_from_db()
        self.assertEqual(public.state(), "published")

    def test_many_are_put_into_a_section_each_with_its_history(self):
        public, draft, there = make_article(), make_draft(), make_draft(section=self.section)
        answer = self.act("section", public, draft, there, sure="1", section=self.section.pk, back="state=draft&p=2")
        self.assertRedirects(answer, f"{LIST}?state=draft", fetch_redirect_response=False)
        for article in (public, draft):
            edition = article.edition
            article.refresh_from_db()
            self.assertEqual((article.section, article.saves.on_purpose().count()), (self.section, 2))
            self.assertGreater(article.edition, edition)
        self.assertNotEqual(public.live.section, self.section)
        words = [str(message) for message in self.client.get(LIST).context["messages"]]
        self.assertEqual(words[0], "2 articles were put into the section.")
        self.assertIn("It is there already", words[1])
        self.assertEqual(AuditEntry.objects.about(draft).first().after["section"], "Politics")

    def test_a_topic_comes_to_those_that_are_there(self):
        before = make_topic()
        draft = make_draft(topics=[before])
        self.act("topic", draft, sure="1", topic=self.topic.pk)
        self.assertEqual(set(draft.topics.all()), {before, self.topic})

    def test_drafts_are_sent_to_review_and_those_that_are_there_stay(self):
        draft, sent = make_draft(), make_draft()
        move(article=sent, deed=WorkflowAction.SENT, by=self.editor)
        self.act("review", draft, sent, sure="1")
        self.assertEqual(list(Article.objects.in_review().values_list("steps__number", flat=True)), [1, 1])

    def test_work_is_laid_in_somebodys_hands(self):
        draft = make_draft()
        self.act("hands", draft, sure="1", to=self.editor.pk, due_on="2026-12-01")
        draft.refresh_from_db()
        self.assertEqual((draft.assignee, str(draft.due_on)), (self.editor, "2026-12-01"))

    def test_withdrawn_they_are_off_the_site(self):
        public, draft = make_article(), make_draft()
        self.act("withdraw", public, draft, sure="1")
        for article, state in ((public, "withdrawn"), (draft, "draft")):
            article.refresh_from_db()
            self.assertEqual(article.state(), state)
        self.assertEqual(self.client.get(public.get_absolute_url()).status_code, 410)

    def test_a_wrong_choice_asks_again_and_changes_nothing(self):
        draft = make_draft()
        for data in ({"section": ""}, {"section": 10**12}, {"section": "x\x00"}):
            self.assertEqual(self.act("section", draft, sure="1", **data).status_code, 422)
        self.assertEqual(self.act("hands", draft, sure="1", due_on="yesterday").status_code, 422)
        self.assertEqual(draft.saves.count(), 0)

    def test_more_than_a_hundred_are_refused(self):
        for _ in range(101):
            make_draft(section=self.section, authors=[])
        every = Article.objects.all()
        self.assertEqual(self.act("withdraw", *every, sure="1").status_code, 302)
        self.assertContains(self.client.get(LIST), "Choose fewer at a time")

    def test_nobody_reaches_by_a_deed_what_they_cannot_open(self):
        foreign, public = make_draft(), make_article()
        for role, deeds in {
            "Author": ("section", "topic", "review", "hands", "withdraw"),
            "Moderator": ("withdraw",),
        }.items():
            self.client.force_login(make_member(role))
            for deed in deeds:
                self.act(deed, foreign, public, sure="1", section=self.section.pk, topic=self.topic.pk)
        for article in (foreign, public):
            before = (article.section_id, article.state(), article.stage)
            article.refresh_from_db()
            self.assertEqual((article.section_id, article.state(), article.stage), before)
            self.assertEqual(article.saves.count(), 0)

    def test_an_author_sends_their_own_draft(self):
        author = make_member("Author")
        own = make_draft(authors=[make_author(user=author)])
        self.client.force_login(author)
        self.act("review", own, sure="1")
        own.refresh_from_db()
        self.assertEqual(own.stage, "review")

    def test_django_s_own_deletion_of_many_is_not_there(self):
        article = make_version(make_article()).article
        self.act("delete_selected", article, post="yes")
        self.assertTrue(Article.objects.filter(pk=article.pk).exists())
