"""A draft, its author and an editor."""

from django.test import TestCase
from django.urls import reverse

from articles.services.workflow import last_step
from tests.factories import make_author, make_draft, make_member

ROLES = ("Author", "Editor", "Publisher", "Moderator")


PAGES = {"work": ("get", "post"), "assignment": ("post",)}


def address(name, article):
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


class WorkTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.people = {role: make_member(role, display_name=f"{role} One") for role in ROLES}
        cls.author, cls.editor = cls.people["Author"], cls.people["Editor"]
        cls.byline = make_author(user=cls.author)
        cls.draft = make_draft(authors=[cls.byline])

    def as_(self, role):
        self.client.force_login(self.people[role])
        return self.client

    def step(self, role, deed, article=None, **more):
        article = article or self.draft
        last = last_step(article)
        data = {"deed": deed, "words": "", "seen": last.number if last else 0} | more
        return self.as_(role).post(address("work", article), data)

    def hand(self, role, article=None, **more):
        article = article or self.draft
        last = last_step(article)
        data = {"assignee": "", "due_on": "", "note": "", "seen": last.number if last else 0} | more
        return self.as_(role).post(address("assignment", article), data)
