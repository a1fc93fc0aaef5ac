"""What a new version changed, and whether it says so: a table of cases for the script and the browser.

A case has the contents of two versions, what the second says of its change, and the names of its faults. docs/record.md
has the rule in words.
"""

from typing import Any, NamedTuple

FACTS = "figure,name"
BERTHS = "<p>The harbour has 41 berths.</p>"
PICTURE = "11111111-1111-4111-8111-111111111111"


class Case(NamedTuple):
    name: str
    before: dict[str, Any]
    after: dict[str, Any]
    kind: str = ""
    note: str = ""
    facts: str = ""
    faults: tuple[str, ...] = ()
    item: str = "article"

    @property
    def said(self) -> dict[str, Any]:
        """The row of the second version in the history of its item, as far as it is about the change."""
        correction = {"kind": self.kind, **({"changed_facts": self.facts} if self.facts else {})}
        return {"note": self.note, **({"correction": correction} if self.kind else {})}


def text(body: str = BERTHS, **more: Any) -> dict[str, Any]:
    return {
        "headline": "The harbour",
        "standfirst": "It is full.",
        "body": body,
        "bylines": [{"name": "N. N."}],
        **more,
    }


def dossier(summary: str = "<p>It began.</p>", **more: Any) -> dict[str, Any]:
    return {"title": "The law", "summary": summary, "entries": [{"text": "It passed.", "date": "2026-05-03"}], **more}


def answered(answer: str) -> dict[str, Any]:
    return text(how_we_know={"why_written": answer})


def pictured(caption: str = "", **details: Any) -> dict[str, Any]:
    picture = {"alt": "A ship", "caption": "The ship", "credit": "A. A.", **details}
    figure = f'<figure data-image="{PICTURE}"><figcaption>{caption}</figcaption></figure>'
    return text(f"<p>It came.</p>{figure}", pictures={PICTURE: picture})


CASES = [
    # --- no other words
    Case("the same", text(), text()),
    Case("other spaces", text(), text("<p>The harbour  has\n41 berths.</p>")),
    Case("another form", text(), text("<h2>The harbour has <em>41</em> berths.</h2>")),
    Case("another link", text('<p><a href="https://a.example">a</a></p>'), text('<p><a href="https://b.example">a</a></p>')),
    Case("another alternative text", pictured(), pictured(alt="A boat")),
    Case("an answer that was empty", text(), answered("")),
    # --- other words, without a kind
    Case("another word", text(), text("<p>The port has 41 berths.</p>"), faults=("kind",)),
    Case("another figure", text(), text("<p>The harbour has 14 berths.</p>"), faults=("kind",)),
    Case("a note alone is no kind", text(), text("<p>No.</p>"), note="We erred.", faults=("kind",)),
    Case("another sign", text(), text("<p>The harbour has 41 berths!</p>"), faults=("kind",)),
    Case("another headline", text(), text(headline="The port"), faults=("kind",)),
    Case("another standfirst", text(), text(standfirst="It is not full."), faults=("kind",)),
    Case("another name", text(), text(bylines=[{"name": "M. M."}]), faults=("kind",)),
    Case("a footnote", text(), text(f'{BERTHS}<sup data-footnote="So."></sup>'), faults=("kind",)),
    Case("an embed", text(), text(
        '<p>The harbour has 41 berths.</p><div data-embed="https://a.example" data-title="A film"></div>'
    ), faults=("kind",)),
    Case("who said it", text('<aside data-by="A. A."><p>So.</p></aside>'), text(
        '<aside data-by="B. B."><p>So.</p></aside>'
    ), faults=("kind",)),
    Case("a caption", pictured(), pictured("The boat"), faults=("kind",)),
    Case("a credit", pictured(), pictured(credit="B. B."), faults=("kind",)),
    Case("an answer", answered("So."), answered("No."), faults=("kind",)),
    Case("the lead", text(pictures=pictured()["pictures"]), text(
        pictures=pictured()["pictures"], lead={"uuid": PICTURE, "caption": ""}
    ), faults=("kind",)),
    # --- with a kind
    *(
        Case(f"{kind} with a note", text(), text("<p>It has 42.</p>"), kind, "It has 42.")
        for kind in ("correction", "clarification", "update", "note", "retraction")
    ),
    *(
        Case(f"{kind} without a note", text(), text("<p>It has 42.</p>"), kind, note, faults=("note",))
        for kind in ("correction", "clarification", "update", "note", "retraction")
        for note in ("", " \n")
    ),
    # --- minor edits
    Case("a minor edit", text(), text("<p>The harbor has 41 berths.</p>"), "minor"),
    Case("a figure more", text(), text("<p>The harbour has 41 berths, of 50.</p>"), "minor"),
    Case("another figure as minor", text(), text("<p>The harbour has 14 berths.</p>"), "minor", faults=("figure",)),
    Case("the same with a note", text(), text("<p>The harbour has 14 berths.</p>"), "minor", "So.", faults=("figure",)),
    Case("the same with another fact", text(), text("<p>14 berths.</p>"), "minor", "So.", "name", ("figure",)),
    Case("the same with this fact", text(), text("<p>14 berths.</p>"), "minor", "A slip.", FACTS),
    Case("the same with no note", text(), text("<p>14 berths.</p>"), "minor", "", FACTS, ("fact",)),
    Case("a name that its facts say, and no note", text(), text("<p>41 berths.</p>"), "minor", "", "name", ("fact",)),
    Case("a figure less often", text("<p>41 and 41.</p>"), text("<p>41 and so on.</p>"), "minor", faults=("figure",)),
    Case("figures in another order", text("<p>41 and 42.</p>"), text("<p>42 and 41.</p>"), "minor"),
    Case("thousands with a comma", text("<p>1,200 berths.</p>"), text("<p>1200 berths.</p>"), "minor"),
    Case("thousands are no decimals", text("<p>1,20 euro</p>"), text("<p>120 euro</p>"), "minor", faults=("figure",)),
    Case("thousands in German", text("<p>1.200 Plätze.</p>"), text("<p>1200 Plätze.</p>"), "minor", faults=("figure",)),
    Case("a time", text("<p>At 9:30.</p>"), text("<p>At 9:45.</p>"), "minor", faults=("figure",)),
    Case("a date", text("<p>Am 14.10.2026.</p>"), text("<p>Am 15.10.2026.</p>"), "minor", faults=("figure",)),
    Case("other digits", text("<p>٤١ berths.</p>"), text("<p>٤٢ berths.</p>"), "minor", faults=("figure",)),
    Case("a figure in a footnote", text('<p>So.<sup data-footnote="Page 3."></sup></p>'), text(
        '<p>So.<sup data-footnote="Page 4."></sup></p>'
    ), "minor", faults=("figure",)),
    Case("a figure in a headline", text(headline="41 berths"), text(headline="42 berths"), "minor", faults=("figure",)),
    Case("figures beside each other", text("<table><tr><td>1</td><td>2</td></tr></table>"), text(
        "<table><tr><td>12</td></tr></table>"
    ), "minor", faults=("figure",)),
    Case("a figure in another", text("<p>747</p>"), text("<p>7478</p>"), "minor", faults=("figure",)),
    # --- AI
    Case("AI is stated", text(), text(ai_uses=["draft"])),
    Case("more AI is stated", text(ai_uses=["none"]), text(ai_uses=["draft"])),
    Case("less AI is stated", text(ai_uses=["language", "draft"]), text(ai_uses=["language"]), faults=("ai",)),
    Case("none instead of a draft", text(ai_uses=["draft"]), text(ai_uses=["none"]), faults=("ai",)),
    Case("nothing is stated any more", text(ai_uses=["none"]), text(), faults=("ai",)),
    Case("less AI with a note", text(ai_uses=["draft"]), text(ai_uses=["none"]), note="It was another text."),
    Case("a picture loses its mark", pictured(ai_use="made"), pictured(ai_use=""), faults=("ai",)),
    Case("a picture by AI is gone", pictured(ai_use="made"), text("<p>It came. The ship A. A.</p>")),
    Case("less AI and other words", text(ai_uses=["draft"]), text("<p>1</p>", ai_uses=["none"]), faults=("kind", "ai")),
    Case("less AI in a dossier", dossier(ai_uses=["draft"]), dossier(ai_uses=["none"]), faults=("ai",), item="dossier"),
    # --- pages and dossiers have no kinds
    Case("other words in a page", text(), text("<p>No.</p>"), item="page"),
    Case("other words in a dossier", dossier(), dossier("<p>It ended.</p>"), item="dossier"),
]  # fmt: skip
