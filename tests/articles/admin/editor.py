"""Form data of the article editor, and a test case with an editor logged in."""

from django.test import TestCase
from django.urls import reverse

from articles.models import Article
from tests.factories import make_editor


def form_data(article=None, *, authors=(), **changes):
    """Return the data of the editor's form for `article`, or for a new one."""
    rows = list(article.bylines.all()) if article else []
    data = {
        "headline": "A headline", "standfirst": "", "body": "<p>Text.</p>", "kind": "analysis", "section": "",
        "required_level": "0", "lead": "", "lead_caption": "", "slug": "", "seo_title": "", "seo_description": "",
        "bylines-TOTAL_FORMS": len(rows) + 3, "bylines-INITIAL_FORMS": len(rows), "_save": "1",
    }  # fmt: skip
    if article:
        data |= {name: getattr(article, name) for name in ("headline", "standfirst", "body", "kind", "slug")}
        data |= {"section": article.section_id or "", "required_level": article.required_level}
        data["ai_uses"] = article.ai_uses
        data["topics"] = [topic.pk for topic in article.topics.all()]
        data["based_on"] = Article.objects.values_list("revision_number", flat=True).get(pk=article.pk)
    for number, row in enumerate(rows):
        data |= {f"bylines-{number}-id": row.pk, f"bylines-{number}-author": row.author_id}
        data[f"bylines-{number}-position"] = row.position
    for number in range(len(rows), len(rows) + 3):
        data |= {f"bylines-{number}-author": "", f"bylines-{number}-position": number + 1}
    for number, author in enumerate(authors, start=len(rows)):
        data[f"bylines-{number}-author"] = author.pk
    return data | changes


class EditorTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()
        cls.add = reverse("admin:articles_article_add")

    def setUp(self):
        self.client.force_login(self.editor)

    def url(self, article, name="change"):
        return reverse(f"admin:articles_article_{name}", args=[article.pk])

    def save(self, article, **changes):
        return self.client.post(self.url(article), form_data(article, **changes))


class AtMost(int):
    """A number that equals itself and every smaller one, for `assertNumQueries`."""

    def __eq__(self, other):
        return other <= int(self)

    __hash__ = int.__hash__
