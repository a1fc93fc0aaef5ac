"""A publication with a key, whose articles are in the transparency log."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from truthlytics.transparency.models import Checkpoint, Cosignature, LogEntry, Witness
from truthlytics.transparency.notes import WITNESS_KEY, Signer
from truthlytics.transparency.services.entries import add, append_due, new_entry


def log_versions(item, name="article") -> None:
    """Put all versions of `item` that are public into the log, and sign it."""
    logged = LogEntry.objects.filter(uuid=item.uuid, kind="version").values_list("number", flat=True)
    versions = item.versions.was_public().exclude(number__in=logged)
    add(
        new_entry(
            "version", item=name, uuid=item.uuid, at=version.public_from, number=version.number, digest=version.digest
        )
        for version in versions
    )
    append_due(timezone.now())


def cosign(name="Hafenblatt") -> Cosignature:
    """Let a new witness sign the newest state of the log."""
    signer, now = Signer(f"{name.lower()}.example/witness", Ed25519PrivateKey.generate()), timezone.now()
    key = str(signer.verifier_key(WITNESS_KEY))
    witness = Witness.objects.create(name=name, address="https://witness.example", verifier_key=key)
    checkpoint = Checkpoint.objects.order_by("size").last()
    line = str(signer.cosign(checkpoint.signed.text, int(now.timestamp()))).strip()
    return Cosignature.objects.create(checkpoint=checkpoint, witness=witness, line=line, signed_at=now)
