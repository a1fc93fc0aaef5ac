"""Template context of the demo. The settings add it only when DEMO is set."""

from django.http import HttpRequest

from truthlytics.tools.demo.content import demo_note


def demo(request: HttpRequest) -> dict[str, object]:
    return {"is_demo": True, "demo_note": demo_note()}
