"""The order store on AWS's own engine."""

import pytest

from local.request_counter import count_requests
from shukka.domain.errors import OrderNotFoundError, VersionConflictError
from shukka.domain.order.goods_return import ReturnedGoods
from shukka.domain.order.history import HistoryEntry
from shukka.domain.order.order import COMPLETED
from shukka.domain.order.outbox import Document, DocumentKind, DocumentState, Mail, MailState, Recipient
from shukka.domain.order.returns import with_return, with_return_voided
from shukka.domain.shipping.shipment import ShipmentId, ShippingStatus
from shukka.store.orders import OrderStore
from shukka.store.shipments import ShipmentBatches
from shukka.usecases.commit_change import next_version
from shukka.usecases.ports import Commit
from tests.builders import NOW, a_context, a_destination, a_line, a_shipment, an_order


@pytest.fixture
def store(dynamodb, tables):
    return OrderStore(dynamodb, tables.orders, tables.settings)


@pytest.fixture
def batches(dynamodb, tables, store):
    return ShipmentBatches(dynamodb, tables.orders, store)


def placed(order, *follow_ups):
    entry = HistoryEntry(version=1, at=NOW, actor="staff:hanako", action="place_order", request_id="request-1")
    return Commit(None, order, entry, follow_ups)


def changed(before, after, *follow_ups):
    return next_version(before, after, "amend_order", a_context(), follow_ups=follow_ups)


def a_mail(key="placed#member"):
    return Mail(key=key, template="placed_member", recipient=Recipient.MEMBER, created_at=NOW)


def test_an_order_is_read_as_it_was_stored(store):
    order = an_order(lines=(a_line(1), a_line(2, sku=None, name="特別値引", unit_price=-100, quantity=1)))

    store.commit(placed(order, a_mail()))

    assert store.get_with_mails("100001") == (order, [a_mail()])


@pytest.mark.parametrize("count", [1, 1_000, 2_000])
def test_many_long_lines_are_read_in_order(store, count):
    order = an_order(lines=tuple(a_line(n, name=f"{n} " + "長い商品名" * 30) for n in range(1, count + 1)))

    store.commit(placed(order))

    assert store.get("100001") == order


def test_what_follows_from_destinations_is_written_when_they_change_and_left_alone_by_imports(dynamodb, tables, store):
    """The rows of an import know one shipment of the order, and no other's destination."""

    def searched() -> tuple[str, str]:
        root = dynamodb.get_item(TableName=tables.orders, Key={"pk": {"S": "ORDER#100001"}, "sk": {"S": "ROOT"}})
        return root["Item"]["search_names"]["S"], root["Item"]["search_addresses"]["S"]

    order = an_order(shipments=(a_shipment(1, allocations={1: 1}), a_shipment(2, allocations={})))
    store.commit(placed(order))
    moved = order.with_shipment(order.shipments[1].model_copy(update={"destination": a_destination()}))
    store.commit(changed(order, moved))
    names, addresses = searched()
    assert "株式会社能登倉庫" in names
    assert "\n神奈川県\n" in addresses

    moved = store.get("100001")
    alone = moved.model_copy(update={"shipments": moved.shipments[:1], "lines": ()})
    shipped = alone.shipments[0].model_copy(update={"tracking_numbers": ("444413758703",)})
    store.commit(changed(alone, alone.with_shipment(shipped)))
    assert searched() == (names, addresses)

    elsewhere = alone.shipments[0].model_copy(update={"destination": a_destination()})
    with pytest.raises(ValueError, match="all its shipments"):
        store.commit(changed(alone, alone.with_shipment(elsewhere)))


def test_fewer_lines_leave_nothing_of_the_old_ones(store):
    before = an_order(lines=tuple(a_line(n, name="長い商品名" * 40) for n in range(1, 1_001)))
    store.commit(placed(before))
    after = changed(before, before.with_lines(before.lines[:1]))

    store.commit(after)

    assert store.get("100001") == after.after
    assert len(store.history("100001")[-1].changes) == 4 + 999 * 8


def test_an_unknown_order_is_not_found(store):
    with pytest.raises(OrderNotFoundError):
        store.get("999999")


def test_numbers_start_at_100001_and_never_repeat(store):
    assert [store.next_number() for _ in range(3)] == ["100001", "100002", "100003"]


def test_a_change_on_a_stale_version_is_refused_whole(store):
    order = an_order()
    store.commit(placed(order))
    store.commit(changed(order, order.with_header(staff_memo="先の変更")))

    with pytest.raises(VersionConflictError):
        store.commit(changed(order, order.with_header(staff_memo="後の変更"), a_mail("late")))

    assert store.get("100001").header.staff_memo == "先の変更"
    assert store.find_mail("100001", "late") is None
    assert [entry.version for entry in store.history("100001")] == [1, 2]


def test_requests_are_few(store, dynamodb):
    order = an_order()
    with count_requests(dynamodb) as placing:
        store.commit(placed(order, a_mail()))
    with count_requests(dynamodb) as reading:
        store.get_with_mails("100001")

    assert dict(placing) == {"TransactWriteItems": 1}
    assert dict(reading) == {"Query": 1}


def test_only_one_of_two_senders_gets_a_mail(store):
    store.commit(placed(an_order(), a_mail()))
    claimed = a_mail().model_copy(update={"state": MailState.SENDING, "lease_until": NOW})

    assert store.save_mail("100001", claimed, expected=a_mail())
    assert not store.save_mail("100001", claimed, expected=a_mail())
    assert store.save_mail("100001", claimed.model_copy(update={"state": MailState.SENT}), expected=claimed)


def test_an_issued_document_cannot_be_replaced(store):
    store.commit(placed(an_order()))
    pending = Document(kind=DocumentKind.INVOICE, revision=1, requested_at=NOW)
    ready = pending.model_copy(update={"state": DocumentState.READY, "pdf_key": "documents/a.pdf"})

    assert store.add_document("100001", pending)
    assert not store.add_document("100001", pending)
    assert store.save_document("100001", ready)
    assert not store.save_document("100001", ready.model_copy(update={"pdf_key": "documents/b.pdf"}))
    assert store.list_documents("100001", DocumentKind.INVOICE) == [ready]


def test_a_closed_order_leaves_the_lists_of_work(store, dynamodb, tables):
    order = an_order()
    store.commit(placed(order))

    def work():
        queries = (("open_orders", "open_status", "new"), ("unshipped", "unshipped_status", "not_shipped"))
        return [
            dynamodb.query(
                TableName=tables.orders,
                IndexName=index,
                KeyConditionExpression=f"{key} = :value",
                ExpressionAttributeValues={":value": {"S": value}},
            )["Count"]
            for index, key, value in queries
        ]

    assert work() == [1, 1]
    closed = changed(order, order.with_header(handling_status=COMPLETED))
    store.commit(closed)
    assert work() == [0, 0]
    store.commit(changed(closed.after, closed.after.with_header(handling_status="new")))
    assert work() == [1, 1]


def many(store, count):
    orders = [an_order(str(100_001 + n)) for n in range(count)]
    for order in orders:
        store.commit(placed(order))
    return orders


def shipped(order, number):
    shipment = order.shipments[0].model_copy(update={"tracking_numbers": (number,), "status": ShippingStatus.SHIPPED})
    mail = a_mail(f"shipped#{order.number}-1").model_copy(update={"shipment_n": 1})
    return changed(order, order.with_shipment(shipment), mail)


def test_many_orders_are_read_and_written_in_few_requests(store, batches, dynamodb):
    many(store, 60)
    ids = [ShipmentId(str(100_001 + n), 1) for n in range(60)]

    with count_requests(dynamodb) as requests:
        orders = batches.load([*ids, ShipmentId("999999", 1), ShipmentId("100001", 7)])
        lost = batches.commit([shipped(order, "444413758703") for order in orders.values()])

    assert (len(orders), lost) == (60, [])
    assert dict(requests) == {"BatchGetItem": 2, "TransactWriteItems": 3}
    assert store.get("100060").shipments[0].tracking_numbers == ("444413758703",)
    assert store.get("100060").header.shipping_status == "shipped"


def test_an_order_that_changed_meanwhile_does_not_stop_the_others(store, batches):
    orders = many(store, 5)
    changes = [shipped(order.model_copy(update={"lines": ()}), "444413758703") for order in orders]
    store.commit(changed(orders[2], orders[2].with_header(staff_memo="横から")))

    lost = batches.commit(changes)

    assert [change.after.number for change in lost] == ["100003"]
    statuses = [store.get(order.number).header.shipping_status for order in orders]
    assert statuses == ["shipped", "shipped", "not_shipped", "shipped", "shipped"]


def test_shipping_leaves_the_lines_alone(store, batches):
    many(store, 1)
    order = batches.load([ShipmentId("100001", 1)])["100001"]

    batches.commit([shipped(order, "444413758703")])

    assert order.lines == ()
    assert store.get("100001").lines == (a_line(),)


def test_a_second_shipment_is_stored_and_taken_away(store):
    order = an_order(shipments=(a_shipment(1), a_shipment(2)))
    store.commit(placed(order))
    one = order.model_copy(update={"shipments": order.shipments[:1]}).with_header(
        shipments={1: order.shipments[0].digest}
    )

    store.commit(changed(order, one.with_header(staff_memo="まとめました")))

    assert len(store.get("100001").shipments) == 1


def test_an_order_is_closed_with_all_its_shipments_or_not_at_all(store, batches):
    order = an_order(shipments=(a_shipment(1), a_shipment(2)))
    store.commit(placed(order))

    part = batches.load([ShipmentId("100001", 2)])["100001"]
    with pytest.raises(ValueError, match="all its shipments"):
        batches.commit([changed(part, part.with_header(handling_status=COMPLETED))])

    whole = batches.load([ShipmentId("100001", 2)], whole={"100001"})["100001"]
    assert whole.shipments == order.shipments
    assert batches.commit([changed(whole, whole.with_header(handling_status=COMPLETED))]) == []


def test_returns_are_stored_with_their_order(store):
    order = an_order(shipments=(a_shipment(status=ShippingStatus.SHIPPED),))
    store.commit(placed(order))

    returned = with_return(store.get("100001"), [ReturnedGoods(line_id=1, quantity=1, restock=True)], a_context())
    store.commit(changed(store.get("100001"), returned))
    voided = with_return_voided(store.get("100001"), 1, a_context())
    store.commit(changed(store.get("100001"), voided))

    assert store.get("100001").returns == voided.returns
    assert returned.lines[0].returned == 1
    assert store.get("100001").lines == order.lines


def test_orders_from_before_returns_and_money_lines_are_read(store, dynamodb, tables):
    order = an_order(lines=(a_line(1), a_line(2, sku=None, name="特別値引", unit_price=-100)))
    store.commit(placed(order))
    key = {"pk": {"S": "ORDER#100001"}, "sk": {"S": "LINES#0000"}}
    stored = dynamodb.get_item(TableName=tables.orders, Key=key)["Item"]["lines"]["S"]

    assert "returned" not in stored
    assert "kind" not in stored
    assert [line.is_goods for line in store.get("100001").lines] == [True, False]
