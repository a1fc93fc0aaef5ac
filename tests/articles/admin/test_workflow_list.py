"""The list of articles says whose turn it is."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from articles.models import Article
from articles.workflow.stages import Stage
from tests.articles.test_workflow import put_in
from tests.articles.working import WorkTestCase
from tests.factories import make_draft


class ListTests(WorkTestCase):
    url = "/admin/articles/article/"

    def headlines(self, role="Editor", **query):
        return [article.headline for article in self.as_(role).get(self.url, query).context["cl"].result_list]

    def make(self, headline, stage=Stage.DRAFT, to=None, days=None):
        article = put_in(make_draft(headline=headline), stage)
        due = None if days is None else timezone.localdate() + timedelta(days=days)
        Article.objects.filter(pk=article.pk).update(assignee=to, due_on=due)
        return article

    def test_by_state_hands_and_day(self):
        Article.objects.filter(pk=self.draft.pk).update(headline="plain")
        self.make("late", Stage.REVIEW, self.editor, days=-2)
        self.make("later", Stage.READY, self.author, days=5)
        self.make("today", days=0)
        cases = [
            ({"work": "review"}, {"late"}), ({"work": "mine"}, {"late"}), ({"hands": str(self.author.pk)}, {"later"}),
            ({"hands": "nobody"}, {"plain", "today"}), ({"work": "late"}, {"late"}),
            ({"due": "today"}, {"late", "today"}), ({"due": "week"}, {"late", "later", "today"}),
            ({"due": "none"}, {"plain"}), ({"hands": "x9"}, set()), ({"hands": "9" * 30}, set()),
            ({"due": "never"}, {"late", "later", "today", "plain"}), ({"due": "week", "work": "ready"}, {"later"}),
        ]  # fmt: skip
        for query, expected in cases:
            with self.subTest(query):
                self.assertEqual(set(self.headlines(**query)), expected)

    def test_the_most_urgent_first(self):
        for headline, days in (("b", 3), ("a", -1), ("c", None)):
            self.make(headline, days=days)
        Article.objects.filter(pk=self.draft.pk).delete()
        self.assertEqual(self.headlines(due="week"), ["a", "b"])
        self.assertEqual(self.headlines(work="mine"), [])

    def test_the_badge_and_the_day_stand_in_the_row(self):
        self.make("late", Stage.REVIEW, self.editor, days=-2)
        page = self.as_("Editor").get(self.url)
        for words in ("badge--review", "In review", "due-date--overdue", "with Editor One"):
            self.assertContains(page, words)

    def test_more_rows_cost_no_more_queries(self):
        client = self.as_("Editor")
        for _ in range(2):
            for number, person in enumerate(self.people.values()):
                self.make(str(uuid4()), Stage.REVIEW, person, days=number)
            with self.assertNumQueries(12):
                client.get(self.url, {"work": "review", "due": "week"})

    def test_an_author_filters_own_drafts_only(self):
        self.make("foreign", Stage.REVIEW, self.author)
        self.assertEqual(self.headlines("Author", work="mine"), [])
        self.assertEqual(self.headlines("Author", work="review"), [])
