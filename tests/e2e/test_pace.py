"""How a send goes out: its rate, its period, and that others have their turn meanwhile."""


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
