"""Imports over HTTP, with the importer behind it."""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest

from shukka.domain.imports.job import MAX_BYTES, ImportJob, ImportState
from shukka.store.imports import ImportStore
from tests.builders import NOW
from tests.unit.order_api.conftest import STOREFRONT


def ask(api, **request):
    return api.call("POST", "/imports", {"filename": "yamato.csv", **request})


def policy_of(form):
    conditions = json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"]
    fixed = {}
    for condition in conditions:
        fixed |= condition if isinstance(condition, dict) else {condition[0]: condition[1:]}
    return fixed


@pytest.fixture
def imports(api):
    """The importer's side of the table."""
    return ImportStore(boto3.client("dynamodb"), "imports", "orders")


def a_job(n=1, **fields):
    job_id = f"20261126{n:06d}-0123456789ab"
    defaults = {"source_key": f"imports/{n}.csv", "received_at": NOW, "state": ImportState.DONE, "version": "v1"}
    return ImportJob(id=job_id, **{**defaults, **fields})


def test_a_form_takes_one_file_of_bounded_size_with_fixed_options(api):
    asked = ask(api, mode="strict", notify=False)

    assert asked.status == 201
    form = asked.body["upload"]
    key = f"imports/api/{asked.body['id']}/yamato.csv"
    assert form["url"] == "https://files.s3.ap-northeast-1.amazonaws.com/"
    assert form["fields"]["key"] == key
    policy = policy_of(form)
    assert policy["content-length-range"] == [1, MAX_BYTES]
    assert (policy["key"], policy["x-amz-meta-mode"], policy["x-amz-meta-notify"]) == (key, "strict", "false")


def test_a_form_fixes_the_format_where_one_is_named(api):
    form = ask(api, format="倉庫システム").body["upload"]

    assert unquote(policy_of(form)["x-amz-meta-format"]) == "倉庫システム"
    assert "x-amz-meta-format" not in policy_of(ask(api).body["upload"])


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("ヤマト 発行済（11月）.csv", "ヤマト_発行済_11月_.csv"),
        ("C:\\Users\\hanako\\b2.csv", "b2.csv"),
        ("../../results/x.csv", "x.csv"),
        ("no_suffix", "no_suffix"),
        ("...", "upload.csv"),
        ("a/", "upload.csv"),
        ("長" * 200 + ".csv", "長" * 100 + ".csv"),
        ("か\u3099.csv", "が.csv"),
    ],
)
def test_any_name_becomes_a_safe_key(api, filename, safe):
    fields = ask(api, filename=filename).body["upload"]["fields"]

    assert fields["key"].rpartition("/")[2] == safe


def test_an_import_waits_for_its_file(api):
    asked = ask(api, mode="dry_run").body

    shown = api.call("GET", f"/imports/{asked['id']}")

    assert shown.status == 200
    assert (shown.body["state"], shown.body["mode"], shown.body["filename"]) == ("waiting", "dry_run", "yamato.csv")
    assert shown.body["counts"]["rows"] == 0
    assert (shown.body["original"], shown.body["result"], shown.body["stage"]) == (None, None, None)


def test_a_running_import_shows_how_far_it_is(api, imports):
    job = a_job(state=ImportState.RUNNING, mode="strict", percent=40, counts={"applied": 5000, "rejected": 2})
    imports.save(job, expected=None)

    shown = api.call("GET", f"/imports/{job.id}").body

    assert (shown["state"], shown["stage"], shown["percent"]) == ("running", "checking", 40)
    assert (shown["counts"]["rows"], shown["counts"]["rejected"]) == (5002, 2)


def test_an_import_that_is_over_shows_counts_reasons_and_links_to_its_own_files(api, imports):
    reasons = ["3行目「発送日」: 暦にない日付です（2024-02-31）"]
    job = a_job(
        counts={"applied": 2, "rejected": 1},
        first_problems=reasons,
        first_warnings=["2行目: 発送済の内容を訂正しました"],
        result_key="results/1.result.csv",
        result_version="v2",
        finished_at=NOW,
        repeats="この内容は 2026-11-25 12:00 に取り込み済みです（imports/0.csv）",
    )
    imports.save(job, expected=None)

    shown = api.call("GET", f"/imports/{job.id}").body

    assert (shown["first_problems"], shown["repeats"]) == (reasons, job.repeats)
    assert shown["first_warnings"] == ["2行目: 発送済の内容を訂正しました"]
    for name, key, version in (("original", "imports/1.csv", "v1"), ("result", "results/1.result.csv", "v2")):
        link = urlsplit(shown[name]["url"])
        assert (shown[name]["key"], link.path) == (key, f"/{key}")
        assert link.netloc == "files.s3.ap-northeast-1.amazonaws.com"
        assert parse_qs(link.query)["versionId"] == [version]


def test_the_list_is_newest_first_and_goes_on_behind_its_cursor(api, imports):
    for n in (2, 1, 3):
        imports.save(a_job(n), expected=None)

    first = api.call("GET", "/imports", query={"limit": "2"}).body
    second = api.call("GET", "/imports", query={"limit": "2", "cursor": first["next_cursor"]}).body

    assert [entry["filename"] for entry in first["imports"] + second["imports"]] == ["3.csv", "2.csv", "1.csv"]
    assert second["next_cursor"] is None
    assert api.call("GET", "/imports", query={"cursor": "nonsense"}).status == 400


def test_the_last_page_is_known_to_be_the_last(api, imports):
    for n in (1, 2):
        imports.save(a_job(n), expected=None)

    assert api.call("GET", "/imports", query={"limit": "2"}).body["next_cursor"] is None


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"filename": ""}, "filename"),
        ({"filename": "a\nb.csv"}, "filename"),
        ({"filename": "a.csv", "mode": "all"}, "mode"),
        ({"filename": "a.csv", "notify": "perhaps"}, "notify"),
        ({"filename": "a.csv", "key": "imports/x"}, "key"),
        ({}, "filename"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(api, sent, field):
    refused = api.call("POST", "/imports", sent)

    assert refused.status == 422
    assert [error["field"] for error in refused.body["errors"]] == [field]


def test_an_unknown_import_is_not_found(api):
    answer = api.call("GET", "/imports/20261126000000-ffffffffffff")

    assert (answer.status, answer.body["detail"]) == (404, "取り込み 20261126000000-ffffffffffff は見つかりません")


@pytest.mark.parametrize(("method", "path"), [("GET", "/imports"), ("GET", "/imports/x"), ("POST", "/imports")])
def test_imports_are_for_staff_alone(api, method, path):
    body = {"filename": "a.csv"} if method == "POST" else None

    assert api.call(method, path, body, claims=STOREFRONT).status == 403
