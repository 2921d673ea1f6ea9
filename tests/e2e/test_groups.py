"""Groups of contacts and their members."""

import pytest

CONTACTS = "/v1/contacts"
GROUPS = "/v1/contacts/groups"
JSON = {"Content-Type": "application/json"}
NOBODY = "0198c0de-7000-7abc-8def-000000000000"


@pytest.fixture(scope="module")
def owner(admin, account):
    return admin.new_account("groups", account.url)


@pytest.fixture(scope="module")
def other(admin, account):
    return admin.new_account("groups-other", account.url)


def group(caller, name="Group", **more):
    answer = caller.call("POST", GROUPS, {"name": name, **more}, JSON)
    assert answer.status == 201, answer
    return answer.json


def contact(caller, number=None):
    answer = caller.call("POST", CONTACTS, {"name": "Member", "phone_number": number}, JSON)
    assert answer.status == 201, answer
    return answer.json["id"]


def add(caller, group_id, ids):
    return caller.call("POST", f"{GROUPS}/{group_id}/members", {"contact_ids": ids}, JSON)


def members(caller, group_id, query=""):
    answer = caller.call("GET", f"{GROUPS}/{group_id}/members?{query}")
    assert answer.status == 200, answer
    return answer.json


def get(caller, group_id):
    return caller.call("GET", f"{GROUPS}/{group_id}")


def test_a_group_is_made_read_changed_and_deleted(owner):
    made = group(owner, "Customers", description="All of them")
    assert made == {"id": made["id"], "name": "Customers", "description": "All of them", "member_count": 0,
                    "created_at": made["created_at"], "updated_at": made["created_at"]}
    assert get(owner, made["id"]).json == made
    answer = owner.call("PATCH", f"{GROUPS}/{made['id']}", {"name": "Old customers", "description": ""}, JSON)
    assert answer.status == 200, answer
    assert answer.json == {**made, "name": "Old customers", "description": None, "updated_at": answer.json["updated_at"]}
    assert get(owner, made["id"]).json == answer.json
    answer = owner.call("DELETE", f"{GROUPS}/{made['id']}")
    assert (answer.status, answer.body) == (204, b"")
    assert get(owner, made["id"]).status == 404
    assert owner.call("DELETE", f"{GROUPS}/{made['id']}").status == 404


@pytest.mark.parametrize("body, pointer", [
    ({}, "/name"), ({"name": ""}, "/name"), ({"name": "x" * 201}, "/name"), ({"name": 1}, "/name"),
    ({"name": "x", "description": "x" * 1001}, "/description"), ({"name": "x", "members": []}, "/members"),
])
def test_what_breaks_a_rule_is_refused_with_its_place(owner, body, pointer):
    answer = owner.call("POST", GROUPS, body, JSON)
    assert answer.status == 422, answer
    assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_groups_are_listed_by_page(admin, account):
    caller = admin.new_account("groups-list", account.url)
    made = [group(caller, f"Group {i}") for i in range(5)]
    answer = caller.call("GET", GROUPS)
    assert answer.json == {"groups": made, "total": 5, "page": 1, "per_page": 50}
    answer = caller.call("GET", f"{GROUPS}?page=2&per_page=2")
    assert answer.json == {"groups": made[2:4], "total": 5, "page": 2, "per_page": 2}
    assert caller.call("GET", f"{GROUPS}?name=x").status == 422


def test_members_are_added_listed_and_removed(owner):
    made = group(owner)
    ids = [contact(owner, "+4793000002"), contact(owner, "+4793000001"), contact(owner)]
    answer = add(owner, made["id"], ids[:2])
    assert answer.status == 200, answer
    assert answer.json == {"group_id": made["id"], "added": 2, "member_count": 2}
    assert add(owner, made["id"], ids + ids).json == {"group_id": made["id"], "added": 1, "member_count": 3}
    assert get(owner, made["id"]).json["member_count"] == 3
    page = members(owner, made["id"])
    assert page["total"] == 3
    assert [member["id"] for member in page["contacts"]] == [ids[2], ids[1], ids[0]], "in the order of their numbers"
    assert [member["id"] for member in members(owner, made["id"], "page=2&per_page=2")["contacts"]] == [ids[0]]
    path = f"{GROUPS}/{made['id']}/members/{ids[1]}"
    assert owner.call("DELETE", path).status == 204
    assert owner.call("DELETE", path).status == 404
    assert get(owner, made["id"]).json["member_count"] == 2
    assert owner.call("GET", f"{CONTACTS}/{ids[1]}").status == 200, "it is still a contact"


def test_a_thousand_members_in_one_request(owner):
    made = group(owner, "Big")
    rows = "\n".join(["phone_number"] + [f"+4794{i:06d}" for i in range(1001)])
    answer = owner.call("POST", f"{CONTACTS}/import", rows, {"Content-Type": "text/csv"})
    assert answer.status == 200 and answer.json["created"] == 1001, answer
    ids = []
    for page in (1, 2, 3):
        found = owner.call("GET", f"{CONTACTS}?search=4794&per_page=500&page={page}").json
        ids += [contact["id"] for contact in found["contacts"]]
    assert len(ids) == 1001
    assert add(owner, made["id"], ids[:1000]).json == {"group_id": made["id"], "added": 1000, "member_count": 1000}
    answer = add(owner, made["id"], ids)
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/contact_ids", answer
    assert owner.call("DELETE", f"{GROUPS}/{made['id']}").status == 204


def test_unknown_contacts_are_named_and_nobody_is_added(owner, other):
    made = group(owner)
    mine, theirs = contact(owner), contact(other)
    answer = add(owner, made["id"], [mine, theirs, NOBODY])
    assert answer.status == 422, answer
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [
        ("/contact_ids/1", "unknown_contact"), ("/contact_ids/2", "unknown_contact")]
    assert add(owner, made["id"], ["x", 5]).status == 422
    assert add(owner, made["id"], []).status == 422
    assert get(owner, made["id"]).json["member_count"] == 0


def test_a_contact_that_is_deleted_or_changes_its_number(owner):
    made = group(owner)
    ids = [contact(owner, "+4793000011"), contact(owner, "+4793000012"), contact(owner, "+4793000013")]
    add(owner, made["id"], ids)
    assert owner.call("DELETE", f"{CONTACTS}/{ids[1]}").status == 204
    assert owner.call("PATCH", f"{CONTACTS}/{ids[0]}", {"phone_number": "+4793000019"}, JSON).status == 200
    page = members(owner, made["id"])
    assert [(member["id"], member["phone_number"]) for member in page["contacts"]] == [
        (ids[2], "+4793000013"), (ids[0], "+4793000019")]
    assert page["total"] == get(owner, made["id"]).json["member_count"] == 2


def test_a_deleted_group_leaves_its_contacts(owner):
    made = group(owner)
    member = contact(owner, "+4793000021")
    add(owner, made["id"], [member])
    assert owner.call("DELETE", f"{GROUPS}/{made['id']}").status == 204
    assert owner.call("GET", f"{CONTACTS}/{member}").status == 200
    assert owner.call("GET", f"{GROUPS}/{made['id']}/members").status == 404
    assert add(owner, made["id"], [member]).status == 404
    assert owner.call("PATCH", f"{CONTACTS}/{member}", {"phone_number": "+4793000022"}, JSON).status == 200
    assert owner.call("GET", f"{GROUPS}/{made['id']}/members").status == 404


def test_other_accounts_groups_are_not_there(owner, other):
    made = group(owner)
    mine, theirs = contact(owner), contact(other)
    add(owner, made["id"], [mine])
    path = f"{GROUPS}/{made['id']}"
    assert get(other, made["id"]).status == 404
    assert other.call("PATCH", path, {"name": "Yours"}, JSON).status == 404
    assert other.call("DELETE", path).status == 404
    assert other.call("GET", f"{path}/members").status == 404
    assert add(other, made["id"], [theirs]).status == 404
    assert other.call("DELETE", f"{path}/members/{mine}").status == 404
    assert get(owner, made["id"]).json == {**made, "member_count": 1}
