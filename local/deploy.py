"""Deploys `template.yaml` onto a local server, makes up for what that leaves out, and checks that it is all there.

What differs from AWS, and why:
* FilesBucketPolicy is left out: it refuses plain HTTP, and that is what the server speaks.
* Who may send to a queue may send batches: the server asks for an action of that name, which AWS does not have.
* Who may send mail may send as anybody: the server checks it against the resource `*`, which no role has.
* Time to live of tables is set by API: the server ignores it in a template.
* Functions get ten times their time, and their AWS clients wait for any answer: on a busy machine both take longer than
  on AWS, and that is no fault.
* The API's address in mails is the server's, in the form with a path.
* CORS of the API is set by API: the server keeps what the template says, but under names that it does not read.
* CORS of the bucket, lifecycle rules and alarms are stored at most; nothing acts on them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import WaiterError

from local.package import Source, package
from local.server import REGION, Server, StackError

STACK_NAME = "shukka-local"
MAIL_IDENTITY = "example.jp"
STAFF_EMAIL = f"staff@{MAIL_IDENTITY}"

_ARTIFACTS = "shukka-local-artifacts"
# Lambda's own limit.
_LONGEST_SECONDS = 900
_PARAMETERS = {"Stage": "dev", "MailIdentity": MAIL_IDENTITY}


def deploy(server: Server, source: Source, staff_password: str, origins: Sequence[str] = ()) -> None:
    """Create the stack, a staff user with that password and a verified sender.

    Browser applications of these `origins` may call the API. Raises StackError.
    """
    built = package(_ARTIFACTS, source)
    _adapt(built.template, server.url)
    s3 = server.client("s3")
    s3.create_bucket(Bucket=_ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    for key, archive in {**built.archives, "template.json": json.dumps(built.template).encode()}.items():
        s3.put_object(Bucket=_ARTIFACTS, Key=key, Body=archive)
    _create_stack(server, {**_PARAMETERS, "AllowedOrigins": ",".join(origins)})
    ids = resource_ids(server)
    _set_time_to_live(server, built.template, ids)
    if origins:
        _set_cors(server, built.template, ids, origins)
    _add_staff_user(server, ids, staff_password)
    server.client("sesv2").create_email_identity(EmailIdentity=MAIL_IDENTITY)
    _check(server, built.template, ids)


def resource_ids(server: Server) -> dict[str, str]:
    """Physical ids by the template's logical ids."""
    described = server.client("cloudformation").describe_stack_resources(StackName=STACK_NAME)
    return {found["LogicalResourceId"]: found["PhysicalResourceId"] for found in described["StackResources"]}


def _adapt(template: dict[str, Any], url: str) -> None:
    del template["Resources"]["FilesBucketPolicy"]
    mail_sender = template["Resources"]["MailSenderFunction"]["Properties"]
    mail_sender["Environment"]["Variables"]["API_URL"] = {"Fn::Sub": f"{url}/_aws/execute-api/${{HttpApi}}"}
    for _, role in _of_type(template, "AWS::IAM::Role"):
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                if statement["Action"] == "sqs:SendMessage":
                    statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]
                if "ses:SendEmail" in statement["Action"]:
                    statement["Resource"] = "*"
    for _, function in _of_type(template, "AWS::Serverless::Function"):
        function["Timeout"] = min(10 * function["Timeout"], _LONGEST_SECONDS)


def _create_stack(server: Server, parameters: Mapping[str, str]) -> None:
    cloudformation = server.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK_NAME,
        TemplateURL=f"{server.url}/{_ARTIFACTS}/template.json",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        OnFailure="DO_NOTHING",
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    try:
        waiter.wait(StackName=STACK_NAME, WaiterConfig={"Delay": 0.1, "MaxAttempts": 6_000})
    except WaiterError as failure:
        events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
        reasons = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]
        raise StackError("the template could not be deployed:\n" + "\n".join(reasons)) from failure


def _set_time_to_live(server: Server, template: dict[str, Any], ids: dict[str, str]) -> None:
    dynamodb = server.client("dynamodb")
    for logical_id, properties in _of_type(template, "AWS::DynamoDB::Table"):
        if "TimeToLiveSpecification" in properties:
            dynamodb.update_time_to_live(
                TableName=ids[logical_id], TimeToLiveSpecification=properties["TimeToLiveSpecification"]
            )


def _set_cors(server: Server, template: dict[str, Any], ids: dict[str, str], origins: Sequence[str]) -> None:
    _, cors, _ = template["Resources"]["HttpApi"]["Properties"]["CorsConfiguration"]["Fn::If"]
    configuration = {**cors, "AllowOrigins": list(origins)}
    server.client("apigatewayv2").update_api(ApiId=ids["HttpApi"], CorsConfiguration=configuration)


def _add_staff_user(server: Server, ids: dict[str, str], password: str) -> None:
    cognito = server.client("cognito-idp")
    user = {"UserPoolId": ids["UserPool"], "Username": STAFF_EMAIL}
    attributes = [{"Name": "email", "Value": STAFF_EMAIL}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(**user, GroupName="staff")


def _check(server: Server, template: dict[str, Any], ids: dict[str, str]) -> None:
    """CREATE_COMPLETE proves little here: the server has been seen to skip what it does not know."""
    missing = [
        *_missing_routes(server, template, ids),
        *_missing_time_to_live(server, template, ids),
        *_missing_mappings(server, template, ids),
        *_missing_notification(server, ids),
    ]
    if missing:
        raise StackError("the stack was created, but lacks:\n" + "\n".join(missing))


def _missing_routes(server: Server, template: dict[str, Any], ids: dict[str, str]) -> list[str]:
    routes = server.client("apigatewayv2").get_routes(ApiId=ids["HttpApi"])["Items"]
    made = {(route["RouteKey"], route["AuthorizationType"], bool(route.get("AuthorizerId"))) for route in routes}
    wanted = {
        (route["RouteKey"], route["AuthorizationType"], "AuthorizerId" in route)
        for logical_id, route in _of_type(template, "AWS::ApiGatewayV2::Route")
        if "Condition" not in template["Resources"][logical_id]
    }
    return [f"route {key}, {authorization}" for key, authorization, _ in wanted - made]


def _missing_time_to_live(server: Server, template: dict[str, Any], ids: dict[str, str]) -> list[str]:
    dynamodb = server.client("dynamodb")
    return [
        f"time to live of {logical_id}"
        for logical_id, properties in _of_type(template, "AWS::DynamoDB::Table")
        if "TimeToLiveSpecification" in properties
        and dynamodb.describe_time_to_live(TableName=ids[logical_id])["TimeToLiveDescription"].get("AttributeName")
        != properties["TimeToLiveSpecification"]["AttributeName"]
    ]


def _missing_mappings(server: Server, template: dict[str, Any], ids: dict[str, str]) -> list[str]:
    kept = ("BatchSize", "FunctionResponseTypes", "FilterCriteria", "ScalingConfig", "MaximumRetryAttempts")
    mappings = server.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    made = {mapping["UUID"]: mapping for mapping in mappings if mapping["State"] == "Enabled"}
    return [
        f"{name} of {event} at {logical_id}"
        for logical_id, properties in _of_type(template, "AWS::Serverless::Function")
        for event, source in properties.get("Events", {}).items()
        for name in kept
        # The transform names a mapping after function and event.
        if made.get(ids.get(f"{logical_id}{event}", ""), {}).get(name) != source["Properties"].get(name)
    ]


def _missing_notification(server: Server, ids: dict[str, str]) -> list[str]:
    configuration = server.client("s3").get_bucket_notification_configuration(Bucket=ids["FilesBucket"])
    queues = configuration.get("QueueConfigurations", [])
    prefixes = [rule["Value"] for queue in queues for rule in queue["Filter"]["Key"]["FilterRules"]]
    return [] if prefixes == ["imports/"] else ["notification of uploads under imports/"]


def _of_type(template: dict[str, Any], resource_type: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (logical_id, resource["Properties"])
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == resource_type
    ]
