"""Eight releases of the small booklet, made both in the service and in the reference model."""

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
from tests.tools.reference_model import ReferenceModel

T = TypeVar("T")


@dataclass
class Scenario:
    """A working copy, a reference model and a database, which all get the same changes."""

    database: Database
    model: ReferenceModel = field(default_factory=ReferenceModel)
    working: dict[str, Entry] = field(default_factory=lambda: {e.id: e for e in small_booklet()})

    def load(self, *more: Entry) -> None:
        """Add entries to the booklet, and load the booklet as the next release."""
        self.working |= {e.id: e for e in more}
        with self.database.writing() as session:
            load(session, self.working.values())
        self.model.publish(list(self.working.values()))

    def rename(self, name: str, language: str, slug: str | None) -> None:
        self._write(lambda session: set_slug(session, editor(session), name, Language(language), slug))
        old = self.working[name]
        self.working[name] = replace(old, slugs={**old.slugs, language: slug})

    def write(self, name: str, unit: str, language: str, text: str | None, origin: str = "human") -> None:
        """Write a new text, or a draft if ``text`` is None. A new source text makes the translation outdated."""
        old = self.working[name]
        content = text or "a draft"
        tool = "large language model" if origin == "machine" else None
        new = NewText(content, Origin(origin), State.TRANSLATED if text else State.INITIAL, tool)
        write = write_source if language == old.source else write_target
        self._write(lambda session: write(session, editor(session), f"{name}.{unit}", new))
        texts = {**old.texts, language: {**old.texts[language], unit: content}}
        changed = replace(old, texts=texts, outdated=language == old.source)
        if language != old.source:
            mixed_origin = "machine" if "machine" in {old.origin, origin} else origin
            changed = replace(changed, state="translated", origin=mixed_origin)
        self.working[name] = changed

    def withdraw(self, name: str, *, is_withdrawn: bool = True) -> None:
        self._write(lambda session: set_withdrawn(session, editor(session), name, is_withdrawn=is_withdrawn))
        self.working[name] = replace(self.working[name], withdrawn=is_withdrawn)

    def publish(self, *names: str, waive: Sequence[tuple[str, str]] = ()) -> int:
        """Publish the named resources with these waivers. If no name is given, publish all resources."""
        requests = [WaiverRequest(name, gap, REASONS) for name, gap in waive]
        number = self._write(
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
        number = self._write(
            lambda session: revert_release(
                session, editor(session), to, note="undone", row_ids=get_row_ids(session, *names) if names else None
            )
        )
        self.model.revert(to, list(names) or None)
        return number

    def _write(self, change: Callable[[Session], T]) -> T:
        with self.database.writing() as session:
            return change(session)


def scenario_steps(scenario: Scenario) -> list[Callable[[], object]]:
    """Return the steps of the scenario, each of which makes a release."""

    def second() -> None:
        scenario.load(entry("moment.sixth", "sixth", "chweched", number=6, category="category.talk"))

    def third() -> None:
        scenario.rename("moment.first", "en", "first-of-all")
        scenario.write("moment.second", "body", "en", "EN second, told again")
        scenario.write("moment.second", "body", "cy", "CY ail, wedi’i hailadrodd")
        scenario.write("moment.fourth", "title", "cy", None)
        scenario.rename("category.care", "cy", "gofalu")
        scenario.publish(waive=[("moment.fourth", "missing")])

    def fourth() -> None:
        scenario.withdraw("moment.fifth")
        scenario.write("moment.paned", "title", "cy", "CY paned arall")
        scenario.publish("moment.fifth", "moment.paned", waive=[("moment.paned", "outdated")])

    def fifth() -> None:
        scenario.revert(1, "moment.second")

    def sixth() -> None:
        scenario.withdraw("moment.fifth", is_withdrawn=False)
        scenario.write("moment.paned", "title", "en", "EN another cuppa", origin="machine")
        scenario.publish("moment.fifth", "moment.paned")

    def seventh() -> None:
        scenario.revert(1)

    def eighth() -> None:
        scenario.rename("moment.first", "cy", None)
        scenario.rename("moment.paned", "en", "cuppa-and-chat")
        scenario.write("moment.fourth", "title", "cy", "CY pedwerydd title")
        scenario.withdraw("guide.word")
        scenario.publish()

    return [scenario.load, second, third, fourth, fifth, sixth, seventh, eighth]
