#include "common/sms/contact.h"

#include <jansson.h>

static const char *const values[] = {"first_name",   "last_name", "name",
                                     "company_name", "email",     "phone_number"};

static struct str text_of(const json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) == 0)
        return (struct str){0};
    return (struct str){json_string_value(value), json_string_length(value)};
}

struct str contact_value(const json_t *contact, struct str name)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (str_eq(name, str_of(values[i])))
            return text_of(json_object_get(contact, values[i]));
    }
    return text_of(json_object_getn(json_object_get(contact, "attributes"),
                                    name.p != NULL ? name.p : "", name.n));
}
