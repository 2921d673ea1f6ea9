#include "workers/sender/carrier/carrier.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    DEFAULT_TIMEOUT_MS = 5000,
    MAX_TIMEOUT_MS = 60000,
    MAX_CARRIERS = 64,
    MAX_RATE_MILLI = 1000000000,
    MAX_BURST = 1000000
};

/* Says what is wrong with entry `at` of the list, once. */
static enum err wrong(char why[CARRIERS_WHY_SIZE], size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err wrong(char why[CARRIERS_WHY_SIZE], size_t at, const char *format, ...)
{
    va_list args;
    int n = snprintf(why, CARRIERS_WHY_SIZE, "carriers[%zu]: ", at);
    va_start(args, format);
    (void)vsnprintf(why + n, CARRIERS_WHY_SIZE - (size_t)n, format, args);
    va_end(args);
    return ERR_CONFIG;
}

static bool known_field(const char *name)
{
    static const char *const names[] = {"name",       "kind",       "url",
                                        "token",      "timeout_ms", "deduplicates",
                                        "rate_per_s", "burst",      "cost"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static enum err check_fields(const json_t *entry, size_t at, char why[CARRIERS_WHY_SIZE])
{
    union {
        const json_t *in;
        json_t *out;
    } root = {.in = entry}; /* jansson's iterators are not const */
    const char *name;
    json_t *value;
    json_object_foreach(root.out, name, value)
    {
        if (!known_field(name))
            return wrong(
                why, at,
                "unknown field \"%s\"; there are name, kind, url, token, timeout_ms, deduplicates, "
                "rate_per_s, burst, cost",
                name);
    }
    return ERR_OK;
}

static enum err read_timing(struct carrier *c, const json_t *entry, size_t at,
                            char why[CARRIERS_WHY_SIZE])
{
    const json_t *timeout = json_object_get(entry, "timeout_ms"),
                 *dedup = json_object_get(entry, "deduplicates");
    c->timeout_ms = timeout != NULL ? json_integer_value(timeout) : DEFAULT_TIMEOUT_MS;
    if ((timeout != NULL && !json_is_integer(timeout)) || c->timeout_ms < 100 ||
        c->timeout_ms > MAX_TIMEOUT_MS)
        return wrong(why, at, "\"timeout_ms\" must be a whole number from 100 to %d",
                     MAX_TIMEOUT_MS);
    if (dedup != NULL && !json_is_boolean(dedup))
        return wrong(why, at, "\"deduplicates\" must be true or false");
    c->deduplicates = json_is_true(dedup);
    return ERR_OK;
}

static enum err read_rate(struct carrier *c, const json_t *entry, size_t at,
                          char why[CARRIERS_WHY_SIZE])
{
    const json_t *rate = json_object_get(entry, "rate_per_s"),
                 *burst = json_object_get(entry, "burst"), *cost = json_object_get(entry, "cost");
    const char *unit = cost != NULL ? json_string_value(cost) : "messages";
    double milli = json_number_value(rate) * 1000;
    if (rate != NULL && (!json_is_number(rate) || !(milli >= 1 && milli <= MAX_RATE_MILLI)))
        return wrong(why, at, "\"rate_per_s\" must be a number from 0.001 to %d",
                     MAX_RATE_MILLI / 1000);
    if (burst != NULL && (!json_is_integer(burst) || rate == NULL ||
                          json_integer_value(burst) < 2 || json_integer_value(burst) > MAX_BURST))
        return wrong(why, at,
                     "\"burst\" must be a whole number from 2 to %d, beside \"rate_per_s\"",
                     MAX_BURST);
    if (unit == NULL || (strcmp(unit, "messages") != 0 && strcmp(unit, "parts") != 0))
        return wrong(why, at, "\"cost\" must be \"messages\" or \"parts\"");
    c->rate_milli = llround(milli);
    c->burst = json_integer_value(burst);
    c->cost_in_parts = strcmp(unit, "parts") == 0;
    return ERR_OK;
}

static enum err read_headers(struct carrier *c, const json_t *entry, size_t at,
                             char why[CARRIERS_WHY_SIZE])
{
    const json_t *token = json_object_get(entry, "token");
    const char *text = json_string_value(token);
    c->headers[0] = xstrndup("Content-Type: application/json", 30);
    if (token == NULL || json_is_null(token))
        return ERR_OK;
    if (text == NULL || text[0] == '\0' || strpbrk(text, "\r\n") != NULL)
        return wrong(why, at, "\"token\" must be a text without line breaks");
    struct buf line = {.cap = 8192};
    buf_printf(&line, "Authorization: Bearer %s", text);
    if (line.full) {
        buf_done(&line);
        return wrong(why, at, "\"token\" is too long");
    }
    c->headers[1] = buf_take(&line);
    return ERR_OK;
}

static enum err read_carrier(struct carrier *c, const json_t *entry, size_t at,
                             char why[CARRIERS_WHY_SIZE])
{
    const char *name = json_string_value(json_object_get(entry, "name"));
    const char *kind = json_string_value(json_object_get(entry, "kind"));
    const char *url = json_string_value(json_object_get(entry, "url"));
    if (!json_is_object(entry))
        return wrong(why, at, "must be an object");
    enum err err = check_fields(entry, at, why);
    if (err != ERR_OK)
        return err;
    if (name == NULL || !chunk_account_valid(str_of(name)))
        return wrong(why, at, "\"name\" must be 1 to 32 of a-z 0-9 - _");
    if (kind == NULL || carrier_kind_find(kind) == NULL)
        return wrong(why, at, "\"kind\" must be one of: %s", carrier_kind_names());
    if (url == NULL || (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0))
        return wrong(why, at, "\"url\" must begin with http:// or https://");
    (void)snprintf(c->name, sizeof(c->name), "%s", name);
    c->kind = carrier_kind_find(kind);
    c->url = xstrndup(url, strlen(url));
    err = read_timing(c, entry, at, why);
    if (err == ERR_OK)
        err = read_rate(c, entry, at, why);
    return err == ERR_OK ? read_headers(c, entry, at, why) : err;
}

/* The last one's name must not be that of another. */
static enum err check_name(const struct carriers *carriers, size_t last,
                           char why[CARRIERS_WHY_SIZE])
{
    for (size_t i = 0; i < last; i++) {
        if (strcmp(carriers->list[i].name, carriers->list[last].name) == 0)
            return wrong(why, last, "the name \"%s\" is taken by carriers[%zu]",
                         carriers->list[i].name, i);
    }
    return ERR_OK;
}

enum err carriers_load(struct carriers *ret_carriers, const char *path, char why[CARRIERS_WHY_SIZE])
{
    json_error_t syntax;
    json_auto_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &syntax);
    if (root == NULL) {
        if (syntax.line > 0)
            (void)snprintf(why, CARRIERS_WHY_SIZE, "line %d: %.200s", syntax.line, syntax.text);
        else /* it can't be opened */
            (void)snprintf(why, CARRIERS_WHY_SIZE, "%.200s", syntax.text);
        return ERR_CONFIG;
    }
    const json_t *list = json_object_get(root, "carriers");
    struct carriers carriers = {.count = json_array_size(list)};
    if (carriers.count == 0 || carriers.count > MAX_CARRIERS || json_object_size(root) != 1) {
        (void)snprintf(why, CARRIERS_WHY_SIZE,
                       "must be {\"carriers\": [...]} with 1 to %d carriers", MAX_CARRIERS);
        return ERR_CONFIG;
    }
    carriers.list = xalloc_array(carriers.count, sizeof(carriers.list[0]));
    enum err err = ERR_OK;
    for (size_t i = 0; i < carriers.count && err == ERR_OK; i++) {
        err = read_carrier(&carriers.list[i], json_array_get(list, i), i, why);
        if (err == ERR_OK)
            err = check_name(&carriers, i, why);
    }
    if (err == ERR_OK)
        *ret_carriers = carriers;
    else
        carriers_free(&carriers);
    return err;
}

void carriers_free(struct carriers *carriers)
{
    for (size_t i = 0; i < carriers->count; i++) {
        struct carrier *c = &carriers->list[i];
        xfree(c->url);
        for (size_t h = 0; h < sizeof(c->headers) / sizeof(c->headers[0]); h++)
            xfree(c->headers[h]);
    }
    xfree(carriers->list);
    *carriers = (struct carriers){0};
}
