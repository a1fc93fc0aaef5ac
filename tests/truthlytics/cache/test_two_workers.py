"""Two server processes on one machine: both show a change with the next request."""

from tests.budget import takes_longer
from tests.factories import make_article, make_comment, make_subscriber, make_version
from tests.truthlytics.server.served import ServedTestCase

CHANGES, READS = 50, 3


class TwoWorkersTests(ServedTestCase):
    servers = [{}, {}]

    @takes_longer("Many threads use the database at once.")
    def test_no_page_is_stale(self):
        """Neither for anonymous visitors (page cache) nor for subscribers (fragment cache)."""
        article = make_article(headline="Headline 0.")
        readers = ["", self.cookie_of(make_subscriber())]
        stale = reads = 0
        for number in range(1, CHANGES + 1):
            text = f"Headline {number}."
            if number % 5:
                make_version(article, headline=text)
            else:
                text = make_comment(article=article, text=f"Comment {number}.").text
            for _ in range(READS):
                for port in self.ports:
                    for cookie in readers:
                        reads += 1
                        page = self.read(port, article.get_absolute_url(), cookie)
                        stale += text not in page or bool(cookie) != (">Account</a>" in page.partition("<main")[0])
        self.assertEqual((reads, stale), (CHANGES * READS * 4, 0))
