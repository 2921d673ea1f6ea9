#include "workers/api/admin_traffic.h"

#include "common/base/log.h"
#include "common/store/switch.h"
#include "workers/api/admin_accounts.h"
#include "workers/api/answer.h"
#include "workers/api/api.h"
#include "workers/api/fields.h"

#include <jansson.h>

enum { ANSWER_CAP = 200 };

static void on_state(void *arg, enum err err, const struct switch_state *state)
{
    struct buf body = {.cap = ANSWER_CAP};
    if (err != ERR_OK) {
        admin_account_error(arg, err);
        return;
    }
    buf_printf(&body, "{\"paused\":%s", state->paused ? "true" : "false");
    answer_time(&body, "paused_at", state->paused ? state->at_ms : 0);
    buf_char(&body, '}');
    answer_json(arg, 200, &body);
}

void admin_traffic_get(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    (void)caller;
    enum err err = switch_get(api->links.redis, on_state, own_req);
    if (err != ERR_OK)
        admin_account_error(own_req, err);
}

static void on_set(void *arg, enum err err, const struct switch_state *state)
{
    if (err == ERR_OK)
        LOG(LOG_WARN, EV("traffic_switched"), KSTR("paused", state->paused ? "true" : "false"));
    on_state(arg, err, state);
}

void admin_traffic_change(struct api *api, struct httpd_req *own_req, const struct caller *caller)
{
    static const char *const fields[] = {"paused", NULL};
    struct problem problem;
    bool paused = false;
    (void)caller;
    json_auto_t *root = fields_read(httpd_body(own_req), false, fields, &problem);
    if (json_is_object(root)) {
        (void)fields_required(root, "paused", &problem);
        paused = fields_bool(root, "paused", false, &problem);
    }
    if (problem.errors > 0) {
        problem_answer(own_req, &problem);
        return;
    }
    problem_done(&problem);
    enum err err = switch_set(api->links.redis, paused, on_set, own_req);
    if (err != ERR_OK)
        admin_account_error(own_req, err);
}
