"""`judge push`: put a student on a model hub."""

import argparse
import sys

JUDGE = "data/judge"


def arguments(command: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    command.add_argument("name", metavar="ORGANISATION/NAME", help="the model at the hub; it is made where there is none")
    command.add_argument(
        "--student", default=JUDGE, metavar="WHICH", help="what is pushed, named as for `judge score` (default: %(default)s)"
    )
    command.add_argument("--private", action="store_true", help="a model that is made is for its owners alone")
    command.add_argument("--branch", default="main", metavar="NAME", help="what is committed to (default: %(default)s)")
    command.add_argument("--tag", metavar="NAME", help="what the commit is called, such as v1.0")
    command.add_argument("--message", metavar="TEXT", help="of the commit")
    command.add_argument("--license", metavar="ID", help="the hub's id of the licence that you give the student, such as apache-2.0")


def command(given: argparse.Namespace) -> None:
    """Push a student; raises as `hub_push.push`."""
    from judge.serving import hub_push, sources
    from judge.serving.hub_push import Push

    to = Push(given.name, given.branch, given.tag, licence=given.license, private=given.private)
    address = hub_push.push(sources.folder(given.student), to if given.message is None else to._replace(message=given.message))
    revision = given.tag or (given.branch if given.branch != "main" else None)
    sys.stdout.write(f'Pushed: {address}\nLoad it: judge.load("{given.name}{f"@{revision}" if revision else ""}")\n')
