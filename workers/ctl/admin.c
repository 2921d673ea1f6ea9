#include "workers/ctl/admin.h"

#include "workers/ctl/client.h"
#include "workers/ctl/json.h"
#include "workers/ctl/request.h"
#include "workers/ctl/view.h"

#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { TEXT_CAP = 64 << 20, BODY_CAP = 1 << 20, STATUS_UNAVAILABLE = 503 };

static void say(FILE *to, struct str text)
{
    (void)fwrite(text.n > 0 ? text.p : "", 1, text.n, to);
}

static void say_unreachable(const struct settings *settings, enum err err, const char *reason)
{
    fprintf(stderr, "sms-ctl: the admin API at %s %s: %s.%s\n", settings->admin_url,
            err == ERR_UNKNOWN ? "didn't answer" : "can't be reached", reason,
            err == ERR_UNKNOWN ? " It may have been done all the same." : " Nothing was done.");
}

static int say_refused(const struct client_answer *answer)
{
    struct buf text = {.cap = TEXT_CAP};
    json_auto_t *problem =
        json_loadb(answer->body.p != NULL ? answer->body.p : "", answer->body.n, 0, NULL);
    buf_text(&text, "sms-ctl: ");
    view_problem(&text, problem, answer->status);
    say(stderr, buf_view(&text));
    buf_done(&text);
    return answer->status == STATUS_UNAVAILABLE ? CTL_UNREACHABLE : CTL_REFUSED;
}

static void show(const struct line *line, const struct client_answer *answer)
{
    struct buf text = {.cap = TEXT_CAP};
    json_auto_t *root =
        json_loadb(answer->body.p != NULL ? answer->body.p : "", answer->body.n, 0, NULL);
    if (!line->json) {
        view_write(&text, line->command, root);
    } else if (answer->body.n > 0) {
        buf_str(&text, buf_view(&answer->body));
        buf_char(&text, '\n');
    }
    say(stdout, buf_view(&text));
    buf_done(&text);
    if (line->command->done != NULL)
        fprintf(stderr, "%s\n", line->command->done);
}

/* One call; the answer is the caller's when the status is CTL_DONE. */
static int call(struct client_answer *ret_answer, const struct settings *settings,
                const char *method, const struct request *request)
{
    struct buf body = {.cap = BODY_CAP};
    int status = CTL_DONE;
    if (request->body != NULL && strcmp(method, "GET") != 0)
        json_write(&body, request->body);
    enum err err =
        client_call(ret_answer, settings, method, buf_view(&request->path), buf_view(&body));
    buf_done(&body);
    if (err != ERR_OK) {
        say_unreachable(settings, err, ret_answer->reason);
        status = CTL_UNREACHABLE;
    } else if (ret_answer->status < 200 || ret_answer->status > 299) {
        status = say_refused(ret_answer);
    }
    if (status != CTL_DONE)
        client_done(ret_answer);
    return status;
}

/* What is there now, into the request's objects. */
static int complete(struct request *request, const struct settings *settings)
{
    struct client_answer answer;
    int status = call(&answer, settings, "GET", request);
    if (status != CTL_DONE)
        return status;
    json_auto_t *present =
        json_loadb(answer.body.p != NULL ? answer.body.p : "", answer.body.n, 0, NULL);
    request_merge(request, present);
    client_done(&answer);
    return CTL_DONE;
}

static int carry_out(struct request *request, const struct settings *settings,
                     const struct line *line)
{
    struct client_answer answer;
    int status = CTL_DONE;
    if (line->command->merges && request_has_objects(request))
        status = complete(request, settings);
    if (status == CTL_DONE)
        status = call(&answer, settings, line->command->method, request);
    if (status != CTL_DONE)
        return status;
    show(line, &answer);
    client_done(&answer);
    return CTL_DONE;
}

int admin_run(const struct settings *settings, const struct line *line)
{
    struct request request;
    int status = CTL_USAGE;
    if (settings->admin_token[0] == '\0') {
        fprintf(stderr, "sms-ctl: SMS_ADMIN_TOKEN is not set (or the path of a file that holds it, "
                        "in SMS_ADMIN_TOKEN_FILE)\n");
        return EX_CONFIG;
    }
    if (request_make(&request, line) != ERR_OK)
        fprintf(stderr, "sms-ctl: %s\n", request.why);
    else
        status = carry_out(&request, settings, line);
    request_done(&request);
    return status;
}
