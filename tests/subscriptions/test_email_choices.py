"""Which emails are sent, and which can be turned off."""

from django.core import mail
from django.test import TestCase

from articles.services.workflow import perform
from articles.workflow.stages import WorkflowAction
from subscriptions.models import EmailOptOut
from tests.factories import make_draft, make_editor, make_user

PAGE = "/account/emails/"


class EmailChoiceTests(TestCase):
    def test_readers_are_told_what_is_always_sent(self):
        self.client.force_login(make_user())
        page = self.client.get(PAGE)
        self.assertContains(page, "why a moderator removed one of your comments")
        self.assertNotContains(page, 'name="wanted"')
        self.client.post(PAGE, {})
        self.assertFalse(EmailOptOut.objects.exists())

    def test_staff_turn_emails_off_and_on_again(self):
        editor = make_editor()
        self.client.force_login(editor)
        self.assertContains(self.client.get(PAGE), "checked", 2)
        self.client.post(PAGE, {"wanted": ["remarks"]})
        self.assertEqual(EmailOptOut.objects.get().kind, "workflow")
        self.assertContains(self.client.get(PAGE), "checked", 1)
        self.client.post(PAGE, {"wanted": ["workflow", "remarks"]})
        self.assertFalse(EmailOptOut.objects.exists())
        self.assertEqual(self.client.post(PAGE, {"wanted": ["everything"]}).status_code, 422)

    def test_workflow_emails_are_not_sent_to_those_who_turned_them_off(self):
        wanting, refusing = make_editor(display_name="Ada"), make_editor(display_name="Bea")
        EmailOptOut.objects.create(user=refusing, kind="workflow")
        with self.captureOnCommitCallbacks(execute=True):
            perform(article=make_draft(), action=WorkflowAction.SENT, by=make_user())
        self.assertEqual([email.to for email in mail.outbox], [[wanting.email]])
