"""Eight releases of the small booklet, told to the service and to the plain model alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from sqlalchemy.orm import Session

from api.db.database import Database
from api.domain.language import Language
from api.domain.state import MinState, Origin, State
from api.services.authoring.resources import set_slug
from api.services.authoring.units import NewText
from api.services.publishing.releases import publish
from api.services.publishing.reverts import revert_release
from api.services.publishing.waivers import WaiverRequest
from tests.tools.booklets import REASONS, editor, entry, get_row_ids, load, small_booklet
from tests.tools.edits import set_withdrawn, write_source, write_target
from tests.tools.entries import Entry
from tests.tools.reference_model import PlainModel

T = TypeVar("T")


@dataclass
class Story:
    """The working copy as plain entries, beside the database that is told the same."""

    database: Database
    model: PlainModel = field(default_factory=PlainModel)
    working: dict[str, Entry] = field(default_factory=lambda: {e.id: e for e in small_booklet()})

    def load(self, *more: Entry) -> None:
        """The next release: the booklet with these entries added, loaded as a folder."""
        self.working |= {e.id: e for e in more}
        with self.database.writing() as session:
            load(session, self.working.values())
        self.model.publish(list(self.working.values()))

    def rename(self, name: str, language: str, slug: str | None) -> None:
        self._do(lambda session: set_slug(session, editor(session), name, Language(language), slug))
        old = self.working[name]
        self.working[name] = replace(old, slugs={**old.slugs, language: slug})

    def write(self, name: str, unit: str, language: str, text: str | None, origin: str = "human") -> None:
        """A new text; None is a draft, which nobody is to see. A new source outdates what was made from the old."""
        old = self.working[name]
        given = text or "a draft"
        tool = "large language model" if origin == "machine" else None
        new = NewText(given, Origin(origin), State.TRANSLATED if text else State.INITIAL, tool)
        audit = write_source if language == old.source else write_target
        self._do(lambda session: audit(session, editor(session), f"{name}.{unit}", new))
        texts = {**old.texts, language: {**old.texts[language], unit: given}}
        changed = replace(old, texts=texts, outdated=language == old.source)
        if language != old.source:
            joint = "machine" if "machine" in {old.origin, origin} else origin
            changed = replace(changed, state="translated", origin=joint)
        self.working[name] = changed

    def withdraw(self, name: str, *, is_withdrawn: bool = True) -> None:
        self._do(lambda session: set_withdrawn(session, editor(session), name, is_withdrawn=is_withdrawn))
        self.working[name] = replace(self.working[name], withdrawn=is_withdrawn)

    def publish(self, *names: str, waive: Sequence[tuple[str, str]] = ()) -> int:
        """A release of these, or of all, with gaps waived."""
        requests = [WaiverRequest(name, gap, REASONS) for name, gap in waive]
        number = self._do(
            lambda session: publish(
                session,
                editor(session, "a publisher"),
                get_row_ids(session, *names),
                note="a release",
                required=MinState.TRANSLATED,
                waivers=requests,
            )
        )
        entries = [self.working[name] for name in names] or list(self.working.values())
        self.model.publish([replace(e, waived=tuple(g for n, g in waive if n == e.id)) for e in entries])
        return number

    def revert(self, to: int, *names: str) -> int:
        number = self._do(
            lambda session: revert_release(
                session, editor(session), to, note="undone", row_ids=get_row_ids(session, *names) if names else None
            )
        )
        self.model.revert(to, list(names) or None)
        return number

    def _do(self, what: Callable[[Session], T]) -> T:
        with self.database.writing() as session:
            return what(session)


def chapters(story: Story) -> list[Callable[[], object]]:
    """What happens, a release each; what a release does not publish waits in the working copy."""

    def second() -> None:
        story.load(entry("moment.sixth", "sixth", "chweched", number=6, category="category.talk"))

    def third() -> None:
        story.rename("moment.first", "en", "first-of-all")
        story.write("moment.second", "body", "en", "EN second, told again")
        story.write("moment.second", "body", "cy", "CY ail, wedi’i hailadrodd")
        story.write("moment.fourth", "title", "cy", None)
        story.rename("category.care", "cy", "gofalu")
        story.publish(waive=[("moment.fourth", "missing")])

    def fourth() -> None:
        story.withdraw("moment.fifth")
        story.write("moment.paned", "title", "cy", "CY paned arall")
        story.publish("moment.fifth", "moment.paned", waive=[("moment.paned", "outdated")])

    def fifth() -> None:
        story.revert(1, "moment.second")

    def sixth() -> None:
        story.withdraw("moment.fifth", is_withdrawn=False)
        story.write("moment.paned", "title", "en", "EN another cuppa", origin="machine")
        story.publish("moment.fifth", "moment.paned")

    def seventh() -> None:
        story.revert(1)

    def eighth() -> None:
        story.rename("moment.first", "cy", None)
        story.rename("moment.paned", "en", "cuppa-and-chat")
        story.write("moment.fourth", "title", "cy", "CY pedwerydd title")
        story.withdraw("guide.word")
        story.publish()

    return [story.load, second, third, fourth, fifth, sixth, seventh, eighth]
