"""The text of an issue is sanitised, however it is written."""

from django.test import TestCase

from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
from truthlytics.newsletters.models import Issue

HOSTILE = '<p onclick="x()">Dear <script>x</script><a href="javascript:x()">reader</a></p><iframe></iframe><h2>A</h2>'
CLEAN = '<p>Dear <a rel="noopener">reader</a></p><h2>A</h2>'


class IssueTextTests(TestCase):
    def test_every_way_to_write_it_sanitises_it(self):
        issue = make_issue(make_newsletter(), body=HOSTILE)
        texts = [Issue.objects.get().body]
        Issue.objects.update(body=HOSTILE)
        texts.append(Issue.objects.get().body)
        issue.body = HOSTILE
        Issue.objects.bulk_update([issue], ["body"])
        texts.append(Issue.objects.get().body)
        self.assertEqual(set(texts), {CLEAN})
