#include "workers/api/contact_filter.h"

#include "common/sms/contact.h"
#include "common/sms/utf8.h"

#include <jansson.h>

enum { SEARCH_MAX = 200, TAGS_MAX = 1000, LEAST_DIGITS = 3 };

static const char *const searched[] = {"name", "first_name", "last_name", "company_name", "email"};

/* Small letters: of ASCII, and of U+00C0 to U+00DE, whose second byte of UTF-8 differs by 0x20. */
static void fold(struct buf *out, struct str text)
{
    unsigned char before = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool ascii = c >= 'A' && c <= 'Z';
        bool latin = before == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97;
        buf_char(out, (char)(ascii || latin ? c + 0x20 : c));
        before = c;
    }
}

static struct str parameter(const struct httpd_req *req, const char *name, size_t most,
                            struct problem *problem)
{
    struct str text = str_of(httpd_query(req, name));
    if (text.n <= most && utf8_valid(text.p != NULL ? text.p : "", text.n))
        return text;
    problem_parameter(problem, name, "invalid", "\"%s\" must be at most %zu bytes of UTF-8.", name,
                      most);
    return (struct str){0};
}

/* Digits, and what people write between them. In a query a '+' may have become a space. */
static void read_digits(struct contact_filter *filter, struct str search)
{
    char room[CONTACT_TIDY_SIZE + 1];
    struct str tidy = contact_tidy_number(room + 1, search);
    if (tidy.n > 0 && tidy.p[0] == '+')
        tidy = (struct str){tidy.p + 1, tidy.n - 1};
    for (size_t i = 0; i < tidy.n; i++) {
        if (tidy.p[i] < '0' || tidy.p[i] > '9')
            return;
    }
    if (tidy.n < LEAST_DIGITS)
        return;
    buf_str(&filter->digits, tidy);
    room[tidy.p - room - 1] = '+';
    if (phone_parse(&filter->phone, tidy.p - 1, tidy.n + 1) != ERR_OK)
        filter->phone = (struct phone){0};
}

void contact_filter_read(struct contact_filter *ret_filter, const struct httpd_req *req,
                         struct problem *problem)
{
    *ret_filter = (struct contact_filter){.type = {.cap = SEARCH_MAX},
                                          .search = {.cap = SEARCH_MAX},
                                          .digits = {.cap = SEARCH_MAX},
                                          .tags = {.cap = TAGS_MAX}};
    struct str type = parameter(req, "type", SEARCH_MAX, problem);
    struct str search = parameter(req, "search", SEARCH_MAX, problem);
    if (type.p != NULL && !str_eq(type, STR("person")) && !str_eq(type, STR("company")))
        problem_parameter(problem, "type", "invalid", "\"type\" must be person or company.");
    buf_str(&ret_filter->type, type);
    fold(&ret_filter->search, search);
    read_digits(ret_filter, search);
    buf_str(&ret_filter->tags, parameter(req, "tags", TAGS_MAX, problem));
}

void contact_filter_done(struct contact_filter *filter)
{
    buf_done(&filter->type);
    buf_done(&filter->search);
    buf_done(&filter->digits);
    buf_done(&filter->tags);
}

bool contact_filter_is_empty(const struct contact_filter *filter)
{
    return filter->type.n + filter->search.n + filter->tags.n == 0;
}

static bool contains(struct str text, struct str part)
{
    return text.n >= part.n && memmem(text.p, text.n, part.p, part.n) != NULL;
}

static struct str text_of(const json_t *value)
{
    return (struct str){json_string_value(value), json_string_length(value)};
}

static bool is_found(const struct contact_filter *filter, const json_t *contact)
{
    bool found = false;
    if (filter->digits.n > 0 &&
        contains(text_of(json_object_get(contact, "phone_number")), buf_view(&filter->digits)))
        return true;
    for (size_t i = 0; i < sizeof(searched) / sizeof(searched[0]) && !found; i++) {
        struct buf folded = {.cap = CONTACT_JSON_MAX};
        fold(&folded, text_of(json_object_get(contact, searched[i])));
        found = contains(buf_view(&folded), buf_view(&filter->search));
        buf_done(&folded);
    }
    return found;
}

static bool has_tag(const json_t *contact, struct str tag)
{
    const json_t *tags = json_object_get(contact, "tags");
    for (size_t i = 0; i < json_array_size(tags); i++) {
        if (str_eq(text_of(json_array_get(tags, i)), tag))
            return true;
    }
    return false;
}

static bool has_tags(const json_t *contact, struct str tags)
{
    while (tags.n > 0) {
        struct str tag = str_cut(&tags, ',');
        if (tag.n > 0 && !has_tag(contact, tag))
            return false;
    }
    return true;
}

bool contact_filter_matches(const struct contact_filter *filter, const json_t *contact)
{
    if (filter->type.n > 0 &&
        !str_eq(text_of(json_object_get(contact, "type")), buf_view(&filter->type)))
        return false;
    return has_tags(contact, buf_view(&filter->tags)) &&
           (filter->search.n == 0 || is_found(filter, contact));
}
