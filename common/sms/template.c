#include "common/sms/template.h"

struct place {
    struct str name, otherwise; /* otherwise.p NULL: there is no default */
};

static bool is_name_byte(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

static struct str trim(struct str text)
{
    while (text.n > 0 && text.p[0] == ' ') {
        text.p++;
        text.n--;
    }
    while (text.n > 0 && text.p[text.n - 1] == ' ')
        text.n--;
    return text;
}

/* The place that text begins with; false: it begins with none. Cuts it off. */
static bool cut_place(struct str *text, struct place *ret_place)
{
    if (!str_starts(*text, STR("{{")))
        return false;
    struct str inside = {text->p + 2, text->n - 2};
    const char *end = inside.n > 0 ? memmem(inside.p, inside.n, "}}", 2) : NULL;
    if (end == NULL)
        return false;
    inside.n = (size_t)(end - inside.p);
    struct place place = {0};
    const char *bar = memchr(inside.p, '|', inside.n);
    place.name = trim((struct str){inside.p, bar != NULL ? (size_t)(bar - inside.p) : inside.n});
    if (bar != NULL)
        place.otherwise = (struct str){bar + 1, inside.n - (size_t)(bar + 1 - inside.p)};
    if (place.name.n == 0 || place.name.n > TEMPLATE_NAME_MAX)
        return false;
    for (size_t i = 0; i < place.name.n; i++) {
        if (!is_name_byte(place.name.p[i]))
            return false;
    }
    text->n -= (size_t)(end + 2 - text->p);
    text->p = end + 2;
    *ret_place = place;
    return true;
}

/* Cuts off what comes before the next "{{", which may be nothing; all of it when there is none. */
static struct str cut_plain(struct str *text, size_t from)
{
    const char *next = text->n > from ? memmem(text->p + from, text->n - from, "{{", 2) : NULL;
    struct str plain = {text->p, next != NULL ? (size_t)(next - text->p) : text->n};
    text->p += plain.n;
    text->n -= plain.n;
    return plain;
}

size_t template_place(const struct template_names *names, struct str name)
{
    size_t i = 0;
    while (i < names->count && !str_eq(names->list[i], name))
        i++;
    return i;
}

enum err template_names(struct template_names *ret_names, struct str text)
{
    struct template_names names = {.count = 0};
    struct place place;
    while (text.n > 0) {
        if (!cut_place(&text, &place)) {
            (void)cut_plain(&text, 1);
            continue;
        }
        size_t i = template_place(&names, place.name);
        if (i == TEMPLATE_MAX_NAMES)
            return ERR_FULL;
        if (i == names.count)
            names.list[names.count++] = place.name;
    }
    *ret_names = names;
    return ERR_OK;
}

enum err template_render(struct buf *out, struct str text, const struct template_names *names,
                         const struct str *values, struct str *ret_missing)
{
    struct place place;
    while (text.n > 0) {
        if (!cut_place(&text, &place)) {
            buf_str(out, cut_plain(&text, 1));
            continue;
        }
        size_t i = template_place(names, place.name);
        struct str value = i < names->count ? values[i] : (struct str){0};
        if (value.n == 0)
            value = place.otherwise;
        if (value.p == NULL) {
            *ret_missing = place.name;
            return ERR_NOT_FOUND;
        }
        buf_str(out, value);
    }
    return out->full ? ERR_TOO_LONG : ERR_OK;
}
