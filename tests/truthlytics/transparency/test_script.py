"""The script for outsiders: as a file, with witnesses, watching, with images, and on sites that make no sense."""

import ast
import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.core.cache import cache
from django.db import models
from django.test import SimpleTestCase, TestCase, tag
from django.utils import timezone

from articles.integrity import digest_of, has_same_text
from articles.media.renditions import create_first_renditions
from articles.models import Rendition, Version
from articles.services.publishing import publish
from articles.services.redaction import redact
from tests.articles.views.log_case import cosign, log_versions
from tests.factories import image_file, make_article, make_editor, make_image, make_page, make_subscriber, make_version
from tests.record_key import use_key
from tests.truthlytics.transparency.cheating import rewrite
from tests.truthlytics.transparency.other_logs import OtherLog
from tests.truthlytics.transparency.outsider import check, read, script_in
from truthlytics.transparency import assembly
from truthlytics.transparency.models import Cosignature, Quorum
from truthlytics.transparency.notes import WITNESS_KEY
from truthlytics.transparency.outside import verify
from truthlytics.web.canonical_json import canonical

DAY = timedelta(days=1)


@tag("sqlite")
class AssemblyTests(SimpleTestCase):
    def test_every_name_is_defined_once(self):
        names = Counter()
        for node in ast.parse(assembly.script()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names[node.name] += 1
            elif isinstance(node, ast.Assign):
                names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_it_imports_the_standard_library_only_and_is_one_that_python_39_reads(self):
        tree = ast.parse(assembly.script(), feature_version=(3, 9))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
        self.assertEqual([name for name in modules if name.split(".")[0] not in sys.stdlib_module_names], [])

    def test_alone_in_a_folder_it_says_how_it_is_used(self):
        folder = Path(self.enterContext(TemporaryDirectory()))
        command = [sys.executable, "-I", "-S", script_in(folder), "--help"]
        result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
        self.assertIn("Check the record of a publication from outside", result.stdout)


class ScriptCase(TestCase):
    def setUp(self):
        super().setUp()
        self.folder = use_key(self)

    def check(self, *arguments, get=read):
        cache.clear()
        return check(self.folder, *arguments, get=get)


class SiteTests(ScriptCase):
    def test_an_honest_site(self):
        article = make_article(headline="The “harbour” & more")
        make_version(article, body="<p>42 berths.</p>", kind="correction", note="One more é.", by=make_editor())
        log_versions(article)
        log_versions(make_page(), "page")
        status, said = self.check()
        self.assertEqual(status, 0, said)
        self.assertIn("The site lists 3 versions of 2 articles, pages and dossiers.", said)
        self.assertIn("2 pages show the newest version in the log, with the words that are in the record", said)

    def test_version_that_waits_for_its_place(self):
        log_versions(make_article())
        make_article()
        status, said = self.check("--pages", 0)
        self.assertEqual(status, 0, said)

    def test_sites_that_make_no_sense(self):
        log_versions(make_article())
        for text in (b"", b"{}", b"[]", b"null", b'{"log":{}}', b'{"log":{"earlier":[{}]}}', b"\xff", b'{"log":7}'):
            with self.subTest(text):

                def get(url, text=text):
                    return text if url.endswith("record.json") else read(url)

                status, said = self.check(get=get)
                self.assertIn(status, (1, 2))
                self.assertNotIn("Traceback", said)

    def test_address_of_nothing(self):
        log_versions(make_article())
        status, said = self.check("--article", "http://testserver/articles/nothing/")
        self.assertEqual(status, 1)
        self.assertIn("does not list", said)

    def test_evidence_of_another_article_is_refused(self):
        first, second = make_article(), make_article()
        for article in (first, second):
            log_versions(article)

        def get(url):
            return read(url.replace(first.get_absolute_url(), second.get_absolute_url()) if "evidence" in url else url)

        status, said = self.check("--article", f"http://testserver{first.get_absolute_url()}", get=get)
        self.assertEqual(status, 1)
        self.assertIn("and not its own", said)

    def test_older_version_in_place_of_the_newest_is_refused(self):
        article = make_article()
        make_version(article, headline="Later")
        log_versions(article)
        url = article.get_absolute_url()

        def get(address):
            return read(address.replace(f"{url}evidence", f"{url}versions/1/evidence"))

        said = self.check("--article", f"http://testserver{url}", get=get)[1]
        self.assertIn(f"The log has version 2 of article {article.uuid} ({url}). This is version 1.", said)
        status, said = self.check("--article", f"http://testserver{url}versions/1/")
        self.assertEqual(status, 0, said)


class GatedTextTests(ScriptCase):
    def setUp(self):
        super().setUp()
        link, note = '<a href="https://a.example/">berths</a>', '<sup data-footnote="Port."></sup>'
        body = f"<p>Free.</p><hr data-gate><p>41 wide {link}.{note}</p>"
        article = make_article(body=body, required_level=10)
        log_versions(article)
        self.url = article.get_absolute_url()
        self.client.force_login(make_subscriber())

    def saved(self, path, *, replaced=False):
        """Return the name of a file with what the subscriber gets at an address."""
        file = self.folder / (path.rstrip("/").rpartition("/")[2] + ".saved")
        text = self.client.get(path, headers={"host": "localhost"}).content.decode()
        file.write_text(text.replace("41 wide", "14 wide") if replaced else text)
        return file

    def article_says(self, *arguments):
        return self.check("--article", f"http://testserver{self.url}", *arguments)

    def test_page_that_a_subscriber_has_saved(self):
        evidence = self.saved(f"{self.url}evidence.json")
        self.assertIn(
            "The words of its free part on the page are those in the record. The rest is not free.",
            self.article_says()[1],
        )
        status, said = self.article_says("--page", self.saved(self.url), "--evidence", evidence)
        self.assertEqual(status, 0, said)
        self.assertIn("All words of its text on the page are those in the record.", said)
        status, said = self.article_says("--page", self.saved(self.url, replaced=True), "--evidence", evidence)
        self.assertEqual(status, 1)
        self.assertIn("The text on the page: “Free. 14 wide berths.", said)
        evidence = self.saved(f"{self.url}evidence.json", replaced=True)
        self.assertEqual(self.article_says("--page", self.saved(self.url, replaced=True), "--evidence", evidence)[0], 1)

    def test_a_page_needs_an_article(self):
        with self.assertRaises(SystemExit):
            self.check("--page", self.saved(self.url))


class WitnessTests(ScriptCase):
    def setUp(self):
        super().setUp()
        log_versions(make_article())
        self.witness = cosign("Hafenblatt").witness

    def test_policy(self):
        key = self.witness.verifier_key
        status, said = self.check("--witness", key)
        self.assertEqual(status, 0, said)
        self.assertIn("Hafenblatt has seen 1 of 1 entries", said)
        status, said = self.check("--witness", key, "--witness", _key_of_another())
        self.assertEqual(status, 1)
        self.assertIn("1 of 2 witnesses have signed the log, and 2 have to.", said)
        self.assertEqual(self.check("--witness", key, "--witness", _key_of_another(), "--witnesses-needed", 1)[0], 0)
        self.assertEqual(self.check("--witness", "no key")[0], 1)

    def test_policy_of_the_publication(self):
        Quorum.objects.create(needed=2)
        status, said = self.check()
        self.assertEqual(status, 1)
        self.assertIn("that 2 of its 1 witnesses have to sign.", said)
        self.assertIn("1 of 1 witnesses have signed the log, and 2 have to.", said)
        Quorum.objects.create(needed=1)
        self.assertEqual(self.check()[0], 0)

    def test_listed_witness_that_has_signed_nothing_is_named(self):
        models.QuerySet(Cosignature).delete()
        status, said = self.check()
        self.assertEqual(status, 0)
        self.assertIn("Hafenblatt is listed as a witness, but has signed nothing", said)

    def test_witness_that_stopped_signing_does_not_count(self):
        log_versions(make_article())
        key = self.witness.verifier_key
        self.assertEqual(self.check("--witness", key)[0], 0)
        later = (timezone.now() + 3 * DAY).timestamp()
        with mock.patch.object(verify.time, "time", return_value=later):
            status, said = self.check("--witness", key)
        self.assertEqual(status, 1)
        self.assertIn("has not signed since", said)

    def test_wrong_signature(self):
        row = Cosignature.objects.get()
        models.QuerySet(Cosignature).update(line=f"{row.line[:-4]}AAA=")
        self.assertIn("The signature of the witness Hafenblatt is wrong.", self.check()[1])


def _key_of_another():
    return str(OtherLog("else.example/witness").signer.verifier_key(WITNESS_KEY))


class KeptFileTests(ScriptCase):
    def test_what_was_kept_the_last_time_is_compared_and_not_replaced_when_the_log_was_rewritten(self):
        for _number in range(2):
            log_versions(make_article())
        self.assertEqual(self.check("--pages", 0)[0], 0)
        kept = (self.folder / "newest.checkpoint").read_text()
        log_versions(make_article())
        status, said = self.check("--pages", 0)
        self.assertEqual(status, 0, said)
        self.assertIn("All 2 entries that the log had when", said)
        (self.folder / "newest.checkpoint").write_text(kept)
        rewrite(1)
        status, said = self.check("--pages", 0)
        self.assertEqual(status, 1)
        self.assertIn("The log was rewritten: its first 2 entries are not those in", said)
        self.assertIn("newest.checkpoint was not replaced.", said)
        self.assertEqual((self.folder / "newest.checkpoint").read_text(), kept)


class WatchTests(ScriptCase):
    def watch(self):
        cache.clear()
        with mock.patch.object(verify, "watch", lambda options, get: _once(options, get)):
            return check(self.folder, "--watch", 1)

    def test_each_new_entry_is_said_until_something_is_wrong(self):
        first = make_article()
        log_versions(first)
        status, said = self.watch()
        self.assertEqual(status, 0)
        self.assertIn(f"Entry 0, dated {timezone.now().day} ", said)
        self.assertIn(f"version 1 of article {first.uuid} ({first.get_absolute_url()}) was published.", said)
        log_versions(make_article())
        said = self.watch()[1]
        self.assertIn("Entry 1", said)
        self.assertNotIn("Entry 0", said)
        version = first.versions.get()
        models.QuerySet(Version).filter(pk=version.pk).update(note="Else.", digest="0" * 64)
        status, said = self.watch()
        self.assertEqual(status, 1)
        self.assertIn("FAILED: Version 1 of article", said)

    def test_site_that_is_away_is_asked_again(self):
        log_versions(make_article())

        def away(url):
            raise verify.Unreadable("It is away.")

        with mock.patch.object(verify, "watch", lambda options, get: _once(options, away)):
            self.assertEqual(check(self.folder, "--watch", 1), (0, "It is away.\n"))


_WATCH = verify.watch


def _once(options, get):
    return _WATCH(options, get, rounds=1)


class ImageTests(ScriptCase):
    def setUp(self):
        super().setUp()
        self.image = make_image(alt="A ship", caption="The ship", credit="N. N.")
        create_first_renditions(self.image)
        self.article = make_article(body=f'<figure data-image="{self.image.uuid}"></figure><p>Text.</p>')
        log_versions(self.article)

    def article_says(self, get=read):
        return self.check("--article", f"http://testserver{self.article.get_absolute_url()}", get=get)

    def test_files_are_fetched_and_compared_with_the_record(self):
        status, said = self.article_says()
        self.assertEqual(status, 0, said)
        self.assertIn("in the record with the text", said)
        self.assertNotIn("made after the text was published", said)

    def test_swapped_file_is_noticed(self):
        status, said = self.article_says(lambda url: b"else" if "/media/" in url else read(url))
        self.assertEqual(status, 1)
        self.assertIn("is another file than its name says", said)

    def test_swapped_rendition_with_its_own_name_is_noticed(self):
        other = make_image(alt="A car", caption="The car", credit="N. N.", file=image_file(color="red"))
        create_first_renditions(other)
        mine, theirs = (list(image.renditions.values_list("sha256", flat=True)) for image in (self.image, other))

        def get(url):
            data = read(url)
            for ours, swapped in zip(mine, theirs, strict=False):
                data = data.replace(ours.encode(), swapped.encode()) if url.endswith("/") else data
            return data

        status, said = self.article_says(get)
        self.assertEqual(status, 1)
        self.assertIn("The image “A ship” is none of the files in the record.", said)
        self.assertTrue(Rendition.objects.exists())


class SaltTests(ScriptCase):
    def test_digest_confirms_no_guess_at_a_removed_word(self):
        article = make_article(body="<p>The fine was 7 million.</p>")
        removed = article.versions.get()
        content = removed.content
        make_version(article, body="<p>The fine was a secret.</p>")
        log_versions(article)
        redact(item=article, version=removed, reason="A court said so.", by=make_editor())
        removed.refresh_from_db()
        self.assertIsNone(removed.content)
        newest = article.versions.get(number=2)
        guess = newest.content.replace("a secret", "7 million")
        self.assertNotEqual(digest_of(guess), removed.content_digest, "the right guess, with the salt of version 2")
        self.assertTrue(has_same_text(guess, content))
        self.assertEqual(digest_of(content), removed.content_digest)

    def test_every_version_has_a_salt_of_its_own(self):
        article, page = make_article(), make_page()
        make_version(article, headline="Later")
        publish(item=page)
        contents = [version.content for item in (article, page) for version in item.versions.all()]
        salts = {json.loads(content)["salt"] for content in contents}
        self.assertEqual(len(salts), len(contents))

    def test_same_text_is_found_though_the_digests_differ(self):
        self.assertTrue(has_same_text(canonical({"a": 1, "salt": "x"}), {"a": 1}))
        self.assertFalse(has_same_text(canonical({"a": 1}), {"a": 2}))
        self.assertFalse(has_same_text(None, None))
