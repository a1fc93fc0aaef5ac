"""Menu items, form data and a test case for menus."""

from django.test import TestCase
from lxml import html

from articles.models import MenuEdition
from articles.services.menus import save_menus

MENUS = "/admin/menus/"


def item(kind, target=None, label="", **more):
    return {"kind": kind, "target": str(target.uuid) if target else "", "label": label} | more


def form_data(content, *, seen=0, **changes):
    """Return the form data of the menus editor for `content`."""
    data = {"seen": seen}
    menus = {"main": content["main"], **{f"c{n}": column["items"] for n, column in enumerate(content["columns"])}}
    for prefix, items in menus.items():
        data |= {f"{prefix}-TOTAL_FORMS": len(items), f"{prefix}-INITIAL_FORMS": 0}
        for number, entry in enumerate(items):
            web = entry["kind"] == "web"
            data[f"{prefix}-{number}-target"] = "web:" if web else f"{entry['kind']}:{entry['target']}"
            data |= {f"{prefix}-{number}-label": entry["label"], f"{prefix}-{number}-position": number + 1}
            data[f"{prefix}-{number}-url"] = entry["target"] if web else ""
    for number, column in enumerate(content["columns"]):
        data |= {f"c{number}-title": column["title"], f"c{number}-position": number + 1}
    return data | changes


class MenusTestCase(TestCase):
    def links(self, url="/", css_class="masthead__sections"):
        page = html.fromstring(self.client.get(url).content)
        return [
            (a.text_content().strip(), a.get("href")) for a in page.xpath(f"//*[contains(@class, '{css_class}')]//a")
        ]

    def labels(self, *args):
        return [label for label, _ in self.links(*args)]

    def save_menus(self, *items, columns=()):
        newest = MenuEdition.objects.newest()
        content = {"main": list(items), "columns": list(columns)}
        return save_menus(content=content, seen=newest.number if newest else 0)
