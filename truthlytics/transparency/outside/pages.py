"""Reading the page of an article, dossier or page: every word that readers see, and what it is.

What is on the page besides (navigation, names of sections, comments, labels) is outside the record. It is returned, so
that people can be told which words these are. Words that belong to neither are a difference, and so is what an honest
page does not have (see `shape`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from truthlytics.transparency.outside.html import Element, read
from truthlytics.transparency.outside.labels import odd_beside_note
from truthlytics.transparency.outside.shape import foreign, problem_in, problems_beside, problems_of_document

# Parts of a page that are outside the record, besides elements with `data-outside-record`.
OUTSIDE = (
    ".contents", ".share", ".gate", ".report-link", ".topics", ".author-box", ".series", ".story",
    ".related", ".article__label", ".article-actions", ".translations", ".version-banner", ".label--plain",
    ".newsletter-line", ".thread", ".picks-beside", ".gift-notice", "[data-outside-record]",
)  # fmt: skip
# What the templates of this software mark as outside the record themselves, within parts of the record and elsewhere.
OWN_MARKS = {
    "figure": (".figure__ai",), "text": (".figure__ai",), "answers": (".how-we-know__use",),
    "": (".ai-label", ".responsibility-line", ".follow-link"),
}  # fmt: skip
# Words between the names of a byline.
BETWEEN_NAMES = {"By", "and", "Von", "und", ","}
PARTS: Mapping[str, str] = {
    ".page-header__title": "title", ".page-header__standfirst": "standfirst", ".byline": "byline",
    ".version-log": "log", ".page-history": "dates", ".dossier__history": "dates", ".corrections": "changes",
    ".changes": "changes", "figure": "figure", ".audio-player": "audio", ".prose": "text", ".endnotes": "endnotes",
    ".how-we-know": "answers", ".sources": "sources", ".article__url": "address", ".dossier__summary": "text",
    ".entries": "entries", ".removed-text": "reason", "h2": "heading",
}  # fmt: skip
# Headings of the lists of a dossier, by the name of their section.
LISTS = ("so-far", "pieces")


class Page:
    """The words of a page, sorted by what they are. `stray` are those that belong to nothing that is known.

    `problems` are what an honest page does not have. `address` is where the page is, for what belongs to the site.
    """

    def __init__(self, html: str, address: str = "") -> None:
        self.parts: dict[str, list[str]] = {}
        self.figures: list[tuple[str, str]] = []
        self.embeds: list[tuple[str, str, str]] = []
        self.links: list[str] = []
        self.times: list[tuple[str, str, str]] = []
        self.notes: list[tuple[str, str]] = []
        # The notes beside the date of the last change.
        self.summaries: list[str] = []
        # The kinds of change under which notes are shown, with the words of their headings.
        self.headings: list[tuple[str, str, list[str]]] = []
        # Addresses of all image files, and of those of each figure.
        self.images: list[str] = []
        self.figure_images: list[list[str]] = []
        self.outside: list[str] = []
        # What a theme or plug-in marks as outside the record.
        self.own_marks: list[str] = []
        self.stray: list[str] = []
        self._cites = 0
        self.root, self._oddities = read(html)
        self.problems = list(problems_of_document(self.root, address))
        self.foreign = foreign(self.root, address)
        for main in self.root.all("main")[:1]:
            self._shape("frame", main, self.root)
            self._read(main)

    def odd_beside(self, text: str) -> list[str]:
        """Return what browsers may read in another way, besides what is so in the HTML `text` of the record, too."""
        # Pages put a pull quote into a paragraph, and the number of a note into a link.
        text = re.sub(r'(<aside class="pullquote"[^>]*>)(.*?)(</aside>)', r"\1<p>\2</p>\3", text, flags=re.DOTALL)
        text = re.sub(r'<sup data-footnote="[^"]*"[^>]*></sup>', "<sup><a></a></sup>", text)
        odd = Counter(self._oddities) - Counter(read(text)[1])
        return [f"what browsers may read in another way: {oddity}" for oddity in odd.elements()]

    def _read(self, parent: Element) -> None:
        for child in parent.children:
            if isinstance(child, str):
                if child.strip():
                    self.stray.append(" ".join(child.split()))
            elif child.matches(*OUTSIDE):
                self._skip(child)
            elif name := self._part_of(child, parent):
                self._shape_all(name, child, parent)
                getattr(self, f"_read_{name}")(child)
            else:
                self._shape("frame", child, parent)
                self._read(child)

    def _heading(self, element: Element) -> None:
        """Read the heading of a section: one, at its beginning."""
        headings = element.all("h2")
        if headings != element.inner()[:1]:
            self.stray += [heading.words() for heading in headings[1:] or headings]
        self.outside += [heading.words() for heading in headings]

    def _skip(self, element: Element) -> None:
        self.problems += problems_beside(element)
        if element.matches(".article__label"):
            self._shape_all("label", element, self.root)
            self._read_label(element)
        if words := element.words():
            self.outside.append(words)
            if element.matches("[data-outside-record]") and not element.matches(*OWN_MARKS[""]):
                self.own_marks.append(words)
            elif element.matches(".ai-label"):
                self._add("AI label", words)

    def _shape(self, part: str, element: Element, parent: Element) -> None:
        if problem := problem_in(part, element, parent):
            self.problems.append(problem)

    def _shape_all(self, part: str, element: Element, parent: Element) -> None:
        """Look at an element of a part and all in it. Figures in a text are a part of their own."""
        if element.matches(".byline__portraits", *OWN_MARKS.get(part, ())):
            self.problems += problems_beside(element)
            return
        self._shape(part, element, parent)
        for child in element.inner():
            if child.tag == "section":
                self.problems.append(f"a <section> within the part “{part}” of a page")
            self._shape_all("figure" if part == "text" and child.tag == "figure" else part, child, element)

    def _add(self, name: str, words: str) -> None:
        self.parts.setdefault(name, []).append(words)

    def _part_of(self, element: Element, parent: Element) -> str:
        """Return the name of the method that reads `element`, or ""."""
        name = next((name for selector, name in PARTS.items() if element.matches(selector)), "")
        is_list = parent.tag == "section" and parent.get("aria-labelledby") in LISTS
        return "" if name == "heading" and not (is_list and element.get("id") in LISTS) else name

    def _read_label(self, element: Element) -> None:
        labels = [label for label in element.all(".label") for label in label.inner()]
        self._add("label", labels[0].words() if labels and labels[0].tag == "span" else "")
        self._add("definition", " ".join(part.words() for part in element.all(".label__definition")))
        self.stray += [label.words() for label in labels[2:]]
        known = (".label", ".label__definition", ".article__part")
        self.stray += [words for words in [element.words(*known)] if words]

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
        names = [name.words() for name in element.all("bdi")]
        roles = [role.words() for small in element.all(".dotted") for role in small.all("bdi")]
        for role in roles:
            names.remove(role)
        self._add("byline", " · ".join(names))
        minutes = " ".join(small.words("bdi") for small in element.all(".dotted"))
        if not re.fullmatch(r"([0-9]+ [^\W\d_]+\.?)?", minutes):
            self.stray.append(minutes)
        rest = element.words("bdi", ".dotted", ".byline__portraits")
        if set(rest.replace(",", " ").split()) <= BETWEEN_NAMES:
            self.outside.append(rest)
        else:
            self.stray.append(rest)

    def _read_log(self, element: Element) -> None:
        self.stray += [inner.words() for inner in element.all("ul")]
        self._read_dates(element)

    def _read_dates(self, element: Element) -> None:
        for line in element.all("li", "p", "summary"):
            # A date, or a link to versions and checks.
            if not line.all("time", "a"):
                self.stray.append(line.words())
        for details in element.all("details"):
            if [child.tag for child in details.inner()] != ["summary", "ol"]:
                self.stray.append(details.words())
        self.stray += [words for words in [element.words("li", "p", "summary")] if words]
        self.summaries += [line.words("time").partition(":")[2].strip() for line in element.all("summary")]
        for time in element.all("time"):
            self.times.append((element.get("class").split()[0], time.get("datetime"), time.words()))
        for item in element.all("li"):
            times = item.all("time")
            if not element.matches("ul") and times:
                self.notes.append((times[0].get("datetime"), item.words("time")))
        self.outside.append(element.words("time", "li" if not element.matches("ul") else "time"))
        self._add("version", " ".join(re.findall("[0-9]+", element.words("time"))) if element.matches("ul") else "")

    def _read_changes(self, element: Element) -> None:
        dates = [time.get("datetime") for time in element.all("time")]
        kind = element.get("aria-labelledby").replace("-title", "") if element.matches(".corrections") else ""
        self.headings.append((kind, " ".join(heading.words() for heading in element.all("h2")), dates))
        for item in element.all("li"):
            for time in item.all("time"):
                self.times.append(("changes", time.get("datetime"), time.words()))
            dates = [time.get("datetime") for time in item.all("time")]
            labels = "em", "b", ".changes__version", ".changed-facts"
            self.stray += odd_beside_note(*([one.words() for one in item.all(tag)] for tag in ("b", "em")))
            self.notes.append(((dates or [""])[0], item.words("time", *labels)))
            self.outside += [label.words() for label in item.all(*labels)]
        self.stray += [words for words in [element.words("h2", "li")] if words]

    def _read_figure(self, figure: Element) -> None:
        alt = " ".join(image.get("alt") for image in figure.all("img"))
        words = figure.words("picture", "[data-outside-record]", replace=self._replaced)
        links = [link.get("href") for link in figure.all("a") if not link.matches("[role]")]
        self.figures.append((" ".join(alt.split()), " ".join([words, *links]).strip()))
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

    def _read_text(self, element: Element) -> None:
        cites, embeds, outside, images = self._cites, len(self.embeds), len(self.outside), len(self.images)
        self._add("text", element.words("figure", replace=self._replaced))
        # The same again, with what the words are. It counts the same notes and embeds.
        self._cites = cites
        del self.embeds[embeds:], self.outside[outside:], self.images[images:]
        self._add("marked", element.words("figure", replace=self._replaced, marks=True))
        for figure in element.all("figure"):
            self._read_figure(figure)
        in_figures = {id(link) for figure in element.all("figure") for link in figure.all("a")}
        for link in element.all("a"):
            if not link.matches("[role]", ".embed__link") and id(link) not in in_figures:
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
        self._heading(element)
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
        # An answer has one question, before it.
        groups = [group for rows in element.inner() if rows.tag == "dl" for group in rows.inner() if group.tag == "div"]
        questions = [group.inner()[0] for group in groups if group.inner() and group.inner()[0].tag == "dt"]
        self.stray += [heading.words() for heading in element.all("dt") if heading not in questions]
        self._heading(element)
        self.outside += [heading.words() for heading in questions]
        self.stray += [words for words in [element.words("h2", "dt", "dd")] if words]

    def _read_sources(self, element: Element) -> None:
        self._heading(element)
        for item in element.all("li"):
            self._add("sources", item.words("small"))
            self._add("source details", " ".join(small.words(".visually-hidden") for small in item.all("small")))
            self._add("source links", " ".join(link.get("href") for link in item.all("a")[:1]))
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
