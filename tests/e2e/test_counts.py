"""What an account's status, usage and statistics say after messages of every fate."""

import datetime
import itertools
import time

import pytest

import api
import ledger
from stack import eventually

STATUSES = {"QUEUED", "SCHEDULED", "SENDING", "SENT", "DELIVERED", "FAILED", "CANCELLED"}
PERIOD_FIELDS = {"messages_sent", "messages_received", "units_used", "delivery_rate"}
PERIODS = {"today", "this_week", "this_month", "last_30_days"}
STATUS_FIELDS = {"active", "has_sender_profiles", "has_api_key", "default_sender", "messages_today",
                 "messages_this_month", "messages_sent_30d", "messages_received_30d"}
USAGE_FIELDS = {"period", "period_start", "period_end", "messages_sent", "messages_received", "messages_failed",
                "units_used", "cost", "currency", "price_per_unit", "outbound_cost", "inbound_cost"}
NUMBERS = itertools.count()


@pytest.fixture
def fresh(admin, account):
    """An account that has counted nothing yet, with its name; on a day that doesn't end too soon."""
    left = 86400 - time.time() % 86400
    if left < 60:
        time.sleep(left)
    return new_account(admin, account, "NOK")


def new_account(admin, account, currency):
    name = f"counts-{next(NUMBERS)}"
    answer = api.call(admin.url, "POST", "/admin/v1/accounts", {"id": name, "name": name, "currency": currency},
                      admin.headers)
    assert answer.status == 201, answer
    answer = api.call(admin.url, "POST", f"/admin/v1/accounts/{name}/keys", {"name": "test"}, admin.headers)
    assert answer.status == 201, answer
    made = api.Account(account.url, answer.json["key"])
    made.name = name
    return made


def look(account, what):
    answer = account.call("GET", f"/v1/sms/{what}")
    assert answer.status == 200, answer
    return answer.json


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def count(stack, account, date, **counters):
    """Counters of a day as the state of messages would have left them."""
    day = (date - datetime.date(1970, 1, 1)).days
    words = [word for field, value in counters.items() for word in (field, str(value))]
    stack.redis("HSET", f"d:{{{account.name}}}:{day}", *words)


def in_seconds(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


# --- nothing yet ---

def test_an_account_without_messages(fresh):
    assert look(fresh, "status") == {
        "active": True, "has_sender_profiles": False, "has_api_key": True, "default_sender": None, "messages_today": 0,
        "messages_this_month": 0, "messages_sent_30d": 0, "messages_received_30d": 0}
    stats = look(fresh, "stats")
    assert stats.keys() == PERIODS | {"status_breakdown"}
    assert stats["status_breakdown"] == {status: 0 for status in STATUSES}
    nothing = {"messages_sent": 0, "messages_received": 0, "units_used": 0, "delivery_rate": 0.0}
    assert all(stats[period] == nothing for period in PERIODS)
    assert fresh.call("GET", "/v1/sms/stats").body.count(b'"delivery_rate":0.0}') == 4
    body = fresh.call("GET", "/v1/sms/usage").body
    assert b'"cost":0.0,"currency":"NOK","price_per_unit":0.99,"outbound_cost":0.0,"inbound_cost":0.0}' in body


def test_a_suspended_account_reads_that_it_is(admin, fresh):
    admin.set_active(fresh.name, False)
    assert look(fresh, "status")["active"] is False


def test_the_default_sender_is_the_whole_profile(stack, fresh):
    path = "/v1/sms/sender-profiles"
    brand = {"name": "marketing", "sender_id": "MyBrand", "brand_confirmation": True}
    assert fresh.call("POST", path, brand).json["approval_status"] == "pending"
    status = look(fresh, "status")
    assert (status["has_sender_profiles"], status["default_sender"]) == (True, None)
    stack.redis("SADD", f"numbers:{{{fresh.name}}}", "4799999999")
    assert fresh.call("POST", path, {"name": "default", "sender_id": "4799999999"}).status == 200
    status = look(fresh, "status")
    assert status["default_sender"] in fresh.call("GET", path).json
    assert (status["default_sender"]["sender_id"], status["default_sender"]["is_default"]) == ("4799999999", True)


# --- messages of every fate ---

def test_every_fate_is_counted(fresh, simulator):
    delivered = [fresh.send(["+4799999601", "+4799999602"])["sms_message_id"],  # a part each
                 fresh.send("+4799999603", "x" * 161)["sms_message_id"]]  # two parts
    ids = [f"{delivered[0][:-6]}000001", f"{delivered[0][:-6]}000002", delivered[1]]
    ledger.await_final(fresh, ids)
    simulator.behave(reject_rate=1)
    ledger.await_final(fresh, [fresh.send("+4799999604")["sms_message_id"]], "FAILED")
    simulator.behave(reject_rate=0, report={"fail_rate": 1})
    ledger.await_final(fresh, [fresh.send("+4799999605")["sms_message_id"]], "FAILED")
    simulator.behave(report={"fail_rate": 0})
    later = fresh.send("+4799999606", scheduled_at=in_seconds(3))["sms_message_id"]
    assert look(fresh, "stats")["status_breakdown"]["SCHEDULED"] == 1
    assert fresh.call("POST", f"/v1/sms/messages/{later}/cancel").status == 200

    stats = look(fresh, "stats")
    assert stats["status_breakdown"] == {"QUEUED": 0, "SCHEDULED": 0, "SENDING": 0, "SENT": 0, "DELIVERED": 3,
                                         "FAILED": 2, "CANCELLED": 1}
    # The failed report's part was accepted by the carrier, and costs; the refused one doesn't.
    expected = {"messages_sent": 5, "messages_received": 0, "units_used": 5, "delivery_rate": 0.6}
    assert all(stats[period] == expected for period in PERIODS), stats

    status = look(fresh, "status")
    assert status.keys() == STATUS_FIELDS
    assert (status["messages_today"], status["messages_this_month"], status["messages_sent_30d"]) == (5, 5, 5)

    usage = look(fresh, "usage")
    assert usage.keys() == USAGE_FIELDS
    assert (usage["messages_sent"], usage["messages_failed"], usage["units_used"]) == (5, 2, 5)
    assert (usage["cost"], usage["outbound_cost"], usage["inbound_cost"]) == (4.95, 4.95, 0.0)


def test_what_is_under_way_counts_as_sent(fresh, simulator):
    simulator.behave(report={"enabled": False})
    message_id = fresh.send("+4799999607")["sms_message_id"]
    ledger.await_final(fresh, [message_id], "SENT")
    stats = look(fresh, "stats")
    assert stats["status_breakdown"]["SENT"] == 1
    assert stats["today"] == {"messages_sent": 1, "messages_received": 0, "units_used": 1, "delivery_rate": 0.0}


def test_what_waits_for_its_time_is_not_sent(fresh):
    at = in_seconds(3)
    message_id = fresh.send("+4799999608", scheduled_at=at)["sms_message_id"]
    assert look(fresh, "status")["messages_sent_30d"] == 0
    ledger.await_final(fresh, [message_id])
    assert look(fresh, "status")["messages_sent_30d"] == 1
    assert look(fresh, "stats")["status_breakdown"]["SCHEDULED"] == 0


def test_a_large_send_that_waits_for_its_time_counts_its_recipients(fresh):
    """It is cut into messages when it is released."""
    numbers = [f"+4799996{n:03}" for n in range(250)]
    later = fresh.send(numbers, scheduled_at=in_seconds(4))["sms_message_id"]
    stats = look(fresh, "stats")
    assert (stats["status_breakdown"]["SCHEDULED"], stats["today"]["messages_sent"]) == (250, 0)
    assert fresh.call("POST", f"/v1/sms/messages/{later}/cancel").json["cancelled"] == 250
    breakdown = look(fresh, "stats")["status_breakdown"]
    assert (breakdown["SCHEDULED"], breakdown["CANCELLED"]) == (0, 250)
    fresh.send(numbers, scheduled_at=in_seconds(2))
    eventually("all are delivered", 30, lambda: look(fresh, "stats")["status_breakdown"]["DELIVERED"] == 250, 0.3)
    breakdown = look(fresh, "stats")["status_breakdown"]
    assert breakdown == {**{status: 0 for status in STATUSES}, "DELIVERED": 250, "CANCELLED": 250}
    assert look(fresh, "status")["messages_today"] == 250


# --- which day belongs to which period ---

def test_periods_have_their_days(stack, fresh):
    day = today()
    monday, first = day - datetime.timedelta(days=day.weekday()), day.replace(day=1)
    dates = {day, monday, first, *(day - datetime.timedelta(days=n) for n in (1, 29, 30, 31)),
             monday - datetime.timedelta(days=1), first - datetime.timedelta(days=1)}
    values = {date: 10 ** i for i, date in enumerate(sorted(dates))}
    for date, value in values.items():
        count(stack, fresh, date, D=value, R=2 * value, u=3 * value)
    within = {"today": lambda date: date == day,
              "this_week": lambda date: date >= monday,
              "this_month": lambda date: date >= first,
              "last_30_days": lambda date: date >= day - datetime.timedelta(days=29)}
    stats = look(fresh, "stats")
    for period, belongs in within.items():
        total = sum(value for date, value in values.items() if belongs(date))
        assert stats[period] == {"messages_sent": total, "messages_received": 2 * total, "units_used": 3 * total,
                                 "delivery_rate": 1.0}, period
    status = look(fresh, "status")
    assert status["messages_today"] == stats["today"]["messages_sent"]
    assert status["messages_this_month"] == stats["this_month"]["messages_sent"]
    assert status["messages_sent_30d"] == stats["last_30_days"]["messages_sent"]
    assert status["messages_received_30d"] == stats["last_30_days"]["messages_received"]


def test_what_is_scheduled_for_later_this_month_is_in_the_breakdown(stack, fresh):
    last = (today().replace(day=1) + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
    count(stack, fresh, last, W=4)
    count(stack, fresh, last + datetime.timedelta(days=1), W=100)
    stats = look(fresh, "stats")
    assert stats["status_breakdown"]["SCHEDULED"] == 4
    assert stats["this_month"]["messages_sent"] == 0


def test_a_rate_has_two_places(stack, fresh):
    count(stack, fresh, today(), D=11, F=1)
    assert b'"delivery_rate":0.92}' in fresh.call("GET", "/v1/sms/stats").body
    count(stack, fresh, today(), D=1, F=199)  # half a place goes up
    assert look(fresh, "stats")["today"]["delivery_rate"] == 0.01


# --- usage ---

def test_usage_says_which_month(fresh):
    usage = look(fresh, "usage")
    first = today().replace(day=1)
    last = (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
    assert usage["period"] == first.strftime("%Y-%m")
    assert (usage["period_start"], usage["period_end"]) == (str(first), str(last))
    assert look(fresh, f"usage?period={usage['period']}") == usage
    usage = look(fresh, "usage?period=2024-02")
    assert (usage["period"], usage["period_start"], usage["period_end"]) == ("2024-02", "2024-02-01", "2024-02-29")


def test_usage_of_a_month_is_exact(stack, fresh):
    """The documentation's example."""
    count(stack, fresh, datetime.date(2025, 11, 30), D=1000, u=1000)
    count(stack, fresh, datetime.date(2025, 12, 1), D=100, u=100, F=2)
    count(stack, fresh, datetime.date(2025, 12, 31), D=40, u=67, T=5, Q=2, S=1, C=9, W=7, R=23)
    count(stack, fresh, datetime.date(2026, 1, 1), D=1000, u=1000)
    answer = fresh.call("GET", "/v1/sms/usage?period=2025-12")
    assert answer.body == (
        b'{"period":"2025-12","period_start":"2025-12-01","period_end":"2025-12-31","messages_sent":150,'
        b'"messages_received":23,"messages_failed":2,"units_used":167,"cost":165.33,"currency":"NOK",'
        b'"price_per_unit":0.99,"outbound_cost":165.33,"inbound_cost":0.0}'), answer


@pytest.mark.parametrize("currency, price", [("NOK", 0.99), ("SEK", 0.99), ("DKK", 0.79), ("EUR", 0.10), ("USD", 0.10)])
def test_each_currency_has_its_price(admin, account, currency, price):
    usage = look(new_account(admin, account, currency), "usage")
    assert (usage["currency"], usage["price_per_unit"]) == (currency, price)


def test_a_months_price_is_what_was_fixed(stack, fresh):
    month = today().strftime("%Y-%m")
    assert stack.redis("GET", f"price:NOK:{month}") == ["990 0"], "the api has fixed this month's by itself"
    stack.redis("SET", "price:NOK:2025-06", "1234 250")
    try:
        count(stack, fresh, datetime.date(2025, 6, 15), D=3, u=3, R=3)
        body = fresh.call("GET", "/v1/sms/usage?period=2025-06").body
        assert b'"cost":4.452,"currency":"NOK","price_per_unit":1.234,"outbound_cost":3.702,"inbound_cost":0.75}' in body
    finally:
        stack.redis("DEL", "price:NOK:2025-06")


def test_a_changed_price_waits_for_the_next_month(stack, fresh):
    start = stack.directory / "start" / "api-1"
    before = start.read_text()
    start.write_text(before.replace("exec ", "export SMS_PRICE_NOK=5.5\nexec ", 1))
    try:
        stack.kill("api-1")
        stack.restart("api-1")
        assert look(fresh, "usage")["price_per_unit"] == 0.99
        stack.redis("DEL", "price:NOK:2025-05")
        assert look(fresh, "usage?period=2025-05")["price_per_unit"] == 0.99, "a month that nobody fixed"
    finally:
        start.write_text(before)
        stack.kill("api-1")
        stack.restart("api-1")


@pytest.mark.parametrize("query, parameter", [
    ("period=", "period"), ("period=2025", "period"), ("period=2025-13", "period"), ("period=2025-00", "period"),
    ("period=2025-1", "period"), ("period=2025-01-01", "period"), ("period=1969-12", "period"),
    ("period=9999-12", "period"), ("period=%002025-01", "period"), ("period=2025-01&period=2025-01", "period"),
    ("month=2025-01", "month"), ("period=2025-01&x=1", "x"), ("%C3%28=1", "?("),
])
def test_a_period_that_cannot_be(account, query, parameter):
    answer = account.call("GET", f"/v1/sms/usage?{query}")
    assert answer.status == 422, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["errors"][0]["parameter"] == parameter


def test_next_month_has_no_usage_yet(account):
    next_month = today().replace(day=1) + datetime.timedelta(days=32)
    assert account.call("GET", f"/v1/sms/usage?period={next_month.strftime('%Y-%m')}").status == 422
