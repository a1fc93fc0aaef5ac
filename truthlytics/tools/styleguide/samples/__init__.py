"""Samples of each component, by the name of its CSS file."""

from collections.abc import Callable

from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import accounts, article, comments, commerce, controls, gifts, history, lists

MODULES = (controls, article, history, lists, comments, commerce, accounts, gifts)


def samples_of(component: str) -> list[Sample]:
    """Return the samples of a component; empty if it has none."""
    samples: dict[str, Callable[[], list[Sample]]] = {}
    for module in MODULES:
        samples |= module.SAMPLES
    return samples[component]() if component in samples else []
