"""The way of an article through the newsroom: who may take which step from where, what is written down, who is told."""

from datetime import date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase, TransactionTestCase
from django.utils import timezone

from articles import permissions
from articles.models import AppendOnlyError, Article, WorkflowStep
from articles.services import publishing, workflow
from articles.services.workflow import MessageRequiredError, WorkflowConflict, assign, perform
from articles.workflow.stages import TRANSITIONS, Stage, WorkflowAction, allowed_actions
from tests.articles.test_publishing_races import beside
from tests.factories import make_article, make_author, make_draft, make_editor, make_member

TOMORROW = date(2026, 5, 4)


def put_in(article, stage):
    """`article` where the work has come to `stage`, without a step."""
    if stage == Stage.PUBLISHED and article.published_at is None:
        publishing.publish(item=article)
    Article.objects.filter(pk=article.pk).update(stage=stage)
    article.refresh_from_db()
    return article


class WayTests(SimpleTestCase):
    def test_each_deed_by_stage_and_role(self):
        expected = {
            (Stage.DRAFT, False): {WorkflowAction.SENT},
            (Stage.REVIEW, False): {WorkflowAction.WITHDRAWN},
            (Stage.READY, False): set(),
            (Stage.PUBLISHED, False): {WorkflowAction.SENT},
            (Stage.DRAFT, True): {WorkflowAction.SENT, WorkflowAction.READY},
            (Stage.REVIEW, True): {WorkflowAction.WITHDRAWN, WorkflowAction.RETURNED, WorkflowAction.READY},
            (Stage.READY, True): {WorkflowAction.RETURNED},
            (Stage.PUBLISHED, True): {WorkflowAction.SENT, WorkflowAction.READY},
        }
        for (stage, editor), deeds in expected.items():
            with self.subTest(stage, editor=editor):
                self.assertEqual(set(allowed_actions(stage, editor=editor)), deeds)


class StepTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author, cls.editor = make_member("Author"), make_member("Editor", display_name="Edda Holm")
        cls.draft = make_draft(authors=[make_author(user=cls.author)], created_by=cls.author)

    def people(self, outbox):
        return sorted(letter.to[0] for letter in outbox)

    def moved(self, action, by, **more):
        with self.captureOnCommitCallbacks(execute=True):
            return perform(article=self.draft, action=action, by=by, **more)

    def test_every_deed_from_every_stage_by_either_role(self):
        for stage in Stage:
            for action, way in TRANSITIONS.items():
                for person in (self.author, self.editor):
                    with self.subTest(stage, action=action, by=person), transaction.atomic():
                        article = put_in(make_draft(), stage)
                        if action in allowed_actions(stage, editor=person == self.editor):
                            step = perform(article=article, action=action, by=person, message="Why.")
                            self.assertEqual((step.before, step.after, article.stage), (stage, way.after, way.after))
                        else:
                            refusal = (
                                PermissionDenied if way.for_editors and person == self.author else WorkflowConflict
                            )
                            with self.assertRaises(refusal):
                                perform(article=article, action=action, by=person, message="Why.")
                            self.assertFalse(article.steps.filter(action=action).exists())

    def test_a_step_says_who_when_what_and_of_which_text(self):
        Article.objects.filter(pk=self.draft.pk).update(revision_number=7)
        before = timezone.now()
        step = self.moved(WorkflowAction.SENT, self.author, message=" Have a look\x00 at the end. ")
        self.assertEqual((step.created_by, step.number, step.revision_number), (self.author, 1, 7))
        self.assertEqual(step.message, "Have a look at the end.")
        self.assertGreaterEqual(step.created_at, before)
        self.assertEqual(self.moved(WorkflowAction.READY, self.editor).number, 2)

    def test_a_step_is_never_changed(self):
        step = self.moved(WorkflowAction.SENT, self.author)
        step.message = "Something else."
        with self.assertRaises(AppendOnlyError):
            step.save()

    def test_sending_back_takes_words(self):
        self.moved(WorkflowAction.SENT, self.author)
        with self.assertRaises(MessageRequiredError):
            perform(article=self.draft, action=WorkflowAction.RETURNED, by=self.editor, message=" \n")
        with self.assertRaises(IntegrityError), transaction.atomic():
            WorkflowStep.objects.create(
                article=self.draft, number=9, action=WorkflowAction.RETURNED, before="review", after="draft"
            )

    def test_editors_are_told_of_a_review_and_nobody_of_their_own_deed(self):
        second, off = make_member("Publisher"), make_member("Editor", is_active=False)
        make_member("Moderator")
        self.moved(WorkflowAction.SENT, self.author, message="The end is weak.")
        self.assertEqual(self.people(mail.outbox), sorted([self.editor.email, second.email]))
        self.assertNotIn(off.email, self.people(mail.outbox))
        self.assertIn("The end is weak.", mail.outbox[0].body)
        self.assertIn(f"/admin/articles/article/{self.draft.pk}/change/", mail.outbox[0].body)
        mail.outbox.clear()
        self.moved(WorkflowAction.WITHDRAWN, self.author)
        self.moved(WorkflowAction.SENT, second)
        self.assertEqual(self.people(mail.outbox), [self.editor.email])

    def test_the_writers_are_told_what_became_of_it(self):
        other = make_member("Author")
        self.draft.bylines.create(author=make_author(user=other), position=2)
        self.moved(WorkflowAction.SENT, self.author)
        for action, said in ((WorkflowAction.RETURNED, "sent it back"), (WorkflowAction.READY, "set it ready")):
            mail.outbox.clear()
            self.moved(action, self.editor, message="Count again <here>.")
            self.assertEqual(self.people(mail.outbox), sorted([self.author.email, other.email]))
            self.assertEqual(mail.outbox[0].subject, f"Edda Holm {said}: {self.draft.headline}")
            self.assertIn("Count again &lt;here&gt;.", mail.outbox[0].alternatives[0].content)

    def test_who_gets_it_is_told_once(self):
        def give(**more):
            with self.captureOnCommitCallbacks(execute=True):
                return assign(article=self.draft, by=self.editor, **more)

        step = give(to=self.author, due_on=TOMORROW, message="By tomorrow.")
        self.assertEqual((self.draft.assignee, self.draft.due_on, step.assignee), (self.author, TOMORROW, self.author))
        self.assertEqual(self.people(mail.outbox), [self.author.email])
        self.assertIn("Due Monday 4 May 2026", mail.outbox[0].body)
        self.assertIsNone(give(to=self.author, due_on=TOMORROW))
        give(to=self.author, due_on=None)
        give(to=None, due_on=None)
        self.assertEqual(len(mail.outbox), 1)
        with self.assertRaises(PermissionDenied):
            assign(article=self.draft, by=self.author, to=self.author, due_on=None)

    def test_nothing_is_sent_where_the_step_is_rolled_back(self):
        with self.captureOnCommitCallbacks(execute=True), self.assertRaises(WorkflowConflict), transaction.atomic():
            perform(article=self.draft, action=WorkflowAction.SENT, by=self.author)
            perform(article=self.draft, action=WorkflowAction.SENT, by=self.author)
        self.assertEqual(mail.outbox, [])

    def test_publication_ends_the_work_from_any_stage(self):
        for stage in (Stage.DRAFT, Stage.REVIEW, Stage.READY):
            article = put_in(make_draft(), stage)
            assign(article=article, by=self.editor, to=self.editor, due_on=TOMORROW)
            publishing.publish(item=article, by=self.editor)
            with self.subTest(stage):
                self.assertEqual((article.stage, article.assignee, article.due_on), (Stage.PUBLISHED, None, None))
                last = workflow.last_step(article)
                self.assertEqual(
                    (last.action, last.before, last.created_by), (WorkflowAction.PUBLISHED, stage, self.editor)
                )

    def test_publishing_again_takes_no_step_where_no_work_was_open(self):
        article = make_article()
        publishing.publish(item=article)
        self.assertEqual(article.steps.count(), 1)
        perform(article=article, action=WorkflowAction.SENT, by=self.editor)
        publishing.publish(item=article)
        self.assertEqual((article.steps.count(), article.stage), (3, Stage.PUBLISHED))

    def test_a_plan_that_is_given_up_leaves_a_text_that_is_ready(self):
        publishing.publish(item=self.draft, at=timezone.now() + timedelta(days=1))
        publishing.unschedule(item=self.draft, by=self.editor)
        self.assertEqual((self.draft.stage, self.draft.published_at), (Stage.READY, None))
        published = make_article()
        publishing.publish(item=published, at=timezone.now() + timedelta(days=1))
        publishing.unschedule(item=published)
        self.assertEqual(published.stage, Stage.PUBLISHED)

    def test_closed_work_without_a_publication_is_refused_by_the_database(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Article.objects.filter(pk=self.draft.pk).update(stage=Stage.PUBLISHED)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Article.objects.filter(pk=self.draft.pk).update(stage="nowhere")

    def test_readers_see_nothing_of_it(self):
        article = make_article(headline="As it is")
        before = self.client.get(article.get_absolute_url()).content
        perform(article=article, action=WorkflowAction.SENT, by=self.editor, message="Inner words.")
        assign(article=article, by=self.editor, to=self.editor, due_on=TOMORROW)
        self.assertEqual(self.client.get(article.get_absolute_url()).content, before)


class QuestionTests(TestCase):
    def test_what_the_newsroom_asks(self):
        editor = make_editor()
        review, ready, mine = put_in(make_draft(), Stage.REVIEW), put_in(make_draft(), Stage.READY), make_draft()
        make_draft()
        assign(article=mine, by=editor, to=editor, due_on=TOMORROW)
        self.assertEqual(list(Article.objects.in_review()), [review])
        self.assertEqual(list(Article.objects.ready()), [ready])
        self.assertEqual(list(Article.objects.assigned_to(editor)), [mine])
        self.assertEqual(set(Article.objects.in_progress()), {review, ready, mine})
        self.assertEqual(Article.objects.most_urgent_first()[0], mine)

    def test_overdue_begins_with_the_newsrooms_next_day(self):
        article = make_draft()
        Article.objects.filter(pk=article.pk).update(due_on=TOMORROW)
        berlin = ZoneInfo("Europe/Berlin")
        night = datetime(2026, 5, 4, 23, 59, tzinfo=berlin)
        with timezone.override(berlin), time_machine.travel(night):
            self.assertFalse(Article.objects.overdue().exists())
            self.assertTrue(Article.objects.overdue(timezone.now() + timedelta(minutes=2)).exists())

    def test_the_people_in_whose_hands_it_can_be_laid(self):
        author, editor = make_member("Author"), make_member("Editor")
        make_member("Moderator"), make_member("Author"), make_member("Editor", is_active=False)
        draft = make_draft(authors=[make_author(user=author)])
        self.assertEqual({person.pk for person in permissions.assignable_users(draft)}, {author.pk, editor.pk})
        publishing.publish(item=draft)
        self.assertEqual([person.pk for person in permissions.assignable_users(draft)], [editor.pk])


class RaceTests(TransactionTestCase):
    def test_of_two_editors_at_once_one_moves_and_the_other_is_told(self):
        article, people = put_in(make_draft(), Stage.REVIEW), [make_member("Editor"), make_member("Editor")]
        barrier, told, moved = Barrier(2), [], []

        def run(person, action):
            barrier.wait()
            try:
                moved.append(perform(article=article, action=action, by=person, message="Why.", seen=0))
            except WorkflowConflict as error:
                told.append(error.step)

        deeds = (WorkflowAction.READY, WorkflowAction.RETURNED)
        for thread in [beside(lambda p=p, d=d: run(p, d)) for p, d in zip(people, deeds, strict=True)]:
            thread.join()
        self.assertEqual((len(moved), len(told)), (1, 1))
        self.assertEqual(told, moved)
        self.assertEqual(Article.objects.get().stage, moved[0].after)
        self.assertEqual(WorkflowStep.objects.count(), 1)
