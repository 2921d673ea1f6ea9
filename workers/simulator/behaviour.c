#include "workers/simulator/behaviour.h"

#include <jansson.h>

#include <stdio.h>

enum field_type { FIELD_RATE, FIELD_COUNT, FIELD_FLAG, FIELD_SPAN, FIELD_TEXT };

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    int64_t min, max; /* of a count; a span ends at max */
};

struct field_set {
    const char *prefix; /* in front of a name that is told to a person */
    const struct field *fields;
    size_t count;
};

#define AT(member) offsetof(struct behaviour, member)

static const struct field top_fields[] = {
    {"seed", FIELD_COUNT, AT(seed), 0, UINT32_MAX},
    {"latency_ms", FIELD_SPAN, AT(latency), 0, 60000},
    {"failure_rate", FIELD_RATE, AT(failure_rate), 0, 1},
    {"failure_status", FIELD_COUNT, AT(failure_status), 400, 599},
    {"accept_before_failure", FIELD_FLAG, AT(accept_before_failure), 0, 1},
    {"reject_rate", FIELD_RATE, AT(reject_rate), 0, 1},
    {"reject_error", FIELD_TEXT, AT(reject_error), 0, 0},
    {"throttle_per_s", FIELD_COUNT, AT(throttle_per_s), 0, 1000000},
    {"throttle_rate", FIELD_RATE, AT(throttle_rate), 0, 1},
    {"hang_up_rate", FIELD_RATE, AT(hang_up_rate), 0, 1},
    {"hang_up_after_accept_rate", FIELD_RATE, AT(hang_up_after_accept_rate), 0, 1},
    {"never_answer_rate", FIELD_RATE, AT(never_answer_rate), 0, 1},
    {"bad_json_rate", FIELD_RATE, AT(bad_json_rate), 0, 1},
    {"late_rate", FIELD_RATE, AT(late_rate), 0, 1},
    {"late_ms", FIELD_COUNT, AT(late_ms), 0, 60000},
    {"cut_off_rate", FIELD_RATE, AT(cut_off_rate), 0, 1},
    {"drip_rate", FIELD_RATE, AT(drip_rate), 0, 1},
};

static const struct field report_fields[] = {
    {"enabled", FIELD_FLAG, AT(report.enabled), 0, 1},
    {"delay_ms", FIELD_SPAN, AT(report.delay), 0, BEHAVIOUR_MAX_MS},
    {"overtakes", FIELD_FLAG, AT(report.overtakes), 0, 1},
    {"status", FIELD_TEXT, AT(report.status), 0, 0},
    {"fail_rate", FIELD_RATE, AT(report.fail_rate), 0, 1},
    {"repeat", FIELD_COUNT, AT(report.repeat_count), 0, 100},
    {"reorder", FIELD_FLAG, AT(report.reorder), 0, 1},
    {"held", FIELD_FLAG, AT(report.held), 0, 1},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct field_set top = {"", top_fields, COUNT_OF(top_fields)};
static const struct field_set report = {"report.", report_fields, COUNT_OF(report_fields)};

void behaviour_default(struct behaviour *b, int64_t seed)
{
    *b = (struct behaviour){
        .seed = seed,
        .failure_status = 500,
        .reject_error = "rejected",
        .late_ms = 6000,
        .report = {.enabled = true, .status = "delivered"},
    };
}

static bool read_rate(double *rate, const json_t *value)
{
    double number = json_number_value(value);
    if (!json_is_number(value) || !(number >= 0 && number <= 1))
        return false;
    *rate = number;
    return true;
}

static bool read_count(int64_t *count, const json_t *value, int64_t min, int64_t max)
{
    int64_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < min || number > max)
        return false;
    *count = number;
    return true;
}

/* A number, or [min, max]. */
static bool read_span(struct behaviour_span *span, const json_t *value, int64_t max)
{
    struct behaviour_span s;
    if (!json_is_array(value)) {
        if (!read_count(&s.min_ms, value, 0, max))
            return false;
        *span = (struct behaviour_span){s.min_ms, s.min_ms};
        return true;
    }
    if (json_array_size(value) != 2 || !read_count(&s.min_ms, json_array_get(value, 0), 0, max) ||
        !read_count(&s.max_ms, json_array_get(value, 1), s.min_ms, max))
        return false;
    *span = s;
    return true;
}

static bool read_text(char text[BEHAVIOUR_TEXT_SIZE], const json_t *value)
{
    size_t n = json_string_length(value);
    if (!json_is_string(value) || n == 0 || n >= BEHAVIOUR_TEXT_SIZE)
        return false;
    memcpy(text, json_string_value(value), n + 1);
    return true;
}

static bool read_field(struct behaviour *b, const struct field *field, const json_t *value)
{
    void *member = (char *)b + field->offset;
    switch (field->type) {
    case FIELD_RATE:
        return read_rate(member, value);
    case FIELD_COUNT:
        return read_count(member, value, field->min, field->max);
    case FIELD_SPAN:
        return read_span(member, value, field->max);
    case FIELD_TEXT:
        return read_text(member, value);
    case FIELD_FLAG:
        *(bool *)member = json_is_true(value);
        return json_is_boolean(value);
    }
    return false;
}

static void say_wrong(struct behaviour_fault *fault, const struct field_set *set,
                      const struct field *field)
{
    char what[80];
    switch (field->type) {
    case FIELD_RATE:
        snprintf(what, sizeof what, "a number from 0 to 1");
        break;
    case FIELD_COUNT:
        snprintf(what, sizeof what, "a whole number from %lld to %lld", (long long)field->min,
                 (long long)field->max);
        break;
    case FIELD_SPAN:
        snprintf(what, sizeof what, "ms from 0 to %lld, or [min, max]", (long long)field->max);
        break;
    case FIELD_TEXT:
        snprintf(what, sizeof what, "a text of 1 to %d bytes", BEHAVIOUR_TEXT_SIZE - 1);
        break;
    case FIELD_FLAG:
        snprintf(what, sizeof what, "true or false");
        break;
    }
    snprintf(fault->text, sizeof fault->text, "%s%s must be %s", set->prefix, field->name, what);
}

static const struct field *find_field(const struct field_set *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->fields[i].name, name) == 0)
            return &set->fields[i];
    }
    return NULL;
}

static enum err read_set(struct behaviour *b, const struct field_set *set, json_t *object,
                         struct behaviour_fault *fault)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        const struct field *field = find_field(set, name);
        if (field == NULL && set == &top && strcmp(name, "report") == 0)
            continue;
        if (field == NULL) {
            snprintf(fault->text, sizeof fault->text, "%s%.60s is not a field", set->prefix, name);
            return ERR_RANGE;
        }
        if (!read_field(b, field, value)) {
            say_wrong(fault, set, field);
            return ERR_RANGE;
        }
    }
    return ERR_OK;
}

static double sum_of_rates(const struct behaviour *b)
{
    return b->failure_rate + b->reject_rate + b->throttle_rate + b->hang_up_rate +
           b->hang_up_after_accept_rate + b->never_answer_rate + b->bad_json_rate + b->late_rate +
           b->cut_off_rate + b->drip_rate;
}

static enum err read_all(struct behaviour *b, json_t *root, struct behaviour_fault *fault)
{
    json_t *reports = json_object_get(root, "report");
    enum err err = read_set(b, &top, root, fault);
    if (err)
        return err;
    if (reports != NULL && !json_is_object(reports)) {
        snprintf(fault->text, sizeof fault->text, "report must be an object");
        return ERR_RANGE;
    }
    err = read_set(b, &report, reports, fault);
    if (err)
        return err;
    if (sum_of_rates(b) > 1 + 1e-9) {
        snprintf(fault->text, sizeof fault->text,
                 "the rates of failure, reject, throttle, hang_up, hang_up_after_accept, "
                 "never_answer, bad_json, late, cut_off and drip add up to more than 1");
        return ERR_RANGE;
    }
    return ERR_OK;
}

enum err behaviour_update(struct behaviour *b, struct str json, struct behaviour_fault *ret_fault)
{
    struct behaviour changed = *b;
    json_error_t error;
    json_auto_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(root)) {
        snprintf(ret_fault->text, sizeof ret_fault->text, "not a JSON object%s%.80s",
                 root == NULL ? ": " : "", root == NULL ? error.text : "");
        return ERR_SYNTAX;
    }
    enum err err = read_all(&changed, root, ret_fault);
    if (err)
        return err;
    *b = changed;
    return ERR_OK;
}

static void write_span(const struct behaviour_span *span, struct buf *out)
{
    if (span->min_ms == span->max_ms)
        buf_int(out, span->min_ms);
    else
        buf_printf(out, "[%lld,%lld]", (long long)span->min_ms, (long long)span->max_ms);
}

static void write_field(const struct behaviour *b, const struct field *field, struct buf *out)
{
    const void *member = (const char *)b + field->offset;
    buf_printf(out, "\"%s\":", field->name);
    switch (field->type) {
    case FIELD_RATE:
        buf_printf(out, "%.9g", *(const double *)member);
        break;
    case FIELD_COUNT:
        buf_int(out, *(const int64_t *)member);
        break;
    case FIELD_FLAG:
        buf_text(out, *(const bool *)member ? "true" : "false");
        break;
    case FIELD_SPAN:
        write_span(member, out);
        break;
    case FIELD_TEXT:
        buf_json(out, str_of(member));
        break;
    }
}

static void write_set(const struct behaviour *b, const struct field_set *set, struct buf *out)
{
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            buf_char(out, ',');
        write_field(b, &set->fields[i], out);
    }
}

void behaviour_write(const struct behaviour *b, struct buf *out)
{
    buf_char(out, '{');
    write_set(b, &top, out);
    buf_text(out, ",\"report\":{");
    write_set(b, &report, out);
    buf_text(out, "}}");
}

/* True when the limit is reached; what is turned away does not count against the next. */
static bool over_limit(struct behaviour_throttle *throttle, int64_t per_s, int64_t now_ms)
{
    if (per_s == 0)
        return false;
    if (throttle->second != now_ms / 1000)
        *throttle = (struct behaviour_throttle){.second = now_ms / 1000};
    if (throttle->count >= per_s)
        return true;
    throttle->count++;
    return false;
}

enum behaviour_fate behaviour_decide(const struct behaviour *b, struct behaviour_throttle *throttle,
                                     struct dice *dice, int64_t now_ms)
{
    const struct {
        double rate;
        enum behaviour_fate fate;
    } chances[] = {
        {b->failure_rate, b->accept_before_failure ? FATE_ACCEPT_AND_FAIL : FATE_FAIL},
        {b->reject_rate, FATE_REJECT},
        {b->throttle_rate, FATE_THROTTLE},
        {b->hang_up_rate, FATE_HANG_UP},
        {b->hang_up_after_accept_rate, FATE_ACCEPT_AND_HANG_UP},
        {b->never_answer_rate, FATE_NEVER_ANSWER},
        {b->bad_json_rate, FATE_BAD_JSON},
        {b->late_rate, FATE_LATE},
        {b->cut_off_rate, FATE_CUT_OFF},
        {b->drip_rate, FATE_DRIP},
    };
    double roll = dice_roll(dice);
    if (over_limit(throttle, b->throttle_per_s, now_ms))
        return FATE_THROTTLE;
    for (size_t i = 0; i < COUNT_OF(chances); i++) {
        if (roll < chances[i].rate)
            return chances[i].fate;
        roll -= chances[i].rate;
    }
    return FATE_ACCEPT;
}

bool behaviour_accepts(enum behaviour_fate fate)
{
    return fate == FATE_ACCEPT || fate == FATE_ACCEPT_AND_FAIL || fate == FATE_ACCEPT_AND_HANG_UP ||
           fate == FATE_BAD_JSON || fate == FATE_LATE || fate == FATE_CUT_OFF || fate == FATE_DRIP;
}

bool behaviour_is_of_call(enum behaviour_fate fate)
{
    return fate != FATE_ACCEPT && fate != FATE_ACCEPT_AND_FAIL && fate != FATE_FAIL &&
           !behaviour_refuses(fate);
}

bool behaviour_refuses(enum behaviour_fate fate)
{
    return fate == FATE_REJECT || fate == FATE_THROTTLE;
}

int64_t behaviour_span_ms(struct behaviour_span span, struct dice *dice)
{
    if (span.min_ms == span.max_ms)
        return span.min_ms;
    return span.min_ms + dice_below(dice, (uint32_t)(span.max_ms - span.min_ms + 1));
}
