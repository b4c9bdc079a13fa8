"""What goes wrong is told in words, whoever raised it."""

import pytest
import typer

from training.in_words import in_words


def test_an_error_without_a_reason_of_the_system_is_told_by_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit), in_words():
        raise OSError("the disk is full: shop.csv")

    assert "a file: the disk is full: shop.csv; check" in capsys.readouterr().err
