"""Say the contrary of a sentence: its verb negated, or a negation of it taken away."""

import re

# A subject that a negation may leave partly true ("all ... are not"), or a clause before the main verb.
_BARRED = re.compile(
    r"\b(?:all|some|many|most|few|no|both|every|each|only|either|neither|none|not|never|any|several|that|which|who|whose|where|when|while|"
    r"although|though|if|because|since|unless|whether|what|how|as|but|other|others|may|might|seldom|rarely|often|sometimes|usually|typically|than)\b|[;:\"“]",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(r"(?<=[\w)\"”,] )(is|are|was|were|has been|have been|had been|can|could|will|would|must) (?!not\b)(?=[a-z\"“\d])")
_ADVERB = re.compile(
    r"^(?:also|now|then|still|already|even|"
    r"probably|possibly|perhaps|mostly|mainly|primarily|largely|commonly|generally|widely|first|later) "
)
_HAS = re.compile(r"(?<=[\w)] )(has|have|had) (?=(?:an?|the|its|their|around|about|over|approximately|nearly|\d|[a-z]+ (?:and|of))\b)")
_VERBS = {
    "contains": "contain", "consists": "consist", "includes": "include", "lies": "lie", "borders": "border",
    "extends": "extend", "covers": "cover", "comprises": "comprise", "features": "feature", "uses": "use", "means": "mean",
    "refers": "refer", "occurs": "occur", "serves": "serve", "stands": "stand", "shares": "share", "produces": "produce",
    "provides": "provide", "requires": "require", "describes": "describe", "belongs": "belong", "involves": "involve",
    "combines": "combine", "depends": "depend", "forms": "form", "develops": "develop", "spans": "span", "houses": "house",
    "derives": "derive", "makes": "make", "plays": "play", "shows": "show", "holds": "hold", "protects": "protect",
    "overlooks": "overlook", "connects": "connect", "converts": "convert", "executes": "execute", "originates": "originate",
    "runs": "run", "lives": "live", "grows": "grow", "feeds": "feed", "flows": "flow", "reaches": "reach",
    "separates": "separate", "encompasses": "encompass",
}  # fmt: skip
_PAST = {
    "began": "begin", "became": "become", "served": "serve", "developed": "develop", "originated": "originate",
    "lasted": "last", "occurred": "occur", "led": "lead", "won": "win", "wrote": "write", "fought": "fight", "played": "play",
    "moved": "move", "worked": "work", "ended": "end", "remained": "remain", "took": "take", "received": "receive",
    "established": "establish", "introduced": "introduce", "formed": "form", "evolved": "evolve", "ruled": "rule",
    "joined": "join", "continued": "continue", "died": "die", "studied": "study", "gave": "give", "made": "make",
    "helped": "help", "contributed": "contribute", "spread": "spread", "emerged": "emerge", "published": "publish",
    "expanded": "expand", "existed": "exist", "appeared": "appear", "conquered": "conquer", "founded": "found",
    "created": "create",
}  # fmt: skip
_SIMPLE = re.compile(rf"(?<=[\w)] )({'|'.join([*_VERBS, *_PAST])})(?= (?!by\b)[a-z\d\"“A-Z])")
_CLAUSE = re.compile(
    r"\b(?:that|which|who|whose|where|when|while|although|though|if|because|since|unless|whether|what|as|but)\b", re.IGNORECASE
)
_NEGATED = (
    (re.compile(r"\b(is|are|was|were|has|have|had|could|would|will) not (?!only|just|merely|necessarily|always|all\b|every)"), r"\1 "),
    (re.compile(r"\bcannot (?!only)"), "can "),
    (re.compile(r"\b(is|are|was|were|has|have) never "), r"\1 "),
    (re.compile(r"\b(does|do|did) not (?!only|necessarily|always)(?=[a-z])"), r"\1 "),
)


def negate(sentence: str) -> str | None:
    """The sentence with its main verb negated, or freed of its negation; None where the main verb is not plain to see."""
    freed = _freed(sentence)
    if freed is not None:
        return freed
    matches = [match for match in (_AUXILIARY.search(sentence), _HAS.search(sentence), _SIMPLE.search(sentence)) if match is not None]
    if not matches:
        return None
    verb = min(matches, key=lambda match: match.start())
    before, after = sentence[: verb.start()], sentence[verb.end() :]
    if _BARRED.search(before) or re.search(r"\b(?:to|the|an?|and|of|in|its|their|his|her|by|also) $", before) or _BARRED.match(after):
        return None
    # What goes on with "but", or with a second verb for the same object, reads as if the first had been denied by mistake.
    if re.search(r"\bbut\b|^\w+ (?:to|with|by|in), and\b", after):
        return None
    # A verb that follows a comma goes with what stands before it, unless an opening phrase or an apposition ends there.
    if before.count(",") > 1 and not before.endswith(", "):
        return None
    return f"{before}{_with_not(verb.group(), after)}"


def _with_not(verb: str, after: str) -> str:
    rest = after if verb.endswith(" ") else after.lstrip()
    rest = _ADVERB.sub("", rest)
    word = verb.strip()
    if word in {"has", "have", "had"}:
        lemma = {"has": "does not have", "have": "do not have", "had": "did not have"}[word]
        return f"{lemma} {rest}"
    if word in _VERBS:
        return f"does not {_VERBS[word]} {rest}"
    if word in _PAST:
        return f"did not {_PAST[word]} {rest}"
    if word == "can":
        return f"cannot {rest}"
    first, _, second = word.partition(" ")
    return f"{first} not {f'{second} ' if second else ''}{rest}"


def _freed(sentence: str) -> str | None:
    """The sentence without its one negation."""
    if len(re.findall(r"\b(?:not|cannot|never|no|none|nor|neither)\b", sentence)) != 1:
        return None
    for pattern, wording in _NEGATED:
        match = pattern.search(sentence)
        if match is not None and _CLAUSE.search(sentence[: match.start()]) is None:
            return pattern.sub(wording, sentence, count=1)
    return None
