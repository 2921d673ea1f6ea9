#include "workers/api/reports.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/io/kafka_topics.h"
#include "common/io/report_url.h"
#include "workers/api/api.h"
#include "workers/api/problem.h"

#include <jansson.h>

enum { RECORD_CAP = 1024 };

static void on_produced(void *arg, enum kafka_outcome outcome)
{
    struct httpd_req *req = arg;
    if (outcome == KAFKA_PERSISTED)
        httpd_answer(req, &(struct httpd_answer){.status = 204});
    else /* it may be in Kafka: repeated reports change nothing */
        problem_unavailable(req, "The report was not taken; send it again.");
}

static bool read_body(struct report *report, struct str body)
{
    json_auto_t *root = json_loadb(body.p != NULL ? body.p : "", body.n, 0, NULL);
    const char *status = json_string_value(json_object_get(root, "status"));
    const json_t *error = json_object_get(root, "error"), *at = json_object_get(root, "at");
    if (status == NULL || (strcmp(status, "delivered") != 0 && strcmp(status, "failed") != 0))
        return false;
    report->state = strcmp(status, "delivered") == 0 ? REPORT_DELIVERED : REPORT_FAILED;
    if (report->state == REPORT_FAILED)
        report->error =
            error_of_code((struct str){json_string_value(error), json_string_length(error)});
    if (json_is_string(at) &&
        clock_parse(&report->at_ms, (struct str){json_string_value(at), json_string_length(at)}) !=
            ERR_OK)
        return false;
    return true;
}

void reports_serve(void *arg, struct httpd_req *own_req)
{
    struct api *api = arg;
    struct report report;
    char key[ID_TEXT_SIZE];
    struct buf record = {.cap = RECORD_CAP};
    enum err err =
        report_url_parse(&report, httpd_path(own_req), str_of(api->ctx->settings->reports_secret));
    if (err != ERR_OK) {
        problem_simple(own_req, err == ERR_CONFLICT ? 403 : 404,
                       "This is not the address of a report.");
        return;
    }
    if (strcmp(httpd_method(own_req), "POST") != 0) {
        problem_method(own_req, "POST");
        return;
    }
    if (!read_body(&report, httpd_body(own_req))) {
        problem_simple(own_req, 400,
                       "A report is {\"status\": \"delivered\" or \"failed\", \"error\": text, "
                       "\"at\": time}.");
        return;
    }
    if (!kafka_producer_connected(api->links.producer)) {
        on_produced(own_req, KAFKA_NOT_PERSISTED);
        return;
    }
    metrics_add(api->ctx->metrics, API_REPORTS, 1);
    id_format(key, id_send(report.message));
    report_write(&record, &report);
    if (kafka_produce(api->links.producer, TOPIC_REPORTS, str_of(key), buf_view(&record),
                      on_produced, own_req) != ERR_OK)
        on_produced(own_req, KAFKA_NOT_PERSISTED);
    buf_done(&record);
}
