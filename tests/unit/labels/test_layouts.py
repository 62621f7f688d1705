"""A parcel in each carrier's layout."""

from datetime import date

import pytest

from shukka.domain.labels.formats import LabelFormat
from shukka.domain.labels.parcel import MORNING, Notes, parcel_of, slot_code
from shukka.domain.order.order import Payment
from shukka.domain.settings import LabelSettings, Settings
from shukka.domain.shipping.shipment import Destination, Shipment
from tests.builders import a_line, a_member, a_shipment, an_order, some_settings

TODAY = date(2026, 11, 26)
YAMATO, SAGAWA, JAPAN_POST = LabelFormat
DESTINATION = Destination(
    company="有限会社カフェ・ソレイユ",
    name="吉田 花子",
    phone="06-0000-1002",
    postal_code="5300001",
    prefecture="大阪府",
    address1="大阪市北区梅田",
    address2="2-4-6",
)


def label(
    format_: LabelFormat, shipment: Shipment | None = None, settings: Settings | None = None, **header: object
) -> tuple[dict[str, str], list[str]]:
    """The filled cells by heading, and what was said; no cells where the label is left out."""
    shipment, settings, notes = shipment or a_shipment(), settings or some_settings(), Notes()
    order = an_order(shipments=(shipment,), **header)
    parcel = parcel_of(order, shipment, settings, TODAY, notes)
    cells = format_.layout.row(parcel, settings.labels, notes)
    named = {column: cell for column, cell in zip(format_.layout.columns, cells, strict=True) if cell}
    return {} if notes.refuses else named, [f"{note.column}: {note.reason}" for note in notes.all]


def test_a_parcel_for_b2cloud():
    cells, said = label(YAMATO, a_shipment(requested_date=date(2026, 11, 30), time_slot="午前中"))

    assert said == []
    assert cells == {
        "お客様管理番号": "100001-1",
        "送り状種類": "0",
        "クール区分": "0",
        "出荷予定日": "2026/11/26",
        "お届け予定日": "2026/11/30",
        "配達時間帯": "0812",
        "お届け先電話番号": "03-0000-1001",
        "お届け先郵便番号": "106-0032",
        "お届け先住所": "東京都港区六本木1-2-3",
        "お届け先アパートマンション名": "能登ビル5階",
        "お届け先会社・部門１": "株式会社髙島商店",
        "お届け先会社・部門２": "仕入部",
        "お届け先名": "﨑山 一郎",
        "敬称": "様",
        "ご依頼主電話番号": "03-0000-0000",
        "ご依頼主郵便番号": "104-0061",
        "ご依頼主住所": "東京都中央区銀座1-2-3",
        "ご依頼主名": "出荷酒店",
        "品名１": "丸大豆しょうゆ 1.8L",
        "発行枚数": "1",
        "運賃管理番号": "01",
    }


def test_a_parcel_for_ehiden3():
    cells, said = label(SAGAWA, a_shipment(requested_date=date(2026, 11, 30), time_slot="18時～21時"))

    assert said == []
    assert cells == {
        "お届け先電話番号": "03-0000-1001",
        "お届け先郵便番号": "106-0032",
        "お届け先住所１": "東京都港区六本木",
        "お届け先住所２": "1-2-3",
        "お届け先住所３": "能登ビル5階",
        "お届け先名称１": "株式会社髙島商店",
        "お届け先名称２": "仕入部 﨑山 一郎",
        "お客様管理番号": "100001-1",
        "ご依頼主電話番号": "03-0000-0000",
        "ご依頼主郵便番号": "104-0061",
        "ご依頼主住所１": "東京都中央区銀座1-2-3",
        "ご依頼主名称１": "出荷酒店",
        "荷姿": "001",
        "品名１": "丸大豆しょうゆ 1.8L",
        "出荷個数": "1",
        "スピード指定": "000",
        "クール便指定": "001",
        "配達日": "2026/11/30",
        "配達指定時間帯": "04",
        "元着区分": "1",
        "出荷日": "2026/11/26",
    }


def test_a_parcel_for_print_r():
    cells, said = label(JAPAN_POST, a_shipment(requested_date=date(2026, 11, 30), time_slot="14:00-16:00"))

    assert said == []
    assert cells == {
        "お客様側管理番号": "100001-1",
        "発送予定日": "20261126",
        "郵便種別": "0",
        "保冷種別": "0",
        "元／着払／代引": "0",
        "送り状種別": "1100780",
        "お届け先 郵便番号": "106-0032",
        "お届け先 住所１": "東京都港区六本木",
        "お届け先 住所２": "1-2-3",
        "お届け先 住所３": "能登ビル5階",
        "お届け先 名称１": "株式会社髙島商店",
        "お届け先 名称２": "仕入部 﨑山 一郎",
        "お届け先 敬称区分": "0",
        "お届け先 電話番号": "03-0000-1001",
        "ご依頼主 郵便番号": "104-0061",
        "ご依頼主 住所１": "東京都中央区銀座1-2-3",
        "ご依頼主 名称１": "出荷酒店",
        "ご依頼主 電話番号": "03-0000-0000",
        "受注番号": "100001",
        "配達指定日／希望日": "20261130",
        "配達時間帯区分": "53",
        "複数個口数": "1",
        "品名": "丸大豆しょうゆ 1.8L",
        "個数": "1",
    }


@pytest.mark.parametrize(
    ("format_", "places"),
    [
        (YAMATO, {1: "お客様管理番号", 4: "伝票番号", 5: "出荷予定日", 16: "お届け先名", 76: "検索キー１"}),
        (SAGAWA, {10: "お客様管理番号", 61: "出荷日", 62: "お問い合せ送り状No."}),
        (JAPAN_POST, {1: "お客様側管理番号", 20: "お届け先 電話番号", 66: "配達時間帯区分"}),
    ],
)
def test_columns_stand_where_the_software_expects_them(format_, places):
    columns = format_.layout.columns

    assert len(columns) == {YAMATO: 95, SAGAWA: 74, JAPAN_POST: 117}[format_]
    assert {n: columns[n - 1] for n in places} == places


@pytest.mark.parametrize("format_", LabelFormat)
def test_a_shipment_goes_to_its_own_destination(format_):
    cells, said = label(format_, a_shipment(destination=DESTINATION))

    assert said == []
    assert "大阪府大阪市北区梅田" in "".join(cells.values())
    assert "髙島" not in "".join(cells.values())


def test_a_company_without_a_person_gets_the_parcel_itself():
    cells, _ = label(YAMATO, member=a_member(name="", department=None))

    assert (cells["お届け先名"], cells["敬称"]) == ("株式会社髙島商店", "御中")
    assert "お届け先会社・部門１" not in cells


def test_a_prefecture_that_stands_in_both_fields_is_printed_once():
    cells, _ = label(YAMATO, member=a_member(address1="東京都港区六本木"))

    assert cells["お届け先住所"] == "東京都港区六本木1-2-3"


# --- what is missing or wrong ---


@pytest.mark.parametrize("format_", LabelFormat)
@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("postal_code", None, "郵便番号: 郵便番号がありません"),
        ("postal_code", "106-003", "郵便番号: 郵便番号は数字7桁です"),
        ("phone", None, "電話番号: 電話番号がありません"),
        ("phone", "不明", "電話番号: 電話番号が正しくありません"),
    ],
)
def test_a_label_that_could_not_be_printed_is_left_out(format_, field, value, reason):
    cells, said = label(format_, member=a_member(**{field: value}))

    assert (cells, said) == ({}, [reason])


def test_a_label_without_an_address_is_left_out():
    cells, said = label(YAMATO, member=a_member(prefecture=None, address1=None, address2=None))

    assert (cells, said) == ({}, ["住所: 住所がありません"])


def test_the_members_number_stands_in_for_a_destination_without_one():
    cells, said = label(YAMATO, a_shipment(destination=DESTINATION.model_copy(update={"phone": None})))

    assert cells["お届け先電話番号"] == "03-0000-1001"
    assert said == ["電話番号: 配送先に電話番号がないため、発注者の電話番号を入れました"]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("０３（００００）１００１", "03-0000-1001"),
        ("090-0000-1001（内線12）", "090-0000-1001"),
        ("0300001001", "0300001001"),
        ("03ー0000ー1001", "03-0000-1001"),
    ],
)
def test_phone_numbers_as_people_write_them(written, printed):
    assert label(YAMATO, member=a_member(phone=written))[0]["お届け先電話番号"] == printed


@pytest.mark.parametrize("written", ["1060032", "〒106-0032", "１０６－００３２", "106 0032"])
def test_postal_codes_as_people_write_them(written):
    assert label(SAGAWA, member=a_member(postal_code=written))[0]["お届け先郵便番号"] == "106-0032"


# --- what does not fit ---


@pytest.mark.parametrize(("format_", "room"), [(YAMATO, 48), (SAGAWA, 48), (JAPAN_POST, 75)])
def test_a_parcel_never_goes_to_half_an_address(format_, room):
    fits = label(format_, member=a_member(address1="町" * (room - 12), address2="", address3="能登ビル五階南西"))
    too_long = label(format_, member=a_member(address1="町" * room, address2="", address3="能登ビル5階"))

    assert fits[0]
    assert fits[1] == []
    assert too_long == ({}, [f"住所: 住所が長すぎて送り状に入りません（全角{room}文字まで）"])


def test_names_that_do_not_fit_are_shortened_with_a_note():
    company = "株式会社" + "北海" * 12

    cells, said = label(YAMATO, member=a_member(company=company))

    assert cells["お届け先会社・部門１"] == company[:25]
    assert said == [f"会社名: 会社名が長いため「{company[:25]}」までにしました（全角25文字まで）"]


def test_sagawa_leaves_off_the_department_first():
    member = a_member(company="株式会社北海道水産加工物流センター", department="第二仕入部冷凍食品課", name="﨑山 一郎")

    cells, said = label(SAGAWA, member=member)

    assert cells["お届け先名称１"] + cells["お届け先名称２"] == "株式会社北海道水産加工物流センター﨑山 一郎"
    assert said == ["部署名: 名称が長いため、部署名「第二仕入部冷凍食品課」を省きました"]


def test_a_key_that_the_software_would_cut_leaves_the_label_out():
    order = an_order("123456789012345")
    notes = Notes()
    parcel = parcel_of(order, order.shipments[0], some_settings(), TODAY, notes)

    JAPAN_POST.layout.row(parcel, LabelSettings(), notes)

    assert [note.column for note in notes.all if note.left_out] == ["発送ID"]


def test_characters_that_the_software_lacks_are_replaced_with_a_note():
    cells, said = label(YAMATO, member=a_member(name="𠮷田 一郎"))

    assert cells["お届け先名"] == "〓田 一郎"
    assert said == ["名前: 送り状ソフトで扱えない文字「𠮷」を置き換えました（〓田 一郎）"]


@pytest.mark.parametrize("format_", LabelFormat)
def test_no_cell_begins_a_formula_and_every_cell_can_be_written(format_):
    member = a_member(company="=SUM(A1)商会🎉", name="＠一郎", department="+部", address3="-2F")

    cells, _ = label(format_, member=member)

    assert not [cell for cell in cells.values() if cell.startswith(tuple("=+-@＝＋－＠"))]
    "".join(cells.values()).encode("cp932")


# --- dates and times ---


def test_a_requested_date_that_has_come_is_not_asked_for():
    cells, said = label(YAMATO, a_shipment(requested_date=TODAY))

    assert "お届け予定日" not in cells
    assert said == ["配送希望日: 2026/11/26 は出荷日（2026/11/26）以前のため、指定なしにしました"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", ""),
        ("指定なし", ""),
        ("午前中", "0812"),
        ("午前", "0812"),
        ("14-16", "1416"),
        ("14～16時", "1416"),
        ("14〜16時", "1416"),
        ("１４時から１６時", "1416"),
        ("14:00 - 16:00", "1416"),
        ("1416", "1416"),
        ("12-14", None),
        ("夜", None),
        ("14-16-18", None),
    ],
)
def test_time_slots_as_people_write_them(written, code):
    assert slot_code(written, {MORNING: "0812", "14-16": "1416"}) == code


@pytest.mark.parametrize("format_", LabelFormat)
def test_every_time_slot_of_the_default_settings_has_its_code(format_):
    carrier = some_settings().carrier(format_.layout.carrier)
    # Japan Post gave this one up.
    slots = set(carrier.time_slots) - {"20-21"}

    assert slots
    assert [said for slot in slots if (said := label(format_, a_shipment(time_slot=slot))[1])] == []


def test_a_slot_that_the_carrier_does_not_have_is_left_empty_with_a_note():
    cells, said = label(YAMATO, a_shipment(time_slot="12-14"))

    assert "配達時間帯" not in cells
    assert said == ["配送時間帯: 「12-14」はこの配送業者の時間帯にないため、指定なしにしました"]


# --- what the settings say ---


def test_contents_and_codes_come_from_the_settings():
    labels = LabelSettings(contents="食品", yamato_billing_code="0312345678", sagawa_customer_code="123456789012")
    settings = some_settings(labels=labels)

    yamato, sagawa = label(YAMATO, settings=settings)[0], label(SAGAWA, settings=settings)[0]

    assert (yamato["品名１"], yamato["請求先顧客コード"]) == ("食品", "0312345678")
    assert (sagawa["品名１"], sagawa["お客様コード"]) == ("食品", "123456789012")


def test_a_label_names_the_first_product_that_is_in_the_parcel():
    lines = (a_line(1, name="みりん"), a_line(2, name="酢"), a_line(3, name="油"))
    first, second = a_shipment(1, allocations={1: 1}), a_shipment(2, allocations={2: 1, 3: 1})
    order = an_order(lines=lines, shipments=(first, second))

    parcels = [parcel_of(order, shipment, some_settings(), TODAY, Notes()) for shipment in (first, second)]

    assert [parcel.contents for parcel in parcels] == ["みりん", "酢 ほか"]


# --- 代引 ---


@pytest.mark.parametrize(
    ("format_", "kind", "amount", "tax"),
    [
        (YAMATO, "送り状種類", "ｺﾚｸﾄ代金引換額（税込)", "内消費税額等"),
        (SAGAWA, "元着区分", "代引金額", "消費税"),
        (JAPAN_POST, "元／着払／代引", "代引金額", "代引消費税金額"),
    ],
)
def test_the_carrier_collects_what_the_order_comes_to(format_, kind, amount, tax):
    cells, said = label(format_, payment=Payment(method="cash_on_delivery"))

    assert said == []
    assert (cells[amount], cells[tax]) == ("4471", "331")
    assert cells[kind] == {YAMATO: "2", SAGAWA: "1", JAPAN_POST: "2"}[format_]


def test_nothing_is_collected_twice():
    cells, _ = label(YAMATO, payment=Payment(method="cash_on_delivery", paid_on=TODAY))

    assert cells["送り状種類"] == "0"
    assert "ｺﾚｸﾄ代金引換額（税込)" not in cells


def test_an_amount_that_would_have_to_be_divided_leaves_the_label_out():
    shipments = (a_shipment(1, allocations={1: 1}), a_shipment(2, allocations={}))
    order = an_order(shipments=shipments, payment=Payment(method="cash_on_delivery"))
    notes = Notes()

    parcel_of(order, shipments[0], some_settings(), TODAY, notes)

    assert [note.column for note in notes.all if note.left_out] == ["代引金額"]
