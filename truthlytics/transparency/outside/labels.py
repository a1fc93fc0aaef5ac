"""The words with which pages of this software name the kind of a text, the kinds of changes, and uses of AI.

They are those of its interface, in each language that it has. A test holds them against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# The label above the headline and its definition, by the kind in the record.
KINDS = {
    "analysis": (("Analysis", "Facts, plus our interpretation"), ("Analyse", "Fakten und wie wir sie einordnen")),
    "report": (("Report", "What happened, as we found it"), ("Bericht", "Was geschehen ist, nach unseren Recherchen")),
    "opinion": (("Opinion", "One writer’s view, argued"), ("Meinung", "Eine Sicht, mit Argumenten")),
    "explainer": (("Explainer", "How a thing works"), ("Erklärstück", "Wie etwas funktioniert")),
    "review": (("Review", "Our judgement of a work"), ("Rezension", "Unser Urteil über ein Werk")),
}
# The heading above notes of one kind: of one and of several. “Changes” is above those of different kinds.
HEADINGS = {
    "correction": ("Correction", "Corrections", "Korrektur", "Korrekturen"),
    "clarification": ("Clarification", "Clarifications", "Klarstellung", "Klarstellungen"),
    "update": ("Update", "Updates", "Aktualisierung", "Aktualisierungen"),
    "note": ("Editor’s note", "Editor’s notes", "Anmerkung der Redaktion", "Anmerkungen der Redaktion"),
    "retraction": ("Retraction", "Retractions", "Rücknahme", "Rücknahmen"),
    "minor": ("Minor edit", "Minor edits", "Kleine Änderung", "Kleine Änderungen"),
}
CHANGES = ("Changes", "Änderungen")
# What is shown before a minor edit that changed a figure or name.
LABELLED_MINOR = ("Labelled minor by the editor:", "Von der Redaktion als kleine Änderung bezeichnet:")
_SUPERSEDED = re.compile(r"(Superseded on|Ersetzt am) [0-9]{1,2}\.? [^\W\d]+ [0-9]{4}\.")
# What a page or dossier says of a version without a note.
NO_NOTES = ("First version.", "Erste Fassung.", "Minor changes.", "Kleinere Änderungen.")
# What is said of embedded contents, and the names of their sites.
EMBED_LABELS = (
    "Opens in a new tab", "Öffnet sich in einem neuen Tab", "YouTube", "Vimeo", "Dailymotion", "SoundCloud", "Spotify",
    "Apple Podcasts", "Bluesky", "X", "Instagram", "Facebook", "TikTok", "Threads", "OpenStreetMap", "Datawrapper",
    "Flourish", "DocumentCloud",
)  # fmt: skip
# The labels of texts by AI, by the use that is stated.
AI_LABELS = {
    "translation": (
        "This text was translated by AI, without a review by an editor.",
        "Dieser Text wurde von KI übersetzt und nicht von der Redaktion geprüft.",
    ),
    "draft": (
        "This text was written with AI, without a review by an editor.",
        "Dieser Text wurde mit KI geschrieben und nicht von der Redaktion geprüft.",
    ),
    "parts": (
        "Parts of this text were written by AI, without a review by an editor.",
        "Teile dieses Textes wurden von KI geschrieben und nicht von der Redaktion geprüft.",
    ),
    "pictures": (
        "Pictures with this text were made or changed by AI.",
        "Bilder zu diesem Text wurden von KI erzeugt oder verändert.",
    ),
    "sound": (
        "Sound with this text was made or changed by AI.",
        "Ton zu diesem Text wurde von KI erzeugt oder verändert.",
    ),
}
# A review of facts and sources, of this text and with somebody who answers for it, takes away these.
REVIEWABLE = {"translation", "draft", "parts"}


def odd_beside_note(bold: Iterable[str], emphasised: Iterable[str]) -> list[str]:
    """Return those words beside a note that are neither a kind of change nor when it was superseded."""
    kinds = {f"{word}." for words in HEADINGS.values() for word in words} | {*LABELLED_MINOR}
    return [word for word in bold if word not in kinds] + [w for w in emphasised if not _SUPERSEDED.fullmatch(w)]


def label_problems(content: Mapping[str, Any], label: str, definition: str) -> Iterator[str]:
    """Yield what is wrong with the label of an article and the definition below it."""
    kind = content.get("kind", "")
    known = KINDS.get(kind, ((kind, ""),))
    if kind and (label, definition) not in known:
        yield f"The page calls the text “{label}”: “{definition}”. In the record, it is of the kind “{kind}”."
    elif not kind and (definition or any(label == name for names in KINDS.values() for name, _said in names)):
        yield f"The page calls the text “{label}”: “{definition}”. In the record, it has no kind."


def ai_problems(content: Mapping[str, Any], labels: list[str]) -> Iterator[str]:
    """Yield what is wrong with the sentences on the use of AI below the headline."""
    stated = content.get("ai_uses", ())
    for label in labels:
        if not any(label in known for known in AI_LABELS.values()):
            yield f"The page has the label “{label}”, which this software does not have."
    is_reviewed = any(
        {"facts", "sources"} <= set(review["checked"]) and review["of_this_text"] and review["responsible"]
        for review in content.get("reviews", ())
    )
    for use in stated:
        needed = use in AI_LABELS and not (use in REVIEWABLE and is_reviewed)
        if needed and not set(labels) & set(AI_LABELS[use]):
            yield f"The record states the use of AI “{use}”, and the page lacks the label of it."


def heading_problems(headings: Iterable[tuple[str, str, list[int]]], kinds: Mapping[int, set[str]]) -> Iterator[str]:
    """Yield what is wrong with the headings above notes. `kinds` are those of the record, by time.

    `headings` have the kind by which the page has sorted the notes, or "", the heading, and the times of the notes.
    """
    for kind, heading, times in headings:
        named = {name for name, words in HEADINGS.items() if heading in words}
        if kind and kind not in named:
            yield f"The page has notes of the kind “{kind}” under the heading “{heading}”."
        elif not named and heading not in CHANGES:
            yield f"The page has notes under the heading “{heading}”."
        for time in times:
            if named and not named & kinds.get(time, set()):
                said = ", ".join(sorted(kinds.get(time, set()))) or "no kind"
                yield f"The page has a note under the heading “{heading}”. In the record, it has {said}."
