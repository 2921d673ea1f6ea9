#include "common/sms/contact.h"

#include <jansson.h>

/* The fields that are texts; most 0: they have a rule of their own. */
static const struct field {
    const char *name;
    size_t most;
    const char *too_long;
    bool lines; /* may have several */
    bool value; /* templates may use it */
} fields[] = {
    {"type", 0, NULL, false, false},
    {"name", CONTACT_NAME_MAX, "must be at most 200 bytes", false, true},
    {"first_name", CONTACT_NAME_MAX, "must be at most 200 bytes", false, true},
    {"last_name", CONTACT_NAME_MAX, "must be at most 200 bytes", false, true},
    {"company_name", CONTACT_NAME_MAX, "must be at most 200 bytes", false, true},
    {"phone_number", 0, NULL, false, true},
    {"email", CONTACT_EMAIL_MAX, "must be at most 254 bytes", false, true},
    {"notes", CONTACT_NOTES_MAX, "must be at most 2000 bytes", true, false},
};

static const struct field *find(struct str name)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (str_eq(name, str_of(fields[i].name)))
            return &fields[i];
    }
    return NULL;
}

bool contact_is_field(struct str name)
{
    return find(name) != NULL || str_eq(name, STR("tags")) || str_eq(name, STR("attributes")) ||
           str_eq(name, STR("contact_type"));
}

static bool has_controls(struct str text, bool lines)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < 0x20 || c == 0x7f) && !(lines && (c == '\n' || c == '\r' || c == '\t')))
            return true;
    }
    return false;
}

/* One '@', something on both sides of it, no spaces. More is for the mail's carrier to judge. */
static bool is_email(struct str text)
{
    struct str domain = text;
    struct str local = str_cut(&domain, '@');
    return local.n > 0 && domain.n > 0 && memchr(domain.p, '@', domain.n) == NULL &&
           memchr(text.p, ' ', text.n) == NULL;
}

static const char *fault(const struct field *field, struct str value)
{
    struct phone phone;
    if (str_eq(str_of(field->name), STR("type")))
        return str_eq(value, STR("person")) || str_eq(value, STR("company"))
                   ? NULL
                   : "must be \"person\" or \"company\"";
    if (str_eq(str_of(field->name), STR("phone_number")))
        return phone_parse(&phone, value.p, value.n) == ERR_OK
                   ? NULL
                   : "must be a number in E.164 form: '+', then 7 to 15 digits of which the first "
                     "is not 0";
    if (value.n > field->most)
        return field->too_long;
    if (has_controls(value, field->lines))
        return "must not hold control characters";
    if (str_eq(str_of(field->name), STR("email")) && !is_email(value))
        return "must be an e-mail address";
    return NULL;
}

static json_t *new_text(struct str text)
{
    return json_stringn(text.p != NULL ? text.p : "", text.n);
}

const char *contact_set(json_t *contact, struct str name, struct str value)
{
    const struct field *field = find(name);
    if (field == NULL)
        return "is no field of a contact";
    if (value.n == 0) {
        (void)json_object_del(contact, field->name);
        return NULL;
    }
    const char *wrong = fault(field, value);
    if (wrong == NULL && json_object_set_new(contact, field->name, new_text(value)) != 0)
        wrong = "must be UTF-8";
    return wrong;
}

/* What a template may name (template.h). */
static bool is_attribute_name(struct str name)
{
    if (name.n == 0 || name.n > CONTACT_ATTRIBUTE_NAME_MAX || contact_is_field(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '.' || c == '-'))
            return false;
    }
    return true;
}

const char *contact_set_attribute(json_t *contact, struct str name, struct str value)
{
    json_t *attributes = json_object_get(contact, "attributes");
    if (!is_attribute_name(name))
        return "must have a name of 1 to 64 of A-Z a-z 0-9 _ . - that isn't a field's";
    if (value.n == 0) {
        if (attributes != NULL)
            (void)json_object_deln(attributes, name.p, name.n);
        return NULL;
    }
    if (value.n > CONTACT_ATTRIBUTE_MAX)
        return "must be at most 500 bytes";
    if (has_controls(value, true))
        return "must not hold control characters";
    if (attributes == NULL) {
        attributes = json_object();
        (void)json_object_set_new(contact, "attributes", attributes);
    }
    if (json_object_getn(attributes, name.p, name.n) == NULL &&
        json_object_size(attributes) >= CONTACT_ATTRIBUTES_MAX)
        return "must not be one more than the 50 that a contact may have";
    if (json_object_setn_new(attributes, name.p, name.n, new_text(value)) != 0)
        return "must be UTF-8";
    return NULL;
}

static bool has_tag(const json_t *tags, struct str tag)
{
    for (size_t i = 0; i < json_array_size(tags); i++) {
        const json_t *other = json_array_get(tags, i);
        if (str_eq((struct str){json_string_value(other), json_string_length(other)}, tag))
            return true;
    }
    return false;
}

const char *contact_add_tag(json_t *contact, struct str tag)
{
    json_t *tags = json_object_get(contact, "tags");
    if (tag.n == 0 || tag.n > CONTACT_TAG_MAX)
        return "must be 1 to 64 bytes";
    if (has_controls(tag, false))
        return "must not hold control characters";
    if (has_tag(tags, tag))
        return NULL;
    if (json_array_size(tags) >= CONTACT_TAGS_MAX)
        return "must not be one more than the 50 that a contact may have";
    if (tags == NULL) {
        tags = json_array();
        (void)json_object_set_new(contact, "tags", tags);
    }
    if (json_array_append_new(tags, new_text(tag)) != 0)
        return "must be UTF-8";
    return NULL;
}

static struct str text_of(const json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) == 0)
        return (struct str){0};
    return (struct str){json_string_value(value), json_string_length(value)};
}

static struct str get(const json_t *contact, const char *name)
{
    return text_of(json_object_get(contact, name));
}

static void set(json_t *contact, const char *name, struct str value)
{
    if (value.n == 0)
        (void)json_object_del(contact, name);
    else
        (void)json_object_set_new(contact, name, new_text(value));
}

struct phone contact_phone(const json_t *contact)
{
    struct phone phone;
    struct str number = get(contact, "phone_number");
    return phone_parse(&phone, number.p, number.n) == ERR_OK ? phone : (struct phone){0};
}

/* May be longer than one that is given: both parts have the length of a name. */
static void join_name(json_t *contact)
{
    char name[2 * CONTACT_NAME_MAX + 1];
    struct str first = get(contact, "first_name"), last = get(contact, "last_name");
    size_t n = 0;
    if (first.n > CONTACT_NAME_MAX || last.n > CONTACT_NAME_MAX)
        return;
    if (first.n > 0)
        memcpy(name, first.p, n = first.n);
    if (first.n > 0 && last.n > 0)
        name[n++] = ' ';
    if (last.n > 0)
        memcpy(name + n, last.p, last.n);
    set(contact, "name", (struct str){name, n + last.n});
}

static void split_name(json_t *contact)
{
    struct str name = get(contact, "name");
    const char *space = name.n > 0 ? memrchr(name.p, ' ', name.n) : NULL;
    struct str last = {0}, first = name;
    if (space != NULL) {
        first.n = (size_t)(space - name.p);
        last = (struct str){space + 1, name.n - first.n - 1};
        while (first.n > 0 && first.p[first.n - 1] == ' ')
            first.n--;
    }
    set(contact, "first_name", first);
    set(contact, "last_name", last);
}

void contact_complete(json_t *contact, bool name_given, bool parts_given)
{
    bool person = !str_eq(get(contact, "type"), STR("company"));
    if (parts_given && !name_given)
        join_name(contact);
    else if (name_given && !parts_given && person)
        split_name(contact);
    if (get(contact, "name").n == 0)
        set(contact, "name", get(contact, "company_name"));
}

struct str contact_tidy_number(char room[CONTACT_TIDY_SIZE], struct str number)
{
    static const char nbsp[] = "\xc2\xa0"; /* what spreadsheets put between digits */
    size_t n = 0;
    for (size_t i = 0; i < number.n && n < CONTACT_TIDY_SIZE; i++) {
        char c = number.p[i];
        if (i + 1 < number.n && memcmp(number.p + i, nbsp, 2) == 0)
            i++;
        else if (c == '\0' || strchr(" -().\t/", c) == NULL)
            room[n++] = c;
    }
    return (struct str){room, n};
}

struct str contact_value(const json_t *contact, struct str name)
{
    const struct field *field = find(name);
    if (field != NULL && field->value)
        return text_of(json_object_get(contact, field->name));
    return text_of(json_object_getn(json_object_get(contact, "attributes"),
                                    name.p != NULL ? name.p : "", name.n));
}
