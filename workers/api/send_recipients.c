#include "workers/api/send_recipients.h"

#include "common/sms/contact.h"
#include "workers/api/fields.h"

#include <jansson.h>
#include <stdio.h>

enum { POINTER_SIZE = 120, VALUE_MAX_BYTES = 1600 * 4 };

static const char TOO_MANY[] = "A send has at most %d explicit recipients.";

/* As much of the text as there is room for, in whole characters. */
static void copy_beginning(char to[SEND_VALUE_SIZE], struct str text)
{
    size_t n = text.n < SEND_VALUE_SIZE ? text.n : SEND_VALUE_SIZE - 1;
    while (n > 0 && n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
        n--;
    memcpy(to, text.p, n);
    to[n] = '\0';
}

void send_recipients_invalid(struct send_request *request, struct send_place place,
                             const char *code, const char *what, struct problem *problem)
{
    char pointer[POINTER_SIZE];
    if (!request->skip_invalid) {
        (void)snprintf(pointer, sizeof(pointer), "/%s/%zu", place.field, place.index);
        problem_error(problem, pointer, code, "%s", what);
        return;
    }
    size_t n = request->invalid_count++;
    if ((n & (n - 1)) == 0) /* room for 1, 2, 4 ... */
        request->invalid =
            xrealloc(request->invalid, (n > 0 ? 2 * n : 1) * sizeof(request->invalid[0]));
    struct send_invalid *invalid = &request->invalid[n];
    *invalid = (struct send_invalid){.field = place.field,
                                     .index = place.index,
                                     .is_text = place.value.p != NULL,
                                     .reason = code};
    if (invalid->is_text)
        copy_beginning(invalid->value, place.value);
}

static const char *number_error(struct str text)
{
    if (text.p == NULL)
        return "A number must be a text such as \"+4799999999\".";
    if (text.n > 0 && text.p[0] >= '0' && text.p[0] <= '9')
        return "The number has no '+' before its country code; write it as \"+4799999999\".";
    return "Not a phone number in E.164 form: '+', then 7 to 15 digits of which the first is not "
           "0.";
}

/* Adds a number that is good, with its variables. */
static void add_phone(struct send_request *r, const struct phone *phone, const char *field,
                      size_t index, json_t *own_variables)
{
    size_t n = r->to.count;
    if (!phones_add(&r->to, phone)) {
        r->duplicates++;
        json_decref(own_variables);
        return;
    }
    if ((n & (n - 1)) == 0) /* room for 1, 2, 4 ... */
        r->entries = xrealloc(r->entries, (n > 0 ? 2 * n : 1) * sizeof(r->entries[0]));
    r->entries[n] = (struct send_entry){field, index, own_variables};
}

/* One explicit number, at index in a field. */
static void add_number(struct send_request *r, const json_t *value, const char *field, size_t index,
                       json_t *variables, struct problem *problem)
{
    struct str text = {json_string_value(value), json_string_length(value)};
    struct phone phone;
    if (text.p == NULL || phone_parse(&phone, text.p, text.n) != ERR_OK)
        send_recipients_invalid(r, (struct send_place){field, index, text}, "invalid_number",
                                number_error(text), problem);
    else
        add_phone(r, &phone, field, index, json_incref(variables));
}

/* The list in a field; NULL: it is absent, or an error. */
static const json_t *read_list(const struct send_request *r, const char *name, size_t most,
                               struct problem *problem)
{
    const json_t *list = fields_get(r->own_root, name);
    char pointer[POINTER_SIZE];
    (void)snprintf(pointer, sizeof(pointer), "/%s", name);
    if (list == NULL)
        return NULL;
    size_t count = json_array_size(list);
    if (json_is_array(list) && count <= most)
        return list;
    problem_error(problem, pointer, json_is_array(list) ? "too_many" : "invalid",
                  "\"%s\" must be a list of at most %zu.", name, most);
    return NULL;
}

static void read_to(struct send_request *r, struct problem *problem)
{
    const json_t *to = fields_get(r->own_root, "to");
    struct phone phone;
    if (json_is_string(to)) { /* as the vendor's own client sends it */
        if (phone_parse(&phone, json_string_value(to), json_string_length(to)) == ERR_OK)
            add_number(r, to, "to", 0, NULL, problem);
        else
            problem_error(
                problem, "/to", "invalid_number", "%s",
                number_error((struct str){json_string_value(to), json_string_length(to)}));
        return;
    }
    const json_t *list = read_list(r, "to", SEND_MAX_TO, problem);
    for (size_t i = 0; i < json_array_size(list); i++)
        add_number(r, json_array_get(list, i), "to", i, NULL, problem);
}

static bool variable_good(const json_t *value)
{
    return json_is_null(value) ||
           (json_is_string(value) && json_string_length(value) <= VALUE_MAX_BYTES);
}

/* The variables of an entry of `recipients`; NULL: it has none. */
static json_t *read_variables(json_t *entry, size_t i, struct problem *problem)
{
    const char *name;
    json_t *value, *variables = json_object_get(entry, "variables");
    char pointer[POINTER_SIZE];
    (void)snprintf(pointer, sizeof(pointer), "/recipients/%zu/variables", i);
    if (variables == NULL || json_is_null(variables))
        return NULL;
    if (!json_is_object(variables)) {
        problem_error(problem, pointer, "invalid", "\"variables\" must be an object of texts.");
        return NULL;
    }
    json_object_foreach(variables, name, value)
    {
        if (!variable_good(value))
            problem_error(problem, pointer, "invalid", "The variable \"%.60s\" must be a text.",
                          name);
    }
    return variables;
}

static void read_entry(struct send_request *r, json_t *entry, size_t i, struct problem *problem)
{
    const char *name;
    json_t *value;
    char pointer[POINTER_SIZE];
    (void)snprintf(pointer, sizeof(pointer), "/recipients/%zu", i);
    if (!json_is_object(entry)) {
        problem_error(problem, pointer, "invalid", "A recipient must be an object with \"to\".");
        return;
    }
    json_object_foreach(entry, name, value)
    {
        if (strcmp(name, "to") != 0 && strcmp(name, "variables") != 0)
            problem_error(problem, pointer, "unknown_field",
                          "A recipient has \"to\" and \"variables\", no \"%.60s\".", name);
    }
    add_number(r, json_object_get(entry, "to"), "recipients", i, read_variables(entry, i, problem),
               problem);
}

static void read_recipients(struct send_request *r, struct problem *problem)
{
    const json_t *list = read_list(r, "recipients", SEND_MAX_TO, problem);
    for (size_t i = 0; i < json_array_size(list); i++)
        read_entry(r, json_array_get(list, i), i, problem);
}

static struct send_ref *read_refs(struct send_request *r, const char *name, size_t most,
                                  size_t *ret_count, struct problem *problem)
{
    const json_t *list = read_list(r, name, most, problem);
    struct send_ref *refs = xalloc_array(json_array_size(list) + 1, sizeof(refs[0]));
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        struct str text = {json_string_value(value), json_string_length(value)};
        if (text.p == NULL || id_parse(&refs[count].id, text) != ERR_OK)
            send_recipients_invalid(r, (struct send_place){name, i, text}, "invalid_id",
                                    "This is not a UUID.", problem);
        else
            refs[count++].index = i;
    }
    *ret_count = count;
    return refs;
}

/* A group that comes again would be counted twice. Contacts are told apart by their numbers. */
static void drop_repeated_groups(struct send_request *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->group_count; i++) {
        size_t k = 0;
        while (k < kept && !id_eq(r->groups[k].id, r->groups[i].id))
            k++;
        r->groups[k] = k == kept ? r->groups[i] : r->groups[k];
        kept += k == kept;
    }
    r->group_count = kept;
}

static void check_count(const struct send_request *r, struct problem *problem)
{
    const json_t *to = fields_get(r->own_root, "to");
    size_t listed = json_array_size(to) + json_array_size(fields_get(r->own_root, "recipients")) +
                    json_array_size(fields_get(r->own_root, "to_contacts"));
    if (listed > SEND_MAX_TO && problem->errors == 0)
        problem_error(problem, "", "too_many", TOO_MANY, SEND_MAX_TO);
    if (problem->errors == 0 && r->to.count + r->contact_count + r->group_count == 0)
        problem_error(problem, "/to", "missing",
                      r->invalid_count > 0 ? "No recipient is left: all are invalid."
                                           : "Name at least one recipient in \"to\", "
                                             "\"recipients\", \"to_contacts\" or \"to_groups\".");
}

void send_recipients_read(struct send_request *r, struct problem *problem)
{
    read_recipients(r,
                    problem); /* first, so that of two of one number that with variables counts */
    read_to(r, problem);
    r->contacts = read_refs(r, "to_contacts", SEND_MAX_TO, &r->contact_count, problem);
    r->groups = read_refs(r, "to_groups", SEND_MAX_GROUPS, &r->group_count, problem);
    drop_repeated_groups(r);
    check_count(r, problem);
}

/* What the message needs of a contact's values. */
static json_t *take_values(const struct send_request *r, const json_t *contact)
{
    json_t *values = r->names.count > 0 ? json_object() : NULL;
    for (size_t i = 0; i < r->names.count; i++) {
        struct str name = r->names.list[i], value = contact_value(contact, name);
        char key[TEMPLATE_NAME_MAX + 1];
        memcpy(key, name.p, name.n);
        key[name.n] = '\0';
        if (value.p != NULL)
            (void)json_object_set_new(values, key, json_stringn(value.p, value.n));
    }
    return values;
}

static struct str ref_text(char text[ID_TEXT_SIZE], const struct send_ref *ref)
{
    id_format(text, ref->id);
    return str_of(text);
}

void send_recipients_add_contact(struct send_request *r, const struct send_ref *ref,
                                 struct str contact, struct problem *problem)
{
    static const char field[] = "to_contacts";
    char id[ID_TEXT_SIZE];
    struct phone phone;
    json_auto_t *root = contact.p != NULL ? json_loadb(contact.p, contact.n, 0, NULL) : NULL;
    struct str number = contact_value(root, STR("phone_number"));
    if (root == NULL)
        send_recipients_invalid(r, (struct send_place){field, ref->index, ref_text(id, ref)},
                                "unknown_contact", "There is no contact with this id.", problem);
    else if (number.p == NULL || phone_parse(&phone, number.p, number.n) != ERR_OK)
        send_recipients_invalid(r, (struct send_place){field, ref->index, ref_text(id, ref)},
                                "no_number", "This contact has no phone number.", problem);
    else
        add_phone(r, &phone, field, ref->index, take_values(r, root));
}

void send_recipients_drop_group(struct send_request *r, size_t i, struct problem *problem)
{
    char id[ID_TEXT_SIZE];
    const struct send_ref ref = r->groups[i];
    send_recipients_invalid(r, (struct send_place){"to_groups", ref.index, ref_text(id, &ref)},
                            "unknown_group", "There is no group with this id.", problem);
    memmove(&r->groups[i], &r->groups[i + 1], (--r->group_count - i) * sizeof(r->groups[0]));
}
