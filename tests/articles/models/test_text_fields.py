"""Each text column of an article and its versions is in the lists from which the rest is derived."""

from django.db.models import CharField, TextField
from django.test import SimpleTestCase

from articles.models import Article, Version
from articles.models.articles import TEXT_FIELDS
from articles.models.base_version import BaseVersion
from articles.models.how_we_know import AI_SENTENCES
from articles.models.versions import DERIVED, REDACTED
from articles.revisions.fields import LABELS, content_from, editable_fields

# Text columns that hold no prose: choices and addresses.
OTHER_COLUMNS = {"kind", "slug", "language", "stage", "withdrawn_note"}


class ArticleTests(SimpleTestCase):
    def test_every_text_column_is_a_text_field(self):
        texts = {field.name for field in Article._meta.fields if isinstance(field, CharField | TextField)}
        self.assertEqual(texts, {*TEXT_FIELDS, *OTHER_COLUMNS}, "Add it to TEXT_FIELDS in articles.models.articles.")

    def test_content_has_every_text_field(self):
        content = {name: name for name in ("headline", "standfirst", "body", "kind", "required_level")}
        fields = editable_fields(content | {"section": None, "topics": [], "bylines": []})
        fields |= {name: f"The {name}" for name in TEXT_FIELDS} | {"lead": "uuid", "social_image": "uuid"}
        # A sentence about a use of AI is kept with that use.
        fields["ai_uses"] = [*AI_SENTENCES.values()]
        self.assertEqual(editable_fields(content_from(fields)), fields)

    def test_every_text_field_has_a_label(self):
        self.assertEqual(set(TEXT_FIELDS) - LABELS.keys(), set())


class VersionTests(SimpleTestCase):
    columns = {field.name for field in Version._meta.fields} - {field.name for field in BaseVersion._meta.fields}

    def test_every_column_is_written_once_or_derived(self):
        written_once = {"id", "article", "content", "changed_at", "is_corrected", "is_retracted"}
        self.assertEqual(self.columns - written_once, DERIVED, "Add it to REDACTED in articles.models.versions.")

    def test_derived_text_is_redacted(self):
        texts = {field.name for field in Version._meta.fields if isinstance(field, CharField | TextField)}
        self.assertEqual(texts & DERIVED - REDACTED.keys(), {"kind"})
