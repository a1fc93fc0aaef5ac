"""Measure how well the detector of corrections tells kinds of change apart."""

import tomllib
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from articles.corrections.detector import Proposal, propose
from articles.corrections.wording import Wording
from articles.models.corrections import ChangeKind
from truthlytics.web.types import JsonObject

PAIRS = "tests/articles/corrections/pairs.toml"


class Command(BaseCommand):
    help = (
        "Let the detector judge pairs of texts whose kind of change is known. Prints the share of changes of meaning "
        "that it noticed (hits), of minor edits that it took for more (false alarms), of kinds that it named right, "
        "and of corrections and minor edits in which it found a changed fact: these are minor only with a reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        default = Path(settings.BASE_DIR) / PAIRS
        help_text = f"TOML file with pairs of texts (default: {PAIRS})"
        parser.add_argument("pairs", nargs="?", type=Path, default=default, help=help_text)

    def handle(self, *args: object, pairs: Path, verbosity: int, **options: object) -> None:
        try:
            known = tomllib.loads(pairs.read_text(encoding="utf-8"))["pair"]
        except FileNotFoundError as error:
            raise CommandError(f"{pairs} does not exist. Name a file with pairs of texts.") from error
        counts: Counter[str] = Counter()
        for pair in known:
            proposal, expected = judge(pair), ChangeKind(pair["kind"])
            material = expected != ChangeKind.MINOR
            counts["material" if material else "minor"] += 1
            counts["exact"] += proposal.kind == expected
            counts["corrections"] += expected == ChangeKind.CORRECTION
            counts[f"facts {expected}"] += bool(proposal.facts)
            if proposal.kind != ChangeKind.MINOR:
                counts["hits" if material else "alarms"] += 1
            if proposal.kind != expected and verbosity > 1:
                self.stdout.write(f"{expected} → {proposal.kind}: {pair.get('headline') or pair['old']}")
        self.stdout.write(
            f"{len(known)} pairs. Hits: {_share(counts['hits'], counts['material'])}. "
            f"False alarms: {_share(counts['alarms'], counts['minor'])}. "
            f"Kind as expected: {_share(counts['exact'], len(known))}. "
            f"Facts found: corrections {_share(counts['facts correction'], counts['corrections'])}, "
            f"minor edits {_share(counts['facts minor'], counts['minor'])}."
        )


def judge(pair: dict[str, object]) -> Proposal:
    return propose(*wordings(pair))


def wordings(pair: JsonObject) -> tuple[Wording, Wording]:
    """Return both texts of a pair from the file."""
    if "headline" in pair:
        old, new = (Wording(headline, "", (), ()) for headline in pair["headline"])
    else:
        old, new = (Wording("", "", (), _paragraphs(pair[name])) for name in ("old", "new"))
    return old, new


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / max(1, whole):.0%})"
