"""送り状番号 and 発送ID as people, carriers and spreadsheets write them."""

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.domain.shipping.tracking import TrackingNumber, parse_tracking_numbers, passes_mod7

NUMBER = TypeAdapter(TrackingNumber)


@pytest.mark.parametrize(
    "text",
    [
        "444413758703",
        "4444-1375-8703",
        "4444 1375 8703",
        "４４４４１３７５８７０３",
        "4444−1375ー8703",
        '="444413758703"',
        "444413758703.0",
        "444,413,758,703",
        "444,413,758,703.00",
        "4444\u200b1375\u200b8703",
        "\ufeff444413758703",
    ],
)
def test_a_number_is_stored_in_half_width_and_without_filling(text):
    assert NUMBER.validate_python(text) == "444413758703"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123",
        "1" * 31,
        "4.44414E+11",
        "4.44414e+11",
        "1E5",
        "444413758703.5",
        "4.0",
        "１.2Ｅ＋10",
        "番号",
        "٣٣٣٣",
        "1_000",
    ],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValidationError):
        NUMBER.validate_python(text)


def test_a_number_with_a_fraction_is_refused_in_words():
    with pytest.raises(ValidationError, match="小数"):
        NUMBER.validate_python("444413758703.5")


@pytest.mark.parametrize("word", ["FALSE", "True", "TEST", "none", "#N/A", "ABCD", "ＦＡＬＳＥ", "0000", "0" * 12])
def test_a_word_or_nothing_but_zeros_is_no_number(word):
    with pytest.raises(ValidationError):
        NUMBER.validate_python(word)


def test_a_number_is_text():
    with pytest.raises(ValidationError, match="文字列で"):
        NUMBER.validate_python(444413758703)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("444413758703", ("444413758703",)),
        ("444413758703,390459983082", ("444413758703", "390459983082")),
        ("4444-1375-8703、3904-5998-3082", ("444413758703", "390459983082")),
        ("444413758703 390459983082", ("444413758703", "390459983082")),
        ("4444 1375 8703", ("444413758703",)),
        ("444413758703\n444413758703,", ("444413758703",)),
        ("444,413,758,703", ("444413758703",)),
        ("444413758703.0/390459983082.0", ("444413758703", "390459983082")),
    ],
)
def test_a_cell_may_hold_several_numbers(text, numbers):
    assert parse_tracking_numbers(text) == numbers


@pytest.mark.parametrize("text", ["4444,1375,8703", "4444、1375、8703", "4444/1375/8703", "44441,37587,0300"])
def test_the_groups_of_one_number_do_not_pass_for_several(text):
    with pytest.raises(PydanticCustomError, match="区切られている"):
        parse_tracking_numbers(text)


def test_short_numbers_of_a_shop_s_own_may_stand_together():
    assert parse_tracking_numbers("A101,A102,A103") == ("A101", "A102", "A103")


@pytest.mark.parametrize("number", ["444413758703", "390459983082", "512547514334", "405548424886", "193715301010"])
def test_real_numbers_have_their_check_digit(number):
    assert passes_mod7(number)
    assert not passes_mod7(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("text", "shipment"),
    [
        ("100123-1", ShipmentId("100123", 1)),
        ("100123-1-F", ShipmentId("100123", 1)),
        ("100123-12_R", ShipmentId("100123", 12)),
        ("１００１２３－１", ShipmentId("100123", 1)),
        ('="100123-1"', ShipmentId("100123", 1)),
        ("100123", None),
        ("0100123-1", None),
        ("100123-0", None),
        ("100123-1 100124-1", None),
        ("100123-1-" + "F" * 11, None),
    ],
)
def test_a_carriers_key_field_holds_a_shipment_id(text, shipment):
    assert ShipmentId.find_in(text) == shipment


@pytest.mark.parametrize("status", ShippingStatus)
def test_a_status_is_understood_by_label_and_key(status):
    assert ShippingStatus.parse(status.label) is ShippingStatus.parse(status.value.upper()) is status


def test_an_unknown_status_is_none():
    assert ShippingStatus.parse("発送した") is None
