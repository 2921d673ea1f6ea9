#include "workers/sender/carrier/carrier.h"

#include <string.h>

static const struct carrier_kind *const kinds[] = {&carrier_http_json, &carrier_http_json_batch};

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

void carrier_judge(const struct carrier *carrier, const struct httpc_answer *answer,
                   const struct id *messages, size_t count, struct outcome *outcomes)
{
    if (answer->result == HTTPC_ANSWERED) {
        carrier->kind->judge(answer, messages, count, outcomes);
        return;
    }
    const struct outcome outcome = {
        .verdict = answer->result == HTTPC_NOT_SENT ? VERDICT_NOT_SENT : VERDICT_UNKNOWN,
        .retry_after_ms = -1,
        .reason = answer->reason,
    };
    for (size_t i = 0; i < count; i++)
        outcomes[i] = outcome;
}
