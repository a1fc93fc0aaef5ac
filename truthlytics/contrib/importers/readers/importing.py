"""Plan or do the import of lists of readers, in batches of one transaction each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from subscriptions.models import AccountNote, Grant, User
from truthlytics.contrib.importers.models import ImportedReader, ImportRun
from truthlytics.contrib.importers.readers.deciding import Decider, Decision, Outcome, ReaderOptions
from truthlytics.contrib.importers.readers.lists import Lists, Report
from truthlytics.contrib.importers.readers.occurring import Occurrences
from truthlytics.contrib.importers.readers.records import ListedReader
from truthlytics.newsletters.models import Address, SignUp
from truthlytics.web.lookalikes import skeleton

BATCH_SIZE = 500
# A reader who signs up at the same moment makes a batch fail once.
ATTEMPTS = 3
# Who wrote the notes.
BY = "Import"

# Called with the rows so far and of how many.
ShowProgress = Callable[[int, int], None]


def plan_readers(
    lists: Lists, options: ReaderOptions, report: Report, progress: ShowProgress, occurring: Occurrences
) -> Iterator[tuple[Outcome, Decision]]:
    """Yield what an import would do with each reader, and count the words of the list. Writes nothing.

    Raises OSError and UnreadableFile.
    """
    created = set[str]()
    for decisions in _decided(lists, options, report, progress, lambda batch: batch, occurring=occurring):
        for decision in decisions:
            outcome = Outcome.COMPLETED if decision.reader.email in created else decision.outcome
            if outcome == Outcome.CREATED:
                created.add(decision.reader.email)
            yield outcome, decision


def import_readers(
    run: ImportRun, lists: Lists, options: ReaderOptions, report: Report, progress: ShowProgress
) -> Counter[str]:
    """Import the readers that `run` has not imported yet, without any email. Returns what the whole run did.

    Safe to call again after an interruption. Raises OSError and UnreadableFile.
    """

    def unknown(batch: list[ListedReader]) -> list[ListedReader]:
        rows = ImportedReader.objects.filter(run=run, row__in=[reader.row for reader in batch])
        known = set(rows.values_list("file", "row"))
        return [reader for reader in batch if (reader.file[:255], reader.row) not in known]

    for decisions in _decided(lists, options, report, progress, unknown, run=run):
        del decisions
    return counts_of(run)


def _decided(
    lists: Lists,
    options: ReaderOptions,
    report: Report,
    progress: ShowProgress,
    unknown: Callable[[list[ListedReader]], list[ListedReader]],
    run: ImportRun | None = None,
    occurring: Occurrences | None = None,
) -> Iterator[list[Decision]]:
    """Yield what becomes of the readers, batch by batch; with a `run`, write it first."""
    total, deletions = 0, set()
    for reader in lists.read(lambda problem: None):
        total += 1
        if occurring is not None:
            occurring.add(reader)
        if reader.delete:
            deletions.add(reader.email)
    decider = Decider(options, report, timezone.now(), deletions)
    done = 0
    for batch in _batches(lists.read(report)):
        accepted = unknown([reader for reader in batch if decider.accepts(reader)])
        if accepted:
            yield _written(run, decider, accepted) if run is not None else decider.decide(accepted)
        done += len(batch)
        progress(done, total)


def _batches(readers: Iterable[ListedReader]) -> Iterator[list[ListedReader]]:
    """Yield batches in which no address occurs twice."""
    batch: list[ListedReader] = []
    emails: set[str] = set()
    for reader in readers:
        if len(batch) == BATCH_SIZE or reader.email in emails:
            yield batch
            batch, emails = [], set()
        batch.append(reader)
        emails.add(reader.email)
    if batch:
        yield batch


# --- Writing --------------------------------------------------------------------------------------------------------
def _written(run: ImportRun, decider: Decider, readers: list[ListedReader]) -> list[Decision]:
    """Decide about a batch and store it, again if a reader has signed up meanwhile."""
    for left in reversed(range(ATTEMPTS)):
        try:
            with transaction.atomic():
                decisions = decider.decide(readers)
                _write(run, decisions, decider.options, decider.now)
                break
        except IntegrityError:
            if not left:
                raise
    return decisions


def _write(run: ImportRun, decisions: list[Decision], options: ReaderOptions, now: datetime) -> None:
    """Store the decisions of a batch: a few statements for all of them, and none that sends an email."""
    rows = [ImportedReader(run=run, file=d.reader.file[:255], row=d.reader.row, outcome=d.outcome) for d in decisions]
    new = [(d, row) for d, row in zip(decisions, rows, strict=True) if d.user is None]
    accounts = User.objects.bulk_create(_account(d, now) for d, _row in new)
    # With it, the first code that the reader enters also confirms the address.
    EmailAddress.objects.bulk_create(EmailAddress(user=user, email=user.email, primary=True) for user in accounts)
    for (decision, row), user in zip(new, accounts, strict=True):
        decision.user = user
        row.made["account"] = user.pk
    pairs = [(d, row, d.user) for d, row in zip(decisions, rows, strict=True) if d.user is not None]
    for decision, row, user in pairs:
        row.user = user
        if decision.name and "account" not in row.made:
            user.display_name = decision.name
            user.save(update_fields=["display_name"])
            row.made["named"] = decision.name
    _write_notes([(d, row, user) for d, row, user in pairs if d.note])
    _write_grants([(d, row, user) for d, row, user in pairs if d.grants], options, now)
    _write_sign_ups(pairs, options, now)
    ImportedReader.objects.bulk_create(rows)


def _account(decision: Decision, now: datetime) -> User:
    """Return an account that its owner opens with a code sent to the address."""
    return User(
        email=decision.reader.email,
        display_name=decision.name,
        name_key=skeleton(decision.name)[: User._meta.get_field("name_key").max_length],
        password=make_password(None),
        member_since=min(decision.reader.joined_at or now, now),
    )


_Pairs = list[tuple[Decision, ImportedReader, User]]


def _write_notes(pairs: _Pairs) -> None:
    notes = AccountNote.objects.bulk_create(AccountNote(user=user, text=d.note, by=BY) for d, _row, user in pairs)
    for (_decision, row, _user), note in zip(pairs, notes, strict=True):
        row.made["note"] = note.pk


def _write_grants(pairs: _Pairs, options: ReaderOptions, now: datetime) -> None:
    given = [(row, user, until, note) for d, row, user in pairs for until, note in d.grants]
    grants = Grant.objects.bulk_create(
        Grant(user=user, level=options.level, starts_at=now, ends_at=until, source=Grant.Source.COMP, note=note)
        for _row, user, until, note in given
    )
    for (row, *_rest), grant in zip(given, grants, strict=True):
        row.made.setdefault("grants", []).append(grant.pk)


def _write_sign_ups(pairs: _Pairs, options: ReaderOptions, now: datetime) -> None:
    """Sign up those who want the newsletter, and give accounts the newsletters of their addresses.

    A new account has the address from the beginning, so that readers who pay get the paid part of an issue. That is
    safe: the account has no password, and only its address can open it.
    """
    linked = []
    for decision, row, user in pairs:
        if decision.address is not None and decision.is_linked:
            decision.address.user = user
            row.made["linked"] = decision.address.pk
            linked.append(decision.address)
    Address.objects.bulk_update(linked, ["user"])
    if options.newsletter is None:
        return
    signed = [(d, row, user) for d, row, user in pairs if d.signs_up]
    missing = [(d, row, user) for d, row, user in signed if d.address is None]
    addresses = Address.objects.bulk_create(
        Address(email=d.reader.email, user=user, created_at=now) for d, _row, user in missing
    )
    for (decision, row, _user), address in zip(missing, addresses, strict=True):
        decision.address = address
        row.made["address"] = address.pk
    sign_ups = []
    for decision, _row, _user in signed:
        since = min(decision.reader.wanted_since or decision.reader.joined_at or now, now)
        sign_ups.append(
            SignUp(
                address=decision.address, newsletter=options.newsletter, source=SignUp.Source.IMPORT,
                origin=options.origin, asked_at=since, confirmed_at=since,
            )
        )  # fmt: skip
    for (_decision, row, _user), sign_up in zip(signed, SignUp.objects.bulk_create(sign_ups), strict=True):
        row.made["sign_up"] = sign_up.pk


# --- Counting -------------------------------------------------------------------------------------------------------
def counts_of(run: ImportRun) -> Counter[str]:
    """Return what `run` has done so far, by what happened."""
    counts: Counter[str] = Counter()
    rows = ImportedReader.objects.filter(run=run).values_list("outcome", "made")
    for outcome, made in rows.iterator(chunk_size=5000):
        counts[outcome] += 1
        for name, key in (("sign_ups", "sign_up"), ("notes", "note"), ("access", "grants")):
            counts[name] += key in made
    return counts
