"""Workflow and due date filters of the article list."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from articles.models import Article
from articles.workflow.stages import Stage
from tests.articles.admin.workflow import WorkflowTestCase
from tests.articles.services.test_workflow import set_stage
from tests.factories import make_draft
from tests.queries import SameQueries


class WorkflowFilterTests(WorkflowTestCase):
    url = "/admin/articles/article/"

    def headlines(self, role="Editor", **query):
        return [article.headline for article in self.log_in(role).get(self.url, query).context["cl"].result_list]

    def make(self, headline, stage=Stage.DRAFT, to=None, days=None):
        article = set_stage(make_draft(headline=headline), stage)
        due = None if days is None else timezone.localdate() + timedelta(days=days)
        Article.objects.filter(pk=article.pk).update(assignee=to, due_on=due)
        return article

    def test_filters_by_stage_assignee_and_due_date(self):
        Article.objects.filter(pk=self.draft.pk).update(headline="plain")
        self.make("late", Stage.REVIEW, self.editor, days=-2)
        self.make("later", Stage.READY, self.author, days=5)
        self.make("today", days=0)
        cases = [
            ({"work": "review"}, {"late"}),
            ({"work": "mine"}, {"late"}),
            ({"assignee": str(self.author.pk)}, {"later"}),
            ({"assignee": "nobody"}, {"plain", "today"}),
            ({"work": "late"}, {"late"}),
            ({"due": "today"}, {"late", "today"}),
            ({"due": "week"}, {"late", "later", "today"}),
            ({"due": "none"}, {"plain"}),
            ({"assignee": "x9"}, set()),
            ({"assignee": "9" * 30}, set()),
            ({"due": "never"}, {"late", "later", "today", "plain"}),
            ({"due": "week", "work": "ready"}, {"later"}),
        ]
        for query, expected in cases:
            with self.subTest(query):
                self.assertEqual(set(self.headlines(**query)), expected)

    def test_orders_by_due_date(self):
        for headline, days in (("b", 3), ("a", -1), ("c", None)):
            self.make(headline, days=days)
        Article.objects.filter(pk=self.draft.pk).delete()
        self.assertEqual(self.headlines(due="week"), ["a", "b"])
        self.assertEqual(self.headlines(work="mine"), [])

    def test_row_shows_stage_due_date_and_assignee(self):
        self.make("late", Stage.REVIEW, self.editor, days=-2)
        page = self.log_in("Editor").get(self.url)
        for text in ("badge--review", "In review", "due-date--overdue", "assigned to Editor One"):
            self.assertContains(page, text)

    def test_queries_do_not_grow_with_rows(self):
        client, queries = self.log_in("Editor"), SameQueries(self)
        for _ in range(2):
            for number, user in enumerate(self.users.values()):
                self.make(str(uuid4()), Stage.REVIEW, user, days=number)
            with queries:
                client.get(self.url, {"work": "review", "due": "week"})

    def test_author_sees_own_drafts_only(self):
        self.make("other", Stage.REVIEW, self.author)
        self.assertEqual(self.headlines("Author", work="mine"), [])
        self.assertEqual(self.headlines("Author", work="review"), [])
