"""What the content of a version says that its page shows, and how a page differs from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from truthlytics.transparency.outside.html import Element, marked, parse
from truthlytics.transparency.outside.labels import NO_NOTES, ai_problems, heading_problems, label_problems
from truthlytics.transparency.outside.pages import Page
from truthlytics.transparency.outside.rules import seconds

ANSWERS = (
    "why_written", "how_known", "not_known", "interests", "ai_use", "ai_language", "ai_research", "ai_translation",
    "ai_draft", "ai_parts", "ai_pictures", "ai_sound",
)  # fmt: skip
# Notes of an import about images that it could not get. Readers do not get them.
MISSING_IMAGE = "image not included"
Content = Mapping[str, Any]


class Expected:
    """The words that the page of a version with this `content` has. `kind` is "article", "dossier" or "page"."""

    def __init__(self, kind: str, content: Content) -> None:
        self.parts: dict[str, list[str]] = {}
        self.figures: list[tuple[str, str]] = []
        self.embeds: list[tuple[str, str, str]] = []
        self.links: list[str] = []
        # The digests of the files of each figure that existed when the version was published.
        self.figure_files: list[list[str]] = []
        self._pictures = content.get("pictures", {})
        self._notes: list[str] = []
        self._captions: list[str] = []
        if kind == "dossier":
            self._dossier(content)
        else:
            self._article(content)
        answers = content.get("how_we_know", {})
        self.parts["answers"] = [squeezed(answers[name]) for name in ANSWERS if answers.get(name)]
        self.parts["AI"] = [" ".join(use for use in content.get("ai_uses", ()) if use != "none")]
        self.parts["reviews"] = [_reviewer(review) for review in content.get("reviews", ())]
        self.parts = {name: words for name, words in self.parts.items() if any(words)}

    def _dossier(self, content: Content) -> None:
        summary = parse(content["summary"])
        self.parts["headline"] = [squeezed(content["title"])]
        self.parts["text"] = [summary.words()]
        self.parts["marked"] = [summary.words(marks=True)]
        self.links = [link.get("href") for link in summary.all("a")]
        self.parts["entries"] = [squeezed(entry["text"]) for entry in content["entries"]]
        self.parts["entry dates"] = [entry["date"] for entry in content["entries"]]

    def _article(self, content: Content) -> None:
        body = parse(content["body"])
        self.parts["headline"] = [squeezed(content["headline"])]
        self.parts["standfirst"] = [squeezed(content.get("standfirst", ""))]
        self.parts["byline"] = [" · ".join(squeezed(byline["name"]) for byline in content.get("bylines", ()))]
        lead = content.get("lead")
        if lead:
            self._figure(lead["uuid"], squeezed(lead.get("caption", "")), [])
        self.parts["text"] = [body.words(replace=self._replaced)]
        self._notes.clear()
        self.embeds.clear()
        self._captions.clear()
        self.parts["marked"] = [body.words(replace=self._marked, marks=True)]
        for figure, caption in zip(body.all("figure"), self._captions):
            self._figure(figure.get("data-image"), caption, links_of([figure]))
        self.links = links_of([body], besides=body.all("figure"))
        self.parts["footnotes"] = self._notes
        self.parts["sources"] = [squeezed(source["title"]) for source in content.get("sources", ())]

    def _figure(self, uuid: str, caption: str, links: list[str]) -> None:
        if details := self._pictures.get(uuid):
            words = f"{caption or squeezed(details['caption'])} {squeezed(details['credit'])}"
            words = " ".join([*words.split(), *links])
            self.figures.append((squeezed(details["alt"]), words))
            self.figure_files.append(list(details.get("files", ())))

    def _marked(self, element: Element) -> str | None:
        if "data-footnote" in element.attributes:
            words = self._replaced(element) or ""
            cite, note = words.split("]", 1)
            return f"{cite}] {marked(Element('small', {}), _bold_number(note, len(self._notes)))}"
        if element.tag == "aside" and element.get("data-by"):
            words = f"{element.words(replace=self._marked, marks=True)} {squeezed(element.get('data-by'))}"
            return marked(element, words)
        return self._replaced(element)

    def _replaced(self, element: Element) -> str | None:
        if element.tag == "figure":
            captions = (part.words(replace=self._replaced) for part in element.all("figcaption"))
            self._captions.append(" ".join(captions))
            return " "
        if "data-footnote" in element.attributes:
            note = squeezed(element.get("data-footnote"))
            self._notes.append(note)
            # The number, and beside it the note in the margin.
            return f" [{len(self._notes)}] {len(self._notes)}{note}"
        if "data-embed" in element.attributes:
            details = self._pictures.get(element.get("data-image"))
            title = squeezed(element.get("data-title")) or bare_address(element.get("data-embed"))
            self.embeds.append((element.get("data-embed"), title, squeezed(details["credit"]) if details else ""))
            return " "
        if element.tag == "aside" and element.get("data-by"):
            return f" {element.words(replace=self._replaced)} {squeezed(element.get('data-by'))} "
        if element.tag == "em" and element.words().startswith(MISSING_IMAGE):
            return ""
        return None


def links_of(elements: list[Element], *, besides: list[Element] | None = None) -> list[str]:
    """Return where the links in `elements` lead, but not those in the elements `besides`."""
    left_out = {id(link) for element in besides or [] for link in element.all("a")}
    return [link.get("href") for element in elements for link in element.all("a") if id(link) not in left_out]


def _reviewer(review: Content) -> str:
    """Return the name and role of a reviewer, or the role and the number, without signs and words between them."""
    parts = (review["name"], review["role"]) if review["name"] else (review["role"], str(review["reviewer"]))
    return squeezed(" ".join(parts))


def _bold_number(note: str, number: int) -> str:
    return f" <b> {number} </b> {note.strip()[len(str(number)) :]}"


def bare_address(url: str) -> str:
    text = url[len("https://") :] if url.startswith("https://") else url
    return (text[len("www.") :] if text.startswith("www.") else text).rstrip("/")


def squeezed(text: str) -> str:
    return " ".join(text.split())


# --- Comparing ------------------------------------------------------------------------------------------------------
LABELS = {
    "headline": "headline", "standfirst": "standfirst", "byline": "byline", "text": "text",
    "marked": "text and how it is set", "footnotes": "notes",
    "answers": "answers about how we know", "AI": "use of AI", "reviews": "reviews", "sources": "sources",
    "entries": "entries", "entry dates": "dates of entries",
}  # fmt: skip


def differences(kind: str, content: Content, page: Page) -> list[str]:
    """Return sentences on how the page differs from the content, [] if it does not."""
    expected = Expected(kind, content)
    found: list[str] = []
    for name, label in LABELS.items():
        shown, recorded = page.parts.get(name, []), expected.parts.get(name, [])
        shown = [" ".join(shown)] if name in ("text", "marked") else shown
        shown = [words for words in shown if words]
        recorded = [words for words in recorded if words] if name == "AI" else recorded
        if shown != recorded and not (name == "marked" and found):
            here, there = first_difference(" | ".join(shown), " | ".join(recorded))
            found.append(f"The {label} on the page: “{here}”. In the record: “{there}”.")
    found += _of_figures(page, expected)
    if kind == "article":
        label, definition = (page.parts.get(name, [""])[0] for name in ("label", "definition"))
        found += label_problems(content, label, definition)
    found += ai_problems(content, page.parts.get("AI label", []))
    if page.links != expected.links:
        here, there = first_difference(" ".join(page.links), " ".join(expected.links))
        found.append(f"A link in the text leads to “{here}”. In the record: “{there}”.")
    for details, source in zip(page.parts.get("source details", []), content.get("sources", ())):
        lacking = [source[name] for name in ("author", "publisher") if squeezed(source.get(name, "")) not in details]
        if lacking:
            text = f"The source “{source['title']}” is by “{', '.join(lacking)}” in the record, but not on the page."
            found.append(text)
    for link, source in zip(page.parts.get("source links", []), content.get("sources", ())):
        addresses = [source[name] for name in ("url", "archived_url") if source.get(name)]
        addresses += [source["document"]["url"]] if isinstance(source.get("document"), Mapping) else []
        if link and addresses and link not in addresses:
            found.append(f"The source “{source['title']}” leads to “{link}”. In the record: “{addresses[0]}”.")
    if page.stray:
        found.append(f"The page has words that belong to no part of the record: “{_cut(' … '.join(page.stray))}”.")
    return found


def _of_figures(page: Page, expected: Expected) -> list[str]:
    """Compare images and embeds. An image of which the site could not make a size is not shown."""
    found, left = [], list(expected.figures)
    for figure in page.figures:
        while left and left[0] != figure and figure in left:
            left.pop(0)
        if left and left[0] == figure:
            left.pop(0)
        else:
            there = left[0] if left else ("", "")
            here, record = first_difference(" | ".join(figure), " | ".join(there))
            found.append(f"An image on the page is described: “{here}”. In the record: “{record}”.")
    shown = [(url, title) for url, title, _credit in page.embeds]
    if shown != [(url, title) for url, title, _credit in expected.embeds]:
        found.append("The embedded contents on the page are not those in the record.")
    for (_url, title, credit), (_same, _title, recorded) in zip(page.embeds, expected.embeds):
        if credit not in ("", recorded):
            found.append(f"The image of “{title}” is by “{credit}” on the page, and by “{recorded}” in the record.")
    return found


def unknown_figures(kind: str, content: Content, page: Page, digests: Mapping[str, str]) -> list[str]:
    """Return the descriptions of the figures of which no file is in the record. `digests` are those of the files.

    Figures of which the record has no files, or that are not all shown, are left out.
    """
    expected = Expected(kind, content)
    if len(expected.figures) != len(page.figures):
        return []
    return [
        alt
        for (alt, _words), files, shown in zip(page.figures, expected.figure_files, page.figure_images)
        if files and not any(digests.get(address) in files for address in shown)
    ]


def images_not_shown(kind: str, content: Content, page: Page) -> int:
    """Return how many images of the record are not on the page."""
    return max(0, len(Expected(kind, content).figures) - len(page.figures))


def first_difference(shown: str, recorded: str) -> tuple[str, str]:
    """Return the words of both where they differ first."""
    index = 0
    while index < min(len(shown), len(recorded)) and shown[index] == recorded[index]:
        index += 1
    start = max(shown.rfind(" ", 0, max(0, index - 30)) + 1, 0)
    return _cut(shown[start:]), _cut(recorded[start:])


def _cut(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]} …"


# Such as “3 May 2026, 11:00 CEST” and “3. Mai 2026, 11:00 MESZ”.
_DATE = re.compile(r"[0-9]{1,2}\.? [^\W\d]+\.? [0-9]{4}(, [0-9]{1,2}:[0-9]{2}( Uhr)?( [\w:+-]{1,6})?)?")


# --- Dates and notes ------------------------------------------------------------------------------------------------
def date_problems(kind: str, page: Page, times: list[int], notes: list[tuple[int, str]]) -> list[str]:
    """Compare the dates and notes on the page with those of the versions of the record, oldest first.

    `times` are in seconds since 1970, `notes` are those of the versions after the first, each with its time.
    """
    found = []
    for number, (where, datetime, words) in enumerate(page.times):
        time, is_first = moment(datetime), number == 0 and where == "version-log"
        if time not in times or (is_first and time != times[0]):
            found.append(f"The page has the date “{words}”, which is not one of the record.")
        elif not says(words, datetime):
            found.append(f"The page says “{words}” for the date {datetime}.")
    if not page.times:
        found.append("The page has no date of a version.")
    recorded: dict[int, list[str]] = {}
    for time, note in notes:
        recorded.setdefault(time, []).append(squeezed(note))
    labels = [] if kind == "article" else NO_NOTES
    for datetime, words in page.notes:
        # Two versions may have been published in one second.
        own = recorded.get(moment(datetime), [])
        if words in labels:
            page.outside.append(words)
        elif words and words not in own:
            there = f", and the record “{_cut(own[0])}”" if own else ", which is not one of the record"
            found.append(f"The page has the note “{_cut(words)}”{there}.")
    for words in page.summaries:
        if words and (not notes or words != squeezed(notes[-1][1])):
            found.append(f"The page begins its list of changes with “{_cut(words)}”, which is not the newest note.")
    return found


def missing_notes(page: Page, notes: list[tuple[int, str]]) -> list[str]:
    """Return sentences on the notes of the record that an article does not show."""
    shown = {words for _time, words in page.notes}
    return [
        f"The page lacks a note of the record: “{_cut(squeezed(note))}”."
        for _time, note in notes
        if squeezed(note) and squeezed(note) not in shown
    ]


def change_problems(page: Page, versions: list[Content]) -> Iterator[str]:
    """Yield what is wrong with the headings above the notes on an article. `versions` are those of its history."""
    kinds: dict[int, set[str]] = {}
    for version in versions:
        kinds.setdefault(seconds(version["public_from"]), set()).add(version.get("correction", {}).get("kind", ""))
    headings = [(kind, heading, [moment(date) for date in dates]) for kind, heading, dates in page.headings]
    yield from heading_problems(headings, kinds)


def moment(datetime: str) -> int:
    """Return a time of the page, such as 2026-05-03T11:00:00+0200, in seconds since 1970; -1 for others."""
    match = re.fullmatch("([0-9T:-]{19})([+-])([0-9]{2}):?([0-9]{2})", datetime)
    if not match:
        return -1
    offset = (int(match[3]) * 60 + int(match[4])) * 60
    return seconds(f"{match[1]}Z") - (offset if match[2] == "+" else -offset)


def says(words: str, datetime: str) -> bool:
    """Return whether the words are a date, perhaps with a time, that has the day and year."""
    numbers = [int(number) for number in re.findall("[0-9]+", words)]
    return bool(_DATE.fullmatch(words)) and int(datetime[:4]) in numbers and int(datetime[8:10]) in numbers
