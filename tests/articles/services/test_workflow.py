"""Workflow: allowed actions, stored steps, emails, and the queries of the newsroom."""

from datetime import date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase
from django.utils import timezone

from articles import permissions
from articles.models import Article, WorkflowStep
from articles.services import publishing, workflow
from articles.services.workflow import MessageRequiredError, WorkflowConflict, assign, perform
from articles.workflow.stages import TRANSITIONS, Stage, WorkflowAction, allowed_actions
from tests.factories import make_article, make_author, make_draft, make_editor, make_member
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.web.append_only import AppendOnlyError

TOMORROW = date(2026, 5, 4)


def set_stage(article, stage):
    """Set the stage of `article` without a workflow step."""
    if stage == Stage.PUBLISHED and article.published_at is None:
        publishing.publish(item=article)
    Article.objects.filter(pk=article.pk).update(stage=stage)
    article.refresh_from_db()
    return article


class TransitionTests(SimpleTestCase):
    def test_allowed_actions_by_stage_and_role(self):
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
        for (stage, editor), actions in expected.items():
            with self.subTest(stage, editor=editor):
                self.assertEqual(set(allowed_actions(stage, editor=editor)), actions)


class WorkflowTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author, cls.editor = make_member("Author"), make_member("Editor", display_name="Edda Holm")
        cls.draft = make_draft(authors=[make_author(user=cls.author)], created_by=cls.author)

    def recipients(self, outbox):
        return sorted(message.to[0] for message in outbox)

    def performed(self, action, by, **more):
        with self.captureOnCommitCallbacks(execute=True):
            return perform(article=self.draft, action=action, by=by, **more)

    def test_every_action_from_every_stage_by_either_role(self):
        for stage in Stage:
            for action, transition in TRANSITIONS.items():
                for user in (self.author, self.editor):
                    with self.subTest(stage, action=action, by=user), transaction.atomic():
                        article = set_stage(make_draft(), stage)
                        if action in allowed_actions(stage, editor=user == self.editor):
                            step = perform(article=article, action=action, by=user, message="Why.")
                            self.assertEqual(
                                (step.before, step.after, article.stage), (stage, transition.after, transition.after)
                            )
                        else:
                            error = (
                                PermissionDenied if transition.for_editors and user == self.author else WorkflowConflict
                            )
                            with self.assertRaises(error):
                                perform(article=article, action=action, by=user, message="Why.")
                            self.assertFalse(article.steps.filter(action=action).exists())

    def test_step_stores_user_time_message_and_revision(self):
        Article.objects.filter(pk=self.draft.pk).update(revision_number=7)
        before = timezone.now()
        step = self.performed(WorkflowAction.SENT, self.author, message=" Have a look\x00 at the end. ")
        self.assertEqual((step.created_by, step.number, step.revision_number), (self.author, 1, 7))
        self.assertEqual(step.message, "Have a look at the end.")
        self.assertGreaterEqual(step.created_at, before)
        self.assertEqual(self.performed(WorkflowAction.READY, self.editor).number, 2)

    def test_step_cannot_be_changed(self):
        step = self.performed(WorkflowAction.SENT, self.author)
        step.message = "Something else."
        with self.assertRaises(AppendOnlyError):
            step.save()

    def test_sending_back_requires_a_message(self):
        self.performed(WorkflowAction.SENT, self.author)
        with self.assertRaises(MessageRequiredError):
            perform(article=self.draft, action=WorkflowAction.RETURNED, by=self.editor, message=" \n")
        with self.assertRaises(IntegrityError), transaction.atomic():
            WorkflowStep.objects.create(
                article=self.draft, number=9, action=WorkflowAction.RETURNED, before="review", after="draft"
            )

    def test_editors_are_emailed_about_reviews_but_not_their_own(self):
        publisher, inactive = make_member("Publisher"), make_member("Editor", is_active=False)
        make_member("Moderator")
        self.performed(WorkflowAction.SENT, self.author, message="The end is weak.")
        self.assertEqual(self.recipients(mail.outbox), sorted([self.editor.email, publisher.email]))
        self.assertNotIn(inactive.email, self.recipients(mail.outbox))
        self.assertIn("The end is weak.", mail.outbox[0].body)
        self.assertIn(f"/admin/articles/article/{self.draft.pk}/change/", mail.outbox[0].body)
        mail.outbox.clear()
        self.performed(WorkflowAction.WITHDRAWN, self.author)
        self.performed(WorkflowAction.SENT, publisher)
        self.assertEqual(self.recipients(mail.outbox), [self.editor.email])

    def test_authors_are_emailed_the_outcome(self):
        other = make_member("Author")
        self.draft.bylines.create(author=make_author(user=other), position=2)
        self.performed(WorkflowAction.SENT, self.author)
        for action, phrase in ((WorkflowAction.RETURNED, "sent it back"), (WorkflowAction.READY, "marked it ready")):
            mail.outbox.clear()
            self.performed(action, self.editor, message="Count again <here>.")
            self.assertEqual(self.recipients(mail.outbox), sorted([self.author.email, other.email]))
            self.assertEqual(mail.outbox[0].subject, f"Edda Holm {phrase}: {self.draft.headline}")
            self.assertIn("Count again &lt;here&gt;.", mail.outbox[0].alternatives[0].content)

    def test_assignee_is_emailed_once(self):
        def assign_draft(**more):
            with self.captureOnCommitCallbacks(execute=True):
                return assign(article=self.draft, by=self.editor, **more)

        step = assign_draft(to=self.author, due_on=TOMORROW, message="By tomorrow.")
        self.assertEqual((self.draft.assignee, self.draft.due_on, step.assignee), (self.author, TOMORROW, self.author))
        self.assertEqual(self.recipients(mail.outbox), [self.author.email])
        self.assertIn("Due Monday 4 May 2026", mail.outbox[0].body)
        self.assertIsNone(assign_draft(to=self.author, due_on=TOMORROW))
        assign_draft(to=self.author, due_on=None)
        assign_draft(to=None, due_on=None)
        self.assertEqual(len(mail.outbox), 1)
        with self.assertRaises(PermissionDenied):
            assign(article=self.draft, by=self.author, to=self.author, due_on=None)

    def test_rollback_sends_no_email(self):
        with self.captureOnCommitCallbacks(execute=True), self.assertRaises(WorkflowConflict), transaction.atomic():
            perform(article=self.draft, action=WorkflowAction.SENT, by=self.author)
            perform(article=self.draft, action=WorkflowAction.SENT, by=self.author)
        self.assertEqual(mail.outbox, [])

    def test_publishing_closes_the_workflow_from_any_stage(self):
        for stage in (Stage.DRAFT, Stage.REVIEW, Stage.READY):
            article = set_stage(make_draft(), stage)
            assign(article=article, by=self.editor, to=self.editor, due_on=TOMORROW)
            publishing.publish(item=article, by=self.editor)
            with self.subTest(stage):
                self.assertEqual((article.stage, article.assignee, article.due_on), (Stage.PUBLISHED, None, None))
                last = workflow.last_step(article)
                self.assertEqual(
                    (last.action, last.before, last.created_by), (WorkflowAction.PUBLISHED, stage, self.editor)
                )

    def test_publishing_again_adds_no_step_unless_workflow_is_open(self):
        article = make_article()
        publishing.publish(item=article)
        self.assertEqual(article.steps.count(), 1)
        perform(article=article, action=WorkflowAction.SENT, by=self.editor)
        publishing.publish(item=article)
        self.assertEqual((article.steps.count(), article.stage), (3, Stage.PUBLISHED))

    def test_unscheduling_first_version_returns_to_ready(self):
        publishing.publish(item=self.draft, at=timezone.now() + timedelta(days=1))
        publishing.unschedule(item=self.draft, by=self.editor)
        self.assertEqual((self.draft.stage, self.draft.published_at), (Stage.READY, None))
        published = make_article()
        publishing.publish(item=published, at=timezone.now() + timedelta(days=1))
        publishing.unschedule(item=published)
        self.assertEqual(published.stage, Stage.PUBLISHED)

    def test_invalid_stages_violate_constraints(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            Article.objects.filter(pk=self.draft.pk).update(stage=Stage.PUBLISHED)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Article.objects.filter(pk=self.draft.pk).update(stage="nowhere")

    def test_workflow_does_not_change_public_page(self):
        article = make_article(headline="As it is")
        before = self.client.get(article.get_absolute_url()).content
        perform(article=article, action=WorkflowAction.SENT, by=self.editor, message="Internal note.")
        assign(article=article, by=self.editor, to=self.editor, due_on=TOMORROW)
        self.assertEqual(self.client.get(article.get_absolute_url()).content, before)


class WorkflowQueryTests(TestCase):
    def test_queries_by_workflow_state(self):
        editor = make_editor()
        review, ready, mine = set_stage(make_draft(), Stage.REVIEW), set_stage(make_draft(), Stage.READY), make_draft()
        make_draft()
        assign(article=mine, by=editor, to=editor, due_on=TOMORROW)
        self.assertEqual(list(Article.objects.in_review()), [review])
        self.assertEqual(list(Article.objects.ready()), [ready])
        self.assertEqual(list(Article.objects.assigned_to(editor)), [mine])
        self.assertEqual(Article.objects.most_urgent_first()[0], mine)

    def test_overdue_starts_at_local_midnight(self):
        article = make_draft()
        Article.objects.filter(pk=article.pk).update(due_on=TOMORROW)
        berlin = ZoneInfo("Europe/Berlin")
        night = datetime(2026, 5, 4, 23, 59, tzinfo=berlin)
        with timezone.override(berlin), time_machine.travel(night):
            self.assertFalse(Article.objects.overdue().exists())
            self.assertTrue(Article.objects.overdue(timezone.now() + timedelta(minutes=2)).exists())

    def test_assignable_users(self):
        author, editor = make_member("Author"), make_member("Editor")
        make_member("Moderator"), make_member("Author"), make_member("Editor", is_active=False)
        draft = make_draft(authors=[make_author(user=author)])
        self.assertEqual({user.pk for user in permissions.assignable_users(draft)}, {author.pk, editor.pk})
        publishing.publish(item=draft)
        self.assertEqual([user.pk for user in permissions.assignable_users(draft)], [editor.pk])


class RaceTests(TransactionTestCase):
    def test_one_of_two_concurrent_actions_wins(self):
        article, users = set_stage(make_draft(), Stage.REVIEW), [make_member("Editor"), make_member("Editor")]
        barrier, conflicts, performed = Barrier(2), [], []

        def run(user, action):
            barrier.wait()
            try:
                performed.append(perform(article=article, action=action, by=user, message="Why.", seen=0))
            except WorkflowConflict as error:
                conflicts.append(error.step)

        actions = (WorkflowAction.READY, WorkflowAction.RETURNED)
        for thread in [start_thread(lambda u=u, a=a: run(u, a)) for u, a in zip(users, actions, strict=True)]:
            thread.join()
        self.assertEqual((len(performed), len(conflicts)), (1, 1))
        self.assertEqual(conflicts, performed)
        self.assertEqual(Article.objects.get().stage, performed[0].after)
        self.assertEqual(WorkflowStep.objects.count(), 1)
