"""Whatever one changes in one file of a site is noticed by the script, or is on the list of limits."""

import io
import json
import os
import random
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from articles.media.renditions import create_first_renditions
from tests.budget import takes_longer
from tests.factories import make_article, make_dossier, make_editor, make_image, make_page, make_version
from tests.record_key import use_key
from tests.transactions import TransactionTestCase
from tests.truthlytics.transparency import outsider
from tests.truthlytics.transparency.forgeries import fast_ed25519
from tests.truthlytics.transparency.limits import LIMITS, limit_of
from tests.truthlytics.transparency.mutations import of_site
from truthlytics.transparency.outside import rules, signatures, verify
from truthlytics.transparency.outside.site import Unreadable
from truthlytics.transparency.services.entries import append_due

# One of so many mutations is tried; `MUTATIONS=1` tries all of them.
EVERY = int(os.environ.get("MUTATIONS", "400"))
SITE = "http://testserver"
BODY = """<h2>One</h2><p>The <strong>harbour</strong> has 41 berths.<sup data-footnote="Port office, 3 May."></sup>
H<sub>2</sub>O</p><aside data-by="N. N.">Said &amp; done.</aside><blockquote><p>Enough of it.</p></blockquote>
<table><tbody><tr><th>Year</th><th>Sum</th></tr><tr><td>2025</td><td>1</td></tr></tbody></table>
<ul><li><p>Ships <a href="https://a.example/">wait</a></p></li></ul>"""


def snapshot():
    """Return all files that an outsider reads of a small site, by path."""
    editor = make_editor()
    image = make_image(alt="A ship", caption="The ship", credit="N. N.")
    create_first_renditions(image)
    make_article(headline="A ship", body=f'<p>It came.</p><figure data-image="{image.uuid}"></figure>')
    article = make_article(
        headline="The harbour", standfirst="It is full.", body=BODY, kind="report", ai_uses=["draft"],
        ai_draft="A model wrote it.", why_written="We were asked.",
    )  # fmt: skip
    make_version(
        article,
        body=BODY.replace("41", "42"),
        ai_uses=["draft"],
        kind="correction",
        note="It has 42 berths.",
        by=editor,
    )
    make_page(headline="About us", body="<p>We are here.</p>")
    make_dossier(article, summary="<p>It <em>began</em>.</p>")
    append_due(timezone.now())
    files = {}

    def read(url):
        path = urlsplit(url).path
        files[path] = outsider.read(url)
        return files[path]

    status, said = check(read, "--images")
    assert not status, said
    return files


def check(get, *arguments):
    said = io.StringIO()
    kept = Path(settings.RECORD_KEY_FILE).parent / "mutated.checkpoint"
    with redirect_stdout(said), redirect_stderr(said):
        status = verify.main([SITE, "--save", str(kept), *arguments], get)
    kept.unlink(missing_ok=True)
    return status, said.getvalue()


def reader(files, lie=None):
    """Return a function that reads the files of a site, one of them as a forger has changed it."""

    def read(url):
        path, host = urlsplit(url).path, urlsplit(url).netloc
        if host not in ("testserver", "localhost:8000"):
            raise Unreadable(f"{url}: no such host")
        data = lie.text if lie is not None and path == lie.path else files.get(path)
        if data is None:
            raise Unreadable(f"{url}: 404")
        return data

    return read


class MutationTests(TransactionTestCase):
    maxDiff = None

    def setUp(self):
        super().setUp()
        use_key(self)
        for module in (signatures, rules):
            self.enterContext(mock.patch.object(module, "ed25519_holds", fast_ed25519))
        self.files = snapshot()

    @takes_longer("Hundreds of forged sites are read.")
    def test_each_is_noticed_or_a_limit(self):
        self.assertEqual(check(reader(self.files), "--images")[0], 0)
        mutations = list(of_site(self.files))
        random.Random(1).shuffle(mutations)
        unnoticed = []
        for mutation in mutations[:: 1 if EVERY == 1 else EVERY]:
            if mutation.text != self.files[mutation.path] and limit_of(mutation) is None:
                status, _said = check(reader(self.files, mutation), "--images")
                # Without its log, nothing can be said of a site.
                if status != 1 and not (status == 2 and mutation.path.startswith(("/record/", "/.well-known/"))):
                    unnoticed.append((status, *mutation[:3], mutation.inside[-2:]))
        self.assertEqual(unnoticed, [])

    def test_the_limits_are_those_of_the_documentation(self):
        text = " ".join(Path(settings.BASE_DIR, "docs/record.md").read_text().split())
        for name, limit in LIMITS.items():
            self.assertIn(limit.sentence, text, name)


def dump(path):
    """Write the files of a site, to try mutations without a database."""
    import base64

    Path(path).write_text(json.dumps({k: base64.b64encode(v).decode() for k, v in snapshot().items()}))
