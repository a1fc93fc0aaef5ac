"""The publish page and the workflow page ask for the use of AI and for reviews."""

import json

from django.urls import reverse

from articles.models import Article, Review, Reviewer
from articles.responsibility import text_digest
from articles.services import revisions
from articles.services.duplicate import duplicate
from articles.services.publishing import NotReadyError, content_of, differs, publish
from articles.services.reviews import add_review
from tests.articles.admin.editor import EditorTestCase
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_editor,
    make_image,
    make_page,
    make_section,
    make_version,
)
from truthlytics.publication.models import Publication
from truthlytics.transparency.models import LogEntry

CHECKED = {"checked": ["facts", "sources"], "role": "Editor"}
WRITTEN = "This text was written with AI, without a review by an editor."


def save_settings(**columns):
    Publication.objects.update_or_create(pk=1, defaults=columns)


class PublishPageTests(EditorTestCase):
    def publish(self, article, last=0, **data):
        seen = text_digest(content_of(Article.objects.get(pk=article.pk)))
        return self.client.post(self.url(article, "publish"), {"when": "now", "last": last, "seen_text": seen, **data})

    def test_nothing_is_chosen_for_the_user(self):
        article = make_draft(ai_uses=[])
        page = self.client.get(self.url(article, "publish"))
        self.assertEqual(page.context["responsibility"]["ai_uses"].value(), [])
        refused = self.publish(article)
        self.assertContains(refused, "State what AI was used for, or that none was used.", status_code=422)
        self.assertFalse(article.versions.exists())

    def test_what_was_stated_is_kept_in_draft_version_and_revision(self):
        article = make_draft(ai_uses=[])
        self.publish(article, ai_uses=["research", "language"])
        article.refresh_from_db()
        self.assertEqual(article.ai_uses, ["language", "research"])
        self.assertEqual(json.loads(article.live.content)["ai_uses"], article.ai_uses)
        self.assertEqual(json.loads(article.revisions.latest("number").content)["ai_uses"], article.ai_uses)

    def test_none_with_another_is_refused(self):
        article = make_draft(ai_uses=[])
        refused = self.publish(article, ai_uses=["none", "draft"])
        self.assertContains(refused, "Choose either “No AI”", status_code=422)
        self.assertFalse(article.versions.exists())

    def test_label_is_shown_before_it_is_published(self):
        article = make_draft(ai_uses=[])
        for confirmed in ("", "pictures"):
            shown = self.publish(article, ai_uses=["draft"], confirmed_labels=confirmed)
            self.assertContains(shown, WRITTEN)
            self.assertContains(shown, 'name="confirmed_labels" value="written"')
            self.assertFalse(article.versions.exists())
        self.assertRedirects(self.publish(article, ai_uses=["draft"], confirmed_labels="written"), self.url(article))
        self.assertContains(self.client.get(article.get_absolute_url()), WRITTEN)

    def test_review_by_a_named_person_replaces_the_label(self):
        article = make_draft(ai_uses=[])
        self.assertRedirects(self.publish(article, ai_uses=["draft"], is_named="on", **CHECKED), self.url(article))
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, "Reviewed by Edith Orr (Editor). AI: First draft.")
        self.assertNotContains(page, "ai-label")

    def test_unnamed_review_counts_only_with_a_publisher(self):
        article = make_draft()
        self.assertContains(self.publish(article, ai_uses=["draft"], **CHECKED), WRITTEN)
        save_settings(publisher="Orr & Sons")
        self.assertRedirects(self.publish(article, ai_uses=["draft"], **CHECKED), self.url(article))
        self.client.logout()
        page = self.client.get(article.get_absolute_url())
        number = Reviewer.objects.get().number
        self.assertNotContains(page, "Edith Orr")
        self.assertContains(page, f"Editor no. {number}")
        self.assertContains(page, "Orr &amp; Sons is responsible.")

    def test_number_stays_and_is_no_id(self):
        for article in (make_draft(), make_draft()):
            self.publish(article, ai_uses=["none"], **CHECKED)
        numbers = [review.reviewer.number for review in Review.objects.select_related("reviewer")]
        self.assertEqual(len(set(numbers)), 1)
        self.assertGreaterEqual(numbers[0], 100_000)

    def test_review_needs_a_role_and_keeps_what_was_typed(self):
        article = make_draft()
        refused = self.publish(article, ai_uses=["none"], checked=["facts"], role="")
        self.assertContains(refused, "Enter your role, such as editor.", status_code=422)
        self.assertFalse(Review.objects.exists())

    def test_refused_publication_keeps_no_review(self):
        save_settings(four_eyes="always")
        article = make_draft(created_by=self.editor)
        refused = self.publish(article, ai_uses=["language"], **CHECKED)
        self.assertContains(refused, "Someone who has not written this text", status_code=422)
        article.refresh_from_db()
        self.assertEqual((article.ai_uses, Review.objects.count()), (["none"], 0))

    def test_changed_text_is_no_longer_reviewed(self):
        article = make_draft(ai_uses=["draft"])
        self.publish(article, ai_uses=["draft"], is_named="on", **CHECKED)
        article.refresh_from_db()
        make_version(article, body="<p>Other words.</p>", kind="update", note="News.")
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, WRITTEN)
        self.assertContains(page, "The text was changed after the review.")
        self.assertNotContains(self.client.get(f"{article.get_absolute_url()}versions/1/"), WRITTEN)

    def test_new_review_of_the_same_text_can_be_published(self):
        article = make_article(ai_uses=["draft"])
        self.assertContains(self.client.get(article.get_absolute_url()), WRITTEN)
        add_review(item=article, content=content_of(article), by=self.editor, checked=CHECKED["checked"],
                   role="Editor", is_named=True)  # fmt: skip
        self.assertRedirects(self.publish(article, last=1, ai_uses=["draft"]), self.url(article))
        self.assertNotContains(self.client.get(article.get_absolute_url()), WRITTEN)
        history = self.client.get(f"{article.get_absolute_url()}history/")
        self.assertContains(history, "Version 2")

    def test_other_use_is_a_change_in_the_history(self):
        article = make_article()
        self.save(article, ai_uses=["research"])
        self.assertRedirects(self.publish(article, last=1, ai_uses=["research"]), self.url(article))
        self.assertContains(self.client.get(f"{article.get_absolute_url()}history/1..2/"), "Research or transcription")

    def test_sentence_about_a_use_is_kept_and_shown(self):
        article = make_draft(ai_uses=[], ai_translation="DeepL, then read by A. Orr.")
        sentences = {"ai_research": "A model read 400 minutes.", "ai_draft": "Nobody sees this."}
        refused = self.publish(article, ai_uses=["research"], ai_research="x" * 301)
        self.assertContains(refused, "at most 300 characters", status_code=422)
        self.assertContains(refused, "x" * 301, status_code=422)
        self.assertRedirects(self.publish(article, ai_uses=["research"], **sentences), self.url(article))
        article.refresh_from_db()
        # Without its use, a sentence is not published, but the draft keeps it.
        self.assertEqual(json.loads(article.live.content)["how_we_know"], {"ai_research": sentences["ai_research"]})
        self.assertEqual(article.ai_translation, "DeepL, then read by A. Orr.")
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, "A model read 400 minutes.")
        self.assertNotContains(page, "Nobody sees this.")

    def test_sentences_change_no_digest_of_versions_without_any(self):
        article = make_draft(ai_uses=["research"])
        publish(item=article)
        self.assertNotIn("ai_research", article.live.content)
        self.assertFalse(differs(article, article.live))

    def test_picture_of_the_library_decides_about_the_label(self):
        article = make_draft(ai_uses=[], lead=make_image())
        article.lead.mark_ai_use("made")
        article.lead.save()
        shown = self.publish(article, ai_uses=["none"])
        self.assertContains(shown, "a picture of this text is marked")
        self.assertContains(shown, 'name="confirmed_labels" value="pictures"')
        self.assertFalse(article.versions.exists())

    def test_a_statement_cannot_be_taken_back(self):
        article = make_article(ai_uses=["draft"])
        self.save(article, ai_uses=[])
        refused = self.publish(article, last=1, ai_uses=[])
        self.assertContains(refused, "State what AI was used for", status_code=422)
        with self.assertRaisesMessage(NotReadyError, "State what AI was used for"):
            publish(item=article, by=self.editor)
        self.client.logout()
        self.assertContains(self.client.get(article.get_absolute_url()), WRITTEN)

    def test_older_articles_need_not_state_it(self):
        article = make_article(ai_uses=[])
        self.save(article, headline="Another headline", ai_uses=[])
        answer = self.publish(article, last=1, kind="minor", note="Shorter.")
        self.assertRedirects(answer, self.url(article))

    def test_copies_have_to_state_it_again(self):
        copy = duplicate(article=make_article(ai_uses=["none"]), slug="copy", by=self.editor)
        self.assertEqual(copy.ai_uses, [])

    def test_programs_need_not_state_it(self):
        article = make_draft(ai_uses=[])
        publish(item=article)  # by a program, as imports do
        self.assertNotIn("ai_uses", json.loads(article.live.content))
        self.assertNotContains(self.client.get(article.get_absolute_url()), "how-we-know")

    def test_digest_of_the_reviewed_text_is_not_published(self):
        article = make_draft()
        self.publish(article, ai_uses=["none"], **CHECKED)
        article.refresh_from_db()
        digest = text_digest(json.loads(article.live.content))
        self.assertEqual(Review.objects.get().text_digest, digest)
        self.assertNotIn(digest, article.live.content)


class FourEyesTests(EditorTestCase):
    def review(self, article, by):
        add_review(item=article, content=content_of(article), by=by, checked=["facts", "sources"], role="Editor",
                   is_named=False)  # fmt: skip

    def assert_refused(self, article, by=None):
        with self.assertRaisesMessage(NotReadyError, "Someone who has not written this text"):
            publish(item=article, by=by or self.editor)

    def test_writers_do_not_count(self):
        save_settings(four_eyes="always")
        author, creator = make_editor(email="a@example.org"), make_editor(email="c@example.org")
        article = make_draft(created_by=creator, authors=[make_author(user=author)])
        self.assert_refused(article)
        for writer in (author, creator):
            self.review(article, writer)
            self.assert_refused(article, by=writer)
        self.review(article, make_editor(email="o@example.org"))
        publish(item=article, by=self.editor)

    def test_last_editor_of_the_text_does_not_count(self):
        save_settings(four_eyes="always")
        article = make_draft()
        self.save(article, body="<p>Rewritten by Edith.</p>")
        article.refresh_from_db()
        self.review(article, self.editor)
        self.assert_refused(article)

    def test_who_saved_something_else_than_the_text_counts(self):
        save_settings(four_eyes="always")
        article = make_draft()
        self.save(article, headline=article.headline, kind="report")
        article.refresh_from_db()
        self.review(article, self.editor)
        publish(item=article, by=self.editor)

    def test_a_change_after_the_review_needs_another(self):
        save_settings(four_eyes="always")
        article = make_draft()
        self.review(article, make_editor(email="o@example.org"))
        article.body = "<p>Other words.</p>"
        article.save()
        self.assert_refused(article)

    def test_only_text_by_ai_if_so_chosen(self):
        save_settings(four_eyes="ai")
        publish(item=make_draft(ai_uses=["pictures"]), by=self.editor)
        self.assert_refused(make_draft(ai_uses=["parts"]))

    def test_section_can_ask_for_it(self):
        section = make_section(needs_second_person=True)
        for rule in Publication.FourEyes.values:
            save_settings(four_eyes=rule)
            self.assert_refused(make_draft(section=section))
        save_settings(four_eyes="never")
        publish(item=make_draft(section=make_section()), by=self.editor)
        article = make_draft(section=section)
        self.review(article, make_editor(email="o@example.org"))
        publish(item=article, by=self.editor)

    def test_published_text_can_be_published_with_other_access(self):
        article = make_article()
        save_settings(four_eyes="always")
        article.required_level = 10
        article.save()
        publish(item=article, by=self.editor)


class WorkflowTests(EditorTestCase):
    def test_marking_as_ready_can_be_a_review(self):
        article = make_draft(ai_uses=["draft"])
        url = self.url(article, "work")
        self.assertContains(self.client.get(url), "I have checked this text and answer for it")
        data = {"action": "ready", "seen": 0, "message": "", "is_named": "on", **CHECKED}
        self.assertRedirects(self.client.post(url, data), self.url(article))
        page = self.client.get(self.url(article, "publish"))
        self.assertContains(page, "Edith Orr (Editor): Facts, Sources")
        self.assertContains(page, "so the text needs no label")

    def test_other_steps_are_none(self):
        article = make_draft()
        self.client.post(self.url(article, "work"), {"action": "sent", "seen": 0, "message": "", **CHECKED})
        self.assertFalse(Review.objects.exists())


class PageAndDossierTests(EditorTestCase):
    def url(self, item, name="change"):
        return reverse(f"admin:articles_{item._meta.model_name}_{name}", args=[item.pk])

    def publish(self, item, last=0, **data):
        seen = text_digest(content_of(type(item).objects.get(pk=item.pk)))
        return self.client.post(self.url(item, "publish"), {"when": "now", "last": last, "seen_text": seen, **data})

    def drafts(self):
        return make_page(published=False), make_dossier(make_article(), publish=False)

    def content(self, item):
        content = item.versions.latest("number").content
        return json.loads(content) if isinstance(content, str) else content

    def test_first_publication_has_to_state_it(self):
        for item in self.drafts():
            refused = self.publish(item)
            self.assertContains(refused, "State what AI was used for, or that none was used.", status_code=422)
            self.assertFalse(item.versions.exists())

    def test_what_is_stated_is_part_of_the_version_and_cannot_be_left_out_again(self):
        for item in self.drafts():
            stated = {"ai_uses": ["draft"], "ai_draft": "A model wrote it.", "confirmed_labels": "written"}
            self.assertRedirects(self.publish(item, **stated), self.url(item))
            content = self.content(item)
            self.assertEqual(content["ai_uses"], ["draft"])
            self.assertEqual(content["how_we_know"], {"ai_draft": "A model wrote it."})
            page = self.client.get(item.get_absolute_url())
            self.assertContains(page, WRITTEN)
            self.assertContains(page, "A model wrote it.")
            self.assertContains(self.publish(item, last=1), "State what AI was used for", status_code=422)

    def test_label_is_shown_before_it_is_published(self):
        for item in self.drafts():
            self.assertContains(self.publish(item, ai_uses=["draft"]), WRITTEN)
            self.assertFalse(item.versions.exists())

    def test_older_pages_and_dossiers_need_not_state_it(self):
        page, dossier = make_page(), make_dossier(make_article())
        page.body = "<p>Other words.</p>"
        page.save()
        dossier.entries.create(date="2024", text="More.")
        for item in (page, dossier):
            self.assertRedirects(self.publish(item, last=1), self.url(item))
            self.assertNotIn("ai_uses", self.content(item))

    def test_statement_alone_is_a_change_of_the_record(self):
        for item in (make_page(), make_dossier(make_article())):
            self.assertContains(self.publish(item, last=1), "Nothing has changed since version 1", status_code=422)
            self.assertRedirects(self.publish(item, last=1, ai_uses=["research"]), self.url(item))
            digest = item.versions.latest("number").digest
            self.assertTrue(LogEntry.objects.filter(uuid=item.uuid, number=2, leaf__contains=digest).exists())
            comparison = self.client.get(f"{item.get_absolute_url()}history/1..2/")
            self.assertContains(comparison, "Research or transcription")

    def test_review_replaces_the_label_and_later_review_does_too(self):
        for item in self.drafts():
            self.publish(item, ai_uses=["draft"], confirmed_labels="written")
            self.assertRedirects(
                self.publish(item, last=1, ai_uses=["draft"], is_named="on", **CHECKED), self.url(item)
            )
            page = self.client.get(item.get_absolute_url())
            self.assertContains(page, "Reviewed by Edith Orr (Editor). AI: First draft.")
            self.assertNotContains(page, WRITTEN)
            self.assertContains(self.client.get(f"{item.get_absolute_url()}versions/1/"), WRITTEN)

    def test_nobody_answers_for_a_text_that_was_saved_meanwhile(self):
        dossier = make_dossier(make_article(), publish=False)
        seen = self.client.get(self.url(dossier, "publish")).context["responsibility"].text_digest
        dossier.entries.create(date="2024", text="Words that Edith has not seen.")
        for sent in (seen, ""):
            refused = self.publish(dossier, ai_uses=["draft"], seen_text=sent, **CHECKED)
            self.assertContains(refused, "The text was saved again in the meantime.", status_code=422)
        self.assertFalse(Review.objects.exists() or dossier.versions.exists())

    def test_saving_the_page_keeps_what_was_stated(self):
        page = make_page(ai_uses=["draft"], ai_draft="A model wrote it.")
        revisions.write(item=page, fields=revisions.current_fields(page) | {"body": "<p>New.</p>"}, by=self.editor)
        self.assertEqual((page.ai_uses, page.ai_draft), (["draft"], "A model wrote it."))
