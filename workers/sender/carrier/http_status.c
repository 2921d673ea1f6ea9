#include "workers/sender/carrier/http_status.h"

/* Credentials, address, method: what no message is to blame for. */
static bool ours_to_mend(int status)
{
    return status == 401 || status == 403 || status == 404 || status == 405 || status == 407 ||
           status == 415;
}

struct outcome http_status_judge(int status, int64_t retry_after_ms)
{
    struct outcome outcome = {
        .verdict = VERDICT_UNKNOWN, .retry_after_ms = retry_after_ms, .reason = "server error"};
    if (status == 429 || (status == 503 && retry_after_ms >= 0)) {
        outcome.verdict = VERDICT_THROTTLED;
        outcome.reason = "throttled";
    } else if (ours_to_mend(status)) {
        outcome.verdict = VERDICT_NOT_SENT;
        outcome.reason = "the carrier refuses us: check its URL and token";
    } else if (status >= 400 && status < 500 && status != 408) {
        outcome.verdict = VERDICT_REJECTED;
        outcome.error = ERROR_REJECTED;
        outcome.reason = "rejected";
    }
    return outcome;
}
