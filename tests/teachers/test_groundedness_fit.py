"""The fit of a calibrated teacher and its cross-validated figures, on features that stand for a language model's."""

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from judge.errors import JudgmentError
from judge.probes.statements import Statement
from judge.teachers import groundedness_fit
from judge.teachers.calibration import Calibration
from judge.teachers.groundedness_fit import Array, fit, require_enough

NAMES = tuple("abcdefgh")
KINDS = {"sentence": True, "fragment": True, "replaced_number": False}
STATEMENTS = [
    Statement(f"d{article}", kind, f"passage {article}", "?", f"{kind} {article}", truth)
    for article in range(8)
    for kind, truth in KINDS.items()
]


def fitted_on(statements: Sequence[Statement], seed: int, fits: int = 20) -> Calibration:
    """A fit on features of a statement that hang on nothing but its words, and are higher for true ones."""
    rows = []
    for one in statements:
        rng = np.random.default_rng(list(f"{one.statement} {one.context}".encode()))
        rows.append(rng.normal(0.0 if "replaced" in one.statement else 0.5, 1.0, len(NAMES)))
    return fit("a model", NAMES, np.array(rows), statements, seed=seed, fits=fits)


def labelled(n: int, seed: int = 0) -> tuple[Array, groundedness_fit.Truth]:
    """Random features, and a truth that the first of them tells in part; a third are true."""
    rng = np.random.default_rng(seed)
    standard = rng.normal(size=(n, 4))
    return standard, standard[:, 0] + rng.normal(size=n) > 0.6


def test_another_seed_draws_other_articles() -> None:
    """The seed reaches the bootstrap, and nothing but it."""
    one, other = fitted_on(STATEMENTS, seed=0), fitted_on(STATEMENTS, seed=1)
    assert one == fitted_on(STATEMENTS, seed=0)
    assert one.coefficients != other.coefficients
    assert (one.kinds, one.brier, one.auroc) == (other.kinds, other.brier, other.auroc)


def test_figures_of_a_kind_count_its_statements() -> None:
    """Every kind has its n, and only false kinds have an AUROC."""
    fitted = fitted_on(STATEMENTS, seed=0, fits=3)
    assert dict.fromkeys(KINDS, 8) == {kind: figures.n for kind, figures in fitted.kinds.items()}
    assert all((figures.auroc is None) == figures.truth for figures in fitted.kinds.values())
    assert (24, 8, 2 / 3, 3) == (fitted.n, fitted.articles, fitted.share_true, len(fitted.intercepts))


def test_true_and_false_weigh_the_same_in_sum() -> None:
    """With equal weights it is what scikit-learn calls balanced."""
    standard, truth = labelled(60)
    ours = groundedness_fit._balanced_model().fit(standard, truth)
    theirs = LogisticRegression(C=ours.C, max_iter=2000, class_weight="balanced").fit(standard, truth)
    assert ours.coef_ == pytest.approx(theirs.coef_, rel=1e-6)
    assert ours.coef_ != pytest.approx(LogisticRegression(C=ours.C).fit(standard, truth).coef_, rel=1e-2)


def test_an_article_drawn_twice_weighs_twice() -> None:
    """A weight of 2 is a statement that stands there twice."""
    standard, truth = labelled(40)
    weights = np.where(np.arange(40) < 20, 2.0, 1.0)
    weighted = groundedness_fit._balanced_model().fit(standard, truth, sample_weight=weights)
    repeated = groundedness_fit._balanced_model().fit(np.vstack([standard, standard[:20]]), np.concatenate([truth, truth[:20]]))
    # The penalty is held against the sum of the weights, which is the same in both.
    assert weighted.coef_ == pytest.approx(repeated.coef_, rel=1e-5)


def test_a_held_out_probability_is_that_of_a_fit_on_the_other_folds() -> None:
    """To the last digit, fold by fold."""
    standard, truth = labelled(50)
    fold_of = np.arange(50) % 7 % 3
    held_out = groundedness_fit._held_out(standard, truth, fold_of)
    assert held_out is not None
    for fold in range(3):
        inside = fold_of == fold
        fitted = groundedness_fit._balanced_model().fit(standard[~inside], truth[~inside])
        assert fitted.predict_proba(standard[inside])[:, 1].tolist() == held_out[inside].tolist()


def test_a_fold_that_leaves_one_class_only_gives_no_figures() -> None:
    """All true statements are of one article, so a fit without it has nothing true to learn from."""
    statements = [Statement("d0", "sentence", "p", "?", f"sentence {n}", truth=True) for n in range(3)]
    statements += [Statement(f"d{n}", "replaced_number", "p", "?", f"replaced {n}", truth=False) for n in range(3)]
    fitted = fitted_on(statements, seed=0, fits=2)
    assert (None, None, {}) == (fitted.brier, fitted.auroc, fitted.kinds)
    assert len(fitted.coefficients) == 2


@pytest.mark.parametrize("seed", range(5))
def test_the_auroc_is_the_share_of_pairs_to_the_last_digit(seed: int) -> None:
    """Counted pair by pair, ties as half a pair."""
    rng = np.random.default_rng(seed)
    positive, negative = rng.integers(3, 12, 37) / 7, rng.integers(0, 9, 23) / 7
    pairs = [(2 * int(p > n) + int(p == n)) for p in positive for n in negative]
    assert sum(pairs) / (2 * len(pairs)) == groundedness_fit._auroc(positive, negative)


def test_without_a_class_there_is_no_auroc() -> None:
    """None, rather than a number that means nothing."""
    some, none = np.array([0.5]), np.array([])
    assert [None, None] == [groundedness_fit._auroc(some, none), groundedness_fit._auroc(none, some)]


def test_four_articles_are_enough() -> None:
    """There are as many folds as articles then."""
    small = fitted_on([statement for statement in STATEMENTS if statement.document_id < "d4"], seed=0)
    assert (4, 20) == (small.articles, len(small.intercepts))
    assert small.auroc is not None


def test_statements_of_one_truth_only_are_refused() -> None:
    """Without false statements nothing can be learnt, and the error says what was there."""
    with pytest.raises(JudgmentError, match="16 true and 0 false statements"):
        require_enough([statement for statement in STATEMENTS if statement.truth])


def test_statements_of_one_article_are_refused() -> None:
    """Articles are what is resampled and held out, so one is not enough."""
    with pytest.raises(JudgmentError, match="of 1 articles"):
        require_enough([statement for statement in STATEMENTS if statement.document_id == "d0"] * 2)


def test_two_articles_with_two_of_each_truth_are_enough() -> None:
    """The least that passes, and it can be fitted on."""
    least = [statement for statement in STATEMENTS if statement.document_id in {"d0", "d1"}]
    require_enough(least)
    assert (6, 2) == (fitted_on(least, seed=0).n, fitted_on(least, seed=0).articles)


def test_a_fit_bears_the_names_it_was_given() -> None:
    """By them a teacher knows later whether it is its own, and no share of acceptable answers is known yet."""
    fitted = fitted_on(STATEMENTS, seed=0, fits=2)
    assert ("a model", NAMES, None) == (fitted.model, fitted.features, fitted.share_acceptable)
