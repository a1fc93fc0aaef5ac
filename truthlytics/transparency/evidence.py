"""What shows that something is in the log: its entry, a signed state that covers it, and who has seen that state."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy

from truthlytics.transparency.models import (
    Checkpoint,
    Cosignature,
    Log,
    LogEntry,
    Quorum,
    Refusal,
    Timestamp,
    TimestampAuthority,
    Witness,
    WitnessedLog,
)
from truthlytics.transparency.notes import to_base64
from truthlytics.transparency.tree import Tree
from truthlytics.transparency.witnesses.identity import witness_address, witness_key
from truthlytics.web.canonical_json import format_time
from truthlytics.web.types import JsonObject

ORDINARY: dict[str, object] = {
    LogEntry.Kind.VERSION: gettext_lazy("Versions"),
    LogEntry.Kind.CORRECTION: gettext_lazy("Versions with a kind of change, such as a correction"),
}
# What every check counts aloud (transparency.outside.summary.EVENTS), for readers.
EVENTS: dict[str, object] = {
    LogEntry.Kind.REMOVAL: gettext_lazy("Texts that the publication removed"),
    LogEntry.Kind.WITHDRAWAL: gettext_lazy("Withdrawals"),
    LogEntry.Kind.RESTORATION: gettext_lazy("Withdrawn items that were put back"),
    LogEntry.Kind.DELETION: gettext_lazy("Versions that were deleted with their import"),
    LogEntry.Kind.KEY: gettext_lazy("New keys of the publication"),
    "archive": gettext_lazy(
        "Versions dated by the publication alone, since they were imported or are older than the log"
    ),
}
IMPORTED = '"imported":true'
# Signatures of witnesses among which a state with enough of them is looked for.
RECENT = 200


class Sighting(NamedTuple):
    """The newest state of a log that a witness has signed: how many entries it had, and when."""

    name: str
    size: int
    time: datetime


class Quorate(NamedTuple):
    """How many witnesses have to sign a state, and the names of those that have, and have not."""

    needed: int
    present: list[str]
    absent: list[str]

    @property
    def is_met(self) -> bool:
        return len(self.present) >= self.needed


def witnesses_needed() -> int:
    """Return how many of our witnesses have to sign each state, as the owner decided last; 0 if that is open."""
    return Quorum.objects.values_list("needed", flat=True).last() or 0


@dataclass(frozen=True, slots=True)
class State:
    checkpoint: Checkpoint

    @property
    def log(self) -> Log:
        return self.checkpoint.log

    @property
    def key(self) -> str:
        """The verifier key of the publication that it is signed with."""
        key = self.log.keys.filter(from_size__lte=self.checkpoint.size).last()
        return key.verifier_key if key is not None else ""

    @property
    def cosignatures(self) -> list[Cosignature]:
        """What each witness has signed last of exactly this state."""
        return self.checkpoint.cosignatures.newest()

    @property
    def quorum(self) -> "Quorate":
        """Which of our witnesses have signed exactly this state, which have not, and how many have to."""
        signed = {row.witness_id for row in self.cosignatures}
        listed = list(Witness.objects.listed().order_by("name"))
        present = [row.name for row in listed if row.pk in signed]
        return Quorate(witnesses_needed(), present, [row.name for row in listed if row.pk not in signed])

    @property
    def sightings(self) -> list[Sighting]:
        """What each witness has signed of this log last."""
        return sightings_of(self.log)

    @property
    def timestamps(self) -> list[Timestamp]:
        """The newest time stamp of this log by each authority. One query per authority, of which there are a few."""
        rows = Timestamp.objects.filter(checkpoint__log=self.log).select_related("authority", "checkpoint__log")
        newest = [rows.filter(authority=row).defer("response").last() for row in TimestampAuthority.objects.listed()]
        return [row for row in newest if row is not None]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many entries of each kind the state has, and how many versions of an archive, with labels for readers."""
        entries = LogEntry.objects.filter(log=self.log, position__lt=self.checkpoint.size)
        # A log that continues another has all of it as imported. What was not imported there keeps its date.
        former = LogEntry.objects.filter(
            log__in=list(Log.objects.filter(number__lt=self.log.number)),
            uuid=OuterRef("uuid"),
            kind=LogEntry.Kind.VERSION,
            number=OuterRef("number"),
            position__isnull=False,
        ).exclude(leaf__contains=IMPORTED)
        alone = Q(~Exists(former), kind=LogEntry.Kind.VERSION, leaf__contains=IMPORTED)
        rows = list(entries.order_by().values_list("kind").annotate(count=Count("pk"), alone=Count("pk", filter=alone)))
        found = {kind: count for kind, count, _alone in rows} | {"archive": sum(alone for *_kind, alone in rows)}
        return [(str(label), found.get(kind, 0)) for kind, label in {**ORDINARY, **EVENTS}.items()]

    @property
    def checkpoint_url(self) -> str:
        """The address of the newest state of this log."""
        return f"{log_url(self.log)}/checkpoint"


@dataclass(frozen=True, slots=True)
class Evidence(State):
    """An entry that has its place in the log, and a signed state that covers it."""

    entry: LogEntry

    @property
    def index(self) -> int:
        """The place of the entry, from 0."""
        return self.entry.position or 0

    @property
    def sightings(self) -> list[Sighting]:
        """The witnesses that have seen the entry."""
        return [sighting for sighting in sightings_of(self.log) if sighting.size > self.index]

    @property
    def proof(self) -> list[str]:
        """The hashes, in base64, that lead from the entry to the root of the signed state."""
        return [to_base64(hash_) for hash_ in Tree(self.log).inclusion_proof(self.index, self.checkpoint.size)]


def evidence_of_version(uuid: UUID, number: int) -> Evidence | None:
    """Return the evidence for a version of the item with this UUID, or None until it is in the log and signed.

    `number` is that of the record. If there is an entry in more than one log, it is the one in the newest.
    """
    # The logs, of which there are few, are named for the index.
    entries = LogEntry.objects.filter(
        log__in=list(Log.objects.all()), uuid=uuid, kind=LogEntry.Kind.VERSION, number=number
    )
    entry = entries.exclude(position=None).select_related("log").order_by("-log__number", "position").first()
    if entry is None or entry.position is None:
        return None
    checkpoint = _covering(entry.log, entry.position)
    return Evidence(checkpoint, entry) if checkpoint is not None else None


def _covering(log: Log, index: int) -> Checkpoint | None:
    """Return the newest state with the entry `index` that enough witnesses have signed, or else fewer, or none."""
    signed = Cosignature.objects.filter(checkpoint__log=log, checkpoint__size__gt=index).order_by("-checkpoint__size")
    witnesses: dict[int, set[int]] = {}
    for checkpoint, witness in signed.values_list("checkpoint", "witness")[:RECENT]:
        witnesses.setdefault(checkpoint, set()).add(witness)
    needed = witnesses_needed()
    enough = (pk for pk, names in witnesses.items() if len(names) >= needed)
    if best := next(enough, None) or max(witnesses, key=lambda pk: len(witnesses[pk]), default=None):
        return log.checkpoints.select_related("log").get(pk=best)
    newest = _newest_checkpoint(log)
    return newest if newest is not None and newest.size > index else None


def newest_state() -> State | None:
    """Return the newest signed state of the current log, or None if nothing was signed yet."""
    log = Log.objects.newest()
    checkpoint = _newest_checkpoint(log) if log is not None else None
    return State(checkpoint) if checkpoint is not None else None


def earlier_states() -> list[State]:
    """Return the last signed states of the logs that the current one continues, newest first."""
    newest = map(_newest_checkpoint, Log.objects.order_by("-number")[1:])
    return [State(checkpoint) for checkpoint in newest if checkpoint is not None]


def _newest_checkpoint(log: Log) -> Checkpoint | None:
    return log.checkpoints.select_related("log").order_by("-size").first()


def sightings_of(log: Log) -> list[Sighting]:
    """Return what each witness has signed of `log` last. Two queries per witness, of which there are a few."""
    sightings = []
    for witness in Witness.objects.listed().order_by("name"):
        last = witness.cosignatures.filter(checkpoint__log=log).select_related("checkpoint").last()
        if last is not None:
            sightings.append(Sighting(witness.name, last.checkpoint.size, last.signed_at))
    return sightings


def watched_logs() -> list[WitnessedLog]:
    """Return the logs of others that this site has confirmed. `refused` has what proves a contradiction."""
    refused = Prefetch("refusals", Refusal.objects.proven().only("log", "reason", "refused_at"), "refused")
    return list(WitnessedLog.objects.listed().exclude(cosigned_at=None).order_by("name").prefetch_related(refused))


def log_url(log: Log) -> str:
    """Return the address of the files of `log`, without a slash at the end."""
    path = reverse("transparency:checkpoint", args=[log.number] if log.number > 1 else [])
    return f"{settings.SITE_URL}{path}".removesuffix("/checkpoint")


def described_record() -> dict[str, object]:
    """Return what programs that check the log have to know: where it is, its keys, and those of its witnesses.

    `earlier` has the logs that it continues, oldest first. `witness` is this site as a witness of others.
    """
    described: dict[str, object] = {}
    if log := log_description():
        witnesses = [_described_witness(row) for row in Witness.objects.listed().order_by("name")]
        described["log"] = log | {"witnesses": witnesses, **_decided(), **_signed_today()}
    if key := witness_key():
        described["witness"] = {"address": witness_address(), "key": str(key)}
    return described


def log_description() -> dict[str, object]:
    """Return where the current log is, its keys, and the logs that it continues, oldest first; {} without a log."""
    logs = [_described(log) for log in Log.objects.order_by("number").prefetch_related("keys")]
    return {**logs[-1], "earlier": logs[:-1]} if logs else {}


def _described_witness(witness: Witness) -> JsonObject:
    """Return the key of a witness, and the newest state of the current log that it has signed, if there is one."""
    described = {"name": witness.name, "key": witness.verifier_key}
    newest = witness.cosignatures.filter(checkpoint__log=Log.objects.newest()).select_related("checkpoint").last()
    return described | {"checkpoint": f"{newest.checkpoint.note}{newest.line}\n"} if newest else described


def _decided() -> dict[str, object]:
    """Return how many witnesses have to sign, and since when; {} if that was never decided."""
    newest = Quorum.objects.last()
    return {"witnesses_needed": newest.needed, "needed_since": format_time(newest.decided_at)} if newest else {}


def _signed_today() -> JsonObject:
    """Return the newest checkpoint with all its signatures, and the newest time stamps with what they are about."""
    state = newest_state()
    if state is None:
        return {}
    stamps = [
        {
            "name": stamp.authority.name,
            "checkpoint": stamp.checkpoint.note,
            "response": to_base64(bytes(stamp.response)),
        }
        for stamp in state.timestamps
    ]
    return {"checkpoint": state.checkpoint.cosigned, "timestamps": stamps}


def _described(log: Log) -> dict[str, object]:
    keys = [{"key": key.verifier_key, "from_size": key.from_size} for key in log.keys.all()]
    return {"origin": log.origin, "address": log_url(log), "keys": keys}
