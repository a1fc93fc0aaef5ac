"""Being a witness for others, as https://c2sp.org/tlog-witness specifies it.

A witness signs a state of a log only if it continues the one that it signed before. So no log can show two people
different histories with the signature of the same witness below both.
"""

import hashlib
import re
from datetime import datetime
from typing import NamedTuple, Self

from django.db import transaction
from django.db.models import Q

from truthlytics.transparency.keys import KeyFileError
from truthlytics.transparency.merkle import proves_consistency
from truthlytics.transparency.notes import Head, Note, NoteError, from_base64
from truthlytics.transparency.witnesses.identity import witness_signer
from truthlytics.transparency.witnesses.models import Refusal, WitnessedLog
from truthlytics.web.power_failures import safe_from_power_failures

SIZE_TYPE = "text/x.tlog.size"
# Hashes in a proof.
MAX_PROOF = 63
# Refused states without a proof that are kept of each log until they are settled. Contradictions are always kept.
MAX_UNPROVEN = 100


class Answer(NamedTuple):
    status: int
    text: str
    content_type: str = "text/plain; charset=utf-8"


class Request(NamedTuple):
    """What a log sends: the size that it believes we know, and its new checkpoint with the proof from there."""

    old_size: int
    proof: list[bytes]
    note: Note
    head: Head

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Raises NoteError."""
        try:
            first, blank, checkpoint = body.decode("utf-8").partition("\n\n")
        except UnicodeDecodeError as error:
            raise NoteError("The request is not in UTF-8.") from error
        old, *lines = first.split("\n")
        size = re.fullmatch("old (0|[1-9][0-9]{0,18})", old)
        if not blank or size is None:
            raise NoteError("The request must begin with a line such as “old 20852014”.")
        proof = [from_base64(line) for line in lines]
        if len(proof) > MAX_PROOF or any(len(hash_) != 32 for hash_ in proof):
            raise NoteError("The proof must have at most 63 lines with a hash each.")
        note = Note.parse(checkpoint)
        return cls(int(size[1]), proof, note, Head.parse(note.text))


def answer_to(body: bytes, now: datetime) -> Answer:
    """Sign the checkpoint in the body of a request if it continues what we have signed of this log before.

    Safe to run concurrently: what was compared and what is stored are the same row, locked. It is stored before the
    signature exists.
    """
    try:
        signer = witness_signer()
    except KeyFileError:
        return Answer(503, "The key of this witness is missing.\n")
    try:
        request = Request.parse(body)
    except NoteError as error:
        return Answer(400, f"{error}\n")
    log = WitnessedLog.objects.listed().filter(origin=request.head.origin).first()
    if log is None:
        return Answer(404, "This witness does not know the log.\n")
    try:
        request.note.require_signature_by(log.keys)
    except NoteError as error:
        return Answer(403, f"{error}\n")
    if request.old_size > request.head.size:
        return Answer(400, "The old size is larger than that of the checkpoint.\n")
    # After a power failure, we must not have forgotten what we confirmed.
    with safe_from_power_failures(), transaction.atomic():
        refused = _compare_and_set(log, request, now)
    return refused or Answer(200, str(signer.cosign(request.note.text, int(now.timestamp()))))


def _compare_and_set(listed: WitnessedLog, request: Request, now: datetime) -> Answer | None:
    """Store the new state. Returns None, or why it is refused."""
    log = WitnessedLog.objects.select_for_update().get(pk=listed.pk)
    known, new = log.head, request.head
    if new.size == known.size and new.root != known.root:
        _keep(Refusal.Reason.CONTRADICTION, log, request, now)
    if request.old_size != known.size:
        return Answer(409, f"{known.size}\n", SIZE_TYPE)
    if new.size == known.size and new.root != known.root:
        return Answer(409, "This witness has signed another state of the same size.\n")
    if not proves_consistency(known.size, known.root, new.size, new.root, request.proof):
        if known.size:
            _keep(Refusal.Reason.UNPROVEN, log, request, now)
        return Answer(422, "The proof does not show that this state continues the one that this witness has signed.\n")
    log.size, log.root, log.cosigned_at = new.size, new.root.hex(), now
    log.checkpoint = _signed_by_log(log, request.note)
    log.save(update_fields=["size", "root", "checkpoint", "cosigned_at"])
    # The log may have skipped smaller states, of which anyone may have sent us one with a wrong proof. They are open
    # only as long as the log is smaller: a state that does not belong to it would need a proof of its own.
    unproven = log.refusals.unsettled().filter(reason=Refusal.Reason.UNPROVEN)
    unproven.filter(Q(offered_size__lte=new.size) | Q(offered_size=None)).update(settled_at=now)
    return None


def _keep(reason: str, log: WitnessedLog, request: Request, now: datetime) -> None:
    """Keep what is refused and why. Each state is kept once.

    Contradictions are signed twice by the log, so only it can make them, and all are kept. Anyone can send what only
    lacks a proof, so only some are kept until they are settled.
    """
    digest = _digest(request.note)
    if log.refusals.filter(digest=digest, reason=reason).exists():
        return
    if reason == Refusal.Reason.UNPROVEN:
        unsettled = log.refusals.unsettled().filter(reason=reason)
        if unsettled.count() >= MAX_UNPROVEN:
            return
    Refusal.objects.create(
        log=log,
        reason=reason,
        known=log.checkpoint,
        offered=_signed_by_log(log, request.note),
        digest=digest,
        offered_size=request.head.size,
        old_size=request.old_size,
        proof="".join(f"{hash_.hex()}\n" for hash_ in request.proof),
        refused_at=now,
    )


def _signed_by_log(log: WitnessedLog, note: Note) -> str:
    keys = log.keys
    return str(Note(note.text, tuple(line for line in note.signatures if any(line.is_by(key) for key in keys))))


def _digest(note: Note) -> str:
    return hashlib.sha256(note.text.encode()).hexdigest()
