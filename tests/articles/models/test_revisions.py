"""Database constraints of revisions, autosaves and presence, which articles and pages share."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.test import TestCase

from articles.models import Autosave, Presence, Revision
from tests.factories import make_draft, make_editor, make_page

MODELS = (Revision, Autosave, Presence)


class EditorRowConstraintTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.user, cls.article, cls.page = make_editor(), make_draft(), make_page(published=False)

    def create(self, model, **owner):
        fields = {"number": 1, "content": "{}", "content_digest": ""} if model is Revision else {"user": self.user}
        with transaction.atomic():
            return model.objects.create(**fields, **owner)

    def test_belongs_to_exactly_one_item(self):
        for model in MODELS:
            for owner in ({}, {"article": self.article, "page": self.page}):
                with self.subTest(model.__name__, **owner), self.assertRaises(IntegrityError):
                    self.create(model, **owner)

    def test_duplicates_are_refused_for_articles_and_pages(self):
        for model in MODELS:
            for owner in ({"article": self.article}, {"page": self.page}):
                with self.subTest(model.__name__, **owner):
                    self.assertEqual(self.create(model, **owner).item, next(iter(owner.values())))
                    with self.assertRaises(IntegrityError):
                        self.create(model, **owner)

    def test_set_aside_revisions_may_repeat_a_number(self):
        for _ in range(2):
            Revision.objects.create(article=self.article, number=1, set_aside=True, content="{}", content_digest="")
        self.create(Revision, article=self.article)
        self.assertEqual(self.article.revisions.saved().count(), 1)

    def test_pruning_counts_each_article_and_page_separately(self):
        for owner in ({"article": self.article}, {"page": self.page}):
            for number in (1, 2):
                Revision.objects.create(number=number, content="{}", content_digest="", **owner)
        newest = Revision.objects.latest("created_at").created_at + timedelta(days=1)
        prunable = Revision.objects.prunable(before=newest, keep_last=1)
        self.assertEqual(
            {(r.article_id, r.page_id, r.number) for r in prunable},
            {(self.article.pk, None, 1), (None, self.page.pk, 1)},
        )
