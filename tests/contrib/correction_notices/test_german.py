"""What readers are told of corrections, in a publication in German."""

from datetime import timedelta

from django.utils import timezone

from articles.models import SavedArticle
from articles.services.publishing import restore, withdraw
from subscriptions.models import EmailOptIn
from tests.factories import make_editor, make_version
from tests.truthlytics.test_german_reactions import TEXT, ReactionsTestCase
from truthlytics.contrib.correction_notices.services import send_due, token_of


class CorrectionNoticeTests(ReactionsTestCase):
    def test_pages_and_emails(self):
        reader, editor = self.log_in(), make_editor()
        since = timezone.now() - timedelta(days=1)
        SavedArticle.objects.create(user=reader, article=self.article, saved_at=since)
        EmailOptIn.objects.create(user=reader, kind="corrections", since=since)
        self.read("/account/corrections/")
        make_version(self.article, body=f"{TEXT}<p>50</p>", kind="correction", note="Es sind 50.", by=editor)
        withdraw(item=self.article, note="Die Quelle war falsch.")
        with self.captureOnCommitCallbacks(execute=True):
            send_due(timezone.now())
        self.check_emails(at_least=2)
        restore(item=self.article)
        link = f"/account/corrections/emails/{token_of(reader)}/"
        self.read("/account/", "/account/corrections/", "/corrections/", link)
        self.post(link)
