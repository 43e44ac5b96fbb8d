"""Embed code to copy: the same embed as a frame, a link, a component and plain HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from api.domain.language import Language
from api.http.context import get_context
from api.i18n import N_
from api.pages.embed_options import EmbedOptions
from api.pages.printouts import Printout, render_printout
from api.pages.static_files import NEWEST_COMPONENT
from api.services.embed.target import EmbedKind

# The initial height of a frame in pixels, until a script fits the frame to its content.
HEIGHTS = {
    EmbedKind.MOMENT: 420,
    EmbedKind.PROMPT: 260,
    EmbedKind.PROMPTS: 480,
    EmbedKind.GROUND_RULES: 520,
    EmbedKind.DISCUSSION: 720,
}


@dataclass(frozen=True, slots=True)
class EmbedSnippet:
    """One way to embed: its title, a hint about its use, and the text to copy."""

    name: str
    title: str
    hint: str
    text: str

    @property
    def rows(self) -> int:
        return min(8, max(2, len(self.text) // 70 + 1, self.text.count("\n") + 1))


FRAME = N_("Frame"), N_("For most portals and pages: Moodle, Totara, SharePoint, plain HTML. It needs no script.")
LINK = N_("Link"), N_("For WordPress and other systems that show the target of a link in its place (oEmbed).")
COMPONENT = N_("Component"), N_("For pages of your own: always as high as its content. Without scripts it is a link.")
PLAIN = N_("Plain HTML"), N_("The text itself, as it is today. It does not change when the booklet does.")


def write_snippets(options: EmbedOptions, printout: Printout, reader_language: Language) -> list[EmbedSnippet]:
    """Return the snippets for ``options``, which must have a language; titles and hints are in ``reader_language``."""
    gettext = get_context().translations.gettext
    texts = (
        ("frame", FRAME, write_frame(options, printout)),
        ("link", LINK, get_context().settings.public_url + options.path),
        ("component", COMPONENT, write_component(options, printout)),
        ("plain", PLAIN, write_plain(printout)),
    )
    # Convert Markup to ``str``: the page escapes plain text, and so shows the code instead of rendering it.
    return [
        EmbedSnippet(name, gettext(reader_language, title), gettext(reader_language, hint), str(text))
        for name, (title, hint), text in texts
    ]


def write_frame(options: EmbedOptions, printout: Printout) -> str:
    """Return an iframe. Its ``lang`` is the language of its title, which only screen readers read out."""
    url = get_context().settings.public_url + options.path
    return Markup(
        '<iframe src="{}" lang="{}" title="{}" width="100%" height="{}" style="border:0" loading="lazy"></iframe>'
    ).format(url, printout.language.value, printout.title, HEIGHTS[options.target.kind])


def write_component(options: EmbedOptions, printout: Printout) -> str:
    """Return the script and the custom element. The link in the element is shown if the script does not run."""
    base, language = get_context().settings.public_url, printout.language.value
    script = Markup('<script src="{}" integrity="{}" crossorigin="anonymous" async></script>').format(
        base + NEWEST_COMPONENT.path, NEWEST_COMPONENT.integrity
    )
    # The component has no attribute for the fallback. Instead, ``lang`` is the language in which the text exists.
    own = replace(options.in_language(printout.language.other), has_fallback=False) if options.has_fallback else options
    attributes = Markup(" ").join(Markup('{}="{}"').format(name, value) for name, value in own.parameters.items())
    link = Markup('<a href="{}" lang="{}" hreflang="{}">{}</a>').format(
        base + options.path, language, language, printout.title
    )
    return script + "\n" + Markup("<magic-moment {}>\n  {}\n</magic-moment>").format(attributes, link)


def write_plain(printout: Printout) -> str:
    """Return the texts as HTML without classes or styles, so that they look like the page around them."""
    html = render_printout("embed_builder/plain.html", printout=printout, is_plain=True)
    return "\n".join(line.strip() for line in html.splitlines() if line.strip())
