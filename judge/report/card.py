"""The evidence of one judge on a page, in Markdown and as HTML: what it is, how far it can be trusted, and where it cannot.

No number stands here without its n, its interval or the reason why it has none, and the strongest simple judge beside it.
"""

import re
from importlib import resources

from judge.report import card_evidence, card_origin, cells, results
from judge.report.card_parts import Card, Facts


def card(facts: Facts) -> Card:
    """The card of a judge; without times, hosts and paths of this machine, so that the same run has the same card.

    Raises:
        TableError: the table of figures lacks one that every run has.
    """
    sections = [
        card_evidence.in_short(facts),
        card_origin.what_it_is(facts),
        card_evidence.people(facts),
        card_evidence.teacher(facts),
        card_evidence.weak(facts),
        card_evidence.fooled(facts),
        card_evidence.published(facts),
        card_origin.training(facts),
        card_origin.use(facts),
        card_origin.rebuild(facts),
        card_origin.licences(facts),
    ]
    kept = [section for section in sections if section.blocks]
    shown = {cell for section in kept for block in section.blocks for row in block.rows for cell in row}
    notes = {letter: text for letter, text in cells.notes(facts.figures).items() if any(f"({letter})" in cell for cell in shown)}
    return Card(f"A judge of answers: {facts.student['option']['name']}", results.answer(facts.figures), kept, notes)


def render_markdown(made: Card) -> str:
    """The card as Markdown, as a README or a model card; names of the user's are escaped."""
    return _render("card.md.j2", made, autoescape=False)


def render_html(made: Card) -> str:
    """The card as one HTML page that needs nothing but itself; everything is escaped."""
    return _render("card.html.j2", made, autoescape=True)


def _render(name: str, made: Card, *, autoescape: bool) -> str:
    from jinja2 import Environment, StrictUndefined

    # The caller chooses: Markdown has its own way of escaping, which the template uses.
    environment = Environment(autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    environment.filters |= {"plain": _plain, "together": _together}
    template = environment.from_string(resources.files("judge.report").joinpath(name).read_text(encoding="utf-8"))
    return template.render(card=made)


def _together(cell: str) -> str:
    """A cell in which no interval is broken at the end of a line."""
    return re.sub(r"\[\S+, \S+\]", lambda interval: interval[0].replace(" ", "\u00a0"), cell)


def _plain(text: str) -> str:
    """A text as one line of Markdown in which nothing is a tag, a link or the end of a cell."""
    for mark, instead in (("\\", "\\\\"), ("<", "&lt;"), ("|", "\\|"), ("](", "]\\("), ("`", "\\`")):
        text = text.replace(mark, instead)
    return " ".join(text.split())
