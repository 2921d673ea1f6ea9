#include "workers/api/send_pace.h"

#include "common/sms/duration.h"
#include "common/sms/rate.h"
#include "workers/api/fields.h"
#include "workers/api/quiet_hours.h"

#include <jansson.h>
#include <stdio.h>

enum { TEXT_MAX_BYTES = 200, POINTER_SIZE = 32 };

static const int64_t OVER_LEAST_MS = 60000, OVER_MOST_MS = INT64_C(7) * 86400000;

int64_t send_pace_read_rate(const json_t *root, struct problem *problem)
{
    int64_t milli = 0;
    struct str text = fields_text(root, "rate", TEXT_MAX_BYTES, problem);
    if (text.p == NULL)
        return 0;
    enum err err = rate_parse(&milli, text);
    if (err == ERR_RANGE)
        problem_error(problem, "/rate", "out_of_range",
                      "\"rate\" must be from 4/h to 100000/s: there is no slower or faster one.");
    else if (err != ERR_OK)
        problem_error(problem, "/rate", "invalid",
                      "\"rate\" must be such as \"200/s\", \"90/min\" or \"1000/h\".");
    return milli;
}

static int64_t read_over(const json_t *root, struct problem *problem)
{
    int64_t ms = 0;
    struct str text = fields_text(root, "send_over", TEXT_MAX_BYTES, problem);
    if (text.p == NULL)
        return 0;
    if (duration_parse(&ms, text) != ERR_OK || ms < OVER_LEAST_MS || ms > OVER_MOST_MS)
        problem_error(problem, "/send_over", "invalid",
                      "\"send_over\" must be an ISO 8601 duration from PT1M to P7D, such as PT2H.");
    else if (fields_get(root, "rate") != NULL)
        problem_error(problem, "/send_over", "conflict",
                      "A send has a \"rate\" or is spread over a period, not both.");
    return ms;
}

struct send_pace send_pace_read(const json_t *root, struct problem *problem)
{
    return (struct send_pace){.rate_milli = send_pace_read_rate(root, problem),
                              .over_ms = read_over(root, problem),
                              .quiet = quiet_hours_read(root, problem)};
}

void send_pace_set(struct chunk *shared, const struct send_pace *pace, int64_t recipients)
{
    shared->quiet = pace->quiet;
    shared->rate_milli = pace->rate_milli;
    if (pace->over_ms == 0)
        return;
    shared->rate_milli = rate_over(recipients, pace->over_ms);
    shared->until_ms += pace->over_ms;
}
