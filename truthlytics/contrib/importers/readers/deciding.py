"""Decide what becomes of each reader of a list. Reads the database and writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from subscriptions.display_names import NAME_LENGTH, clean_display_name
from subscriptions.models import AccountNote, Grant, User
from subscriptions.services.invitations import is_invited
from subscriptions.services.names import ProtectedNames
from truthlytics.contrib.importers.models import ImportedReader
from truthlytics.contrib.importers.readers.lists import KINDS, Problem, Report
from truthlytics.contrib.importers.readers.records import ListedReader
from truthlytics.contrib.importers.readers.rows import sending_problem, sentence
from truthlytics.newsletters.models import Address, DeletedAddress, Newsletter, SignUp
from truthlytics.newsletters.models.addresses import digests_of

Outcome = ImportedReader.Outcome
MAX_NOTE = AccountNote._meta.get_field("text").max_length or 2000

# Topics of which a word can give access without a contract.
ACCESS_TOPICS = {"access", "comp", "gift"}


@dataclass(frozen=True)
class ReaderOptions:
    """What an editor chose. Without a `newsletter`, no one is signed up; `origin` says where consent comes from.

    `level` is that of complimentary and paid access. `gives_paid` says whether those who have paid get access until the
    end of their period, and `free_until` when complimentary access ends for which the list has no end.
    """

    kind: str
    level: int
    free_until: datetime
    newsletter: Newsletter | None = None
    origin: str = ""
    gives_paid: bool = False


@dataclass
class Decision:
    """What becomes of a reader: of `user`, or of a new account without one. `grants` are ends with notes."""

    reader: ListedReader
    user: User | None
    address: Address | None
    name: str = ""
    note: str = ""
    signs_up: bool = False
    grants: list[tuple[datetime, str]] = field(default_factory=list)
    is_linked: bool = False

    @property
    def outcome(self) -> Outcome:
        if self.user is None:
            return Outcome.CREATED
        return Outcome.COMPLETED if self.name or self.note or self.signs_up or self.grants else Outcome.UNCHANGED


class Decider:
    """Decides about readers in batches. `deletions` are the addresses that want to be deleted, of the whole list."""

    def __init__(self, options: ReaderOptions, report: Report, now: datetime, deletions: set[str]) -> None:
        self.options, self.report, self.now, self.deletions = options, report, now, deletions
        self._names = ProtectedNames()
        # The row of each address, of the file that is read.
        self._rows: dict[str, int] = {}
        self._file = ""

    def accepts(self, reader: ListedReader) -> bool:
        """Return whether the row is one to decide about, and report why not. Called once for each row, in order."""
        if reader.file != self._file:
            self._file, self._rows = reader.file, {}
        first = self._rows.setdefault(reader.email, reader.row)
        if reader.delete or reader.email in self.deletions:
            if first == reader.row:
                self._report_deletion(reader)
            return False
        if problem := sending_problem(reader.email):
            self._complain("email", reader, problem)
            return False
        if first != reader.row and not reader.contracts and not reader.free_access:
            self._complain("twice", reader, f"It has the same address as row {first}.")
            return False
        return True

    def decide(self, batch: Sequence[ListedReader]) -> list[Decision]:
        """Return what becomes of these readers, each with another address. Accounts that stay as they are have none.

        The number of queries does not depend on the size of the batch.
        """
        known = _Known(batch, self.options, self.now)
        return [decision for reader in batch if (decision := self._decide(reader, known)) is not None]

    def _decide(self, reader: ListedReader, known: "_Known") -> Decision | None:
        user = known.users.get(reader.email)
        if user is None and reader.email in known.deleted:
            self._complain("deletion", reader, f"{reader.email} was deleted here at the reader’s request.")
            return None
        if user is not None and not user.is_active:
            self._complain("account", reader, f"The account of {reader.email} is closed.")
            return None
        if user is not None and user.verified_at is None and not is_invited(user):
            self._complain("account", reader, f"The owner of the account has not confirmed {reader.email}.")
            return None
        address = known.address_of(user, reader.email)
        decision = Decision(reader, user, address)
        if user is None or not user.display_name:
            decision.name = self._name(reader)
        note = note_of(reader, self.options.kind)
        if note and (user is None or note not in known.notes.get(user.pk, ())):
            decision.note = note
        decision.signs_up = self._signs_up(reader, address, known)
        decision.grants = [
            (until, text) for until, text in self._access(reader) if user is None or not known.covers(user, until)
        ]
        decision.is_linked = user is None and address is not None and address.user_id is None
        return decision

    def _name(self, reader: ListedReader) -> str:
        """Return the name for the account; "" without one, or if readers may not have it here."""
        if not reader.name:
            return ""
        shortened = reader.name[:NAME_LENGTH].strip()
        try:
            name = clean_display_name(shortened)
        except ValidationError:
            name = ""
        if not name or self._names.are_imitated_by(name):
            self._complain("name", reader, f"The name “{shortened}” is, or looks like, one that readers may not have.")
            return ""
        return name

    def _signs_up(self, reader: ListedReader, address: Address | None, known: "_Known") -> bool:
        if self.options.newsletter is None or not reader.wants_newsletter:
            return False
        if address is None:
            return True
        ended = known.sign_ups.get(address.pk, {})
        if self.options.newsletter.pk in ended and not ended[self.options.newsletter.pk]:
            return False
        if address.suppression or any(ended.values()):
            self._complain("left", reader, f"{reader.email} has left newsletters here, or they are turned off.")
            return False
        return True

    def _access(self, reader: ListedReader) -> list[tuple[datetime, str]]:
        """Return the ends of the access that the list gives, with notes for the account.

        None for a row with a word that no one knows. A column that the list does not have says nothing here.
        """
        unknown = [word for word in reader.unknown if not word.is_missing]
        if unknown:
            if reader.free_access or reader.contracts or any(word.topic in ACCESS_TOPICS for word in unknown):
                text = _("No access: %(reasons)s.") % {"reasons": "; ".join(map(sentence, unknown))}
                self._complain("value", reader, text)
            return []
        access = []
        if reader.free_access:
            note = _("Imported gift") if reader.free_access == "gift" else _("Imported complimentary access")
            access.append((reader.free_until or self.options.free_until, note))
        paid = [contract.paid_through for contract in reader.contracts if contract.paid_through is not None]
        if paid and self.options.gives_paid:
            access.append((max(paid), _("Paid in the old system until then")))
        return [(until, note) for until, note in access if until > self.now]

    def _report_deletion(self, reader: ListedReader) -> None:
        users = User.objects.alias(lower=Lower("email")).filter(lower=reader.email, deleted_at=None)
        if users.exists() or Address.objects.with_email(reader.email).exists():
            sentence = f"{reader.email} has asked to be deleted, and is here. Decide whether to delete what is here."
        else:
            sentence = "This reader has asked to be deleted, so there is no account."
        self._complain("deletion", reader, sentence)

    def _complain(self, code: str, reader: ListedReader, sentence: str) -> None:
        self.report(Problem(code, reader.file, reader.row, sentence))


class _Known:
    """What is here about the readers of a batch."""

    def __init__(self, batch: Sequence[ListedReader], options: ReaderOptions, now: datetime) -> None:
        emails = [reader.email for reader in batch]
        users = User.objects.alias(lower=Lower("email")).filter(lower__in=emails)
        self.users = {user.email.lower(): user for user in users}
        ids = [user.pk for user in self.users.values()]
        found = Address.objects.alias(lower=Lower("email")).filter(Q(lower__in=emails) | Q(user__in=ids))
        addresses = list(found.order_by("pk"))
        self._by_email = {address.email.lower(): address for address in addresses}
        self._by_user = {address.user_id: address for address in addresses if address.user_id is not None}
        # By address and newsletter, whether they have left it.
        self.sign_ups: dict[int, dict[int, bool]] = {}
        rows = SignUp.objects.filter(address__in=[address.pk for address in addresses])
        for address, newsletter, ended_at in rows.values_list("address", "newsletter", "ended_at"):
            self.sign_ups.setdefault(address, {})[newsletter] = ended_at is not None
        digests = {email: digests_of(email) for email in emails}
        candidates = [digest for each in digests.values() for digest in each]
        deleted = set(DeletedAddress.objects.filter(digest__in=candidates).values_list("digest", flat=True))
        self.deleted = {email for email, each in digests.items() if not deleted.isdisjoint(each)}
        self.notes: dict[int, set[str]] = {}
        for user_id, text in AccountNote.objects.filter(user__in=ids).values_list("user", "text"):
            self.notes.setdefault(user_id, set()).add(text)
        self._ends: dict[int, datetime] = {}
        grants = Grant.objects.running(now).filter(user__in=ids, level__gte=options.level)
        for user_id, ends_at in grants.order_by("ends_at").values_list("user", "ends_at"):
            self._ends[user_id] = ends_at

    def address_of(self, user: User | None, email: str) -> Address | None:
        """Return the address for newsletters of an account, or of a reader without one."""
        own = self._by_user.get(user.pk) if user is not None else None
        return own or self._by_email.get(email)

    def covers(self, user: User, until: datetime) -> bool:
        """Return whether the account has this access already."""
        ends_at = self._ends.get(user.pk)
        return ends_at is not None and ends_at >= until


def note_of(reader: ListedReader, kind: str) -> str:
    """Return the note for the account: labels, language and the note of the list; "" without any."""
    lines = []
    if reader.labels:
        lines.append(_("Labels: %(labels)s.") % {"labels": ", ".join(reader.labels)})
    if reader.language:
        lines.append(_("Language: %(language)s.") % {"language": reader.language})
    if reader.note:
        lines.append(reader.note)
    if not lines:
        return ""
    source = _("Imported from %(source)s.") % {"source": KINDS[kind] if kind in {"ghost", "substack"} else reader.file}
    return " ".join([source, *lines])[:MAX_NOTE]
