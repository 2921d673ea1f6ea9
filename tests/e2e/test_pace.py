"""How a send goes out: its rate, its period, and that others have their turn meanwhile."""

from stack import eventually
from test_large_sends import await_status, message_id


def dry(account, count=2, **fields):
    answer = account.post({"to": [f"+4790{i:06}" for i in range(count)], "message": "Hello", "dry_run": True, **fields})
    assert answer.status == 200, answer
    return answer.json


def test_a_dry_run_tells_the_rate(account):
    assert dry(account)["rate_per_second"] is None
    assert dry(account, rate="90/min")["rate_per_second"] == 1.5
    assert dry(account, 300, send_over="PT1M")["rate_per_second"] == 5.0
    assert dry(account, quiet_hours={"from": "21:00", "to": "08:00"})["rate_per_second"] is None


def test_a_rate_and_a_period_contradict_each_other(account):
    answer = account.post({"to": "+4790000000", "message": "Hello", "rate": "5/s", "send_over": "PT1M"})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/send_over", answer


def test_a_group_that_changes_while_its_send_is_made_changes_no_id(stack, account, simulator):
    rows = "phone_number,name\n" + "".join(f"+47931{i:05},Member {i}\n" for i in range(1200))
    group = account.call("POST", "/v1/contacts/groups", {"name": "one that changes"}).json["id"]
    answer = account.call("POST", f"/v1/contacts/import?group={group}", rows.encode(), {"Content-Type": "text/csv"})
    assert answer.status == 200 and answer.json["rejected"] == 0, answer
    simulator.behave(latency_ms=250)
    sent = account.post({"to_groups": [group], "message": "Hello"}).json["sms_message_id"]
    eventually("it has begun", 20, lambda: simulator.stats()["received"] > 0)
    stack.kill("expander-1")
    first = account.get(message_id(sent, 1))["to_number"]
    late = "phone_number,name\n" + "".join(f"+47930{i:05},Late {i}\n" for i in range(50))
    assert account.call("POST", f"/v1/contacts/import?group={group}", late.encode(), {"Content-Type": "text/csv"}).status == 200
    simulator.behave(latency_ms=0)
    stack.restart("expander-1")
    await_status(account, sent, "DELIVERED", 60)
    stats = simulator.stats()
    assert stats["distinct_references"] == 1200 and stats["repeated_references"] == 0, "numbers before the cursor come too late"
    assert account.get(message_id(sent, 1))["to_number"] == first == "+4793100000"
    assert simulator.messages("+4793000001") == []
