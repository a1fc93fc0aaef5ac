"""Menus as they are stored and as the room's form sends them."""

from django.test import TestCase
from lxml import html

from articles.models import MenuEdition
from articles.services.menus import save_menus

MENUS = "/admin/menus/"


def item(kind, thing=None, label="", **more):
    return {"kind": kind, "target": str(thing.uuid) if thing else "", "label": label} | more


def sent(content, *, seen=0, **changes):
    """What the room's form sends for `content`."""
    data = {"seen": seen}
    menus = {"main": content["main"], **{f"c{n}": column["items"] for n, column in enumerate(content["columns"])}}
    for prefix, items in menus.items():
        data |= {f"{prefix}-TOTAL_FORMS": len(items), f"{prefix}-INITIAL_FORMS": 0}
        for number, one in enumerate(items):
            web = one["kind"] == "web"
            data[f"{prefix}-{number}-target"] = "web:" if web else f"{one['kind']}:{one['target']}"
            data |= {f"{prefix}-{number}-label": one["label"], f"{prefix}-{number}-position": number + 1}
            data[f"{prefix}-{number}-url"] = one["target"] if web else ""
    for number, column in enumerate(content["columns"]):
        data |= {f"c{number}-title": column["title"], f"c{number}-position": number + 1}
    return data | changes


class MenuCase(TestCase):
    def links(self, address="/", where="masthead__sections"):
        page = html.fromstring(self.client.get(address).content)
        return [(a.text_content().strip(), a.get("href")) for a in page.xpath(f"//*[contains(@class, '{where}')]//a")]

    def labels(self, *where):
        return [label for label, _ in self.links(*where)]

    def arrange(self, *items, columns=()):
        newest = MenuEdition.objects.newest()
        content = {"main": list(items), "columns": list(columns)}
        return save_menus(content=content, seen=newest.number if newest else 0)
