"""The commit that a name stands for: a hash, a branch, a tag, or an experiment of DVC."""

from typing import Any

from judge.errors import JudgeError

WORKSPACE = "workspace"
_KNOWN_SHOWN = 8


class RevisionError(JudgeError):
    """A revision is not known, or lacks what a comparison reads."""


def commit_of(repo: Any, name: str) -> str:
    """The full hash of the commit that a name stands for.

    Args:
        repo: a `dvc.repo.Repo`.
        name: what git or `dvc exp list` calls it.

    Raises:
        RevisionError: there is no git repository, or no such commit; the message lists names that there are.
    """
    from dvc.repo.experiments.utils import exp_refs
    from dvc.scm import NoSCM, RevError, resolve_rev
    from scmrepo.exceptions import SCMError

    scm = repo.scm
    if isinstance(scm, NoSCM):
        raise RevisionError(f"This project is in no git repository, so there is no {name}.\nNext: `git init`, commit, and compare then.")
    try:
        commit = str(resolve_rev(scm, name))
        scm.resolve_commit(commit)
    # What `HEAD:params.yaml` names is a file and no commit; it has no attribute that a commit has.
    except (RevError, SCMError, AttributeError):
        commit = ""
    # Git's library takes an empty name for HEAD.
    if name and commit:
        return commit
    known = {
        "experiments": sorted({str(reference.name) for reference in exp_refs(scm)}),
        "branches": sorted(scm.list_branches()),
        "tags": sorted(scm.list_tags()),
    }
    lines = [f"{kind}: {', '.join(names[:_KNOWN_SHOWN])}{', …' * (len(names) > _KNOWN_SHOWN)}\n" for kind, names in known.items() if names]
    raise RevisionError(f"There is no commit {name!r} here.\n{''.join(lines)}Next: name one of these, another commit, or {WORKSPACE}.")
