"""What the style page shows of each component, by the name of its CSS file."""

from collections.abc import Callable

from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import article, comments, commerce, controls, lists

MODULES = (controls, article, lists, comments, commerce)


def samples_of(component: str) -> list[Sample]:
    """Made anew each time; none for a component that nobody has written one for."""
    makers: dict[str, Callable[[], list[Sample]]] = {}
    for module in MODULES:
        makers |= module.MAKERS
    return makers[component]() if component in makers else []
