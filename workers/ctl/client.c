#include "workers/ctl/client.h"

#include "common/io/httpc.h"

enum {
    CONNECT_MS = 5000,
    CALL_MS = 30000,
    TURN_MS = 100,
    ANSWER_CAP = 32 << 20,
    URL_CAP = 8192,
    HEADER_CAP = 512
};

struct call {
    struct client_answer *answer;
    enum err err;
    bool come;
};

static void on_answer(void *arg, const struct httpc_answer *answer)
{
    static const enum err errors[] = {
        [HTTPC_ANSWERED] = ERR_OK, [HTTPC_NOT_SENT] = ERR_IO, [HTTPC_UNKNOWN] = ERR_UNKNOWN};
    struct call *call = arg;
    call->err = errors[answer->result];
    call->answer->status = answer->status;
    call->answer->reason = answer->reason;
    buf_str(&call->answer->body, answer->body);
    call->come = true;
}

static void write_url(struct buf *url, const char *base, struct str path)
{
    struct str start = str_of(base);
    while (start.n > 0 && start.p[start.n - 1] == '/')
        start.n--;
    buf_str(url, start);
    buf_str(url, path);
}

/* Starts the call and turns the loop until it is over. */
static enum err carry_out(struct loop *loop, struct httpc *httpc, const char *method,
                          const struct httpc_call *http)
{
    struct call *call = http->arg;
    enum err err = httpc_request(httpc, method, http);
    if (err != ERR_OK) {
        call->answer->reason = "the address can't be used";
        return ERR_IO;
    }
    while (!call->come)
        loop_turn(loop, TURN_MS);
    return call->err;
}

enum err client_call(struct client_answer *ret_answer, const struct settings *settings,
                     const char *method, struct str path, struct str body)
{
    const struct httpc_conf conf = {
        .max_calls = 1, .connect_timeout_ms = CONNECT_MS, .answer_cap_bytes = ANSWER_CAP};
    struct buf url = {.cap = URL_CAP}, token = {.cap = HEADER_CAP};
    struct loop *loop = NULL;
    struct httpc *httpc = NULL;
    struct call call = {.answer = ret_answer};
    *ret_answer = (struct client_answer){.body = {.cap = ANSWER_CAP},
                                         .reason = "the client can't be started"};
    write_url(&url, settings->admin_url, path);
    buf_printf(&token, "Authorization: Bearer %s", settings->admin_token);
    const char *const headers[] = {token.p, "Content-Type: application/json", NULL};
    enum err err = loop_new(&loop);
    if (err == ERR_OK)
        err = httpc_new(&httpc, loop, &conf);
    if (err == ERR_OK)
        err = carry_out(loop, httpc, method,
                        &(struct httpc_call){.url = url.p,
                                             .headers = headers,
                                             .body = body,
                                             .timeout_ms = CALL_MS,
                                             .done = on_answer,
                                             .arg = &call});
    httpc_free(httpc);
    loop_free(loop);
    buf_done(&url);
    buf_done(&token);
    return err;
}

void client_done(struct client_answer *answer)
{
    buf_done(&answer->body);
}

static bool plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void client_escape(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (plain(text.p[i]))
            buf_char(out, text.p[i]);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.p[i]);
    }
}
