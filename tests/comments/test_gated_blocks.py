"""What a comment quotes of a gated text is nowhere for visitors: on no page, in no feed, file or email."""

from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import Follow
from comments.services.notification_emails import send_due
from comments.services.notifications import create_notifications
from subscriptions.services.access import access_for
from tests.budget import takes_longer
from tests.comments.notifying import MINUTE
from tests.comments.quoting import QuoteTestCase
from tests.factories import make_article, make_commenter, make_subscriber, make_topic
from truthlytics.web.text import split_words

BLOCKS = (
    "<p>wordone in a paragraph</p>",
    "<h2>wordtwo as a heading</h2>",
    "<ul><li>wordthree in a list</li></ul>",
    "<blockquote><p>wordfour that was said</p></blockquote>",
    "<pre><code>wordfive = 5</code></pre>",
    '<aside class="pullquote" data-by="N. N.">wordsix pulled out</aside>',
    '<aside class="callout"><p>wordseven in a box</p></aside>',
    "<p><s>wordeight struck</s> through</p>",
    "<table><tbody><tr><td>wordnine in a cell</td></tr></tbody></table>",
    "<p>a <strong>wordten</strong> in bold</p>",
)
WORDS = split_words("wordone wordtwo wordthree wordfour wordfive wordsix wordseven wordeight wordnine wordten")


class GatedBlocksTests(QuoteTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.article = make_article(
            slug="blocks",
            required_level=10,
            topics=[make_topic(slug="rivers")],
            body=f"<p>Free.</p><hr data-gate>{''.join(BLOCKS)}<p>The end.</p>",
        )
        cls.url = reverse("comments:write", args=["blocks"])

    @takes_longer("Every kind of block, and every page and feed for two readers.")
    def test_on_no_page_and_in_no_feed_or_file(self):
        quoted = [self.quote(word) for word in WORDS]
        self.assertEqual({comment.quote_is_gated for comment in quoted}, {True})
        self.assertContains(self.client.get("/articles/blocks/"), "wordone")
        last = quoted[-1].pk
        section = self.article.section.slug
        one = "/articles/blocks/"
        self.client.force_login(make_commenter(level=1))
        paths = [one, f"{one}comments/", f"{one}history/", f"{one}versions/1/", f"{one}verify/", f"{one}evidence.json"]
        paths += [f"/comments/{last}/", f"{one}report-error/", f"{one}?sort=newest"]
        paths += ["/", "/latest/", "/archive/", f"/sections/{section}/", "/topics/rivers/", "/corrections/"]
        for file in ("rss.xml", "atom.xml", "feed.json"):
            paths += [f"{place}feeds/{file}" for place in ("/", f"/sections/{section}/", "/topics/rivers/")]
        paths += ["/sitemap.xml", "/.well-known/record.json", "/search/?q=wordone", f"/comments/{last}/report/"]
        for client, asked in ((Client(), paths), (self.client, paths[:7])):
            for path in asked:
                with self.subTest(path, paths=len(asked)):
                    page = client.get(path, follow=True)
                    self.assertEqual(page.status_code, 200)
                    words = b"".join(page) if page.streaming else page.content
                    words = words.replace(b"wordone", b"") if path.startswith("/search/") else words
                    self.assertEqual([word for word in WORDS if word.encode() in words], [])

    def test_in_no_email_to_readers_without_access(self):
        former = make_subscriber()
        Follow.objects.create(user=former, article=self.article)
        create_notifications(self.quote("wordone"))
        former.grants.all().delete()
        with self.captureOnCommitCallbacks(execute=True):
            send_due(timezone.now() + MINUTE, access_for=access_for)
        texts = "".join(str(email.message()) for email in mail.outbox)
        self.assertEqual([word for word in WORDS if word in texts], [])
