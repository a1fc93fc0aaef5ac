"""The tables of witnesses: the logs of others for which this site is a witness, and the witnesses of our own log."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.transparency.merkle import EMPTY_ROOT
from truthlytics.transparency.notes import Head, Note, VerifierKey
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet

# Between two attempts to reach a server. Doubled each time.
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=6)


class ListedQuerySet[Row: models.Model](models.QuerySet[Row]):
    def listed(self) -> Self:
        """Leave out what was removed from the list."""
        return self.filter(removed_at=None)


class Listed(models.Model):
    """Base of what the owner lists on the page of settings. Removed rows stay: what they have seen must be remembered.

    A witness that forgot the state of a log would sign another one.
    """

    name = models.CharField(_("name"), max_length=100)
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    objects = ListedQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def remove(self) -> None:
        self.removed_at = timezone.now()
        self.save(update_fields=["removed_at"])


class WitnessedLog(Listed):
    """A log of another site for which this site is a witness, and its newest state that this site has signed."""

    origin = models.CharField(_("origin"), max_length=200, unique=True)
    verifier_keys = models.TextField(_("verifier keys"), help_text=_("One per line."))
    size = models.PositiveBigIntegerField(default=0)
    root = models.CharField(max_length=64, default=EMPTY_ROOT.hex())
    # The note with the signature of the log, and when this site signed it.
    checkpoint = models.TextField(blank=True)
    cosigned_at = models.DateTimeField(null=True)

    @property
    def keys(self) -> list[VerifierKey]:
        return [VerifierKey.parse(line) for line in self.verifier_keys.splitlines()]

    @property
    def head(self) -> Head:
        return Head(self.origin, self.size, bytes.fromhex(self.root))


class RefusalQuerySet(AppendOnlyQuerySet["Refusal"]):
    def unsettled(self) -> Self:
        return self.filter(settled_at=None)

    def proven(self) -> Self:
        """Return those that prove that the log contradicts itself. Anyone may have sent the others."""
        return self.filter(reason=Refusal.Reason.CONTRADICTION)


class Refusal(AppendOnly):
    """A signed state of a log that this site did not confirm, with all that others need to check it.

    Anyone can send a public checkpoint with a wrong proof. If the log proves this state afterwards, it is settled.
    """

    changeable = {"settled_at"}

    class Reason(models.TextChoices):
        # It has signed two states of the same size that differ. The two notes are the proof.
        CONTRADICTION = "contradiction", _("It has signed two different states of the same size.")
        UNPROVEN = "unproven", _("It did not prove that the new state only adds to the former one.")

    log = models.ForeignKey(WitnessedLog, models.PROTECT, related_name="refusals")
    reason = models.CharField(max_length=13, choices=Reason)
    # Notes: what this site has signed, and what it refused.
    known = models.TextField()
    offered = models.TextField()
    # SHA-256 of the text of `offered`.
    digest = models.CharField(max_length=64)
    # Null in rows from before this column, which the next proven state settles.
    offered_size = models.PositiveBigIntegerField(null=True)
    old_size = models.PositiveBigIntegerField()
    proof = models.TextField(blank=True)
    refused_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    objects = RefusalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["log", "digest", "reason"], name="one_refusal_per_state")]

    def __str__(self) -> str:
        return f"{self.log}: {self.get_reason_display()}"

    @property
    def known_head(self) -> Head:
        return Head.parse(Note.parse(self.known).text)

    @property
    def offered_head(self) -> Head:
        return Head.parse(Note.parse(self.offered).text)


class Asked(Listed):
    """Base of servers that are asked to sign our checkpoints: how the last attempt ended, and when the next one is."""

    class Problem(models.TextChoices):
        UNREACHABLE = "unreachable", _("It does not answer.")
        UNKNOWN_LOG = "unknown_log", _("It does not know this log. Ask its owner to add your origin and key.")
        UNKNOWN_KEY = "unknown_key", _("It knows another key of this log. Ask its owner to add yours.")
        CONTRADICTION = (
            "contradiction",
            _("It refuses: it has seen another state of your log. Somebody has rewritten it, or signs with your key."),
        )
        UNPROVEN = (
            "unproven",
            _("It refuses: your log does not continue what it has seen. Somebody has rewritten the log."),
        )
        AHEAD = (
            "ahead",
            _(
                "It has seen more entries than your log has. The database is older than what was signed, or somebody "
                "else signs with your key."
            ),
        )
        WRONG_SIGNATURE = "wrong_signature", _("Its signature does not fit what you have entered here.")
        OTHER = "other", _("It answers something unexpected.")

    REFUSALS = (Problem.CONTRADICTION, Problem.UNPROVEN, Problem.AHEAD)

    address = models.URLField(_("address"), max_length=500)
    problem = models.CharField(max_length=15, choices=Problem, blank=True)
    # The status and the beginning of the answer, or why there was none.
    answer = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    @property
    def refuses(self) -> bool:
        """Whether it says that our log contradicts itself."""
        return self.problem in self.REFUSALS

    def record_failure(self, problem: str, answer: str, now: datetime) -> None:
        self.problem, self.answer = problem, answer[:300]
        self.failing_since = self.failing_since or now
        self.next_attempt_at = now + min(FIRST_DELAY * 2 ** min(self.failures, 16), LONGEST_DELAY)
        self.failures += 1
        self._save_state()

    def record_success(self, now: datetime, next_attempt_at: datetime | None = None) -> None:
        self.problem, self.answer, self.failures, self.failing_since = "", "", 0, None
        self.next_attempt_at = next_attempt_at or now
        self._save_state()

    def _save_state(self) -> None:
        self.save(update_fields=["problem", "answer", "failures", "failing_since", "next_attempt_at"])


class Witness(Asked):
    """A site that is asked to confirm the states of our log. `address` is that to which `/add-checkpoint` is added."""

    verifier_key = models.CharField(_("verifier key"), max_length=300, unique=True)

    @property
    def key(self) -> VerifierKey:
        return VerifierKey.parse(self.verifier_key)


class Quorum(AppendOnly):
    """How many of our witnesses have to sign each state, as the owner decided at a time. The newest row holds."""

    needed = models.PositiveSmallIntegerField()
    decided_at = models.DateTimeField(default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.needed)


class CosignatureQuerySet(AppendOnlyQuerySet["Cosignature"]):
    def newest(self) -> list["Cosignature"]:
        """Return the newest signature by each witness."""
        return list(
            {row.witness_id: row for row in self.select_related("witness").order_by("signed_at", "pk")}.values()
        )


class Cosignature(AppendOnly):
    """The signature of a witness below a checkpoint of our log: `line` of the note.

    A witness signs the same checkpoint again each day, so that its date says how old a state is.
    """

    checkpoint = models.ForeignKey("transparency.Checkpoint", models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Witness, models.PROTECT, related_name="cosignatures")
    line = models.CharField(max_length=500)
    signed_at = models.DateTimeField()

    objects = CosignatureQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "witness", "signed_at"], name="one_cosignature_per_time")
        ]

    def __str__(self) -> str:
        return self.line
