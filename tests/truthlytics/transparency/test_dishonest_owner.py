"""The owner has the database, the key and every file, and rewrites the past. Others find it with what they kept.

An outsider has one saved checkpoint and the script. A witness has the last state that it confirmed, and no human looks.
"""

from datetime import timedelta
from unittest import mock

from django.utils import timezone

from articles.integrity import chain_digest, digest_of
from articles.models import Article, Version
from articles.services import log_entries
from articles.services.log_entries import add_archive, add_due
from tests.articles.management.commands import run, tamper
from tests.factories import make_article, make_section, make_version
from tests.record_key import use_key
from tests.transactions import TransactionTestCase
from tests.truthlytics.transparency.cheating import rows
from tests.truthlytics.transparency.other_logs import body_of
from tests.truthlytics.transparency.outsider import check
from truthlytics.transparency.merkle import Frontier, leaf_hash
from truthlytics.transparency.models import Checkpoint, Cosignature, Log, LogEntry, Subtree, WitnessedLog
from truthlytics.transparency.services.checkpoints import obstacle
from truthlytics.transparency.services.entries import append_due
from truthlytics.transparency.tree import Tree

DAY = timedelta(days=1)
ADD_CHECKPOINT = "/record/witness/add-checkpoint"


class DishonestOwnerTests(TransactionTestCase):
    def setUp(self):
        self.folder = use_key(self)
        self.articles = [make_article(headline=f"Article {number}", at=timezone.now() - DAY) for number in range(5)]
        make_version(self.articles[0], section=make_section())
        add_due(timezone.now())
        log = Log.objects.current()
        self.witnessed = WitnessedLog.objects.create(
            name="This site", origin=log.origin, verifier_keys=log.keys.get().verifier_key
        )
        self.saved = self.save("saved")
        self.assertEqual(self.offer(0), 200)

    # --- The outsider and the witness ------------------------------------------------------------------------------
    def save(self, name):
        """Keep the checkpoint, as somebody did some time ago."""
        path = self.folder / f"{name}.checkpoint"
        path.write_bytes(self.client.get("/record/log/checkpoint").content)
        return path

    def outsider(self, *saved):
        """Return what the script says, with an export of today."""
        export = self.folder / "record.jsonl"
        run("export_record", str(export))
        since = [argument for path in saved for argument in ("--since", path)]
        return check(self.folder, "--export", export, "--pages", 0, *since)[1]

    def offer(self, old):
        """Offer the newest checkpoint to the witness, which knows `old` entries. Returns its status."""
        newest = Checkpoint.objects.order_by("-size").first()
        proof = Tree(newest.log).consistency_proof(old, newest.size) if 0 < old <= newest.size else []
        body = body_of(old, proof, newest.note)
        return self.client.post(ADD_CHECKPOINT, body, content_type="text/plain").status_code

    def assert_found(self, message):
        """Check that the outsider finds it, and that the witness refuses to confirm it and keeps the proof."""
        said = self.outsider(self.saved)
        self.assertIn("FAILED: ", said)
        self.assertIn(message, said)
        self.assertIn(self.offer(self.witnessed_size()), {400, 409, 422})
        self.assertEqual(self.witnessed_size(), 6)

    def witnessed_size(self):
        self.witnessed.refresh_from_db()
        return self.witnessed.size

    # --- What the owner does ---------------------------------------------------------------------------------------
    def rewrite_log(self):
        """Delete the log, and write and sign one that fits the database as it is now."""
        for model in (Cosignature, Checkpoint, Subtree, LogEntry):
            rows(model).all().delete()
        (self.folder / "key.checkpoint").unlink()
        Log.objects.update(size=0, subtree_hashes=[], archive_added_at=None)
        add_archive(timezone.now())
        append_due(timezone.now())

    def sign_again(self):
        """Compute all hashes of the tree anew, and sign it."""
        frontier = Frontier(0, [])
        for entry in LogEntry.objects.exclude(position=None).order_by("position"):
            hash_ = leaf_hash(entry.leaf.encode())
            frontier.add(hash_)
            rows(LogEntry).filter(pk=entry.pk).update(leaf_hash=hash_.hex())
        Log.objects.update(size=frontier.size, subtree_hashes=[hash_.hex() for hash_ in frontier.hashes])
        for model in (Cosignature, Checkpoint):
            rows(model).all().delete()
        (self.folder / "key.checkpoint").unlink(missing_ok=True)
        append_due(timezone.now())

    def forge(self, version):
        """Change the text of a version, and compute its digests and those of later ones anew."""
        version.content = version.content.replace("Article", "Lie")
        later = Version.objects.filter(article=version.article, number__gte=version.number).order_by("number")
        previous = Version.objects.filter(article=version.article, number=version.number - 1).first()
        digest = previous.digest if previous else ""
        for row in later:
            if row.pk == version.pk:
                row.content = version.content
                row.content_digest = digest_of(row.content)
            row.digest = digest = chain_digest(digest, version.article.uuid, row)
            tamper(row, content=row.content, content_digest=row.content_digest, digest=row.digest)

    # --- The tests -------------------------------------------------------------------------------------------------
    def test_an_honest_publication_passes(self):
        make_version(self.articles[1], section=make_section())
        make_article(headline="New")
        said = self.outsider(self.saved)
        self.assertIn("are still there, unchanged", said)
        self.assertIn("Added since then: 2.", said)
        self.assertEqual(self.offer(6), 200)
        self.assertEqual(self.witnessed_size(), 8)

    def test_a_changed_version_with_all_chains_computed_anew(self):
        self.forge(self.articles[0].versions.get(number=1))
        self.assertIn("is another one in the export than in the log", self.outsider(self.saved))
        self.rewrite_log()
        self.assert_found("The log was rewritten")

    def test_a_deleted_article(self):
        article = self.articles[2]
        Article.objects.filter(pk=article.pk).update(live=None)
        rows(Version).filter(article=article).delete()
        self.assertIn("is in the log, but not in the export", self.outsider(self.saved))
        self.rewrite_log()
        make_article()
        self.assert_found("The log was rewritten")

    def test_a_version_that_claims_to_be_old(self):
        forged = make_article(headline="We knew it")
        old = timezone.now().replace(microsecond=0) - 90 * DAY
        version = forged.versions.get()
        version.public_from = version.created_at = old
        tamper(version, public_from=old, created_at=old, digest=chain_digest("", forged.uuid, version))
        Article.objects.filter(pk=forged.pk).update(published_at=old)
        self.rewrite_log()
        self.assert_found("The log was rewritten")

    def test_a_version_that_is_dated_back_when_it_enters_the_log(self):
        with mock.patch.object(log_entries, "DATED_BACK", timedelta.max):
            make_article(headline="We knew it", at=timezone.now() - 90 * DAY)
        self.assertIn("It was dated back", self.outsider(self.saved))

    def test_another_order(self):
        first, second = LogEntry.objects.order_by("position")[:2]
        rows(LogEntry).filter(pk=first.pk).update(leaf=second.leaf)
        rows(LogEntry).filter(pk=second.pk).update(leaf=first.leaf)
        self.assertIn("The entries are not those that the publication signed", self.outsider(self.saved))
        self.sign_again()
        self.assert_found("The log was rewritten")

    def test_a_log_that_is_cut_and_continued_otherwise(self):
        article = self.articles[4]
        Article.objects.filter(pk=article.pk).update(live=None)
        rows(Version).filter(article=article).delete()
        rows(Article).filter(pk=article.pk).delete()
        self.rewrite_log()
        self.assert_found("The log has become shorter")
        make_article(headline="Instead")
        make_article(headline="And more")
        self.assert_found("The log was rewritten")

    def test_two_people_are_shown_different_logs(self):
        self.assertIn("are still there, unchanged", self.outsider(self.saved))
        self.forge(self.articles[3].versions.get())
        self.rewrite_log()
        friends = self.save("friends")
        self.assertIn("are still there, unchanged", self.outsider(friends))
        self.assertIn(f"are not those in {self.saved}", self.outsider(friends, self.saved))
        self.assertEqual(self.offer(self.witnessed_size()), 409)

    def test_a_restored_backup_that_goes_on(self):
        # What is in the backup of yesterday: all but the newest version.
        log, gone = Log.objects.current(), LogEntry.objects.get(position=5)
        backup = [Tree(log).hash_of(0, 4).hex(), Tree(log).hash_of(4, 5).hex()]
        Article.objects.filter(uuid=gone.uuid).update(live=Version.objects.get(number=1, article__uuid=gone.uuid))
        rows(Version).filter(article__uuid=gone.uuid, number=2).delete()
        rows(LogEntry).filter(position__gte=5).delete()
        rows(Checkpoint).all().delete()
        Log.objects.filter(pk=log.pk).update(size=5, subtree_hashes=backup)
        # The state beside the key shows it to the owner, and nothing is signed.
        self.assertIn("older than the last checkpoint", obstacle())
        make_article(headline="Goes on")
        self.assertFalse(Checkpoint.objects.exists())
        # A dishonest one deletes it.
        (self.folder / "key.checkpoint").unlink()
        make_article(headline="And on")
        self.assert_found("The log was rewritten")

    def test_an_honest_new_log_names_the_old_one(self):
        log = Log.objects.current()
        run("new_log", "--force")
        add_due(timezone.now())
        said = self.outsider(self.saved)
        self.assertNotIn("FAILED", said)
        self.assertIn(f"It was begun because {log.origin} could not be continued", said)
        self.assertIn("is of a former log", said)
