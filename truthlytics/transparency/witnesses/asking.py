"""Asking witnesses to confirm the newest state of our log.

A task does so after each checkpoint, and `tick` repeats what failed, with growing intervals.
"""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.tasks import TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from truthlytics.transparency.models import Checkpoint, Log
from truthlytics.transparency.notes import NoteError, Signature, is_valid, parse_signatures, to_base64
from truthlytics.transparency.tree import Tree
from truthlytics.transparency.witnesses.models import Cosignature, Witness
from truthlytics.transparency.witnesses.serving import SIZE_TYPE
from truthlytics.web.public_http import Answer, RequestError
from truthlytics.web.public_http import post as post_to_public_address
from truthlytics.web.queues import SLOW

logger = logging.getLogger(__name__)

# Sends a body to a URL. Raises RequestError.
Post = Callable[[str, bytes], Answer]
# A witness signs the newest checkpoint again after this time, if there is none that is newer.
AGAIN_AFTER = timedelta(days=1)
# Seconds by which the clock of a witness may be ahead of this server's.
MAX_AHEAD = 600
PROBLEMS = {403: Witness.Problem.UNKNOWN_KEY, 404: Witness.Problem.UNKNOWN_LOG, 422: Witness.Problem.UNPROVEN}


class NotConfirmedError(Exception):
    """A witness did not confirm a checkpoint: one of `Witness.Problem`, and its answer."""

    def __init__(self, problem: str, answer: str) -> None:
        super().__init__(problem)
        self.problem, self.answer = problem, answer


def post(url: str, body: bytes) -> Answer:
    return post_to_public_address(
        url,
        body,
        content_type="text/plain; charset=utf-8",
        user_agent=f"transparency-log (+{settings.SITE_URL}/)",
        allow_local=settings.DEBUG or settings.TESTING,
    )


def offer_soon() -> None:
    """Let a task offer the newest checkpoint to the witnesses, unless one is about to start."""
    if not Witness.objects.listed().exists():
        return
    waiting = DBTaskResult.objects.filter(task_path=offer_newest.module_path, status=TaskResultStatus.READY)
    if not waiting.filter(started_at=None).exists():
        offer_newest.enqueue()


@task(queue_name=SLOW)
def offer_newest() -> None:
    offer_due(timezone.now())


def offer_due(now: datetime, send: Post = post) -> int:
    """Offer the newest checkpoint to the witnesses that have not confirmed it today, if it is time to ask them.

    Returns how many confirmed it. Safe to run concurrently.
    """
    witnesses = list(Witness.objects.listed().filter(next_attempt_at__lte=now))
    checkpoint = newest_checkpoint() if witnesses else None
    if checkpoint is None:
        return 0
    recent = checkpoint.cosignatures.filter(signed_at__gt=now - AGAIN_AFTER)
    confirmed = set(recent.values_list("witness", flat=True))
    return sum(offer(checkpoint, witness, now, send) for witness in witnesses if witness.pk not in confirmed)


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.filter(log=Log.objects.order_by("-number")[:1]).order_by("-size").first()


def offer(checkpoint: Checkpoint, witness: Witness, now: datetime, send: Post = post) -> bool:
    """Ask `witness` to confirm `checkpoint`, and keep its signature or why there is none. Returns whether it did."""
    try:
        signature = _ask(checkpoint, witness, now, send)
    except RequestError as error:
        witness.record_failure(Witness.Problem.UNREACHABLE, str(error), now)
        return False
    except NotConfirmedError as error:
        witness.record_failure(error.problem, error.answer, now)
        log = logger.error if witness.refuses else logger.warning
        log("The witness %s did not confirm the log: %s %s", witness, error.problem, error.answer)
        return False
    if signature is None:
        return False
    Cosignature.objects.get_or_create(
        checkpoint=checkpoint,
        witness=witness,
        signed_at=datetime.fromtimestamp(signature.time, UTC),
        defaults={"line": str(signature).removesuffix("\n")},
    )
    witness.record_success(now)
    return True


def _ask(checkpoint: Checkpoint, witness: Witness, now: datetime, send: Post) -> Signature | None:
    """Return the signature of `witness`, None if a newer checkpoint has overtaken this one. Raises NotConfirmedError.

    The proof begins at the size that the witness knows. If that is another one than we believe, its answer has it.
    """
    confirmed = witness.cosignatures.filter(checkpoint__log=checkpoint.log).order_by("-checkpoint__size")
    old: int = confirmed.values_list("checkpoint__size", flat=True).first() or 0
    if old > checkpoint.size:
        return None
    for _attempt in range(3):
        answer = send(f"{witness.address.rstrip('/')}/add-checkpoint", request_body(checkpoint, old))
        if answer.status == 200:
            return _signature_in(answer, checkpoint, witness, now)
        known = _size_in(answer)
        if known is None or known == old:
            break
        if known > checkpoint.size:
            if Checkpoint.objects.filter(log=checkpoint.log, size__gte=known).exists():
                return None
            raise NotConfirmedError(Witness.Problem.AHEAD, f"{known}")
        old = known
    raise NotConfirmedError(_problem(answer.status, same_size=old == checkpoint.size), _shown(answer))


def _problem(status: int, *, same_size: bool) -> str:
    """Return what an answer means. Of two roots for one size, witnesses say 422 or, by an older standard, 409."""
    if status == 409 or (status == 422 and same_size):
        return Witness.Problem.CONTRADICTION
    return PROBLEMS.get(status, Witness.Problem.OTHER)


def request_body(checkpoint: Checkpoint, old: int) -> bytes:
    """Return the body of a request to a witness that knows the first `old` entries."""
    proof = Tree(checkpoint.log).consistency_proof(old, checkpoint.size)
    lines = "".join(f"{to_base64(hash_)}\n" for hash_ in proof)
    return f"old {old}\n{lines}\n{checkpoint.note}".encode()


def _signature_in(answer: Answer, checkpoint: Checkpoint, witness: Witness, now: datetime) -> Signature:
    key, text = witness.key, checkpoint.signed.text
    try:
        signatures = parse_signatures(answer.body.decode("utf-8"))
    except (UnicodeDecodeError, NoteError):
        signatures = []
    for signature in signatures:
        if signature.is_by(key) and is_valid(text, signature, key) and signature.time <= now.timestamp() + MAX_AHEAD:
            return signature
    raise NotConfirmedError(Witness.Problem.WRONG_SIGNATURE, _shown(answer))


def _size_in(answer: Answer) -> int | None:
    """Return the size that the witness knows, if its answer has it."""
    match = re.fullmatch(rb"([0-9]{1,19})\n?", answer.body)
    return int(match[1]) if match and answer.status == 409 and answer.content_type == SIZE_TYPE else None


def _shown(answer: Answer) -> str:
    text = " ".join(answer.body.decode("utf-8", "replace").split())
    return f"{answer.status} {text if answer.content_type.startswith('text/plain') else ''}".strip()
