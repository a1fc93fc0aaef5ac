from datetime import timedelta
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.utils import timezone

from articles.models import Article, Correction, Version, Withdrawal
from articles.services import expiry
from articles.services.change_kinds import proposed_kind
from articles.services.corrections import CorrectionError, supersede
from articles.services.publishing import NotReadyError, publish, restore, unschedule, withdraw
from articles.services.scheduling import reschedule
from tests.factories import make_article, make_editor, make_version
from truthlytics.web.append_only import AppendOnlyError

HOUR = timedelta(hours=1)


class ChangeKindTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()

    def setUp(self):
        self.now = timezone.now().replace(microsecond=0)
        self.article = make_article(body="<p>It cost 0.25 crowns.</p>", at=self.now - 9 * HOUR)

    def change(self, **fields):
        return make_version(self.article, **{"by": self.editor, **fields})

    def test_changed_figure_is_refused_without_a_kind(self):
        with self.assertRaisesMessage(NotReadyError, "Choose what kind of change it is."):
            self.change(body="<p>It cost 0.5 crowns.</p>")
        self.assertEqual(self.article.versions.count(), 1)

    def test_all_but_minor_edits_need_a_sentence(self):
        for kind in ("correction", "clarification", "update", "note", "retraction"):
            with self.subTest(kind), self.assertRaisesMessage(NotReadyError, "Tell readers in a sentence"):
                self.change(body="<p>It cost 0.5 crowns.</p>", kind=kind, note="  ")
        self.change(body="<p>It costs 0.25 crowns.</p>", kind="minor")

    def test_kind_user_and_time_are_recorded_even_if_another_was_proposed(self):
        self.article.body = "<p>It cost 0.5 crowns.</p>"
        self.article.save()
        self.assertEqual(proposed_kind(self.article).kind, "correction")
        version = self.change(kind="update", note="The price rose.")
        correction = version.correction
        self.assertEqual((correction.kind, correction.made_by), ("update", self.editor))
        self.assertEqual((correction.made_at, correction.sentence), (version.created_at, "The price rose."))

    def test_typo_is_minor_and_moves_no_date(self):
        self.article.body = "<p>It costs 0.25 crowns.</p>"
        self.article.save()
        self.assertEqual(proposed_kind(self.article).kind, "minor")
        version = self.change(kind="minor")
        self.assertEqual(version.changed_at, self.now - 9 * HOUR)
        self.assertFalse(version.is_corrected)

    def test_change_without_other_words_asks_nothing_and_moves_no_date(self):
        version = self.change(required_level=10)
        self.assertIsNone(version.change)
        self.assertEqual(version.changed_at, self.now - 9 * HOUR)

    def test_material_change_moves_the_date(self):
        version = self.change(body="<p>It cost 0.5 crowns.</p>", kind="correction", note="It cost more.")
        self.assertEqual(version.changed_at, version.public_from)
        self.assertTrue(version.is_corrected)

    def test_programs_say_what_kind_it_is_too(self):
        with self.assertRaisesMessage(NotReadyError, "Choose what kind of change it is."):
            self.change(body="<p>It cost 0.5 crowns.</p>", by=None, kind="")

    def test_first_publication_asks_nothing(self):
        draft = make_article(at=self.now + HOUR)
        draft.body = "<p>Other words.</p>"
        draft.save()
        self.assertIsNone(proposed_kind(draft))
        self.assertIsNone(publish(item=draft, by=self.editor, at=self.now + 2 * HOUR).change)

    def test_rescheduled_change_keeps_its_kind(self):
        at = self.now + HOUR
        first = self.change(body="<p>It cost 0.5 crowns.</p>", kind="correction", note="It cost more.", at=at)
        second = reschedule(item=self.article, at=at + HOUR, seen=first.number, by=make_editor())
        self.assertEqual((second.change.kind, second.change.made_by), ("correction", self.editor))
        self.assertEqual(second.changed_at, at + HOUR)

    def test_scheduled_correction_that_never_appears_is_not_public(self):
        at = self.now + HOUR
        self.change(body="<p>It cost 0.5 crowns.</p>", kind="correction", note="It cost more.", at=at)
        self.assertFalse(Correction.objects.public(self.now).exists())
        self.assertTrue(Correction.objects.public(at).exists())
        unschedule(item=self.article)
        self.assertFalse(Correction.objects.public(at).exists())


class MinorEditTests(TestCase):
    """A minor edit in which a fact changed needs a reason, whichever way it is published."""

    REASON = "The old figure was a slip of the keyboard."

    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor()

    def setUp(self):
        self.now = timezone.now().replace(microsecond=0)
        self.article = make_article(body="<p>It cost 0.25 crowns.</p>", at=self.now - 9 * HOUR)

    def change(self, **fields):
        return make_version(self.article, **{"by": self.editor, "kind": "minor", **fields})

    def test_it_is_refused_without_a_reason(self):
        for by in (self.editor, None):
            for note in ("", "  "):
                with self.assertRaisesMessage(NotReadyError, "A figure changed. Say in a sentence"):
                    self.change(body="<p>It cost 0.5 crowns.</p>", note=note, by=by)
        self.assertEqual(self.article.versions.count(), 1)

    def test_reason_and_facts_are_stored_and_the_date_moves(self):
        version = self.change(body="<p>It cost 0.5 crowns.</p>", note=self.REASON)
        self.assertEqual((version.change.changed_facts, version.note), ("figure", self.REASON))
        self.assertEqual(version.changed_at, version.public_from)
        self.assertFalse(version.is_corrected)
        call_command("verify_record", stdout=StringIO())

    def test_each_fact_is_found(self):
        for old, new, facts in [
            ("He came on Monday.", "He came on Tuesday.", "date"),
            ("Then Ann Reil left.", "Then Ann Reel left.", "name"),
            ("It was safe.", "It was not safe.", "negation"),
            ("“We will build it,” she said.", "“We will sell it,” she said.", "quotation"),
            ("Prices rose.", "Prices fell.", "meaning"),
            ("Some 12 people of Oslo died.", "A dozen victims were mourned there.", "figure,name"),
        ]:
            with self.subTest(new):
                self.article = make_article(body=f"<p>{old}</p>")
                with self.assertRaises(NotReadyError):
                    self.change(body=f"<p>{new}</p>")
                self.assertEqual(self.change(body=f"<p>{new}</p>", note="Because.").change.changed_facts, facts)

    def test_other_kinds_keep_no_facts(self):
        version = self.change(body="<p>It cost 0.5 crowns.</p>", kind="correction", note="It cost more.")
        self.assertEqual(version.change.changed_facts, "")
        with self.assertRaises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE articles_correction SET changed_facts = 'figure'")

    def test_scheduled_and_rescheduled_edits_keep_reason_and_facts(self):
        at = self.now + HOUR
        with self.assertRaises(NotReadyError):
            self.change(body="<p>It cost 0.5 crowns.</p>", at=at)
        first = self.change(body="<p>It cost 0.5 crowns.</p>", note=self.REASON, at=at)
        second = reschedule(item=self.article, at=at + HOUR, seen=first.number, by=self.editor)
        self.assertEqual((second.change.changed_facts, second.note), ("figure", self.REASON))
        self.assertEqual(second.changed_at, at + HOUR)
        call_command("verify_record", stdout=StringIO())

    def test_superseding_a_correction_by_a_minor_edit_keeps_what_changed(self):
        version = self.change(body="<p>It cost 0.5 crowns.</p>", kind="correction", note="It cost more.")
        for kind in ("clarification", "minor"):
            version = supersede(correction=version.correction, kind=kind, sentence=self.REASON, by=self.editor)
        self.assertEqual(version.change.changed_facts, "figure")
        self.assertEqual(version.changed_at, version.public_from)

    def test_what_follows_a_removed_text_cannot_be_called_minor(self):
        version = self.change(body="<p>It cost 0.5 crowns.</p>", note=self.REASON)
        Version.objects.get(pk=version.pk).redact("A court ordered it.")
        self.article.refresh_from_db()
        with self.assertRaisesMessage(NotReadyError, "so this cannot be a minor edit"):
            self.change(body="<p>It cost 3 crowns.</p>", note=self.REASON)

    def test_removing_facts_or_reason_by_sql_is_found(self):
        self.change(body="<p>It cost 0.5 crowns.</p>", note=self.REASON)
        for sql in (
            "UPDATE articles_correction SET changed_facts = ''",
            "UPDATE articles_correction SET changed_facts = 'name'",
            "UPDATE articles_version SET note = '' WHERE number = 2",
        ):
            with self.subTest(sql), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(sql)
                with self.assertRaisesMessage(CommandError, "Version 2 of article"):
                    call_command("verify_record", stdout=StringIO())
                transaction.set_rollback(True)


class RetractionTests(TestCase):
    def test_mark_follows_the_retractions_in_effect(self):
        article, editor = make_article(body="<p>It cost 1 crown.</p>"), make_editor()

        def change(kind):
            body = f"<p>It cost {article.versions.count()} crowns.</p>"
            return make_version(article, body=body, kind=kind, note="Wrong.", by=editor)

        self.assertFalse(change("correction").is_retracted)
        retraction = change("retraction")
        self.assertEqual((retraction.is_corrected, retraction.is_retracted), (True, True))
        self.assertTrue(change("update").is_retracted)
        last = supersede(correction=retraction.correction, kind="clarification", sentence="Right.", by=editor)
        self.assertEqual((last.is_corrected, last.is_retracted), (True, False))


class WithdrawalTests(TestCase):
    def setUp(self):
        self.now = timezone.now()
        self.article = make_article(at=self.now - HOUR)

    def rows(self):
        return list(Withdrawal.objects.order_by("pk").values_list("at", "note", "ended_at"))

    def test_withdrawal_stays_after_the_article_is_restored(self):
        withdraw(item=self.article, note="Unsound.")
        withdraw(item=self.article, note="Again.")
        ((at, note, ended_at),) = self.rows()
        self.assertEqual((at, note, ended_at), (self.article.withdrawn_at, "Unsound.", None))
        restore(item=self.article)
        self.assertIsNotNone(self.rows()[0][2])
        withdraw(item=self.article, note="Again.")
        self.assertEqual([row[1] for row in self.rows()], ["Unsound.", "Again."])
        expiry.change_note(item=self.article, note="Unsound again.")
        self.assertEqual(self.rows()[1][1], "Unsound again.")

    def test_scheduled_removal_that_is_cancelled_leaves_none(self):
        at = self.now + HOUR
        expiry.schedule_expiry(item=self.article, at=at)
        expiry.schedule_expiry(item=self.article, at=at + HOUR, seen=at)
        self.assertEqual(self.rows(), [(at + HOUR, "", None)])
        self.assertFalse(Withdrawal.objects.begun().exists())
        self.assertTrue(Withdrawal.objects.begun(at + HOUR).exists())
        expiry.cancel_expiry(item=self.article)
        self.assertEqual(self.rows(), [])

    def test_article_that_was_never_public_is_not_listed(self):
        draft = make_article(at=self.now + HOUR)
        withdraw(item=draft)
        self.assertFalse(Withdrawal.objects.begun(self.now + 2 * HOUR).exists())

    def test_never_two_at_a_time(self):
        withdraw(item=self.article)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Withdrawal.objects.create(article=self.article, at=self.now)


class SupersedingTests(TestCase):
    def setUp(self):
        self.editor = make_editor()
        self.article = make_article(body="<p>It cost 0.25 crowns.</p>", at=timezone.now() - HOUR)
        version = make_version(
            self.article,
            body="<p>It cost 0.5 crowns.</p>",
            kind="correction",
            note="It cost 0.6 crowns.",
            by=self.editor,
        )
        self.correction = version.correction

    def supersede(self, **changes):
        options = {"kind": "correction", "sentence": "It cost 0.5 crowns, not 0.25.", "by": self.editor} | changes
        return supersede(correction=self.correction, **options)

    def test_superseding_publishes_the_same_text_and_keeps_the_old_correction(self):
        version = self.supersede()
        self.assertEqual((version.number, version.content), (3, self.correction.version.content))
        self.assertEqual(version.correction.supersedes, self.correction)
        self.assertEqual(Article.objects.get().live, version)
        self.assertTrue(Correction.objects.get(pk=self.correction.pk).is_superseded)
        call_command("verify_record", stdout=StringIO())

    def test_correction_is_superseded_once(self):
        self.supersede()
        with self.assertRaisesMessage(CorrectionError, "changed already"):
            self.supersede()
        later = Version.objects.latest("number")
        with self.assertRaises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE articles_correction SET supersedes_id = %s WHERE version_id = %s",
                [
                    self.correction.pk,
                    make_version(self.article, body="<p>It costs 0.5 crowns.</p>", kind="minor", by=self.editor).pk,
                ],
            )
        self.assertEqual(later.number, 3)

    def test_superseding_by_another_kind_takes_the_mark_from_lists(self):
        self.assertFalse(self.supersede(kind="clarification").is_corrected)
        self.assertTrue(self.supersede_again_with("retraction").is_corrected)

    def supersede_again_with(self, kind):
        newest = Correction.objects.latest("pk")
        return supersede(correction=newest, kind=kind, sentence="All of it was wrong.", by=self.editor)

    def test_sentence_is_required(self):
        with self.assertRaisesMessage(CorrectionError, "Tell readers"):
            self.supersede(sentence=" ")

    def test_correction_of_a_withdrawn_article_is_not_superseded(self):
        withdraw(item=self.article)
        with self.assertRaisesMessage(CorrectionError, "withdrawn"):
            self.supersede()

    def test_scheduled_version_keeps_its_time_and_kind(self):
        at = timezone.now().replace(microsecond=0) + HOUR
        make_version(self.article, body="<p>It cost 9 crowns.</p>", kind="update", note="More.", by=self.editor, at=at)
        self.supersede()
        article = Article.objects.get()
        self.assertEqual((article.upcoming_at, article.upcoming.change.kind), (at, "update"))
        call_command("verify_record", stdout=StringIO())

    def test_corrections_cannot_be_changed_or_deleted(self):
        for action in (
            self.correction.save,
            self.correction.delete,
            Correction.objects.all().delete,
            lambda: Correction.objects.update(kind="minor"),
        ):
            with self.assertRaises(AppendOnlyError):
                action()


class TamperingTests(TestCase):
    def setUp(self):
        article, editor = make_article(body="<p>It cost 1 crown.</p>"), make_editor()
        first = make_version(article, body="<p>It cost 2 crowns.</p>", kind="correction", note="Two.", by=editor)
        supersede(correction=first.correction, kind="clarification", sentence="Two crowns, not one.", by=editor)

    def assert_named(self, sql, number, reason):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(sql)
            with self.assertRaisesMessage(CommandError, reason) as raised:
                call_command("verify_record", stdout=StringIO())
            self.assertIn(f"Version {number} of article", str(raised.exception))
            transaction.set_rollback(True)

    def test_record_is_valid(self):
        output = StringIO()
        call_command("verify_record", stdout=output)
        self.assertIn("Verified: 1 article, 3 article versions, 2 corrections", output.getvalue())

    def test_changes_by_sql_are_named(self):
        changed, chain = "its correction was changed", "its place in the chain was changed"
        second = "(SELECT id FROM articles_version WHERE number = 2)"
        third = "(SELECT id FROM articles_version WHERE number = 3)"
        for sql, number, reason in [
            (f"UPDATE articles_correction SET kind = 'minor' WHERE version_id = {second}", 2, changed),
            (f"UPDATE articles_correction SET made_at = '2020-01-01 00:00:00' WHERE version_id = {second}", 2, changed),
            (f"UPDATE articles_correction SET supersedes_id = NULL WHERE version_id = {third}", 3, changed),
            (f"UPDATE articles_correction SET digest = '' WHERE version_id = {second}", 2, changed),
            (f"DELETE FROM articles_correction WHERE version_id = {third}", 3, chain),
            ("UPDATE articles_version SET note = 'Three.' WHERE number = 2", 2, chain),
        ]:
            with self.subTest(sql):
                self.assert_named(sql, number, reason)
