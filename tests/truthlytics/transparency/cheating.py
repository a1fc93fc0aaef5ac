"""The dishonest owner, who has the database, the key and the files beside it."""

from django.db import models, transaction
from django.utils import timezone

from truthlytics.transparency.keys import key_file
from truthlytics.transparency.merkle import Frontier, leaf_hash
from truthlytics.transparency.models import Checkpoint, Cosignature, Log, LogEntry
from truthlytics.transparency.services.checkpoints import sign


def rewrite(position, *, keep=None):
    """Change what the entry at `position` says, keep the first `keep` entries, and sign the log anew."""
    entries = rows(LogEntry).order_by("position")
    if keep is not None:
        entries.filter(position__gte=keep).delete()
    changed = entries.get(position=position)
    leaf = changed.leaf.replace('"number":', '"number":9')
    entries.filter(pk=changed.pk).update(leaf=leaf, leaf_hash=leaf_hash(leaf.encode()).hex())
    frontier = Frontier(0, [])
    for hash_ in entries.values_list("leaf_hash", flat=True):
        frontier.add(bytes.fromhex(hash_))
    log = Log.objects.current()
    log.size, log.subtree_hashes = frontier.size, [hash_.hex() for hash_ in frontier.hashes]
    log.save()
    rows(Cosignature).all().delete()
    rows(Checkpoint).all().delete()
    key_file().with_suffix(".checkpoint").unlink(missing_ok=True)
    with transaction.atomic():
        assert sign(log, log.head, timezone.now())


def rows(model):
    """Return a queryset that changes and deletes what is written once, as SQL does."""
    return models.QuerySet(model)
