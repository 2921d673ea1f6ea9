#include "workers/api/admin_rates.h"

#include "common/base/milli.h"
#include "workers/api/fields.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

/* A rate has at most three decimal places. */
static bool read_milli(int64_t *ret_milli, const json_t *value)
{
    double milli = json_number_value(value) * 1000;
    if (!json_is_number(value) || !(milli >= 1 && milli <= (double)ACCOUNT_RATE_MAX_MILLI))
        return false;
    *ret_milli = llround(milli);
    return fabs(milli - (double)*ret_milli) < 1e-3;
}

static void rate_error(struct problem *problem, const char *pointer)
{
    problem_error(problem, pointer, "invalid",
                  "A rate must be a number from 0.001 to %lld, with at most three decimal places.",
                  (long long)(ACCOUNT_RATE_MAX_MILLI / 1000));
}

/* One sender's; a null is as if it weren't there. */
static void read_sender(struct account_rates *rates, const char *name, const json_t *value,
                        struct problem *problem)
{
    struct sender_id id;
    struct sender_rate *rate = &rates->senders[rates->sender_count];
    if (json_is_null(value))
        return;
    enum err err = sender_id_parse(&id, str_of(name));
    if (err != ERR_OK) {
        problem_error(problem, "/rates/senders", "invalid", "A sender %s.", sender_id_trouble(err));
        return;
    }
    if (!read_milli(&rate->milli, value)) {
        rate_error(problem, "/rates/senders");
        return;
    }
    (void)snprintf(rate->sender, sizeof(rate->sender), "%s", id.text);
    rates->sender_count++;
}

static void read_senders(struct account_rates *rates, const json_t *senders,
                         struct problem *problem)
{
    union {
        const json_t *in;
        json_t *out;
    } list = {.in = senders}; /* jansson's iterators are not const */
    const char *name;
    json_t *value;
    if (!json_is_object(senders) || json_object_size(senders) > ACCOUNT_SENDER_RATES) {
        problem_error(problem, "/rates/senders", "invalid",
                      "\"senders\" must be an object with at most %d senders and their rates.",
                      ACCOUNT_SENDER_RATES);
        return;
    }
    json_object_foreach(list.out, name, value) read_sender(rates, name, value, problem);
}

static void check_names(json_t *json, struct problem *problem)
{
    const char *name;
    json_t *value;
    json_object_foreach(json, name, value)
    {
        if (strcmp(name, "messages_per_second") != 0 && strcmp(name, "senders") != 0)
            problem_error(problem, "/rates", "unknown_field",
                          "\"rates\" has a field that there isn't.");
    }
}

bool admin_rates_read(struct account_rates *ret_rates, const json_t *root, struct problem *problem)
{
    json_t *json = json_object_get(root, "rates");
    unsigned errors = problem->errors;
    struct account_rates rates = {0};
    if (json == NULL || json_is_null(json))
        return false;
    if (!json_is_object(json))
        problem_error(problem, "/rates", "invalid", "\"rates\" must be an object.");
    check_names(json, problem);
    const json_t *messages = fields_get(json, "messages_per_second"),
                 *senders = fields_get(json, "senders");
    if (messages != NULL && !read_milli(&rates.message_milli, messages))
        rate_error(problem, "/rates/messages_per_second");
    if (senders != NULL)
        read_senders(&rates, senders, problem);
    if (problem->errors != errors)
        return false;
    *ret_rates = rates;
    return true;
}

void admin_rates_write(struct buf *out, const struct account_rates *rates)
{
    buf_text(out, ",\"rates\":{\"messages_per_second\":");
    if (rates->message_milli > 0)
        milli_write(out, rates->message_milli);
    else
        buf_text(out, "null");
    buf_text(out, ",\"senders\":{");
    for (size_t i = 0; i < rates->sender_count; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json(out, str_of(rates->senders[i].sender));
        buf_char(out, ':');
        milli_write(out, rates->senders[i].milli);
    }
    buf_text(out, "}}");
}
