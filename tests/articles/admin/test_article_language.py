"""The language of an article and its original, in the editor."""

from articles.models import Revision
from articles.services import revisions
from articles.services.publishing import publish
from tests.articles.admin.editor import EditorTestCase, form_data
from tests.budget import takes_longer
from tests.factories import make_article, make_draft
from tests.html import page_of


class LanguageTests(EditorTestCase):
    def setUp(self):
        super().setUp()
        self.original = make_article(headline="The queue")
        self.draft = make_draft(headline="Die Warteschlange")

    def save(self, article=None, **fields):
        article = article or self.draft
        response = self.client.post(self.url(article), form_data(article) | fields)
        article.refresh_from_db()
        self.original.refresh_from_db()
        return response

    def test_an_editor_links_a_translation(self):
        self.save(language="de", translation_of=self.original.get_absolute_url())
        self.assertEqual(self.draft.language, "de")
        self.assertEqual(self.draft.translation_group, self.original.uuid)
        self.assertEqual(self.original.translation_group, self.original.uuid)
        self.assertContains(self.client.get(self.url(self.original)), "Die Warteschlange")

    @takes_longer("Many requests, one after the other.")
    def test_a_translation_of_an_article_in_the_publications_language_can_be_opened_published_and_unlinked(self):
        self.assertRedirects(
            self.save(language="de", translation_of=self.original.get_absolute_url()), self.url(self.draft)
        )
        self.assertContains(self.client.get(self.url(self.draft)), "English")
        publish(item=self.draft, by=self.editor)
        page = self.client.get(self.url(self.draft))
        self.assertContains(page, f'<a href="{self.url(self.original)}">The queue</a>')
        self.assertRedirects(self.save(language="de", translation_of=""), self.url(self.draft))
        self.assertNotContains(self.client.get(self.url(self.draft)), self.url(self.original))

    def test_saving_again_keeps_the_link_and_clearing_it_ends_it(self):
        self.save(language="de", translation_of=self.original.slug)
        self.save(translation_of=self.original.get_absolute_url(), language="de", standfirst="Neu")
        self.assertEqual(self.draft.translation_group, self.original.uuid)
        self.save(translation_of="", language="de")
        self.assertIsNone(self.draft.translation_group)

    def test_an_unknown_language_is_refused_with_the_form(self):
        response = self.save(language="NaN", headline="Kept")
        self.assertContains(response, "Kept", status_code=200)
        self.assertContains(response, "NaN is not one of the available choices")

    def test_a_blank_slug_follows_the_language(self):
        for language, slug in [("de", "koehlbrandbruecke"), ("sv", "kohlbrandbrucke")]:
            self.save(language=language, headline="Köhlbrandbrücke", slug="")
            self.assertEqual(self.draft.slug, slug)
        self.save(language="de", slug="kohlbrandbrucke")
        self.assertEqual(self.draft.slug, "kohlbrandbrucke")

    def test_text_fields_say_the_language_of_the_article(self):
        for language, tag, direction in [("", "en-GB", "ltr"), ("de", "de", "ltr"), ("fa", "fa", "rtl")]:
            self.save(language=language)
            form = page_of(self.client.get(self.url(self.draft))).get_element_by_id("article_form")
            marked = {field.get("name") for field in form.xpath(f".//*[@lang='{tag}'][@dir='{direction}']")}
            self.assertLessEqual({"headline", "standfirst", "body", "lead_caption", "seo_title"}, marked)
            self.assertFalse({"slug", "translation_of"} & marked)

    def test_languages_used_before_come_first(self):
        make_article(language="fi")
        make_article(language="fi")
        page = page_of(self.client.get(self.url(self.draft)))
        select = page.get_element_by_id("id_language")
        self.assertEqual(
            [option.text for option in select.findall("option")], ["The publication’s language", "Finnish"]
        )
        (others,) = select.findall("optgroup")
        self.assertEqual(others.get("label"), "Other languages")
        self.assertIn("German", [option.text for option in others])
        self.assertNotIn("Finnish", [option.text for option in others])

    def test_a_form_with_errors_continues_its_own_autosave(self):
        form = form_data(self.draft) | {"headline": "", "standfirst": "New", "_tab": "a" * 32}
        self.client.post(self.url(self.draft, "autosave"), form | {"_sequence": 1})
        page = self.client.post(self.url(self.draft), form)
        self.assertContains(page, '{"own": true, "tab": "' + "a" * 32 + '", "sequence": 1')
        self.assertNotContains(page, "data-unsaved")
        restored = {"_tab": "b" * 32, "_sequence": 1, "_restored_tab": "a" * 32, "_restored_sequence": 1}
        answer = self.client.post(self.url(self.draft, "autosave"), form | {"standfirst": "Newer"} | restored)
        self.assertEqual(answer.status_code, 200)

    @takes_longer("Many requests, one after the other.")
    def test_a_language_occurs_once_among_translations(self):
        self.save(language="de", translation_of=self.original.slug)
        second = make_draft()
        response = self.save(second, language="de", translation_of=self.original.slug)
        self.assertContains(response, "“Die Warteschlange” is already the article in this language.")
        self.assertIsNone(second.translation_group)

    def test_the_language_of_the_publication_is_stored_as_such(self):
        response = self.save(language="en-gb", translation_of=self.original.slug)
        self.assertContains(response, "“The queue” is already the article in this language.")
        self.save(language="en-gb")
        self.assertEqual(self.draft.language, "")

    def test_an_original_does_not_become_a_translation(self):
        self.save(language="de", translation_of=self.original.slug)
        other = make_article()
        response = self.save(self.original, translation_of=other.slug)
        self.assertContains(response, "This article has translations of its own.")

    def test_revisions_keep_language_and_link(self):
        self.save(language="de", translation_of=self.original.slug)
        newest = Revision.objects.filter(article=self.draft).order_by("-number").first()
        fields = revisions.fields_of(newest)
        self.assertEqual(fields["language"], "de")
        self.assertEqual(fields["translation_of"]["uuid"], str(self.original.uuid))
        self.save(language="", translation_of="")
        revisions.write(item=self.draft, fields=fields, by=self.editor)
        self.assertEqual((self.draft.language, self.draft.translation_group), ("de", self.original.uuid))
