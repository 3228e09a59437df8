"""The encoding that a file is advised is the one that it has."""

from __future__ import annotations

import pytest

from features.files.delimited import delimited_grid
from features.files.encodings import likely_encodings
from features.problems import DataError

TABLES = {
    "cp1251": "пациент,пол,ответ\nП-01,женский,полная ремиссия\nП-02,мужской,нет ответа\n",
    "koi8_r": "пациент,пол,ответ\nП-01,женский,полная ремиссия\nП-02,мужской,нет ответа\n",
    "cp866": "пациент,пол,ответ\nП-01,женский,полная ремиссия\nП-02,мужской,нет ответа\n",
    "cp1253": "ασθενής,φύλο,ηλικία\nΑ-01,γυναίκα,31\nΑ-02,άνδρας,40\n",
    "cp1252": "Patient,Geschlecht,Größe\nP-01,männlich,für später\nP-02,Müller,naïve\n",
    "cp1250": "pacjent,płeć,odpowiedź\nP-01,kobieta,całkowita\nP-02,mężczyzna,częściowa\n",
    "mac_roman": "Patient,Geschlecht,Größe\nP-01,männlich,für später\nP-02,Müller,naïve\n",
    "cp1254": "hasta,cinsiyet,yanıt\nH-01,kadın,tam yanıt\nH-02,erkek,hastalık ilerlemesi değişik\n",
    "gb18030": "患者,性别,疗效\nP-01,女,完全缓解\nP-02,男,未缓解\n",
    "cp949": "환자,성별,반응\nP-01,여성,완전관해\nP-02,남성,반응없음\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_the_right_encoding_comes_first(name: str) -> None:
    """By the words of a table in a language that is written so."""
    assert likely_encodings(TABLES[name].encode(name))[0] == name


@pytest.mark.parametrize("name", TABLES)
def test_the_advice_reads_the_file(name: str) -> None:
    """What the message names gives the text that was written."""
    content = TABLES[name].encode(name)
    with pytest.raises(DataError) as refused:
        delimited_grid(content, name="t.csv")
    assert f'or set encoding = "{name}" under [table] of a mapping file' in str(refused.value)
    assert delimited_grid(content, name="t.csv", encoding=name)[0] == TABLES[name].splitlines()[0].split(",")


def test_what_letters_do_not_decide_is_left_open() -> None:
    """One byte is a letter of several languages."""
    names = likely_encodings("Bø\n".encode("cp1252"))
    assert len(names) > 1
    assert {"cp1252", "cp1250"} <= set(names)
    with pytest.raises(DataError, match="is possible too"):
        delimited_grid("a,b\nBø,1\n".encode("cp1252"), name="t.csv")


@pytest.mark.parametrize("center", ["Центр 1", "Пермь", "Екатеринбург"])
def test_a_letter_before_every_identifier_does_not_outweigh_the_words(center: str) -> None:
    """A table of numbers whose identifiers begin with a letter, and one word: still Russian, not Greek."""
    rows = [f"п-{number:04},{center},{number % 7}" for number in range(200)]
    content = "\n".join(["patient_id,center,prior_lines", *rows]).encode("cp1251")
    assert likely_encodings(content)[0] == "cp1251"


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-16", "utf-32"])
def test_wide_characters_are_recognized_with_and_without_a_mark(name: str) -> None:
    """By the zero bytes of what is ASCII."""
    content = TABLES["cp1251"].encode(name)
    with pytest.raises(DataError) as refused:
        delimited_grid(content, name="t.csv")
    assert f'encoding = "{name}"' in str(refused.value)
    assert delimited_grid(content, name="t.csv", encoding=name)[1][1] == "женский"


def test_a_damaged_line_of_utf8_is_no_other_encoding() -> None:
    """The rest would be read wrongly."""
    content = "имя\nодин\nдва\n".encode() + b"\xff\n"
    with pytest.raises(DataError) as refused:
        delimited_grid(content, name="t.csv")
    assert str(refused.value.problems[0]) == (
        "the file must be UTF-8 text, got byte 0xff on line 4: "
        "the other lines are UTF-8: correct this one, or export the file again"
    )


def test_a_laboratory_export_whose_only_sign_is_micro():
    """Units alone may be written in other than ASCII characters."""
    assert likely_encodings("a;5,2;µkat/l\nb;61;µmol/l\n".encode("cp1252")) == ("cp1252",)
