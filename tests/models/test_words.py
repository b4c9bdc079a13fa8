"""A search finds the texts that hold its words, and no others."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ids import Texts
from models.words import Words, words
from tests.models.asking import LOADED, names

TEXTS = st.lists(st.text(alphabet="aAbB \n_1-éÉß", max_size=8), max_size=6)


@given(texts=TEXTS, word=st.sampled_from(["a", "b", "ab", "é", "ss", "1", "a_1", "nonesuch"]))
def test_the_texts_with_a_word_are_those_that_name_it(texts: list[str], word: str) -> None:
    found = Words.of(Texts.of(texts)).texts_with(word)

    assert found.tolist() == [place for place, text in enumerate(texts) if word in words(text)]


def test_more_texts_than_are_read_together_keep_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("models.words._TOGETHER", 2)

    found = Words.of(Texts.of(["red wine", "wine", "", "beer", "White Wine wine"]))

    assert found.texts_with("wine").tolist() == [0, 1, 4]
    assert found.texts_with("beer").tolist() == [3]


def test_words_are_told_without_regard_to_case_each_once_in_their_order() -> None:
    assert words("Red WINE, red-wine 0.75l!") == ["red", "wine", "0", "75l"]


def test_title_category_and_brand_are_searched() -> None:
    catalogue = LOADED.catalogue

    assert names(catalogue.searched("Jam")[0]) == ["jam"]
    assert names(catalogue.searched("drinks")[0]) == ["beer", "wine"]
    assert names(catalogue.searched("alba")[0]) == ["butter"]


def test_who_holds_more_and_rarer_words_has_the_larger_share() -> None:
    rows, shares = LOADED.catalogue.searched("alba dairy nonesuch")

    told = dict(zip(names(rows), shares.tolist(), strict=True))
    assert told["butter"] == pytest.approx(1)
    assert 0 < told["milk"] == told["cream"] < 0.5


@pytest.mark.parametrize("term", ["", "  ,;", "nonesuch"])
def test_a_term_that_names_nothing_finds_nothing(term: str) -> None:
    rows, shares = LOADED.catalogue.searched(term)

    assert rows.size == shares.size == 0


def test_a_word_that_too_many_hold_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = replace(LOADED.catalogue)
    monkeypatch.setattr("models.catalogue.FEW", 1)

    rows, shares = catalogue.searched("r1 jam")

    assert names(rows) == ["jam"]
    assert shares.tolist() == [1.0]
