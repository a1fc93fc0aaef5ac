"""What the style page shows of each component, by the name of its CSS file."""

from collections.abc import Callable

from truthlytics.styleguide.sample import Sample

from . import commerce, controls, conversation, lists, piece


def samples_of(component: str) -> list[Sample]:
    """Made anew each time: nothing of them is kept, and dates stand as near as they would."""
    makers: dict[str, Callable[[], list[Sample]]] = (
        controls.MAKERS | piece.MAKERS | lists.MAKERS | conversation.MAKERS | commerce.MAKERS
    )
    return makers[component]() if component in makers else []
