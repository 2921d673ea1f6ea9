#include "common/base/conf_value.h"

#include "common/base/milli.h"

struct unit {
    const char *name;
    int64_t factor;
};

/* The largest first. */
static const struct unit ms_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000},
                                       {"s", 1000},     {"ms", 1},      {NULL, 1}};
static const struct unit bytes_units[] = {
    {"g", INT64_C(1) << 30}, {"m", INT64_C(1) << 20}, {"k", 1024}, {"b", 1}, {NULL, 1}};

static const struct unit *units_of(enum conf_type type)
{
    return type == CONF_MS ? ms_units : bytes_units;
}

static void add_number(struct buf *out, const struct conf_row *row, int64_t value)
{
    if (row->type == CONF_MILLI) {
        milli_write(out, value);
        return;
    }
    if (row->type != CONF_MS && row->type != CONF_BYTES) {
        buf_int(out, value);
        return;
    }
    const struct unit *unit = units_of(row->type);
    while (unit[1].name != NULL && (value < unit->factor || value % unit->factor != 0))
        unit++;
    buf_int(out, value / unit->factor);
    buf_text(out, unit->name);
}

static enum err in_bounds(const struct conf_row *row, int64_t value, struct buf *why)
{
    if (value >= row->min && value <= row->max)
        return ERR_OK;
    buf_text(why, "is not within ");
    add_number(why, row, row->min);
    buf_text(why, " to ");
    add_number(why, row, row->max);
    return ERR_RANGE;
}

/* Cuts the digits off *rest; false without any, or with so many that no setting can mean it. */
static bool take_number(const char **rest, int64_t *ret_value)
{
    bool negative = **rest == '-';
    const char *from = *rest + negative;
    size_t n = strspn(from, "0123456789");
    unsigned long long value = 0;
    if (n > 15 || !str_to_uint((struct str){from, n}, INT64_MAX, &value))
        return false;
    *ret_value = negative ? -(int64_t)value : (int64_t)value;
    *rest = from + n;
    return true;
}

static enum err parse_number(const struct conf_row *row, const char *text, int64_t *ret_value,
                             struct buf *why)
{
    const char *rest = text;
    if (!take_number(&rest, ret_value) || *rest != '\0') {
        buf_text(why, "is not a whole number");
        return ERR_SYNTAX;
    }
    return in_bounds(row, *ret_value, why);
}

static enum err parse_units(const struct conf_row *row, const char *text, int64_t *ret_value,
                            struct buf *why)
{
    const struct unit *unit = units_of(row->type);
    const char *rest = text;
    if (!take_number(&rest, ret_value)) {
        buf_text(why, "is not a whole number with a unit");
        return ERR_SYNTAX;
    }
    while (unit->name != NULL && strcmp(unit->name, rest) != 0)
        unit++;
    if (unit->name == NULL) {
        buf_text(why, *rest == '\0' ? "needs a unit (" : "has an unknown unit (it can be ");
        buf_text(why, row->type == CONF_MS ? "ms, s, m, h or d)" : "b, k, m or g)");
        return ERR_SYNTAX;
    }
    if (__builtin_mul_overflow(*ret_value, unit->factor, ret_value))
        *ret_value = INT64_MAX;
    return in_bounds(row, *ret_value, why);
}

static enum err parse_milli(const struct conf_row *row, const char *text, int64_t *ret_value,
                            struct buf *why)
{
    enum err err = milli_parse(ret_value, str_of(text));
    if (err == ERR_SYNTAX)
        buf_text(why, "is not a number with at most three decimals, such as 0.99");
    if (err == ERR_RANGE)
        *ret_value = INT64_MAX;
    return err == ERR_SYNTAX ? err : in_bounds(row, *ret_value, why);
}

static enum err parse_bool(const char *text, bool *ret_value, struct buf *why)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret_value = i % 2 == 1;
            return ERR_OK;
        }
    }
    buf_text(why, "is neither true nor false");
    return ERR_SYNTAX;
}

static void add_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (i > 0)
            buf_text(out, words[i + 1] == NULL ? " or " : ", ");
        buf_text(out, words[i]);
    }
}

static enum err parse_word(const struct conf_row *row, const char *text, int *ret_value,
                           struct buf *why)
{
    for (int i = 0; row->words[i] != NULL; i++) {
        if (strcmp(text, row->words[i]) == 0) {
            *ret_value = i;
            return ERR_OK;
        }
    }
    buf_text(why, "is not one of ");
    add_words(why, row->words);
    return ERR_SYNTAX;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    }
    return false;
}

static enum err check_length(const struct conf_row *row, const char *text, struct buf *why)
{
    int64_t n = (int64_t)strlen(text);
    if (n >= row->min && n <= row->max)
        return ERR_OK;
    buf_printf(why, "has %lld characters, not %lld to %lld", (long long)n, (long long)row->min,
               (long long)row->max);
    return ERR_RANGE;
}

/* Where user and password begin and end in a URL; an empty view when it has none. */
static struct str user_info(const char *text)
{
    const char *slashes = strstr(text, "://");
    const char *from = slashes != NULL ? slashes + 3 : text;
    struct str authority = {from, strcspn(from, "/?#")};
    const char *at = memrchr(authority.p, '@', authority.n);
    return at != NULL ? (struct str){from, (size_t)(at - from)} : (struct str){from, 0};
}

static enum err check_url(const struct conf_row *row, const char *text, struct buf *why)
{
    bool known = false;
    for (size_t i = 0; row->words[i] != NULL; i++)
        known = known || str_starts(str_of(text), str_of(row->words[i]));
    if (!known) {
        buf_text(why, "does not begin with ");
        add_words(why, row->words);
        return ERR_SYNTAX;
    }
    struct str user = user_info(text);
    const char *host = user.p + user.n + (user.p[user.n] == '@');
    if (strcspn(host, "/?#:") == 0 || strchr(text, ' ') != NULL) {
        buf_text(why, *host == '\0' ? "names no host" : "is not a URL");
        return ERR_SYNTAX;
    }
    return ERR_OK;
}

static enum err parse_text(const struct conf_row *row, const char *text, char **ret_value,
                           struct buf *why)
{
    enum err err = ERR_OK;
    if (has_control(text)) {
        buf_text(why, "has a control character, such as a line break");
        return ERR_SYNTAX;
    }
    if (row->type == CONF_URL)
        err = check_url(row, text, why);
    if (!err)
        err = check_length(row, text, why);
    if (!err)
        *ret_value = xstrndup(text, strlen(text));
    return err;
}

enum err conf_value_parse(const struct conf_row *row, const char *text, void *settings,
                          struct buf *why)
{
    void *member = (char *)settings + row->offset;
    int64_t number = 0;
    enum err err = ERR_OK;
    switch (row->type) {
    case CONF_INT:
    case CONF_PORT:
        err = parse_number(row, text, &number, why);
        break;
    case CONF_MS:
    case CONF_BYTES:
        err = parse_units(row, text, &number, why);
        break;
    case CONF_MILLI:
        err = parse_milli(row, text, &number, why);
        break;
    case CONF_BOOL:
        return parse_bool(text, member, why);
    case CONF_ENUM:
        return parse_word(row, text, member, why);
    case CONF_STR:
    case CONF_URL:
        return parse_text(row, text, member, why);
    }
    if (!err && row->type == CONF_PORT)
        *(uint16_t *)member = (uint16_t)number;
    else if (!err)
        *(int64_t *)member = number;
    return err;
}

void conf_value_accepts(const struct conf_row *row, struct buf *out)
{
    switch (row->type) {
    case CONF_INT:
    case CONF_MS:
    case CONF_BYTES:
    case CONF_MILLI:
        add_number(out, row, row->min);
        buf_text(out, " to ");
        add_number(out, row, row->max);
        break;
    case CONF_PORT:
        buf_text(out, row->min == 0 ? "a port, or 0 for any free one" : "a port");
        break;
    case CONF_BOOL:
        buf_text(out, "true or false");
        break;
    case CONF_ENUM:
        add_words(out, row->words);
        break;
    case CONF_URL:
        add_words(out, row->words);
        buf_text(out, "...");
        break;
    case CONF_STR:
        if ((row->flags & CONF_SECRET) != 0)
            buf_printf(out, "%lld to %lld characters", (long long)row->min, (long long)row->max);
        break;
    }
}

void conf_value_show(const struct conf_row *row, const char *text, struct buf *out)
{
    struct str user = row->type == CONF_URL ? user_info(text) : (struct str){0};
    const char *colon = user.n > 0 ? memchr(user.p, ':', user.n) : NULL;
    if ((row->flags & CONF_SECRET) == 0 || *text == '\0' || (user.p != NULL && colon == NULL)) {
        buf_text(out, text);
        return;
    }
    if (colon == NULL) {
        buf_text(out, "***");
        return;
    }
    buf_add(out, text, (size_t)(colon + 1 - text));
    buf_text(out, "***");
    buf_text(out, user.p + user.n);
}
