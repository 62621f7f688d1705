"""Roles are least privilege: exact actions on exact resources, and nothing a function has no use for."""

import json
import re

PREFIXES = {"imports", "results", "mails", "documents", "exports"}


def test_no_role_takes_a_managed_policy_or_is_shared(of_type, functions):
    roles = of_type("AWS::IAM::Role")
    used = [function["Role"]["Fn::GetAtt"][0] for function in functions.values()]

    assert [logical_id for logical_id, role in roles.items() if "ManagedPolicyArns" in role] == []
    assert sorted(used) == sorted(roles)


def test_only_lambda_may_assume_a_role(of_type):
    for logical_id, role in of_type("AWS::IAM::Role").items():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}, logical_id


def test_no_role_has_a_wildcard_action(of_type):
    for logical_id, statement in role_statements(of_type):
        assert [action for action in many(statement["Action"]) if "*" in action] == [], logical_id
        assert statement["Effect"] == "Allow", logical_id


def test_no_role_has_a_wildcard_resource_but_for_keys_under_a_known_prefix(of_type):
    for logical_id, statement in role_statements(of_type):
        for resource in many(statement["Resource"]):
            text = json.dumps(resource)
            under_prefix = re.search(r'"\$\{FilesBucket\.Arn\}/(\w+)/\*"', text)
            if under_prefix:
                assert under_prefix[1] in PREFIXES, logical_id
            else:
                assert "*" not in text, f"{logical_id} {statement['Sid']}"
                assert isinstance(resource, dict), f"{logical_id} {statement['Sid']} names no resource of this stack"


def test_a_function_may_only_touch_the_resources_in_its_environment(of_type, functions):
    """Its variables, its event sources and its log group: everything a role names must be one of those."""
    roles = of_type("AWS::IAM::Role")
    for logical_id, function in functions.items():
        reachable = names_in([function["Environment"], function["LoggingConfig"], function.get("Events", {})])
        # The identity that mails come from is the one thing the settings say instead.
        allowed = reachable | ({"MailIdentity"} if "MailConfigurationSet" in reachable else set())
        granted = names_in(roles[function["Role"]["Fn::GetAtt"][0]]["Policies"])

        assert granted <= allowed, logical_id
        # An address that is written into mails is no permission to call it.
        assert reachable - granted - {"HttpApi"} == set(), logical_id


def test_the_gateway_and_the_bucket_may_reach_only_what_they_have_to(of_type):
    for logical_id, permission in of_type("AWS::Lambda::Permission").items():
        assert permission["Action"] == "lambda:InvokeFunction", logical_id
        assert "${HttpApi}" in permission["SourceArn"]["Fn::Sub"], logical_id
    for logical_id, policy in of_type("AWS::SQS::QueuePolicy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Action"] == "sqs:SendMessage", logical_id
            assert set(statement["Condition"]) == {"ArnEquals", "StringEquals"}, logical_id


def role_statements(of_type):
    return [
        (logical_id, statement)
        for logical_id, role in of_type("AWS::IAM::Role").items()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def names_in(value):
    """Logical ids and parameters that a part of the template refers to."""
    text = json.dumps(value)
    found = set(re.findall(r'"Ref": "(\w+)"', text)) | set(re.findall(r'"Fn::GetAtt": \["(\w+)"', text))
    return found | set(re.findall(r"\$\{(\w+)(?:\.\w+)?\}", text))


def many(value):
    return value if isinstance(value, list) else [value]
