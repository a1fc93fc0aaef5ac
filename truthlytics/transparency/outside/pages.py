"""Comparing the page of an article, dossier or page with its content in the record: every word that readers see.

What is on the page besides (navigation, names of sections, comments, labels) is outside the record. It is returned, so
that people can be told which words these are. Words that belong to neither are a difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from truthlytics.transparency.outside.html import Element, parse
from truthlytics.transparency.outside.rules import seconds

# Parts of a page that are outside the record, besides elements with `data-outside-record`.
OUTSIDE = (
    "nav", "form", "button", ".share", ".gate", ".report-link", ".topics", ".author-box", ".series", ".story",
    ".related", ".article__label", ".article-actions", ".translations", ".version-banner", ".label",
    ".byline__portraits", ".newsletter-line", ".thread", ".picks-beside", ".gift-notice", "[data-outside-record]",
)  # fmt: skip
ANSWERS = (
    "why_written", "how_known", "not_known", "interests", "ai_use", "ai_language", "ai_research", "ai_translation",
    "ai_draft", "ai_parts", "ai_pictures", "ai_sound",
)  # fmt: skip
# Notes of an import about images that it could not get. Readers do not get them.
MISSING_IMAGE = "image not included"
Content = Mapping[str, Any]


class Page:
    """The words of a page, sorted by what they are. `stray` are those that belong to nothing that is known."""

    def __init__(self, html: str) -> None:
        self.parts: dict[str, list[str]] = {}
        self.figures: list[tuple[str, str]] = []
        self.embeds: list[tuple[str, str, str]] = []
        self.links: list[str] = []
        self.times: list[tuple[str, str, str]] = []
        self.notes: list[tuple[str, str]] = []
        # Addresses of all image files, and of those of each figure.
        self.images: list[str] = []
        self.figure_images: list[list[str]] = []
        self.outside: list[str] = []
        self.stray: list[str] = []
        self._cites = 0
        mains = parse(html).all("main")
        if len(mains) == 1:
            self._read(mains[0])

    def _read(self, parent: Element) -> None:
        for child in parent.children:
            if isinstance(child, str):
                if child.strip():
                    self.stray.append(" ".join(child.split()))
                continue
            if child.tag in ("script", "style", "template"):
                continue
            if child.matches(*OUTSIDE):
                self._skip(child)
            elif name := self._part_of(child):
                getattr(self, f"_read_{name}")(child)
            else:
                self._read(child)

    def _skip(self, element: Element) -> None:
        if words := element.words():
            self.outside.append(words)

    def _add(self, name: str, words: str) -> None:
        self.parts.setdefault(name, []).append(words)

    def _part_of(self, element: Element) -> str:
        """Return the name of the method that reads `element`, or ""."""
        names = {
            ".page-header__title": "title", ".page-header__standfirst": "standfirst", ".byline": "byline",
            ".version-log": "dates", ".page-history": "dates", ".dossier__history": "dates", ".corrections": "changes",
            ".changes": "changes", "figure": "figure", ".audio-player": "audio", ".contents": "contents",
            ".prose": "text", ".endnotes": "endnotes", ".how-we-know": "answers", ".sources": "sources",
            ".article__url": "address", ".dossier__summary": "text", ".entries": "entries", ".removed-text": "reason",
            "h2": "heading",
        }  # fmt: skip
        return next((name for selector, name in names.items() if element.matches(selector)), "")

    # --- Parts ------------------------------------------------------------------------------------------------------
    def _read_title(self, element: Element) -> None:
        self._add("headline", element.words())

    def _read_standfirst(self, element: Element) -> None:
        self._add("standfirst", element.words())

    def _read_heading(self, element: Element) -> None:
        self._skip(element)

    def _read_address(self, element: Element) -> None:
        self._add("address", element.words())

    def _read_reason(self, element: Element) -> None:
        self._skip(element)

    def _read_byline(self, element: Element) -> None:
        for small in element.all(".dotted"):
            self._skip(small)
        names = [name.words() for p in element.all("p") for name in p.all("bdi")]
        roles = [role.words() for small in element.all(".dotted") for role in small.all("bdi")]
        for role in roles:
            names.remove(role)
        self._add("byline", " · ".join(names))
        self.outside.append(element.words("bdi", ".dotted"))

    def _read_dates(self, element: Element) -> None:
        for time in element.all("time"):
            self.times.append((element.get("class").split()[0], time.get("datetime"), time.words()))
        for item in element.all("li"):
            times = item.all("time")
            if not element.matches("ul") and times:
                self.notes.append((times[0].get("datetime"), item.words("time")))
        self.outside.append(element.words("time", "li" if not element.matches("ul") else "time"))
        self._add("version", " ".join(re.findall("[0-9]+", element.words("time"))) if element.matches("ul") else "")

    def _read_changes(self, element: Element) -> None:
        for heading in element.all("h2"):
            self._skip(heading)
        for item in element.all("li"):
            for time in item.all("time"):
                self.times.append(("changes", time.get("datetime"), time.words()))
            dates = [time.get("datetime") for time in item.all("time")]
            labels = "em", "b", ".changes__version", ".changed-facts"
            self.notes.append(((dates or [""])[0], item.words("time", *labels)))
            self.outside += [label.words() for label in item.all(*labels)]
        self.stray += [words for words in [element.words("h2", "li")] if words]

    def _read_figure(self, figure: Element) -> None:
        alt = " ".join(image.get("alt") for image in figure.all("img"))
        self.figures.append((" ".join(alt.split()), figure.words("picture", "[data-outside-record]")))
        self.outside += [mark.words() for mark in figure.all("[data-outside-record]")]
        count = len(self.images)
        self._images_in(figure)
        self.figure_images.append(self.images[count:])

    def _images_in(self, element: Element) -> None:
        for file in element.all("img", "source"):
            addresses = [part.split()[0] for part in file.get("srcset").split(",") if part.strip()]
            self.images += [address for address in [file.get("src"), *addresses] if address]

    def _read_audio(self, element: Element) -> None:
        self._skip(element)

    def _read_contents(self, element: Element) -> None:
        self._skip(element)

    def _read_text(self, element: Element) -> None:
        self._add("text", element.words("figure", replace=self._replaced))
        for figure in element.all("figure"):
            self._read_figure(figure)
        for link in element.all("a"):
            if not link.matches("[role]", ".embed__link"):
                self.links.append(link.get("href"))

    def _replaced(self, element: Element) -> str | None:
        if element.matches(".cite"):
            self._cites += 1
            return f" [{element.words().lstrip(', ')}] "
        if element.matches(".embed"):
            links, title = element.all(".embed__link"), element.all(".embed__title")
            credit = " ".join(part.words() for part in element.all(".embed__credit"))
            self.embeds.append((links[0].get("href") if links else "", title[0].words() if title else "", credit))
            self.outside.append(element.words(".embed__title", ".embed__credit"))
            self._images_in(element)
            return " "
        return None

    def _read_endnotes(self, element: Element) -> None:
        for heading in element.all("h2"):
            self._skip(heading)
        for item in element.all("li"):
            back = [link for link in item.all("a") if link.get("role") == "doc-backlink"]
            words = item.words()
            ending = " ".join(link.words() for link in back)
            self._add("footnotes", words[: len(words) - len(ending)].strip() if words.endswith(ending) else words)
            self.outside.append(ending)
        self.stray += [words for words in [element.words("h2", "li")] if words]

    def _read_answers(self, element: Element) -> None:
        for answer in element.all("dd"):
            if answer.matches("[data-ai-uses]"):
                self._add("AI", answer.get("data-ai-uses"))
            elif answer.matches("[data-review]"):
                self._add("reviews", " ".join(part.words() for part in answer.all("bdi")))
            elif not answer.matches("[data-outside-record]"):
                self._add("answers", answer.words("[data-outside-record]"))
                self.outside += [label.words() for label in answer.all("[data-outside-record]")]
        self.outside.append(element.words("dd"))

    def _read_sources(self, element: Element) -> None:
        for heading in element.all("h2"):
            self._skip(heading)
        for item in element.all("li"):
            self._add("sources", item.words("small"))
            self._add("source details", " ".join(small.words() for small in item.all("small")))
        self.stray += [words for words in [element.words("h2", "li")] if words]

    def _read_entries(self, element: Element) -> None:
        for entry in element.all(".entry"):
            texts = entry.all(".entry__description")
            if texts and entry.all(".entry__date"):
                self._add("entries", " ".join(text.words() for text in texts))
                self._add("entry dates", " ".join(time.get("datetime") for time in entry.all(".entry__date")))
                self.outside.append(entry.words(".entry__description"))
            else:
                self.outside.append(entry.words())
        if not element.all(".entry"):
            self._skip(element)


# --- What the content has -------------------------------------------------------------------------------------------
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
        if kind == "dossier":
            self._dossier(content)
        else:
            self._article(content)
        answers = content.get("how_we_know", {})
        self.parts["answers"] = [_squeezed(answers[name]) for name in ANSWERS if answers.get(name)]
        self.parts["AI"] = [" ".join(use for use in content.get("ai_uses", ()) if use != "none")]
        self.parts["reviews"] = [_reviewer(review) for review in content.get("reviews", ())]
        self.parts = {name: words for name, words in self.parts.items() if any(words)}

    def _dossier(self, content: Content) -> None:
        summary = parse(content["summary"])
        self.parts["headline"] = [_squeezed(content["title"])]
        self.parts["text"] = [summary.words()]
        self.links = [link.get("href") for link in summary.all("a")]
        self.parts["entries"] = [_squeezed(entry["text"]) for entry in content["entries"]]
        self.parts["entry dates"] = [entry["date"] for entry in content["entries"]]

    def _article(self, content: Content) -> None:
        body = parse(content["body"])
        self.parts["headline"] = [_squeezed(content["headline"])]
        self.parts["standfirst"] = [_squeezed(content.get("standfirst", ""))]
        self.parts["byline"] = [" · ".join(_squeezed(byline["name"]) for byline in content.get("bylines", ()))]
        lead = content.get("lead")
        if lead:
            self._figure(lead["uuid"], _squeezed(lead.get("caption", "")))
        self.parts["text"] = [body.words("figure", replace=self._replaced)]
        for figure in body.all("figure"):
            self._figure(figure.get("data-image"), " ".join(part.words() for part in figure.all("figcaption")))
        self.links = [link.get("href") for link in body.all("a")]
        self.parts["footnotes"] = self._notes
        self.parts["sources"] = [_squeezed(source["title"]) for source in content.get("sources", ())]

    def _figure(self, uuid: str, caption: str) -> None:
        if details := self._pictures.get(uuid):
            words = f"{caption or _squeezed(details['caption'])} {_squeezed(details['credit'])}".strip()
            self.figures.append((_squeezed(details["alt"]), words))
            self.figure_files.append(list(details.get("files", ())))

    def _replaced(self, element: Element) -> str | None:
        if "data-footnote" in element.attributes:
            note = _squeezed(element.get("data-footnote"))
            self._notes.append(note)
            # The number, and beside it the note in the margin.
            return f" [{len(self._notes)}] {len(self._notes)}{note}"
        if "data-embed" in element.attributes:
            details = self._pictures.get(element.get("data-image"))
            title = _squeezed(element.get("data-title")) or bare_address(element.get("data-embed"))
            self.embeds.append((element.get("data-embed"), title, _squeezed(details["credit"]) if details else ""))
            return " "
        if element.tag == "aside" and element.get("data-by"):
            return f" {element.words(replace=self._replaced)} {_squeezed(element.get('data-by'))} "
        if element.tag == "em" and element.words().startswith(MISSING_IMAGE):
            return ""
        return None


def _reviewer(review: Content) -> str:
    """Return the name and role of a reviewer, or the role and the number, without signs and words between them."""
    parts = (review["name"], review["role"]) if review["name"] else (review["role"], str(review["reviewer"]))
    return _squeezed(" ".join(parts))


def bare_address(url: str) -> str:
    text = url[len("https://") :] if url.startswith("https://") else url
    return (text[len("www.") :] if text.startswith("www.") else text).rstrip("/")


def _squeezed(text: str) -> str:
    return " ".join(text.split())


# --- Comparing ------------------------------------------------------------------------------------------------------
LABELS = {
    "headline": "headline", "standfirst": "standfirst", "byline": "byline", "text": "text", "footnotes": "notes",
    "answers": "answers about how we know", "AI": "use of AI", "reviews": "reviews", "sources": "sources",
    "entries": "entries", "entry dates": "dates of entries",
}  # fmt: skip


def differences(kind: str, content: Content, page: Page) -> list[str]:
    """Return sentences on how the page differs from the content, [] if it does not."""
    expected, found = Expected(kind, content), []
    for name, label in LABELS.items():
        shown, recorded = page.parts.get(name, []), expected.parts.get(name, [])
        shown = [" ".join(shown)] if name == "text" and shown else [words for words in shown if words]
        recorded = [words for words in recorded if words] if name == "AI" else recorded
        if shown != recorded:
            here, there = first_difference(" | ".join(shown), " | ".join(recorded))
            found.append(f"The {label} on the page: “{here}”. In the record: “{there}”.")
    found += _of_figures(page, expected)
    if page.links != expected.links:
        here, there = first_difference(" ".join(page.links), " ".join(expected.links))
        found.append(f"A link in the text leads to “{here}”. In the record: “{there}”.")
    for details, source in zip(page.parts.get("source details", []), content.get("sources", ())):
        lacking = [source[name] for name in ("author", "publisher") if _squeezed(source.get(name, "")) not in details]
        if lacking:
            text = f"The source “{source['title']}” is by “{', '.join(lacking)}” in the record, but not on the page."
            found.append(text)
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
    recorded = {time: _squeezed(note) for time, note in notes}
    for datetime, words in page.notes:
        time = moment(datetime)
        if words and (time not in times or (kind == "article" and words not in recorded.values())):
            found.append(f"The page has the note “{_cut(words)}”, which is not one of the record.")
        elif words and recorded.get(time) and words not in recorded.values():
            found.append(f"The page has the note “{_cut(words)}”, and the record “{_cut(recorded[time])}”.")
        elif words and not recorded.get(time):
            page.outside.append(words)
    return found


def missing_notes(page: Page, notes: list[tuple[int, str]]) -> list[str]:
    """Return sentences on the notes of the record that an article does not show."""
    shown = {words for _time, words in page.notes}
    return [
        f"The page lacks a note of the record: “{_cut(_squeezed(note))}”."
        for _time, note in notes
        if _squeezed(note) and _squeezed(note) not in shown
    ]


def moment(datetime: str) -> int:
    """Return a time of the page, such as 2026-05-03T11:00:00+0200, in seconds since 1970; -1 for others."""
    match = re.fullmatch("([0-9T:-]{19})([+-])([0-9]{2}):?([0-9]{2})", datetime)
    if not match:
        return -1
    offset = (int(match[3]) * 60 + int(match[4])) * 60
    return seconds(f"{match[1]}Z") - (offset if match[2] == "+" else -offset)


def says(words: str, datetime: str) -> bool:
    """Return whether the words of a date have its day and year."""
    numbers = [int(number) for number in re.findall("[0-9]+", words)]
    return int(datetime[:4]) in numbers and int(datetime[8:10]) in numbers
