"""The template reads in a fixed order, and its contract with the code holds."""

import re
from dataclasses import fields

import pytest

from local.template import TEMPLATE
from shukka import environment as settings

SECTIONS = ["Parameters", "Globals", "API", "Functions", "Tables", "Buckets", "Queues", "Alarms", "Outputs"]
TYPES = {
    "API": ("AWS::ApiGatewayV2::", "AWS::Cognito::", "AWS::Lambda::Permission", "AWS::Logs::LogGroup"),
    "Functions": ("AWS::Serverless::", "AWS::IAM::Role", "AWS::Logs::LogGroup", "AWS::SES::"),
    "Tables": ("AWS::DynamoDB::",),
    "Buckets": ("AWS::S3::",),
    "Queues": ("AWS::SQS::",),
    "Alarms": ("AWS::SNS::", "AWS::CloudWatch::"),
}


def test_sections_stand_under_banners_in_the_fixed_order():
    assert re.findall(r"# ═══ (\w+) ═", TEMPLATE.read_text()) == SECTIONS


@pytest.mark.parametrize("section", TYPES)
def test_a_section_holds_only_its_kinds_of_resources(section):
    text = re.search(rf"# ═══ {section} ═(.*?)(?:# ═══ |\Z)", TEMPLATE.read_text(), re.DOTALL)

    types = re.findall(r"^    Type: (AWS::\S+)", text[1], re.MULTILINE)

    assert types
    assert [kind for kind in types if not kind.startswith(TYPES[section])] == []


def test_functions_run_on_the_runtime_that_is_built_for(template):
    assert template["Globals"]["Function"]["Runtime"] == "python3.13"
    assert template["Globals"]["Function"]["Architectures"] == ["arm64"]


def test_a_function_gets_exactly_the_variables_that_its_code_reads(template, functions):
    every = {"POWERTOOLS_SERVICE_NAME", *template["Globals"]["Function"]["Environment"]["Variables"]}
    for logical_id, function in functions.items():
        camel = "".join(word.title() for word in package_of(function).split("_"))
        read = {field.name.upper() for field in fields(getattr(settings, f"{camel}Environment"))}

        assert set(function["Environment"]["Variables"]) | every == read | every, logical_id


def test_services_are_named_per_stack_so_that_metrics_of_two_stacks_stay_apart(functions):
    for logical_id, function in functions.items():
        service = function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        assert service == function["FunctionName"], logical_id
        assert service["Fn::Sub"].startswith("${AWS::StackName}-"), logical_id


def test_every_function_has_the_common_layer_and_only_document_maker_the_pdf_library(template, functions):
    assert template["Globals"]["Function"]["Layers"] == [{"Ref": "ShukkaLayer"}]
    for logical_id, function in functions.items():
        own = [{"Ref": "DocumentsLayer"}] if package_of(function) == "document_maker" else []
        assert function.get("Layers", []) == own, logical_id


def package_of(function):
    return function["Handler"].split(".")[0]
