"""How the front page is arranged while no editor has laid a hand on it. Pure: versions in, places out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from articles.models import Section, Version

SECONDS = 2
LATEST = 9
IN_A_ROW = 5


@dataclass(slots=True)
class Row:
    section: Section
    versions: list[Version]


@dataclass(slots=True)
class Front:
    lead: Version | None = None
    seconds: list[Version] = field(default_factory=list)
    latest: list[Version] = field(default_factory=list)
    voice: Version | None = None
    rows: list[Row] = field(default_factory=list)

    @property
    def versions(self) -> list[Version]:
        """Everything on the page, for one look-up of what stands beside it."""
        single = [version for version in (self.lead, self.voice) if version]
        return single + self.seconds + self.latest + [version for row in self.rows for version in row.versions]


def arrange(latest: Sequence[Version], by_section: Mapping[Section, Sequence[Version]]) -> Front:
    """Lead and seconds: the newest with a picture, at most one a section; the rows repeat nothing from above them."""
    front = Front()
    pictured = [version for version in latest if version.head.get("lead") and version.kind != "opinion"]
    chosen: list[Version] = []
    for version in pictured or list(latest[:1]):
        if all(_section(version) != _section(other) for other in chosen):
            chosen.append(version)
        if len(chosen) > SECONDS:
            break
    if chosen:
        front.lead, front.seconds = chosen[0], chosen[1:]
    above = {version.article_id for version in chosen}
    front.voice = next((version for version in latest if version.kind == "opinion"), None)
    if front.voice:
        above.add(front.voice.article_id)
    front.latest = [version for version in latest if version.article_id not in above][:LATEST]
    for section, versions in by_section.items():
        row = [version for version in versions if version.article_id not in above][:IN_A_ROW]
        if row:
            front.rows.append(Row(section, row))
    return front


def _section(version: Version) -> str:
    section = version.head.get("section") or {}
    return str(section.get("slug", ""))
