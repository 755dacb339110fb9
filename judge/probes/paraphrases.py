"""Say what a sentence says in other words: a table of words and constructions that mean the same."""

import re

from judge.probes.rewording import capitalised, reorder

_FEWEST_CHANGES = 2
# Each pair keeps a sentence true wherever its pattern fits; it is narrow where its words have another meaning elsewhere.
_WORDINGS: tuple[tuple[str, str], ...] = (
    (r"\bis the capital and (?:largest|most populous) city of\b", "is both the biggest city and the capital of"),
    (r"\b(is|are|was|were) located (in|on|at)\b", r"\1 to be found \2"),
    (r"\b(is|are|was|were) situated (in|on|at)\b", r"\1 located \2"),
    (r"(?<=, )(?:located|situated) (in|on|at)\b", r"to be found \1"),
    (r"\bheadquartered in\b", "with its headquarters in"),
    (r"\b(is|are) (?:known|referred to) as\b", r"\1 called"),
    (r"\balso (?:known|referred to) as\b", "also called"),
    (r"(?<=, )officially(?= the\b)", "under its official name"),
    (r"\b(is|are|was|were) known for\b", r"\1 noted for"),
    (r"\bconsists of\b", "is made up of"),
    (r"\bconsist of\b", "are made up of"),
    (r"\b(is|are|was|were) composed of\b", r"\1 made up of"),
    (r"\bcomprises\b(?! an area)", "takes in"),
    (r"\b(was|were) founded (in|by)\b", r"\1 established \2"),
    (r"\b(was|were) established (in|by)\b", r"\1 founded \2"),
    (r"\b(was|were) constructed\b", r"\1 built"),
    (r"\b(was|were) built\b", r"\1 constructed"),
    (r"\bbegan\b", "started"),
    (r"\bended in\b", "came to an end in"),
    (r"\bwas born in\b", "came into the world in"),
    (r"\bdied in (?=\d{4}|[A-Z])", "passed away in "),
    (r"\bbecame (the|an?)\b", r"came to be \1"),
    (r"\boriginated in\b", "had its origins in"),
    (r"\bserved as\b", "acted as"),
    (r"\b(is|are|was|were) used (in|for|to)\b", r"\1 employed \2"),
    (r"\b(is|are|was|were) considered\b(?= (?:an?|the|one)\b)", r"\1 held to be"),
    (r"\bconsidered to be\b", "held to be"),
    (r"\bresult of\b", "outcome of"),
    (r"\bresulted in\b", "led to"),
    (r"\bdue to\b", "owing to"),
    (r"\bbecause of\b", "on account of"),
    (r"\bbecause\b(?! of)", "since"),
    (r"\balthough\b", "even though"),
    (r"\bAlthough\b", "Even though"),
    (r"\bin order to\b", "so as to"),
    (r"(?<=,) such as\b", " for instance"),
    (r"(?<!,) such as\b", " like"),
    (r", including\b", ", among them"),
    (r"\bapproximately\b", "roughly"),
    (r"\bestimated at\b", "put at"),
    (r"\b(about|around) (?=\d)(?!\d{4}\b)", "some "),
    (r"\bprimarily\b", "chiefly"),
    (r"\bmainly\b", "for the most part"),
    (r"\boften\b", "frequently"),
    (r"\busually\b", "generally"),
    (r"\btypically\b", "usually"),
    (r"\bcommonly (?=known|called|used|found)", "widely "),
    (r"\bnearly\b", "close to"),
    (r"\bduring the\b", "in the course of the"),
    (r"\bprior to\b", "before"),
    (r"\bfollowing the\b", "after the"),
    (r"\balong with\b", "together with"),
    (r"\bas well as\b", "and also"),
    (r"\bwithin\b", "inside"),
    (r"\bnumerous\b", "a great many"),
    (r"(?<!how )(?<!as )(?<!so )(?<!too )(?<!great )\bmany\b(?= [a-z]+s\b)(?! of\b)", "a great many"),
    (r"\bseveral\b(?= [a-z]+s\b)", "a number of"),
    (r"\b(the|its|'s|-)( ?)largest\b", r"\1\2biggest"),
    (r"\bmost populous\b", "most heavily populated"),
    (r"\bmost-populous\b", "most heavily populated"),
    (r"\bdescribed as\b", "characterised as"),
    (r"\bwritten by\b", "from the pen of"),
    (r"\bentire\b", "whole"),
    (r"\bprovides\b", "supplies"),
    (r"\bcontains\b", "holds"),
    (r"\b(is|was) one of (the|its)\b", r"\1 among \2"),
    (r"\bis the capital of\b", "serves as the capital of"),
    (r"\bin the world\b", "on the planet"),
    (r"\baround the world\b|\bworldwide\b", "across the globe"),
    (r"\btoday\b", "nowadays"),
    (r"\brefers to\b", "denotes"),
    (r"\brefer to\b", "denote"),
    (r"\bvarious\b", "different"),
    (r"\bespecially\b", "above all"),
    (r"\bparticularly\b", "especially"),
    (r"\b(is|are|was|were) also (?=an?\b|the\b)", r"\1 likewise "),
    (r"\ba (?:wide )?variety of\b", "a range of"),
    (r"\bimportant\b", "significant"),
    (r"\bmore than (?=\d)", "over "),
    (r"\bover (?=\d)(?! years)", "more than "),
    (r"\bmain\b", "principal"),
    (r"\blargely\b", "for the most part"),
    (r"\bthe United States\b", "the US"),
    (r"\bthe United Kingdom\b", "the UK"),
    (r"\btook place\b", "happened"),
    (r"\bcommon name\b", "usual name"),
    (r"\bprevious\b", "earlier"),
    (r"\bbegin\b", "start"),
    (r"\bbeginning (?=in\b|with\b)", "starting "),
    (r"\ballows\b", "permits"),
    (r"\bcountries\b", "nations"),
    (r"\bwhile\b(?= (?:the|it|its|most|some|other|others)\b)", "whereas"),
    (r"\bthus\b", "hence"),
    (r"\bfamous\b", "well-known"),
    (r"\bcreated\b", "brought into being"),
    (r"\blasted (?=from|until|for)", "went on "),
    (r"\blasting (?=from|until|for)", "going on "),
    (r"\bmajor\b", "important"),
    (r"\bpeople\b(?= (?:who|live|were|are)\b)", "persons"),
    (r"\bresidents\b", "inhabitants"),
    (r"\bsimilar to\b", "much like"),
    (r"\bdistinct from\b", "not the same as"),
    (r"\bassociated with\b", "linked to"),
    (r"\brelated to\b", "connected with"),
    (r"\btype of\b", "kind of"),
    (r"\bform of\b(?! government)", "kind of"),
    (r"(?<=\d) ?%", " percent"),
    (r"(?<=\d) km2\b", " square kilometres"),
    (r"(?<=\d) km\b(?!/)", " kilometres"),
    (r"\bThe country's\b", "The nation's"),
    (r"\bby area\b", "in terms of area"),
    (r"\bby population\b", "in terms of population"),
    (r"(?<=[a-z]) until (?=\d{4})", " up to "),
    (r"\bHowever, ", "Even so, "),
    (r"\bAdditionally, |\bIn addition, |\bFurthermore, |\bMoreover, ", "Besides, "),
    (r"\bFor example, ", "For instance, "),
)
_PATTERNS = tuple((re.compile(pattern), wording) for pattern, wording in _WORDINGS)
_PASSIVE = re.compile(
    r"^(?P<object>(?:The |An? )?[A-Z][^,;:()]{2,60}?) was (?P<verb>designed|discovered|invented|written|composed|founded|directed|painted|"
    r"built|produced|published|commissioned|developed|introduced|overcome|defeated|succeeded) by "
    r"(?P<agent>(?:the )?[A-Z][^,;:()]{2,50}?)(?P<rest> in \d{4})?\.$",
)
_ACTIVE = {"written": "wrote", "overcome": "overcame"}
# The words of the table that may follow an article, which agrees with what it now stands before.
_ARTICLE = re.compile(
    r"\b([Aa])n? (?=(?:outcome|whole|important|significant|principal|kind|different|earlier|well-known|usual|frequently|generally|"
    r"usually|chiefly|roughly"
    r"|above|widely|most|start)\b)(?=(.))",
)
_WHEN = re.compile(r"^In (?P<year>\d{4}), (?P<rest>(?:the |an? |it |he |she |they )?[^,]*\.)$", re.IGNORECASE)


def paraphrase(sentence: str) -> str | None:
    """The sentence in other words, with all the changes that it allows; None where there are fewer than two."""
    text, changes = _turned(sentence)
    for pattern, wording in _PATTERNS:
        # The first place only: a word that comes again keeps its form, as it does in prose.
        text, count = pattern.subn(wording, text, count=1)
        changes += count
    text = _ARTICLE.sub(lambda match: f"{match.group(1)}{'n' if match.group(2) in 'aeiou' else ''} ", text) if changes else text
    return capitalised(text) if changes >= _FEWEST_CHANGES else None


def _turned(sentence: str) -> tuple[str, int]:
    """The sentence in another construction, and 1; or as it is, and 0."""
    passive = _PASSIVE.match(sentence)
    if passive:
        verb = _ACTIVE.get(passive["verb"], passive["verb"])
        rest = passive["rest"] or ""
        return f"It was {passive['agent']} that {verb} {_inner(passive['object'])}{rest}.", 1
    when = _WHEN.match(sentence)
    if when:
        return f"It was in {when['year']} that {when['rest']}", 1
    turned = reorder(sentence)
    return (sentence, 0) if turned is None else (turned, 1)


def _inner(phrase: str) -> str:
    """A noun phrase as it stands within a sentence."""
    return re.sub(r"^(?:The|An?) ", lambda match: match.group().lower(), phrase)
