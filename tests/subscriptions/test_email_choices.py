"""Which emails are sent, and which can be turned off."""

from django.core import mail
from django.test import TestCase

from articles.services.workflow import perform
from articles.workflow.stages import WorkflowAction
from comments.models import Notification
from subscriptions.models import EMAIL_GROUPS, EmailKind, EmailOptOut
from tests.factories import make_draft, make_editor, make_user

PAGE = "/account/emails/"
COMMENTS = ["reply", "mention", "followed"]


class EmailChoiceTests(TestCase):
    def test_readers_turn_off_emails_about_comments_only(self):
        self.client.force_login(make_user())
        page = self.client.get(PAGE)
        self.assertContains(page, "why a moderator removed one of your comments")
        self.assertContains(page, "checked", 3)
        self.assertNotContains(page, 'name="newsroom"')
        self.client.post(PAGE, {"comments": ["reply", "followed"], "newsroom": []})
        self.assertEqual(EmailOptOut.objects.get().kind, "mention")
        self.assertContains(self.client.get(PAGE), "checked", 2)

    def test_staff_turn_emails_off_and_on_again(self):
        editor = make_editor()
        self.client.force_login(editor)
        self.assertContains(self.client.get(PAGE), 'name="newsroom"')
        self.client.post(PAGE, {"comments": COMMENTS, "newsroom": ["remarks"]})
        self.assertEqual(EmailOptOut.objects.get().kind, "workflow")
        self.client.post(PAGE, {"comments": COMMENTS, "newsroom": ["workflow", "remarks"]})
        self.assertFalse(EmailOptOut.objects.exists())
        for bad in ("everything", "reply\0", "workflow"):
            self.assertEqual(self.client.post(PAGE, {"comments": [bad]}).status_code, 422)

    def test_the_kinds_about_comments_are_those_of_notifications(self):
        about_comments = EMAIL_GROUPS["comments"].kinds
        self.assertEqual([kind.value for kind in about_comments], Notification.Kind.values)
        self.assertEqual([kind.label for kind in about_comments], Notification.Kind.labels)

    def test_every_kind_is_in_one_group(self):
        kinds = [kind for group in EMAIL_GROUPS.values() for kind in group.kinds]
        self.assertEqual(kinds, list(EmailKind), "Add it to EMAIL_GROUPS in subscriptions.models.email_choices.")

    def test_workflow_emails_are_not_sent_to_those_who_turned_them_off(self):
        wanting, refusing = make_editor(display_name="Ada"), make_editor(display_name="Bea")
        EmailOptOut.objects.create(user=refusing, kind="workflow")
        with self.captureOnCommitCallbacks(execute=True):
            perform(article=make_draft(), action=WorkflowAction.SENT, by=make_user())
        self.assertEqual([email.to for email in mail.outbox], [[wanting.email]])
