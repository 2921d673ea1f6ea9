"""Contacts: their fields, names, limits, filters and pages; and that accounts don't see each other's."""

import pytest

CONTACTS = "/v1/contacts"
JSON = {"Content-Type": "application/json"}
FIELDS = {"id", "type", "contact_type", "name", "first_name", "last_name", "company_name", "phone_number", "email", "tags",
          "notes", "attributes", "created_at", "updated_at"}
NOBODY = "0198c0de-7000-7abc-8def-000000000000"


@pytest.fixture(scope="module")
def owner(admin, account):
    return admin.new_account("contacts", account.url)


@pytest.fixture(scope="module")
def other(admin, account):
    return admin.new_account("contacts-other", account.url)


def post(caller, **fields):
    return caller.call("POST", CONTACTS, fields, JSON)


def create(caller, **fields):
    answer = post(caller, **fields)
    assert answer.status == 201, answer
    return answer.json


def patch(caller, contact, **fields):
    return caller.call("PATCH", f"{CONTACTS}/{contact['id']}", fields, JSON)


def get(caller, contact_id):
    return caller.call("GET", f"{CONTACTS}/{contact_id}")


def found(caller, query):
    answer = caller.call("GET", f"{CONTACTS}?{query}")
    assert answer.status == 200, answer
    return answer.json


def pointers(answer):
    assert answer.status == 422, answer
    return [error["pointer"] for error in answer.json["errors"]]


def test_a_contact_with_all_fields(owner):
    fields = {"type": "person", "name": "Kari Anne Nordmann", "company_name": "Nordmann AS", "phone_number": "+4791000001",
              "email": "kari@example.com", "tags": ["vip", "oslo", "vip"], "notes": "Two\nlines",
              "attributes": {"city": "Oslo", "order.no": "17"}}
    made = create(owner, **fields)
    assert set(made) == FIELDS
    assert made == {**fields, "id": made["id"], "contact_type": "person", "first_name": "Kari Anne",
                    "last_name": "Nordmann", "tags": ["vip", "oslo"], "created_at": made["created_at"],
                    "updated_at": made["created_at"]}
    assert get(owner, made["id"]).json == made


def test_a_contact_with_a_name_only(owner):
    made = create(owner, name="Cher")
    assert (made["type"], made["name"], made["first_name"], made["last_name"]) == ("person", "Cher", "Cher", None)
    assert made["phone_number"] is None and made["tags"] == [] and made["attributes"] == {}


@pytest.mark.parametrize("given, name, first, last", [
    ({"first_name": "Ola", "last_name": "Nordmann"}, "Ola Nordmann", "Ola", "Nordmann"),
    ({"last_name": "Nordmann"}, "Nordmann", None, "Nordmann"),
    ({"name": "O. N.", "first_name": "Ola", "last_name": "Nordmann"}, "O. N.", "Ola", "Nordmann"),
    ({"type": "company", "name": "Big Company"}, "Big Company", None, None),
    ({"type": "company", "company_name": "Big Company"}, "Big Company", None, None),
    ({"contact_type": "company", "name": "Big Company", "email": None}, "Big Company", None, None),
])
def test_names(owner, given, name, first, last):
    made = create(owner, **given)
    assert (made["name"], made["first_name"], made["last_name"]) == (name, first, last)
    assert made["type"] == made["contact_type"] == (given.get("type") or given.get("contact_type") or "person")


@pytest.mark.parametrize("given, pointer", [
    ({}, "/name"),
    ({"name": ""}, "/name"),
    ({"name": 5}, "/name"),
    ({"name": "x" * 201}, "/name"),
    ({"name": "a\u0001"}, "/name"),
    ({"name": "x", "type": "robot"}, "/type"),
    ({"name": "x", "type": "person", "contact_type": "company"}, "/contact_type"),
    ({"name": "x", "phone_number": "4791000001"}, "/phone_number"),
    ({"name": "x", "phone_number": "+47 91 00 00 01"}, "/phone_number"),
    ({"name": "x", "email": "kari"}, "/email"),
    ({"name": "x", "email": "a@b@c"}, "/email"),
    ({"name": "x", "notes": "x" * 2001}, "/notes"),
    ({"name": "x", "tags": "vip"}, "/tags"),
    ({"name": "x", "tags": ["ok", ""]}, "/tags/1"),
    ({"name": "x", "tags": [str(i) for i in range(51)]}, "/tags/50"),
    ({"name": "x", "attributes": {"a": 1}}, "/attributes/a"),
    ({"name": "x", "attributes": {"email": "x"}}, "/attributes/email"),
    ({"name": "x", "attributes": {"two words": "x"}}, "/attributes/two words"),
    ({"name": "x", "attributes": {"a": "x" * 501}}, "/attributes/a"),
    ({"name": "x", "attributes": {f"a{i}": "x" for i in range(51)}}, "/attributes/a50"),
    ({"name": "x", "attributes": {f"a{i}": "x" * 500 for i in range(20)}}, ""),
    ({"name": "x", "colour": "blue"}, "/colour"),
])
def test_what_breaks_a_rule_is_refused_with_its_place(owner, given, pointer):
    assert pointers(post(owner, **given)) == [pointer]


def test_all_errors_at_once(owner):
    assert pointers(post(owner, name="x", email="x", phone_number="x", tags=[1])) == ["/phone_number", "/email", "/tags/0"]


def test_what_is_no_json_is_400(owner):
    assert owner.call("POST", CONTACTS, "{", JSON).status == 400


def test_patch_changes_what_is_given(owner):
    made = create(owner, name="Ola Nordmann", phone_number="+4791000002", tags=["a"], notes="n",
                  attributes={"city": "Oslo", "size": "M"})
    answer = patch(owner, made, first_name="Ole", notes="", attributes={"size": "L", "city": "", "new": "x"}, email=None)
    assert answer.status == 200, answer
    assert answer.json == {**made, "name": "Ole Nordmann", "first_name": "Ole", "notes": None,
                           "attributes": {"size": "L", "new": "x"}, "updated_at": answer.json["updated_at"]}
    answer = patch(owner, made, name="Per Hansen", tags=[], phone_number="")
    assert (answer.json["first_name"], answer.json["last_name"]) == ("Per", "Hansen")
    assert answer.json["tags"] == [] and answer.json["phone_number"] is None
    assert get(owner, made["id"]).json == answer.json
    assert pointers(patch(owner, made, name="")) == ["/name"]
    assert pointers(patch(owner, made, phone_number="12")) == ["/phone_number"]


def test_a_deleted_contact_is_gone(owner):
    made = create(owner, name="Gone", phone_number="+4791000003")
    path = f"{CONTACTS}/{made['id']}"
    answer = owner.call("DELETE", path)
    assert (answer.status, answer.body) == (204, b"")
    assert get(owner, made["id"]).status == 404
    assert owner.call("DELETE", path).status == 404
    assert patch(owner, made, name="x").status == 404
    assert found(owner, "search=%2B4791000003")["total"] == 0


@pytest.mark.parametrize("contact_id", [NOBODY, "x", NOBODY[:-1] + "1", "%00", NOBODY.upper() + "0"])
def test_what_is_no_contact_is_404(owner, contact_id):
    assert get(owner, contact_id).status == 404
    assert owner.call("DELETE", f"{CONTACTS}/{contact_id}").status == 404


def test_only_so_many_contacts_with_one_number(owner):
    for _ in range(20):
        create(owner, name="Same", phone_number="+4791000004")
    assert post(owner, name="Same", phone_number="+4791000004").status == 409
    assert found(owner, "search=%2B47+91+00+00+04")["total"] == 20


def test_pages_and_filters(admin, account):
    caller = admin.new_account("contacts-list", account.url)
    assert found(caller, "") == {"contacts": [], "total": 0, "page": 1, "per_page": 50, "total_capped": False}
    names = []
    for i in range(7):
        company = i % 3 == 0
        made = create(caller, type="company" if company else "person", name=f"Åse Number{i}",
                      phone_number=f"+479200000{i}", tags=["odd"] if i % 2 else ["even", "small"],
                      email=f"user{i}@example.com")
        names.append(made["name"])

    def names_of(query):
        page = found(caller, query)
        return page["total"], [contact["name"] for contact in page["contacts"]]

    assert names_of("") == (7, names)
    assert names_of("page=2&per_page=3") == (7, names[3:6])
    assert names_of("page=4&per_page=3") == (7, [])
    assert names_of("type=company") == (3, names[0::3])
    assert names_of("type=person&per_page=2&page=2") == (4, [names[4], names[5]])
    assert names_of("tags=odd") == (3, names[1::2])
    assert names_of("tags=even,small&type=company") == (2, [names[0], names[6]])
    assert names_of("tags=even,odd") == (0, [])
    assert names_of("search=%C3%A5SE+number3") == (1, [names[3]])
    assert names_of("search=USER5") == (1, [names[5]])
    assert names_of("search=%2B4792000002") == (1, [names[2]])
    assert names_of("search=920+000") == (7, names)
    assert names_of("search=nobody") == (0, [])


@pytest.mark.parametrize("query, parameter", [
    ("page=0", "page"), ("page=x", "page"), ("per_page=501", "per_page"), ("type=robot", "type"), ("colour=blue", "colour"),
    ("search=" + "x" * 201, "search"), ("page=1&page=2", "page"), ("search=%ff", "search"),
])
def test_a_wrong_parameter_is_422(owner, query, parameter):
    answer = owner.call("GET", f"{CONTACTS}?{query}")
    assert answer.status == 422, answer
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]


def test_other_accounts_contacts_are_not_there(owner, other):
    made = create(owner, name="Mine", phone_number="+4791000005")
    assert get(other, made["id"]).status == 404
    assert patch(other, made, name="Yours").status == 404
    assert other.call("DELETE", f"{CONTACTS}/{made['id']}").status == 404
    assert found(other, "")["total"] == 0
    assert found(other, "search=%2B4791000005")["total"] == 0
    assert get(owner, made["id"]).json == made


def test_changes_at_the_same_time_all_count(owner):
    from concurrent.futures import ThreadPoolExecutor
    made = create(owner, name="Busy")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda i: patch(owner, made, attributes={f"a{i}": str(i)}), range(20)))
    done = [i for i, answer in enumerate(answers) if answer.status == 200]
    assert all(answer.status in (200, 409) for answer in answers) and len(done) > 0
    assert get(owner, made["id"]).json["attributes"] == {f"a{i}": str(i) for i in done}


def test_a_repeat_with_an_idempotency_key_makes_one_contact(owner):
    headers = {**JSON, "Idempotency-Key": "contact-1"}
    fields = {"name": "Once", "phone_number": "+4791000007"}
    first, second = (owner.call("POST", CONTACTS, fields, headers) for _ in range(2))
    assert first.status == second.status == 201 and first.json == second.json
    assert found(owner, "search=%2B4791000007")["total"] == 1


def test_the_path_of_groups_is_no_contact(owner):
    answer = owner.call("DELETE", f"{CONTACTS}/groups")
    assert answer.status == 405 and set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
