"""The work at the desk, on its page and in its hands: by role, stage and method; what was typed is kept."""

from datetime import timedelta

from django.core import mail
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, WorkflowStep
from articles.services import publishing, revisions
from articles.services.workflow import assign, move
from articles.workflow.stages import TRANSITIONS, Stage, WorkflowAction, allowed_actions
from tests.articles.desk import fields
from tests.articles.test_workflow import put_in
from tests.articles.working import PAGES, ROLES, WorkTestCase, address
from tests.factories import make_article, make_draft, make_member


class DoorTests(WorkTestCase):
    def test_who_may_take_which_step_from_where(self):
        for role in ROLES:
            for stage in Stage:
                for deed in TRANSITIONS:
                    article = put_in(make_draft(authors=[self.byline]), stage)
                    status = self.step(role, deed, article, words="Why.").status_code
                    with self.subTest(role=role, stage=stage, deed=deed):
                        if role == "Moderator" or (role == "Author" and stage == Stage.PUBLISHED):
                            self.assertIn(status, {403, 404})
                        elif role == "Author" and TRANSITIONS[deed].for_editors:
                            self.assertEqual(status, 403)
                        else:
                            editor = role != "Author"
                            self.assertEqual(status, 302 if deed in allowed_actions(stage, editor=editor) else 409)

    def test_foreign_drafts_are_not_there(self):
        foreign = make_draft()
        for name, methods in PAGES.items():
            for method in methods:
                status = getattr(self.as_("Author"), method)(address(name, foreign)).status_code
                self.assertEqual(status, 404)
        self.assertEqual(self.step("Author", WorkflowAction.SENT, foreign).status_code, 404)

    def test_each_address_by_role_and_method(self):
        expected = {"Author": (200, 422, 403), "Editor": (200, 422, 302), "Publisher": (200, 422, 302)}
        for role in ROLES:
            client = self.as_(role)
            got = (
                client.get(address("work", self.draft)).status_code,
                client.post(address("work", self.draft)).status_code,
            )
            with self.subTest(role):
                got = (*got, self.hand(role).status_code)
                if role == "Moderator":
                    self.assertLessEqual(set(got), {403, 404})
                else:
                    self.assertEqual(got, expected[role])
                self.assertIn(client.get(address("assignment", self.draft)).status_code, {403, 404, 405})
        self.client.logout()
        self.assertEqual(self.client.get(address("work", self.draft)).status_code, 302)


class PageTests(WorkTestCase):
    def test_from_draft_to_published_with_what_was_said(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.step("Author", WorkflowAction.SENT, words="The end?")
            self.step("Editor", WorkflowAction.RETURNED, words="Shorter.")
            self.step("Author", WorkflowAction.SENT)
            self.step("Editor", WorkflowAction.READY)
        page = self.as_("Editor").get(address("work", self.draft))
        for words in ("Author One</b> sent it to review", "The end?", "Shorter.", "Editor One</b> set it ready"):
            self.assertContains(page, words)
        self.assertEqual(len(mail.outbox), 2 + 1 + 2 + 1)  # Editor and Publisher are told of a review
        self.as_("Editor").post(address("publish", self.draft), {"when": "now", "last": 0})
        self.draft.refresh_from_db()
        self.assertEqual((self.draft.stage, self.draft.steps.count()), (Stage.PUBLISHED, 5))

    def test_sending_back_without_words_is_refused_and_keeps_nothing_from_being_typed(self):
        self.step("Author", WorkflowAction.SENT)
        refused = self.step("Editor", WorkflowAction.RETURNED, words=" ")
        self.assertContains(refused, "Say what is missing", status_code=422)
        long = self.step("Editor", WorkflowAction.READY, words="w" * 1001)
        self.assertContains(long, "w" * 1001, status_code=422)
        self.assertEqual(self.draft.steps.count(), 1)

    def test_of_two_who_looked_at_the_same_step_the_second_is_told_and_keeps_the_words(self):
        self.step("Author", WorkflowAction.SENT)
        self.step("Editor", WorkflowAction.READY, seen=1)
        late = self.step("Publisher", WorkflowAction.RETURNED, words="I typed this.", seen=1)
        self.assertContains(late, "Editor One set it ready in the meantime.", status_code=409)
        self.assertContains(late, "I typed this.", status_code=409)
        self.assertContains(late, 'name="seen" value="2"', status_code=409)

    def test_a_double_click_takes_one_step(self):
        for status in (302, 409):
            self.assertEqual(self.step("Author", WorkflowAction.SENT, seen=0).status_code, status)
        self.assertEqual(WorkflowStep.objects.count(), 1)

    def test_bad_input_is_refused_with_a_page(self):
        for data in (
            {"deed": "published"},
            {"deed": "assigned"},
            {"deed": "\x00"},
            {"seen": "x"},
            {"seen": "9" * 40},
            {"seen": "-1"},
            {"deed": ""},
        ):
            with self.subTest(data):
                status = self.step("Editor", **({"deed": WorkflowAction.SENT} | data)).status_code
                self.assertIn(status, {409, 422})
        self.assertFalse(WorkflowStep.objects.exists())

    def test_the_author_sees_what_an_editor_said_and_takes_it_back(self):
        self.step("Author", WorkflowAction.SENT)
        page = self.as_("Author").get(address("work", self.draft))
        self.assertContains(page, "Take back")
        self.assertNotContains(page, "Set ready")
        self.assertNotContains(page, "In whose hands")
        self.step("Author", WorkflowAction.WITHDRAWN)
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.stage, Stage.DRAFT)

    def test_the_checks_stand_beside_it(self):
        Article.objects.filter(pk=self.draft.pk).update(headline="TK")
        self.assertContains(self.as_("Editor").get(address("work", self.draft)), "is still in the headline")


class HandsTests(WorkTestCase):
    def test_laid_in_somebodys_hands_by_a_day(self):
        day = timezone.localdate() + timedelta(days=3)
        with self.captureOnCommitCallbacks(execute=True):
            self.assertEqual(self.hand("Editor", assignee=self.author.pk, due_on=day, note="By then.").status_code, 302)
        self.draft.refresh_from_db()
        self.assertEqual((self.draft.assignee, self.draft.due_on), (self.author, day))
        self.assertEqual([letter.to for letter in mail.outbox], [[self.author.email]])
        page = self.as_("Author").get(address("change", self.draft))
        self.assertContains(page, "Assigned to <b>Author One</b>")

    def test_who_cannot_open_it_and_days_that_passed_are_refused(self):
        today = timezone.localdate()
        cases = [
            ("assignee", self.people["Moderator"].pk), ("assignee", make_member("Author").pk), ("assignee", "x\x00"),
            ("assignee", "9" * 30), ("due_on", today - timedelta(days=1)), ("due_on", "2026-13-45"),
            ("due_on", "9999-12-31"),
        ]  # fmt: skip
        for name, value in cases:
            with self.subTest(name, value=value):
                self.assertEqual(self.hand("Editor", **{name: value}).status_code, 422)
        self.assertFalse(WorkflowStep.objects.exists())

    def test_a_day_that_has_passed_meanwhile_may_stay(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        Article.objects.filter(pk=self.draft.pk).update(due_on=yesterday)
        self.assertEqual(self.hand("Editor", assignee=self.editor.pk, due_on=yesterday).status_code, 302)

    def test_the_second_is_told_of_the_first(self):
        self.hand("Editor", assignee=self.editor.pk)
        late = self.hand("Publisher", assignee=self.author.pk, seen=0)
        self.assertContains(late, "laid it in Editor One’s hands", status_code=409)


class DeskTests(WorkTestCase):
    def desk(self, role, article=None):
        return self.as_(role).get(address("change", article or self.draft))

    def test_the_panel_says_how_far_it_is_and_what_one_can_do(self):
        self.assertContains(self.desk("Author"), "Send to review…")
        self.step("Author", WorkflowAction.SENT, words="The end?")
        page = self.desk("Author")
        for words in ("In review", "Take back…", "The end?", "the reviewer sees what changed"):
            self.assertContains(page, words)
        self.assertContains(self.desk("Editor"), "Answer the review…")
        self.step("Editor", WorkflowAction.READY)
        self.assertContains(self.desk("Author"), "Work…")
        self.assertNotContains(self.desk("Author"), "Send to review…")

    def test_a_new_article_can_be_sent_at_once(self):
        page = self.as_("Author").get(reverse("admin:articles_article_add"))
        self.assertContains(page, 'name="_work"')
        self.assertNotContains(self.as_("Editor").get(reverse("admin:articles_article_add")), 'name="_work"')

    def test_the_button_saves_first(self):
        data = fields(self.draft, headline="As typed", _work="1")
        answer = self.as_("Author").post(address("change", self.draft), data)
        self.assertRedirects(answer, address("work", self.draft))
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.headline, "As typed")

    def test_what_is_saved_after_it_was_sent_is_said_with_the_way_to_the_difference(self):
        revisions.record(written=self.draft, by=self.author)
        move(article=self.draft, deed=WorkflowAction.SENT, by=self.author)
        self.assertNotContains(self.desk("Editor"), "saved again since")
        Article.objects.filter(pk=self.draft.pk).update(headline="Another")
        self.draft.refresh_from_db()
        revisions.record(written=self.draft, by=self.author)
        assign(article=self.draft, by=self.editor, to=self.editor, due_on=None)
        page = self.desk("Editor")
        first = self.draft.saves.get(edition=1)
        self.assertContains(page, f"{address('history', self.draft)}?from=s{first.pk}")
        self.assertContains(self.as_("Editor").get(f"{address('history', self.draft)}?from=s{first.pk}"), "Another")

    def test_ready_is_still_the_authors_draft_until_it_is_public(self):
        put_in(self.draft, Stage.READY)
        self.assertEqual(self.desk("Author").status_code, 200)
        publishing.publish(article=self.draft, at=timezone.now() + timedelta(days=1))
        self.assertEqual(self.desk("Author").status_code, 404)

    def test_a_published_article_is_worked_on_by_editors_only(self):
        article = make_article(authors=[self.byline])
        self.assertEqual(self.step("Author", WorkflowAction.SENT, article).status_code, 404)
        self.assertEqual(self.step("Editor", WorkflowAction.SENT, article).status_code, 302)
        page = self.desk("Editor", article)
        self.assertContains(page, "badge--published")
        self.assertContains(page, "badge--review")
