"""A test case with a draft and a user of each role."""

from django.test import TestCase
from django.urls import reverse

from articles.services.workflow import last_step
from tests.factories import make_author, make_draft, make_member

ROLES = ("Author", "Editor", "Publisher", "Moderator")
PAGES = {"work": ("get", "post"), "assignment": ("post",)}


def article_url(name, article):
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


class WorkflowTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.users = {role: make_member(role, display_name=f"{role} One") for role in ROLES}
        cls.author, cls.editor = cls.users["Author"], cls.users["Editor"]
        cls.byline = make_author(user=cls.author)
        cls.draft = make_draft(authors=[cls.byline])

    def log_in(self, role):
        self.client.force_login(self.users[role])
        return self.client

    def take_step(self, role, action, article=None, **extra):
        article = article or self.draft
        last = last_step(article)
        data = {"action": action, "message": "", "seen": last.number if last else 0} | extra
        return self.log_in(role).post(article_url("work", article), data)

    def assign(self, role, article=None, **extra):
        article = article or self.draft
        last = last_step(article)
        data = {"assignee": "", "due_on": "", "note": "", "seen": last.number if last else 0} | extra
        return self.log_in(role).post(article_url("assignment", article), data)
