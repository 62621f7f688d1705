"""The mail that tells the shop of an import, as it is read."""

from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from shukka.domain.imports.job import ImportCounts, ImportJob, ImportState, UploadMode
from shukka.domain.mail.addressing import Envelope, MailRefusal, address_summary
from shukka.domain.order.outbox import Mail, Recipient
from shukka.domain.settings import ShopProfile
from shukka.mail.rendering import default_template, render
from shukka.mail.summary import compose_summary, summary_view
from tests.builders import NOW, some_settings

MAIL = Mail(key="import#shop", template="import_shop", recipient=Recipient.SHOP, created_at=NOW)
API = "https://api.example.jp"
TO_ITSELF = Envelope("shop@example.jp", "shop@example.jp")
REASONS = tuple(f"{n}行目「発送日」: 暦にない日付です（2024-02-31）" for n in range(2, 22))


def a_job(**fields):
    defaults = {
        "source_key": "imports/2026/ヤマト 11月.csv",
        "received_at": NOW,
        "finished_at": NOW + timedelta(minutes=2),
        "state": ImportState.DONE,
        "format": "ヤマトB2クラウド",
        "counts": ImportCounts(applied=1200, unchanged=3),
        "result_key": "results/2026/ヤマト 11月.result.csv",
    }
    return ImportJob(id="20261126030000-0123456789ab", **{**defaults, **fields})


def rendered(job):
    return render(default_template("import_shop"), summary_view(job, some_settings(), API))


def assert_tells(job, *words):
    mail = rendered(job)
    for word in words:
        assert word in mail.text
        assert word in mail.html


def test_it_tells_file_format_times_counts_and_where_the_result_is():
    job = a_job()

    assert rendered(job).subject == "【出荷酒店】出荷実績を取り込みました（ヤマト 11月.csv）"
    assert_tells(job, "ヤマト 11月.csv", "ヤマトB2クラウド", "2026-11-26 12:00", "2026-11-26 12:02", "全1,203行")
    assert_tells(job, "1,200行", "3行", f"{API}/imports/{job.id}")
    assert "エラーの内容" not in rendered(job).text
    assert "確認が必要な行" not in rendered(job).text
    assert job.result_key not in rendered(job).text + rendered(job).html


def test_an_import_that_was_given_up_half_way_does_not_claim_that_nothing_was_applied():
    job = a_job(state=ImportState.FAILED, problem="中止しました", counts=ImportCounts(applied=5))
    refused = a_job(state=ImportState.FAILED, problem="空です", format=None, counts=ImportCounts())

    assert_tells(job, "取り込めませんでした", "中止しました", "5行")
    assert "どの行も反映していません" not in rendered(job).text + rendered(job).html
    assert_tells(refused, "取り込めませんでした", "どの行も反映していません")


def test_rows_that_were_passed_over_or_did_not_ship_are_counted_apart():
    job = a_job(counts=ImportCounts(applied=5, passed_over=3, not_shipped=2))

    assert_tells(job, "全8行", "見送り", "3行", "発送済にしていない行", "2行")
    assert "見送り" not in rendered(a_job()).text


def test_the_summary_has_the_first_reasons_and_the_number_of_others():
    job = a_job(counts=ImportCounts(applied=5, rejected=12_000), first_problems=REASONS)

    assert "エラー12,000行" in rendered(job).subject
    assert_tells(job, REASONS[0], REASONS[9], "ほか11,990行")
    assert REASONS[10] not in rendered(job).text


def test_what_to_look_at_is_listed_and_not_only_counted():
    warnings = tuple(f"{n}行目: 発送済の内容を訂正しました" for n in range(2, 22))
    job = a_job(counts=ImportCounts(applied=500, warned=31), first_warnings=warnings)

    assert_tells(job, "確認が必要な行", warnings[0], warnings[9], "ほか21行")
    assert warnings[10] not in rendered(job).text


def test_the_summary_of_a_refused_file_has_the_reason():
    job = a_job(state=ImportState.FAILED, format=None, counts=ImportCounts(), problem="ファイルが空です")

    assert "取り込めませんでした" in rendered(job).subject
    assert_tells(job, "どの行も反映していません", "ファイルが空です")
    assert "結果（" not in rendered(job).text


def test_a_strict_upload_that_was_refused_tells_what_was_held_back():
    counts = ImportCounts(held=100, rejected=2)
    job = a_job(state=ImportState.FAILED, mode=UploadMode.STRICT, counts=counts, problem="誤りのある行が2行あるため")

    assert_tells(job, "誤りが1行でもあれば、どの行も反映しない", "未反映（他の行に誤りがあるため）", "100行")
    assert "変更なし" not in rendered(job).text


def test_a_dry_run_is_not_taken_for_an_import():
    job = a_job(mode=UploadMode.DRY_RUN, notify=False)

    assert "確認しました" in rendered(job).subject
    assert_tells(job, "何も反映していません", "反映予定", "お客様へのメールは送らない")


def test_content_that_was_imported_before_is_said_to_be():
    assert_tells(a_job(repeats="この内容は 2026-11-25 12:00 に取り込み済みです"), "2026-11-25 12:00 に取り込み済み")


def test_what_stood_in_the_file_does_no_harm():
    job = a_job(
        source_key="imports/<b>\u202ecsv.exe\n.csv",
        first_problems=("2行目: <script>x</script>",),
        counts={"rejected": 1},
    )

    mail = rendered(job)

    assert "\n" not in mail.subject
    assert "\u202e" not in mail.subject + mail.text + mail.html
    assert "<script>" not in mail.html


def test_it_goes_from_the_shop_to_the_shop():
    letter = compose_summary(MAIL, a_job(), some_settings(), TO_ITSELF, NOW, api_url=API)

    message = message_from_bytes(letter.mime)
    assert letter.about == ("import", "20261126030000-0123456789ab")
    assert (message["To"], str(make_header(decode_header(message["Subject"])))) == ("shop@example.jp", letter.subject)


@pytest.mark.parametrize(
    ("shop", "envelope"),
    [
        (some_settings().shop, TO_ITSELF),
        (ShopProfile(name="店"), MailRefusal("設定 > 店舗情報にメールアドレスがありません")),
    ],
)
def test_a_shop_without_an_address_sees_why_it_got_no_mail(shop, envelope):
    assert address_summary(MAIL, a_job(), some_settings(shop=shop)) == envelope
