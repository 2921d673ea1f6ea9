#include "workers/api/admin_limits.h"

#include "common/sms/money.h"
#include "common/store/shares.h"
#include "workers/api/fields.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum { POINTER_SIZE = 80 };

/* A number of one of the objects. */
struct number {
    const char *name;
    bool money;
    int64_t most; /* the least is 1, of money 1/1000 */
    int64_t *value;
};

static const int64_t MOST_PER_S = 1000000, MOST_BURST = 1000000;
static const int64_t MOST_MESSAGES = INT64_C(1000000000000);     /* what merge.lua can hold */
static const int64_t MOST_SPEND_MILLI = INT64_C(10000000000000); /* the same */

/* Money has at most three decimal places; a double is exact enough for them up to the most. */
static bool read_value(int64_t *ret_value, const struct number *number, const json_t *json)
{
    double milli = json_number_value(json) * (number->money ? 1000 : 1);
    if (!json_is_number(json) || !(milli >= 1 && milli <= (double)number->most))
        return false;
    *ret_value = llround(milli);
    return number->money ? fabs(milli - (double)*ret_value) < 1e-2 : json_is_integer(json);
}

static void number_error(struct problem *problem, const char *pointer, const struct number *number)
{
    if (number->money)
        problem_error(problem, pointer, "invalid",
                      "\"%s\" must be an amount above 0, with at most three decimal places.",
                      number->name);
    else
        problem_error(problem, pointer, "invalid", "\"%s\" must be a whole number from 1 to %lld.",
                      number->name, (long long)number->most);
}

static bool known(const struct number *numbers, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(numbers[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool read_object(const json_t *root, const char *object, const struct number *numbers,
                        size_t count, struct problem *problem)
{
    json_t *json = json_object_get(root, object);
    unsigned errors = problem->errors;
    char pointer[POINTER_SIZE];
    const char *name;
    json_t *value;
    if (json == NULL || json_is_null(json))
        return false;
    (void)snprintf(pointer, sizeof(pointer), "/%s", object);
    if (!json_is_object(json))
        problem_error(problem, pointer, "invalid", "\"%s\" must be an object.", object);
    json_object_foreach(json, name, value)
    {
        if (!known(numbers, count, name))
            problem_error(problem, pointer, "unknown_field", "\"%s\" has a field that there isn't.",
                          object);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *given = fields_get(json, numbers[i].name);
        (void)snprintf(pointer, sizeof(pointer), "/%s/%s", object, numbers[i].name);
        if (given != NULL && !read_value(numbers[i].value, &numbers[i], given))
            number_error(problem, pointer, &numbers[i]);
    }
    return problem->errors == errors;
}

bool admin_limits_read(struct rate_limit *ret_limit, const json_t *root, struct problem *problem)
{
    struct rate_limit limit = {0};
    const struct number numbers[] = {
        {"requests_per_second", false, MOST_PER_S, &limit.per_s},
        {"burst", false, MOST_BURST, &limit.burst},
    };
    if (!read_object(root, "limits", numbers, sizeof(numbers) / sizeof(numbers[0]), problem))
        return false;
    *ret_limit = limit;
    return true;
}

bool admin_quotas_read(struct account_quotas *ret_quotas, const json_t *root,
                       struct problem *problem)
{
    struct account_quotas quotas = {0};
    const struct number numbers[] = {
        {"messages_per_day", false, MOST_MESSAGES, &quotas.messages_a_day},
        {"spend_per_month", true, MOST_SPEND_MILLI, &quotas.spend_a_month_milli},
    };
    if (!read_object(root, "quotas", numbers, sizeof(numbers) / sizeof(numbers[0]), problem))
        return false;
    *ret_quotas = quotas;
    return true;
}

bool admin_share_read(struct account_share *ret_share, const json_t *root, struct problem *problem)
{
    struct account_share share = {0};
    const struct number numbers[] = {
        {"fast_per_second", false, MOST_PER_S, &share.fast_per_s},
        {"open_max", false, MOST_MESSAGES, &share.open_max},
        {"weight", false, SHARES_WEIGHT_MAX, &share.weight},
    };
    if (!read_object(root, "share", numbers, sizeof(numbers) / sizeof(numbers[0]), problem))
        return false;
    *ret_share = share;
    return true;
}

static void write_number(struct buf *out, const char *name, int64_t value)
{
    if (value == 0)
        buf_printf(out, "\"%s\":null", name);
    else
        buf_printf(out, "\"%s\":%lld", name, (long long)value);
}

void admin_limits_write(struct buf *out, const struct rate_limit *limit)
{
    buf_text(out, ",\"limits\":{");
    write_number(out, "requests_per_second", limit->per_s);
    buf_char(out, ',');
    write_number(out, "burst", limit->burst);
    buf_char(out, '}');
}

void admin_quotas_write(struct buf *out, const struct account_quotas *quotas)
{
    buf_text(out, ",\"quotas\":{");
    write_number(out, "messages_per_day", quotas->messages_a_day);
    buf_text(out, ",\"spend_per_month\":");
    if (quotas->spend_a_month_milli == 0)
        buf_text(out, "null");
    else
        money_write(out, quotas->spend_a_month_milli);
    buf_char(out, '}');
}

void admin_share_write(struct buf *out, const struct account_share *share)
{
    buf_text(out, ",\"share\":{");
    write_number(out, "fast_per_second", share->fast_per_s);
    buf_char(out, ',');
    write_number(out, "open_max", share->open_max);
    buf_char(out, ',');
    write_number(out, "weight", share->weight);
    buf_char(out, '}');
}
