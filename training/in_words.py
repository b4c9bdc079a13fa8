"""What can be expected to go wrong, as a message on stderr and an exit code."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from pydantic import ValidationError
from rich.console import Console

from models.errors import CarteraError
from training.errors import GateRefused, TrainingError
from training.settings import TrainerSettings, misspelt


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what a block could not do into words: exit code 3 for the gate, 1 for the rest."""
    try:
        yield
    except GateRefused as refused:
        _say(f"Refused: {refused}")
        raise typer.Exit(3) from refused
    except (TrainingError, CarteraError) as problem:
        _say(str(problem))
        raise typer.Exit(1) from problem
    except OSError as problem:
        told = problem.strerror or problem  # some libraries say all they know in one text
        _say(f"{problem.filename or 'a file'}: {told}; check that it may be written")
        raise typer.Exit(1) from problem
    except ModuleNotFoundError as problem:
        _say(
            f"{problem.name} is not installed, and this command needs it; "
            "install Cartera with its train extra: pip install 'cartera[train]'"
        )
        raise typer.Exit(1) from problem


def settings_told() -> TrainerSettings:
    """Read the settings; a variable that is close to one of ours, but is none, gets a warning.

    Raises:
        TrainingError: A variable holds what its setting cannot be.
    """
    for name, meant in misspelt(os.environ).items():
        _say(f"{name} is no setting; was {meant} meant?")
    try:
        return TrainerSettings()
    except ValidationError as problem:
        words = "; ".join(
            f"CARTERA_{str(fault['loc'][0]).upper()}: {_lower(fault['msg'])}"
            for fault in problem.errors(include_input=False, include_url=False)
        )
        raise TrainingError(f"{words}; the README lists every setting") from problem


def _lower(words: str) -> str:
    words = words.removeprefix("Value error, ")
    return words[:1].lower() + words[1:]


def _say(words: str) -> None:
    Console(stderr=True).print(words, style="red", markup=False, highlight=False, soft_wrap=True)
