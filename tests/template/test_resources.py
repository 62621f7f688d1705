"""Nothing is lost, nothing is public, and nothing fails unseen."""

OPEN_ROUTES = {
    "ANY /health",
    "ANY /openapi.json",
    "ANY /docs",
    "ANY /docs/imports",
    "ANY /docs/imports/template.csv",
}
COUNTED = {
    "ImportGivenUp": "ShipmentImportFunction",
    "MailUnknown": "MailSenderFunction",
    "MailFailed": "MailSenderFunction",
    "StreamRecordMalformed": "OutboxRelayFunction",
}
RETAINED = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool")


# --- API ---


def test_every_route_needs_a_token_but_the_open_ones(of_type, template):
    for logical_id, route in of_type("AWS::ApiGatewayV2::Route").items():
        if route["RouteKey"] in OPEN_ROUTES:
            assert route["AuthorizationType"] == "NONE", logical_id
        elif route["RouteKey"].startswith("OPTIONS "):
            # A preflight; where no browser may call, there is no such route.
            assert template["Resources"][logical_id]["Condition"] == "HasOrigins"
        else:
            assert route["AuthorizationType"] == "JWT", logical_id
            assert route["AuthorizerId"] == {"Ref": "HttpAuthorizer"}, logical_id


def test_the_api_slows_down_callers_that_ask_too_much(of_type):
    for logical_id, stage in of_type("AWS::ApiGatewayV2::Stage").items():
        assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(stage["DefaultRouteSettings"]), logical_id


def test_plain_passwords_log_in_only_to_development(of_type):
    flows = of_type("AWS::Cognito::UserPoolClient")["StaffClient"]["ExplicitAuthFlows"]

    assert "ALLOW_USER_PASSWORD_AUTH" not in flows
    assert {"Fn::If": ["IsDev", "ALLOW_USER_PASSWORD_AUTH", {"Ref": "AWS::NoValue"}]} in flows


# --- data ---


def test_what_holds_data_survives_the_stack(template):
    holders = {name: resource for name, resource in template["Resources"].items() if resource["Type"] in RETAINED}

    assert len(holders) == 6
    for logical_id, resource in holders.items():
        assert resource["DeletionPolicy"] == "RetainExceptOnCreate", logical_id
        assert resource["UpdateReplacePolicy"] == "Retain", logical_id


def test_tables_can_be_restored_and_cost_what_is_used(of_type):
    for logical_id, table in of_type("AWS::DynamoDB::Table").items():
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, logical_id
        assert table["BillingMode"] == "PAY_PER_REQUEST", logical_id
        assert table["DeletionProtectionEnabled"] == {"Fn::If": ["IsProd", True, False]}, logical_id


def test_indexes_never_carry_a_whole_order(of_type):
    for index in of_type("AWS::DynamoDB::Table")["OrdersTable"]["GlobalSecondaryIndexes"]:
        assert index["Projection"]["ProjectionType"] in {"INCLUDE", "KEYS_ONLY"}, index["IndexName"]


def test_indexes_carry_no_more_attributes_than_a_table_may_project(of_type):
    indexes = of_type("AWS::DynamoDB::Table")["OrdersTable"]["GlobalSecondaryIndexes"]

    assert sum(len(index["Projection"].get("NonKeyAttributes", ())) for index in indexes) <= 100


def test_lists_that_filter_alike_carry_the_same(of_type):
    """A filter works in whichever index a list reads."""
    indexes = {i["IndexName"]: i for i in of_type("AWS::DynamoDB::Table")["OrdersTable"]["GlobalSecondaryIndexes"]}
    carried = {
        name: {
            *indexes[name]["Projection"]["NonKeyAttributes"],
            *(k["AttributeName"] for k in indexes[name]["KeySchema"]),
        }
        - {"placed_shard", "open_status"}
        for name in ("by_placed", "by_member", "open_orders", "by_updated")
    }

    assert carried["by_member"] == carried["by_placed"] == carried["open_orders"] == carried["by_updated"]


def test_the_bucket_is_private_versioned_and_encrypted(of_type):
    for logical_id, bucket in of_type("AWS::S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, logical_id
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, logical_id
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}, logical_id
        assert bucket["BucketEncryption"], logical_id


def test_the_bucket_refuses_plain_http(of_type):
    (policy,) = of_type("AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert statement["Effect"] == "Deny"
    assert statement["Action"] == "s3:*"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_the_record_of_mails_and_documents_never_expires(of_type):
    rules = of_type("AWS::S3::Bucket")["FilesBucket"]["LifecycleConfiguration"]["Rules"]

    expiring = {
        rule.get("Prefix") for rule in rules if "ExpirationInDays" in rule or "NoncurrentVersionExpiration" in rule
    }

    assert expiring == {"imports/", "results/", "exports/"}


# --- work ---


def test_every_consumed_queue_has_a_dead_letter_queue_and_time_enough(of_type, functions):
    queues = of_type("AWS::SQS::Queue")
    consumed = consumers(functions)

    assert {queue for queue in queues if "RedrivePolicy" in queues[queue]} == set(consumed)
    for queue, (function, event) in consumed.items():
        assert queues[queue]["RedrivePolicy"]["maxReceiveCount"] >= 3, queue
        assert queues[queue]["VisibilityTimeout"] >= 6 * function["Timeout"], queue
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"], queue
        assert event["ScalingConfig"]["MaximumConcurrency"] >= 2, queue


def test_the_importer_knows_which_delivery_is_the_last(of_type, functions):
    redrive = of_type("AWS::SQS::Queue")["ImportQueue"]["RedrivePolicy"]
    configured = functions["ShipmentImportFunction"]["Environment"]["Variables"]["IMPORT_MAX_RECEIVES"]

    assert configured == str(redrive["maxReceiveCount"])


def test_every_queue_is_encrypted(of_type):
    queues = of_type("AWS::SQS::Queue")

    assert [queue for queue in queues if queues[queue].get("SqsManagedSseEnabled") is not True] == []


def test_the_relay_sees_exactly_new_outbox_items_and_gives_up_in_the_open(functions):
    stream = functions["OutboxRelayFunction"]["Events"]["OrdersStream"]["Properties"]

    patterns = [filter_["Pattern"] for filter_ in stream["FilterCriteria"]["Filters"]]
    assert patterns == [
        f'{{"eventName":["INSERT"],"dynamodb":{{"Keys":{{"sk":{{"S":[{{"prefix":"{prefix}"}}]}}}}}}}}'
        for prefix in ("MAIL#", "DOCUMENT#", "STOCK#")
    ]
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert 0 < stream["MaximumRetryAttempts"] <= 100
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["RelayFailureQueue", "Arn"]}


def test_the_number_watcher_sees_exactly_shipments_and_gives_up_in_the_open(functions):
    stream = functions["NumberWatcherFunction"]["Events"]["OrdersStream"]["Properties"]

    assert [filter_["Pattern"] for filter_ in stream["FilterCriteria"]["Filters"]] == [
        '{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"SHIPMENT#"}]}}}}'
    ]
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["BisectBatchOnFunctionError"] is True
    assert 0 < stream["MaximumRetryAttempts"] <= 100
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["NumberFailureQueue", "Arn"]}


def test_every_function_answers_in_the_gateways_time_and_keeps_its_logs_for_a_while(of_type, functions):
    groups = of_type("AWS::Logs::LogGroup")
    behind_http = {
        integration["IntegrationUri"]["Fn::GetAtt"][0]
        for integration in of_type("AWS::ApiGatewayV2::Integration").values()
    }
    for logical_id, function in functions.items():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups, logical_id
        assert function["Timeout"] < 30 or logical_id not in behind_http, logical_id
    assert [group for group in groups if groups[group]["RetentionInDays"] != {"Ref": "LogRetentionDays"}] == []


# --- alarms ---


def test_every_alarm_tells_somebody_and_stays_quiet_without_data(of_type):
    for logical_id, alarm in of_type("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}], logical_id
        assert alarm["TreatMissingData"] == "notBreaching", logical_id
        assert alarm["AlarmDescription"], logical_id


def test_every_message_that_was_given_up_raises_an_alarm(of_type):
    queues = of_type("AWS::SQS::Queue")
    ends = {queue for queue in queues if "RedrivePolicy" not in queues[queue]}

    alarmed = alarms_of(of_type, "ApproximateNumberOfMessagesVisible")

    assert set(alarmed) == ends
    assert {alarm["Threshold"] for alarm in alarmed.values()} == {0}


def test_work_that_waits_too_long_raises_an_alarm(of_type, functions):
    assert set(alarms_of(of_type, "ApproximateAgeOfOldestMessage")) == set(consumers(functions))
    assert set(alarms_of(of_type, "IteratorAge")) == {"OutboxRelayFunction", "NumberWatcherFunction"}


def test_every_function_that_fails_raises_an_alarm(of_type, functions):
    assert set(alarms_of(of_type, "Errors")) == set(functions)


def test_what_the_functions_count_as_bad_raises_an_alarm(of_type, functions):
    alarms = {alarm["MetricName"]: alarm for alarm in of_type("AWS::CloudWatch::Alarm").values()}
    for metric, function in COUNTED.items():
        service = functions[function]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        assert alarms[metric]["Namespace"] == "Shukka", metric
        assert alarms[metric]["Dimensions"] == [{"Name": "service", "Value": service}], metric


def consumers(functions):
    """The consumed queues, each with the function and the mapping that consume it."""
    return {
        event["Properties"]["Queue"]["Fn::GetAtt"][0]: (function, event["Properties"])
        for function in functions.values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "SQS"
    }


def alarms_of(of_type, metric):
    """The alarms on a metric, by the resource they watch."""
    found = {}
    for alarm in of_type("AWS::CloudWatch::Alarm").values():
        if alarm["MetricName"] == metric:
            (dimension,) = alarm["Dimensions"]
            watched = dimension["Value"]
            found[watched["Ref"] if "Ref" in watched else watched["Fn::GetAtt"][0]] = alarm
    return found
