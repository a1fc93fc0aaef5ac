"""The attacks of an owner who has the database, the key and every file, on a site with articles of its own."""

from contextlib import redirect_stderr
from datetime import timedelta
from io import StringIO
from typing import NamedTuple

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.utils import timezone

from articles.integrity import chain_digest, correction_digest, digest_of
from articles.media.renditions import create_first_renditions
from articles.models import Article, Correction, Image, Rendition, Version
from articles.services.denormalise import rederive
from articles.services.log_entries import add_archive
from articles.services.redaction import redact
from tests.articles.management.commands import run
from tests.factories import image_file, make_article, make_editor, make_image, make_page, make_version
from tests.truthlytics.transparency import outsider, second_verifier
from tests.truthlytics.transparency.cheating import rows
from truthlytics.transparency.keys import key_file, new_key, write_key
from truthlytics.transparency.merkle import Frontier, leaf_hash
from truthlytics.transparency.models import Checkpoint, Cosignature, Log, LogEntry, LogKey, Subtree
from truthlytics.transparency.notes import Signer
from truthlytics.transparency.outside.signatures import saved_line
from truthlytics.transparency.outside.site import Unreadable
from truthlytics.transparency.services.entries import append_due
from truthlytics.transparency.services.rotation import rotate
from truthlytics.web.canonical_json import canonical, format_time

SITE = "http://testserver"
(CONSTRAINT,) = (row for row in LogEntry._meta.constraints if row.name == "one_entry_per_version")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BODY = '<p>The harbour has 41 berths.<sup data-footnote="Port office."></sup></p>'


# --- The site -------------------------------------------------------------------------------------------------------
def make_site():
    """Publish some articles, a correction and a page, and sign the log. Returns the articles by name."""
    editor = make_editor()
    corrected = make_article(headline="The harbour", body=BODY)
    make_version(corrected, body=BODY.replace("41", "42"), kind="correction", note="It has 42 berths.", by=editor)
    articles = {"corrected": corrected, "plain": make_article(headline="A law", body="<p>It passed.</p>")}
    articles["imported"] = make_article(headline="From the archive", at=timezone.now() - 90 * DAY)
    image = make_image(alt="A ship", caption="The ship", credit="N. N.")
    create_first_renditions(image)
    figure = f'<figure data-image="{image.uuid}"></figure>'
    articles["pictured"] = make_article(headline="A ship", body=f"<p>It came.</p>{figure}")
    make_page(headline="About us")
    append_due(timezone.now())
    return articles


def save():
    """Return the checkpoint as the script keeps it."""
    return outsider.read("/record/log/checkpoint").decode() + saved_line(int(timezone.now().timestamp()))


# --- What the owner can do ------------------------------------------------------------------------------------------
def change(version, **columns):
    """Change a version, and compute its digests and those of later ones anew, with the pages of all."""
    rows(Version).filter(pk=version.pk).update(**columns)
    previous = ""
    for row in Version.objects.filter(article=version.article).order_by("number"):
        if (correction := Correction.objects.filter(version=row).first()) is not None:
            digest = correction_digest(version.article.uuid, row.number, correction)
            rows(Correction).filter(pk=correction.pk).update(digest=digest)
            row.correction.digest = digest
        if row.content is not None:
            row.content_digest = digest_of(row.content)
        row.digest = previous = chain_digest(previous, version.article.uuid, row)
        rows(Version).filter(pk=row.pk).update(content_digest=row.content_digest, digest=row.digest)
        rederive(row.pk)
    version.refresh_from_db()


def enter(version, *, kind="version", number=None, time=None, imported=False, digest=""):
    """Add an entry about a version to the log, whatever the constraints of its table say."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {CONSTRAINT.name}")
    time = time or version.public_from
    data = {"kind": kind, "item": "article", "uuid": str(version.article.uuid), "time": format_time(time)}
    data |= {"number": number or version.number, "digest": digest or version.digest}
    data |= {"imported": True} if imported else {}
    log = Log.objects.current()
    # Of two entries about one event, only the microseconds differ.
    at = time.replace(microsecond=0) + timedelta(microseconds=LogEntry.objects.count())
    about = {"uuid": version.article.uuid, "item": "article", "number": data["number"]}
    rows(LogEntry).create(log=log, kind=kind, appears_at=at, leaf=canonical(data), **about)
    append_due(timezone.now() + HOUR)


def restore_constraint():
    """Put the constraint back that `enter` has removed, for other tests."""
    rows(LogEntry).all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {CONSTRAINT.name}")
    with connection.schema_editor() as editor:
        editor.execute(CONSTRAINT.create_sql(LogEntry, editor))


def sign_again():
    """Compute the tree over the entries anew, forget what was signed, and sign it."""
    frontier = Frontier(0, [])
    for position, entry in enumerate(LogEntry.objects.exclude(position=None).order_by("position")):
        hash_ = leaf_hash(entry.leaf.encode())
        frontier.add(hash_)
        rows(LogEntry).filter(pk=entry.pk).update(leaf_hash=hash_.hex(), position=position)
    Log.objects.update(size=frontier.size, subtree_hashes=[hash_.hex() for hash_ in frontier.hashes])
    forget()
    append_due(timezone.now())


def forget():
    for model in (Cosignature, Checkpoint):
        rows(model).all().delete()
    key_file().with_suffix(".checkpoint").unlink(missing_ok=True)


def rewrite_log():
    """Delete the log, and write and sign one that fits the database as it is now."""
    for model in (Cosignature, Checkpoint, Subtree, LogEntry):
        rows(model).all().delete()
    key_file().with_suffix(".checkpoint").unlink(missing_ok=True)
    Log.objects.update(size=0, subtree_hashes=[], archive_added_at=None)
    add_archive(timezone.now())
    append_due(timezone.now())


def rewrite_entries(article):
    """Let the entries about an article say what its versions are now."""
    for entry in LogEntry.objects.filter(uuid=article.uuid):
        version = article.versions.get(number=entry.number)
        digest = version.correction.digest if entry.kind == "correction" else version.digest
        data = entry.data | {"digest": digest, "time": format_time(version.public_from)}
        leaf = canonical(data)
        rows(LogEntry).filter(pk=entry.pk).update(leaf=leaf, appears_at=version.public_from)


def delete(article):
    Article.objects.filter(pk=article.pk).update(live=None)
    rows(Correction).filter(version__article=article).delete()
    rows(Version).filter(article=article).delete()
    rows(Article).filter(pk=article.pk).delete()


def say_otherwise(version, old, new):
    """Change the HTML that readers get, and nothing else."""
    for column in ("free_html", "free_notes"):
        html = getattr(version, column).replace(old, new)
        rows(Version).filter(pk=version.pk).update(**{column: html})


# --- The attacks ----------------------------------------------------------------------------------------------------
def second_version_entry(site):
    version = site["plain"].versions.get()
    change(version, content=version.content.replace("passed", "failed"))
    enter(version)


def second_entry_as_import(site):
    version = site["plain"].versions.get()
    change(version, content=version.content.replace("passed", "failed"))
    enter(version, imported=True)


def correction_removed(site):
    version = site["corrected"].versions.get(number=2)
    rows(Correction).filter(version=version).delete()
    change(version, note="")
    Version.objects.filter(pk=version.pk)
    rows(Version).filter(pk=version.pk).update(is_corrected=False)
    enter(version)


def article_deleted(site):
    version = site["plain"].versions.get()
    enter(version, kind="deletion", time=timezone.now())
    delete(site["plain"])


def article_replaced_as_import(site):
    version = site["plain"].versions.get()
    enter(version, kind="deletion", time=timezone.now())
    delete(site["plain"])
    make_article(headline="A law", body="<p>It failed.</p>", at=version.public_from - DAY)
    append_due(timezone.now())


def newest_version_deleted(site):
    article = site["corrected"]
    Article.objects.filter(pk=article.pk).update(live=article.versions.get(number=1))
    rows(Correction).filter(version__article=article).delete()
    rows(Version).filter(article=article, number=2).delete()


def article_deleted_in_silence(site):
    delete(site["plain"])


def _dated_back(by, *, imported, entered_now=False):
    time = timezone.now().replace(microsecond=0) - by
    with transaction.atomic():
        article = make_article(headline="We knew it")
        rows(LogEntry).filter(uuid=article.uuid).delete()
    version = article.versions.get()
    Article.objects.filter(pk=article.pk).update(published_at=time)
    change(version, public_from=time, created_at=time, changed_at=time)
    enter(version, time=timezone.now() if entered_now else time, imported=imported)


def dated_back_40_days(site):
    _dated_back(40 * DAY, imported=False, entered_now=True)


def dated_back_40_days_in_both(site):
    _dated_back(40 * DAY, imported=False)


def dated_back_as_import(site):
    _dated_back(40 * DAY, imported=True)


def dated_back_23_hours(site):
    _dated_back(23 * HOUR, imported=False)


def date_on_the_page(site):
    Article.objects.filter(pk=site["plain"].pk).update(published_at=timezone.now() - 40 * DAY)


def words_in_the_text(site):
    say_otherwise(site["plain"].versions.get(), "passed", "failed")


def words_in_a_footnote(site):
    version = site["corrected"].versions.get(number=2)
    say_otherwise(version, "Port office.</small>", "Nobody.</small>")


def words_in_a_citation(site):
    version = site["corrected"].versions.get(number=2)
    say_otherwise(version, '<sup class="cite"', '<sup class="cite"> which the mayor sold </sup><sup class="cite"')


def words_in_a_figure(site):
    version = site["plain"].versions.get()
    figure = "<figure class='figure'><figcaption>The president, drunk.</figcaption></figure></p>"
    say_otherwise(version, "</p>", figure)


def byline_changed(site):
    version = site["plain"].versions.get()
    head = version.head | {"bylines": [{"name": "Someone Else", "slug": "", "role": "", "portrait": ""}]}
    rows(Version).filter(pk=version.pk).update(head=head)


def note_changed(site):
    version = site["corrected"].versions.get(number=2)
    rows(Version).filter(pk=version.pk).update(note="It has 43 berths.")


def version_without_entry(site):
    make_version(site["plain"], headline="Not in the log")
    rows(LogEntry).filter(position=None).delete()
    rows(Version).filter(article=site["plain"]).update(
        public_from=timezone.now() - HOUR, created_at=timezone.now() - HOUR
    )


def entry_removed(site):
    rows(LogEntry).filter(position=1).delete()
    sign_again()


def log_shortened(site):
    last = LogEntry.objects.order_by("-position").first()
    rows(LogEntry).filter(pk=last.pk).delete()
    sign_again()


def another_order(site):
    first, second = LogEntry.objects.exclude(position=None).order_by("position")[:2]
    rows(LogEntry).filter(pk=first.pk).update(leaf=second.leaf)
    rows(LogEntry).filter(pk=second.pk).update(leaf=first.leaf)
    sign_again()


def all_written_anew(site):
    version = site["plain"].versions.get()
    change(version, content=version.content.replace("passed", "failed"))
    rewrite_log()


def entries_written_anew(site):
    version = site["plain"].versions.get()
    change(version, content=version.content.replace("passed", "failed"))
    rewrite_entries(site["plain"])
    sign_again()


def new_log_with_other_words(site):
    version = site["plain"].versions.get()
    change(version, content=version.content.replace("passed", "failed"))
    run("new_log", "--force")
    add_archive(timezone.now())
    append_due(timezone.now())


def removed_officially(site):
    version = site["corrected"].versions.get(number=1)
    redact(item=site["corrected"], version=version, reason="A court said so.", by=make_editor())
    append_due(timezone.now())


def removed_in_silence(site):
    version = site["corrected"].versions.get(number=1)
    redact(item=site["corrected"], version=version, reason="A court said so.", by=make_editor())
    rows(LogEntry).filter(kind="removal").delete()


def key_replaced(site):
    rotate(timezone.now())


def key_of_another(site):
    write_key(key_file(), (key := new_key()))
    text = str(Signer(Log.objects.current().origin, key).verifier_key())
    rows(LogKey).all().update(verifier_key=text)
    forget()
    append_due(timezone.now())


def image_file_replaced(site):
    """Put another picture into the place of every public size."""
    for rendition in Rendition.objects.filter(image__alt="A ship"):
        replace_file(rendition.file, "JPEG")


def original_replaced(site):
    replace_file(Image.objects.get(alt="A ship").file, "PNG")


def replace_file(file, kind):
    storage, name = file.storage, file.name
    storage.delete(name)
    storage.save(name, ContentFile(image_file(color="red", kind=kind).read()))


class Attack(NamedTuple):
    """`noticed` is "fails", or the words in which the script says aloud what an honest owner may do too.

    "nothing" is for what readers never get: only the owner's own tool can find it.

    `by_record` says whether `verify_record` finds it. It has no checkpoint of a stranger, and is the owner's own tool.
    `by_page` names the article whose page in the browser fails; "" if it is about none, "aloud" if it says so.
    """

    name: str
    play: object
    noticed: str = "fails"
    by_record: bool = True
    page: str = ""


ATTACKS = [
    Attack("text rewritten, a second entry appended", second_version_entry, page="plain"),
    Attack("the same, the second entry marked as imported", second_entry_as_import, page="plain"),
    Attack("correction removed, a second entry appended", correction_removed, page="corrected"),
    Attack("article deleted, with a deletion entry", article_deleted, page="corrected"),
    Attack("the same, and published again as an import", article_replaced_as_import, page="corrected"),
    Attack("newest version deleted", newest_version_deleted, page="corrected"),
    Attack("article deleted, log untouched", article_deleted_in_silence),
    Attack("dated back by 40 days, entry of today", dated_back_40_days),
    Attack("dated back by 40 days, entry too", dated_back_40_days_in_both, page="plain"),
    Attack("dated back by 40 days as an import", dated_back_as_import, "dated by the publication", by_record=False),
    Attack("dated back by 23 hours", dated_back_23_hours, page="plain"),
    Attack("only the date on the page changed", date_on_the_page, page="plain"),
    Attack("false words in the text of the page", words_in_the_text, page="plain"),
    Attack("false words in a note in the margin", words_in_a_footnote, page="corrected"),
    Attack("false words in a citation", words_in_a_citation, page="corrected"),
    Attack("false words in a figure", words_in_a_figure, page="plain"),
    Attack("another byline", byline_changed, page="plain"),
    Attack("image file replaced", image_file_replaced, page="pictured"),
    Attack("original of an image replaced", original_replaced, "nothing"),
    Attack("words of a correction changed", note_changed, page="corrected"),
    Attack("version without an entry", version_without_entry, page="plain"),
    Attack("entry removed, log signed anew", entry_removed),
    Attack("log shortened, signed anew", log_shortened),
    Attack("entries in another order, signed anew", another_order, page="saved"),
    Attack("text and entries rewritten, signed anew", entries_written_anew, by_record=False, page="saved"),
    Attack("text rewritten, whole log written anew", all_written_anew, by_record=False, page="saved"),
    Attack("text changed, a new log begun by command", new_log_with_other_words, page="plain"),
    Attack("text removed by the official command", removed_officially, "publication removed", by_record=False),
    Attack("text removed without an entry", removed_in_silence, page="corrected"),
    Attack("key replaced by command", key_replaced, "New keys of the publication", by_record=False),
    Attack("key replaced without being handed over", key_of_another, by_record=False, page="saved"),
]


# --- The checkers ---------------------------------------------------------------------------------------------------
def script_says(folder, saved):
    """Return whether the script fails, and what it says, to a stranger with one checkpoint."""
    cache.clear()
    path = folder / "stranger.checkpoint"
    path.write_text(saved)
    status, said = outsider.check(folder, "--since", path, "--images")
    return bool(status), said


def second_says(saved):
    def read(url):
        try:
            return outsider.read(url)
        except Unreadable as error:
            raise second_verifier.Wrong("unreadable") from error

    cache.clear()
    return second_verifier.check(read, SITE, [saved])


def record_says():
    """Return what `verify_record` finds, or ""."""
    try:
        with redirect_stderr(StringIO()):
            run("verify_record", "--served", "--files")
    except CommandError as error:
        return str(error)
    return ""
