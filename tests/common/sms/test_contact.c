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
