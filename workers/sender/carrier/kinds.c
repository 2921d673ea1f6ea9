#include "workers/sender/carrier/carrier.h"

#include <string.h>

static const struct carrier_kind *const kinds[] = {&carrier_http_json};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

const struct carrier_kind *carrier_kind_find(const char *name)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}

const char *carrier_kind_names(void)
{
    static char names[256];
    if (names[0] != '\0')
        return names;
    for (size_t i = 0, at = 0; i < KIND_COUNT && at + strlen(kinds[i]->name) + 3 < sizeof(names);
         i++) {
        if (i > 0) {
            memcpy(names + at, ", ", 2);
            at += 2;
        }
        memcpy(names + at, kinds[i]->name, strlen(kinds[i]->name) + 1);
        at += strlen(kinds[i]->name);
    }
    return names;
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"accepted", "rejected", "throttled", "not_sent", "unknown"};
    return names[verdict];
}

struct outcome carrier_judge(const struct carrier *carrier, const struct httpc_answer *answer)
{
    struct outcome outcome = {.retry_after_ms = -1, .reason = answer->reason};
    switch (answer->result) {
    case HTTPC_NOT_SENT:
        outcome.verdict = VERDICT_NOT_SENT;
        return outcome;
    case HTTPC_UNKNOWN:
        outcome.verdict = VERDICT_UNKNOWN;
        return outcome;
    case HTTPC_ANSWERED:
        break;
    }
    return carrier->kind->judge(answer);
}
