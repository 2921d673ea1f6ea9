#include "common/sms/report.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

/* Properties: what is read is within bounds; written and read again it is the same report, in a
 * record of bounded size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct report report = {.attempt = 77777}, again;
    struct buf record = {.cap = 300};
    if (report_parse(&report, (struct str){(const char *)data, size}) != ERR_OK) {
        require(report.attempt == 77777);
        return 0;
    }
    require(chunk_account_valid(str_of(report.account)));
    require(report.attempt <= UINT16_MAX && report.at_ms >= 0);
    require((report.state == REPORT_FAILED) == (report.error != ERROR_NONE));
    report_write(&record, &report);
    require(!record.full && report_parse(&again, buf_view(&record)) == ERR_OK);
    require(strcmp(again.account, report.account) == 0 && id_eq(again.message, report.message));
    require(again.attempt == report.attempt && again.state == report.state);
    require(again.error == report.error && again.at_ms == report.at_ms);
    buf_done(&record);
    return 0;
}
