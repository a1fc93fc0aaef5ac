"""The workflow page, the editor's workflow panel, and assignments."""

from datetime import timedelta

from django.core import mail
from django.test import tag
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, WorkflowStep
from articles.services import publishing, revisions
from articles.services.workflow import assign, perform
from articles.workflow.stages import TRANSITIONS, Stage, WorkflowAction, allowed_actions
from tests.articles.admin.editor import form_data
from tests.articles.admin.workflow import PAGES, ROLES, WorkflowTestCase, article_url
from tests.articles.services.test_workflow import set_stage
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_member


class WorkflowPermissionTests(WorkflowTestCase):
    @takes_longer("Every role asks many addresses.")
    @tag("sqlite")  # permissions do not depend on the database
    def test_allowed_actions_by_role_and_stage(self):
        for role in ROLES:
            for stage in Stage:
                for action in TRANSITIONS:
                    article = set_stage(make_draft(authors=[self.byline]), stage)
                    status = self.take_step(role, action, article, message="Why.").status_code
                    with self.subTest(role=role, stage=stage, action=action):
                        if role == "Moderator" or (role == "Author" and stage == Stage.PUBLISHED):
                            self.assertIn(status, {403, 404})
                        elif role == "Author" and TRANSITIONS[action].for_editors:
                            self.assertEqual(status, 403)
                        else:
                            editor = role != "Author"
                            self.assertEqual(status, 302 if action in allowed_actions(stage, editor=editor) else 409)

    def test_drafts_of_others_are_not_found(self):
        other = make_draft()
        for name, methods in PAGES.items():
            for method in methods:
                status = getattr(self.log_in("Author"), method)(article_url(name, other)).status_code
                self.assertEqual(status, 404)
        self.assertEqual(self.take_step("Author", WorkflowAction.SENT, other).status_code, 404)

    @tag("sqlite")  # permissions do not depend on the database
    def test_access_by_role_and_method(self):
        expected = {"Author": (200, 422, 403), "Editor": (200, 422, 302), "Publisher": (200, 422, 302)}
        for role in ROLES:
            client = self.log_in(role)
            statuses = (
                client.get(article_url("work", self.draft)).status_code,
                client.post(article_url("work", self.draft)).status_code,
            )
            with self.subTest(role):
                statuses = (*statuses, self.assign(role).status_code)
                if role == "Moderator":
                    self.assertLessEqual(set(statuses), {403, 404})
                else:
                    self.assertEqual(statuses, expected[role])
                self.assertIn(client.get(article_url("assignment", self.draft)).status_code, {403, 404, 405})
        self.client.logout()
        self.assertEqual(self.client.get(article_url("work", self.draft)).status_code, 302)


class WorkflowPageTests(WorkflowTestCase):
    def test_steps_from_draft_to_published_with_messages(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.take_step("Author", WorkflowAction.SENT, message="The end?")
            self.take_step("Editor", WorkflowAction.RETURNED, message="Shorter.")
            self.take_step("Author", WorkflowAction.SENT)
            self.take_step("Editor", WorkflowAction.READY)
        page = self.log_in("Editor").get(article_url("work", self.draft))
        for text in ("Author One sent it to review", "The end?", "Shorter.", "Editor One marked it ready"):
            self.assertContains(page, text)
        self.assertEqual(len(mail.outbox), 2 + 1 + 2 + 1)  # a review notifies the editor and the publisher
        self.log_in("Editor").post(article_url("publish", self.draft), {"when": "now", "last": 0, "ai_uses": "none"})
        self.draft.refresh_from_db()
        self.assertEqual((self.draft.stage, self.draft.steps.count()), (Stage.PUBLISHED, 5))

    def test_sending_back_requires_a_message(self):
        self.take_step("Author", WorkflowAction.SENT)
        refused = self.take_step("Editor", WorkflowAction.RETURNED, message=" ")
        self.assertContains(refused, "Explain what needs to change.", status_code=422)
        too_long = self.take_step("Editor", WorkflowAction.READY, message="w" * 1001)
        self.assertContains(too_long, "w" * 1001, status_code=422)
        self.assertEqual(self.draft.steps.count(), 1)

    def test_conflicting_step_is_refused_and_keeps_the_message(self):
        self.take_step("Author", WorkflowAction.SENT)
        self.take_step("Editor", WorkflowAction.READY, seen=1)
        late = self.take_step("Publisher", WorkflowAction.RETURNED, message="I typed this.", seen=1)
        self.assertContains(late, "In the meantime: Editor One marked it ready.", status_code=409)
        self.assertContains(late, "I typed this.", status_code=409)
        self.assertContains(late, 'name="seen" value="2"', status_code=409)

    def test_double_click_takes_one_step(self):
        for status in (302, 409):
            self.assertEqual(self.take_step("Author", WorkflowAction.SENT, seen=0).status_code, status)
        self.assertEqual(WorkflowStep.objects.count(), 1)

    def test_invalid_input_is_refused(self):
        for data in (
            {"action": "published"},
            {"action": "assigned"},
            {"action": "\x00"},
            {"seen": "x"},
            {"seen": "9" * 40},
            {"seen": "-1"},
            {"action": ""},
        ):
            with self.subTest(data):
                status = self.take_step("Editor", **({"action": WorkflowAction.SENT} | data)).status_code
                self.assertIn(status, {409, 422})
        self.assertFalse(WorkflowStep.objects.exists())

    def test_author_withdraws_from_review(self):
        self.take_step("Author", WorkflowAction.SENT)
        page = self.log_in("Author").get(article_url("work", self.draft))
        self.assertContains(page, "Withdraw from review")
        self.assertNotContains(page, "Mark as ready")
        self.assertNotContains(page, "Assigned to</label>")
        self.take_step("Author", WorkflowAction.WITHDRAWN)
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.stage, Stage.DRAFT)

    def test_page_shows_the_checks(self):
        Article.objects.filter(pk=self.draft.pk).update(headline="TK")
        self.assertContains(self.log_in("Editor").get(article_url("work", self.draft)), "is still in the headline")


class AssignmentTests(WorkflowTestCase):
    def test_assigning_notifies_the_assignee(self):
        due = timezone.localdate() + timedelta(days=3)
        with self.captureOnCommitCallbacks(execute=True):
            self.assertEqual(
                self.assign("Editor", assignee=self.author.pk, due_on=due, note="By then.").status_code, 302
            )
        self.draft.refresh_from_db()
        self.assertEqual((self.draft.assignee, self.draft.due_on), (self.author, due))
        self.assertEqual([message.to for message in mail.outbox], [[self.author.email]])
        page = self.log_in("Author").get(article_url("change", self.draft))
        self.assertContains(page, "Assigned to <b>Author One</b>")

    def test_invalid_assignees_and_due_dates_are_refused(self):
        today = timezone.localdate()
        cases = [
            ("assignee", self.users["Moderator"].pk),
            ("assignee", make_member("Author").pk),
            ("assignee", "x\x00"),
            ("assignee", "9" * 30),
            ("due_on", today - timedelta(days=1)),
            ("due_on", "2026-13-45"),
            ("due_on", "9999-12-31"),
        ]
        for name, value in cases:
            with self.subTest(name, value=value):
                self.assertEqual(self.assign("Editor", **{name: value}).status_code, 422)
        self.assertFalse(WorkflowStep.objects.exists())

    def test_existing_due_date_in_the_past_may_stay(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        Article.objects.filter(pk=self.draft.pk).update(due_on=yesterday)
        self.assertEqual(self.assign("Editor", assignee=self.editor.pk, due_on=yesterday).status_code, 302)

    def test_conflicting_assignment_is_refused(self):
        self.assign("Editor", assignee=self.editor.pk)
        late = self.assign("Publisher", assignee=self.author.pk, seen=0)
        self.assertContains(late, "assigned it to Editor One", status_code=409)


class WorkflowPanelTests(WorkflowTestCase):
    def get_editor(self, role, article=None):
        return self.log_in(role).get(article_url("change", article or self.draft))

    def test_panel_shows_stage_and_next_step(self):
        self.assertContains(self.get_editor("Author"), "Send to review…")
        self.take_step("Author", WorkflowAction.SENT, message="The end?")
        page = self.get_editor("Author")
        for text in ("In review", "Withdraw from review…", "The end?", "the reviewer sees what changed"):
            self.assertContains(page, text)
        self.assertContains(self.get_editor("Editor"), "Review…")
        self.take_step("Editor", WorkflowAction.READY)
        self.assertContains(self.get_editor("Author"), "Workflow…")
        self.assertNotContains(self.get_editor("Author"), "Send to review…")

    def test_new_article_can_be_sent_to_review(self):
        page = self.log_in("Author").get(reverse("admin:articles_article_add"))
        self.assertContains(page, 'name="_work"')
        self.assertNotContains(self.log_in("Editor").get(reverse("admin:articles_article_add")), 'name="_work"')

    def test_workflow_button_saves_first(self):
        data = form_data(self.draft, headline="Unsaved", _work="1")
        response = self.log_in("Author").post(article_url("change", self.draft), data)
        self.assertRedirects(response, article_url("work", self.draft))
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.headline, "Unsaved")

    def test_panel_links_to_changes_since_submission(self):
        revisions.save_revision(item=self.draft, by=self.author)
        perform(article=self.draft, action=WorkflowAction.SENT, by=self.author)
        self.assertNotContains(self.get_editor("Editor"), "Edited since it was submitted")
        Article.objects.filter(pk=self.draft.pk).update(headline="Another")
        self.draft.refresh_from_db()
        revisions.save_revision(item=self.draft, by=self.author)
        assign(article=self.draft, by=self.editor, to=self.editor, due_on=None)
        page = self.get_editor("Editor")
        first = self.draft.revisions.get(number=1)
        self.assertContains(page, f"{article_url('history', self.draft)}?from=s{first.pk}")
        self.assertContains(
            self.log_in("Editor").get(f"{article_url('history', self.draft)}?from=s{first.pk}"), "Another"
        )

    def test_ready_draft_is_open_to_its_author_until_scheduled(self):
        set_stage(self.draft, Stage.READY)
        self.assertEqual(self.get_editor("Author").status_code, 200)
        publishing.publish(item=self.draft, at=timezone.now() + timedelta(days=1))
        self.assertEqual(self.get_editor("Author").status_code, 404)

    def test_only_editors_change_a_published_article(self):
        article = make_article(authors=[self.byline])
        self.assertEqual(self.take_step("Author", WorkflowAction.SENT, article).status_code, 404)
        self.assertEqual(self.take_step("Editor", WorkflowAction.SENT, article).status_code, 302)
        page = self.get_editor("Editor", article)
        self.assertContains(page, "badge--published")
        self.assertContains(page, "badge--review")
