#include "common/sms/contact.h"

#include <criterion/criterion.h>
#include <jansson.h>

Test(contact, value)
{
    static const char text[] =
        "{\"type\":\"person\",\"name\":\"Kari "
        "Nordmann\",\"first_name\":\"Kari\",\"last_name\":\"\","
        "\"phone_number\":\"+4799999999\",\"notes\":\"secret\",\"tags\":[\"vip\"],\"attributes\":{"
        "\"city\":\"Oslo\",\"notes\":\"an attribute\",\"empty\":\"\"}}";
    static const struct {
        const char *name, *want; /* NULL: none */
    } cases[] = {
        {"name", "Kari Nordmann"},
        {"first_name", "Kari"},
        {"last_name", NULL},
        {"company_name", NULL},
        {"email", NULL},
        {"phone_number", "+4799999999"},
        {"city", "Oslo"},
        {"empty", NULL},
        {"City", NULL},
        {"notes", "an attribute"},
        {"tags", NULL},
        {"attributes", NULL},
        {"type", NULL},
        {"", NULL},
    };
    json_auto_t *contact = json_loads(text, 0, NULL);
    cr_assert_not_null(contact);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str value = contact_value(contact, str_of(cases[i].name));
        cr_expect_eq(value.p != NULL, cases[i].want != NULL, "%s", cases[i].name);
        if (value.p != NULL && cases[i].want != NULL)
            cr_expect(str_eq(value, str_of(cases[i].want)), "%s", cases[i].name);
    }
    cr_expect_null(contact_value(NULL, STR("name")).p, "no contact at all");
}

static json_t *read(const char *text)
{
    json_t *contact = json_loads(text, 0, NULL);
    cr_assert_not_null(contact, "%s", text);
    return contact;
}

Test(contact, complete)
{
    static const struct {
        const char *name, *given;
        bool name_given, parts_given;
        const char *want;
    } cases[] = {
        {"from a name", "{\"name\":\"Kari Anne  Nordmann\"}", true, false,
         "{\"name\":\"Kari Anne  Nordmann\",\"first_name\":\"Kari "
         "Anne\",\"last_name\":\"Nordmann\"}"},
        {"from one word", "{\"name\":\"Kari\",\"last_name\":\"Old\"}", true, false,
         "{\"name\":\"Kari\",\"first_name\":\"Kari\"}"},
        {"a name that ends in a space", "{\"name\":\"Kari \"}", true, false,
         "{\"name\":\"Kari \",\"first_name\":\"Kari\"}"},
        {"from its parts", "{\"name\":\"Old\",\"first_name\":\"Kari\",\"last_name\":\"N\"}", false,
         true, "{\"name\":\"Kari N\",\"first_name\":\"Kari\",\"last_name\":\"N\"}"},
        {"from one part", "{\"first_name\":\"Kari\"}", false, true,
         "{\"name\":\"Kari\",\"first_name\":\"Kari\"}"},
        {"without any part any more", "{\"name\":\"Old\"}", false, true, "{}"},
        {"all given", "{\"name\":\"N\",\"first_name\":\"Kari\"}", true, true,
         "{\"name\":\"N\",\"first_name\":\"Kari\"}"},
        {"nothing given", "{\"name\":\"Kari N\"}", false, false, "{\"name\":\"Kari N\"}"},
        {"a company's name has no parts", "{\"type\":\"company\",\"name\":\"Big Company\"}", true,
         false, "{\"type\":\"company\",\"name\":\"Big Company\"}"},
        {"a company's own", "{\"company_name\":\"Big Company\"}", false, false,
         "{\"name\":\"Big Company\",\"company_name\":\"Big Company\"}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_auto_t *contact = read(cases[i].given), *want = read(cases[i].want);
        contact_complete(contact, cases[i].name_given, cases[i].parts_given);
        cr_expect(json_equal(contact, want), "%s", cases[i].name);
    }
}

Test(contact, a_number_is_tidied)
{
    static const struct {
        const char *given, *want;
    } cases[] = {
        {"+47 99 99 99 99", "+4799999999"},
        {"+1 (415) 555-0100", "+14155550100"},
        {"+47\xc2\xa0"
         "99.99/99",
         "+47999999"},
        {"", ""},
        {" -", ""},
        {"+47x", "+47x"},
        {"\xc2", "\xc2"},
        {"+123456789012345678901234567890123456789012345",
         "+123456789012345678901234567890123456789"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char room[CONTACT_TIDY_SIZE];
        struct str tidy = contact_tidy_number(room, str_of(cases[i].given));
        cr_expect(str_eq(tidy, str_of(cases[i].want)), "%s: %.*s", cases[i].given, (int)tidy.n,
                  tidy.p);
    }
}

Test(contact, fields_have_rules)
{
    static const struct {
        const char *field, *value;
        bool ok;
    } cases[] = {
        {"type", "person", true},    {"type", "company", true},
        {"type", "robot", false},    {"name", "a\tb", false},
        {"name", "\xc3\xa6", true},  {"name", "\xc3", false},
        {"notes", "a\r\n\tb", true}, {"notes", "\x01", false},
        {"email", "a@b", true},      {"email", "@b", false},
        {"email", "a@", false},      {"email", "a b@c", false},
        {"email", "a@b@c", false},   {"phone_number", "+4799", false},
        {"nothing", "x", false},     {"phone_number", "+4799999999", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_auto_t *contact = json_object();
        const char *wrong = contact_set(contact, str_of(cases[i].field), str_of(cases[i].value));
        cr_expect_eq(wrong == NULL, cases[i].ok, "%s %s", cases[i].field, cases[i].value);
        cr_expect_eq(json_object_size(contact), cases[i].ok ? 1 : 0, "%s %s", cases[i].field,
                     cases[i].value);
        cr_expect_null(contact_set(contact, STR("name"), STR("")), "nothing to take away");
    }
}

Test(contact, an_attribute_is_set_and_taken_away)
{
    json_auto_t *contact = json_object();
    cr_expect_null(contact_set_attribute(contact, STR("a"), STR("")));
    cr_expect_null(contact_set_attribute(contact, STR("a"), STR("x")));
    cr_expect(str_eq(contact_value(contact, STR("a")), STR("x")));
    cr_expect_null(contact_set_attribute(contact, STR("a"), STR("")));
    cr_expect_null(contact_value(contact, STR("a")).p);
    cr_expect_not_null(contact_set_attribute(contact, STR("tags"), STR("x")));
    cr_expect_not_null(contact_set_attribute(contact, STR("contact_type"), STR("x")));
    cr_expect_not_null(contact_set_attribute(contact, STR("\xc3\xa6"), STR("x")));
    cr_expect_not_null(contact_set_attribute(contact, STR(""), STR("x")));
    cr_expect_not_null(contact_set_attribute(contact, STR("a"), STR("\xff")));
}
