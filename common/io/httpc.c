#include "common/io/httpc.h"

#include "common/base/buf.h"
#include "common/base/clock.h"

#include <curl/curl.h>
#include <unistd.h>

enum { IDLE_CONNECTION_S = 20 };

struct transfer {
    struct httpc *httpc;
    struct transfer *next_idle; /* undefined while active */
    CURL *easy;
    struct curl_slist *headers; /* kept for the next call, which mostly has the same */
    char *address;              /* the present URL, likewise, and what libcurl made of it */
    CURLU *url;
    int64_t timeout_ms; /* what libcurl was last told */
    struct buf answer, body;
    int64_t lease_mono_ms;
    bool sent;       /* the request was about to go out, and allowed to */
    bool head_whole; /* the answer's head came to its end */
    httpc_fn done;
    void *arg;
    bool active;
    bool posts; /* what libcurl was last told */
};

/* What the loop watches a socket of libcurl for. Between two requests libcurl loses interest in a
 * connection; to tell the kernel so each time would cost two system calls a request. */
struct watch {
    int events; /* 0: it is not watched */
    bool parked;
};

struct httpc {
    struct loop *loop;
    struct httpc_conf conf;
    CURLM *multi;
    struct loop_timer timer;
    struct transfer *transfers; /* max_calls of them */
    struct transfer *idle;
    struct watch *watches; /* by descriptor */
    size_t watch_count;
    unsigned active;
    bool closing;
};

/* The guard that the header describes: called right before the request would be written. */
static int before_send(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct transfer *t = arg;
    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (t->sent)
        return CURL_PREREQFUNC_ABORT;
    if (t->lease_mono_ms != 0 && clock_mono_ms() >= t->lease_mono_ms)
        return CURL_PREREQFUNC_ABORT;
    t->sent = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    buf_add(&t->answer, bytes, size * count);
    return t->answer.full ? 0 : size * count;
}

/* libcurl calls an answer whole whose connection closed in the middle of the head, after the status
 * line. */
static size_t on_head_line(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *t = arg;
    size_t n = size * count;
    t->head_whole = n <= 2 && bytes[n - 1] == '\n';
    return n;
}

static void release(struct transfer *t)
{
    t->active = false;
    t->next_idle = t->httpc->idle;
    t->httpc->idle = t;
    t->httpc->active--;
}

static void finish(struct transfer *t, CURLcode code)
{
    long status = 0;
    curl_off_t retry_after_s = 0;
    struct httpc_answer answer = {.retry_after_ms = -1, .reason = ""};
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && !t->head_whole)
        code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK) {
        answer.result = HTTPC_ANSWERED;
        answer.status = (int)status;
        answer.body = buf_view(&t->answer);
        if (curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after_s) == CURLE_OK &&
            retry_after_s > 0)
            answer.retry_after_ms = (int64_t)retry_after_s * 1000;
    } else {
        answer.result = t->sent ? HTTPC_UNKNOWN : HTTPC_NOT_SENT;
        answer.reason = curl_easy_strerror(code);
    }
    (void)curl_multi_remove_handle(t->httpc->multi, t->easy);
    t->done(t->arg, &answer);
    release(t);
}

static void collect(struct httpc *c)
{
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(c->multi, &left)) != NULL) {
        struct transfer *t = NULL;
        CURLcode code = msg->data.result;
        if (msg->msg != CURLMSG_DONE)
            continue;
        if (curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK)
            finish(t, code);
    }
}

static struct watch *watch_of(struct httpc *c, int fd)
{
    size_t at = (size_t)fd, count = c->watch_count > 0 ? c->watch_count : 64;
    if (at < c->watch_count)
        return &c->watches[at];
    while (count <= at)
        count *= 2;
    c->watches = xrealloc(c->watches, count * sizeof(c->watches[0]));
    memset(c->watches + c->watch_count, 0, (count - c->watch_count) * sizeof(c->watches[0]));
    c->watch_count = count;
    return &c->watches[at];
}

static void unwatch(struct httpc *c, int fd)
{
    struct watch *watch = watch_of(c, fd);
    if (watch->events != 0)
        loop_unwatch(c->loop, fd);
    *watch = (struct watch){0};
}

static int on_close(void *arg, curl_socket_t fd)
{
    unwatch(arg, fd);
    return close(fd);
}

static void on_fd(void *arg, int fd, int events)
{
    struct httpc *c = arg;
    int running, what = 0;
    if (watch_of(c, fd)
            ->parked) { /* its end, most likely: libcurl will find out when it needs it */
        unwatch(c, fd);
        return;
    }
    if (events & LOOP_READ)
        what |= CURL_CSELECT_IN;
    if (events & LOOP_WRITE)
        what |= CURL_CSELECT_OUT;
    (void)curl_multi_socket_action(c->multi, fd, what, &running);
    collect(c);
}

static void on_due(void *arg)
{
    struct httpc *c = arg;
    int running;
    (void)curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(c);
}

static int on_interest(CURL *easy, curl_socket_t fd, int what, void *arg, void *ignored)
{
    struct httpc *c = arg;
    int events = 0;
    (void)easy;
    (void)ignored;
    struct watch *watch = watch_of(c, fd);
    if (what == CURL_POLL_REMOVE) {
        watch->parked = watch->events == LOOP_READ;
        if (!watch->parked)
            unwatch(c, fd);
        return 0;
    }
    if (what & CURL_POLL_IN)
        events |= LOOP_READ;
    if (what & CURL_POLL_OUT)
        events |= LOOP_WRITE;
    watch->parked = false;
    if (watch->events == events)
        return 0;
    watch->events = events;
    return loop_watch(c->loop, fd, events, on_fd, c) == ERR_OK ? 0 : -1;
}

static int on_timer_change(CURLM *multi, long wait_ms, void *arg)
{
    struct httpc *c = arg;
    (void)multi;
    if (wait_ms < 0)
        loop_timer_stop(c->loop, &c->timer);
    else
        loop_timer_set(c->loop, &c->timer,
                       wait_ms == 0 ? loop_now_ms(c->loop) : clock_mono_ms() + wait_ms);
    return 0;
}

/* What is the same for every call that this transfer will carry. */
static bool prepare(struct transfer *t, const struct httpc_conf *conf)
{
    CURL *e = t->easy = curl_easy_init();
    if (e == NULL)
        return false;
    return curl_easy_setopt(e, CURLOPT_PRIVATE, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, before_send) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PREREQDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head_line) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)conf->connect_timeout_ms) ==
               CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, on_close) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, t->httpc) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) ==
               CURLE_OK && /* never wait for a stuck resolver */
           curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK;
}

enum err httpc_new(struct httpc **ret_httpc, struct loop *loop, const struct httpc_conf *conf)
{
    struct httpc *c = xalloc(sizeof(*c));
    c->loop = loop;
    c->conf = *conf;
    c->timer = (struct loop_timer){.fn = on_due, .arg = c};
    c->transfers = xalloc_array(conf->max_calls, sizeof(c->transfers[0]));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (c->multi = curl_multi_init()) == NULL)
        goto fail;
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_interest);
    (void)curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer_change);
    (void)curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)conf->max_calls);
    for (unsigned i = 0; i < conf->max_calls; i++) {
        struct transfer *t = &c->transfers[i];
        t->httpc = c;
        buf_init(&t->answer, conf->answer_cap_bytes);
        buf_init(&t->body, SIZE_MAX / 2); /* the caller's own bytes */
        if (!prepare(t, conf))
            goto fail;
        t->next_idle = c->idle;
        c->idle = t;
    }
    *ret_httpc = c;
    return ERR_OK;
fail:
    httpc_free(c);
    return ERR_IO;
}

void httpc_free(struct httpc *own_httpc)
{
    struct httpc *c = own_httpc;
    if (c == NULL)
        return;
    c->closing = true; /* a callback may want to go on */
    for (unsigned i = 0; i < c->conf.max_calls; i++) {
        struct transfer *t = &c->transfers[i];
        if (t->active)
            finish(t, CURLE_ABORTED_BY_CALLBACK);
        curl_easy_cleanup(t->easy);
        curl_slist_free_all(t->headers);
        curl_url_cleanup(t->url);
        xfree(t->address);
        buf_done(&t->answer);
        buf_done(&t->body);
    }
    if (c->multi != NULL)
        (void)curl_multi_cleanup(c->multi);
    loop_timer_stop(c->loop, &c->timer);
    xfree(c->transfers);
    xfree(c->watches);
    xfree(c);
    curl_global_cleanup();
}

/* Without it libcurl asks for leave with Expect: 100-continue, and waits a second where nobody
 * gives it. */
static const char no_expect[] = "Expect:";

static bool same_headers(const struct curl_slist *have, const char *const *lines)
{
    if (have == NULL)
        return false;
    for (have = have->next; lines != NULL && *lines != NULL; have = have->next, lines++) {
        if (have == NULL || strcmp(have->data, *lines) != 0)
            return false;
    }
    return have == NULL;
}

static bool set_headers(struct transfer *t, const char *const *lines)
{
    if (same_headers(t->headers, lines))
        return true;
    curl_slist_free_all(t->headers);
    t->headers = curl_slist_append(NULL, no_expect);
    for (; t->headers != NULL && lines != NULL && *lines != NULL; lines++) {
        struct curl_slist *longer = curl_slist_append(t->headers, *lines);
        if (longer == NULL)
            return false;
        t->headers = longer;
    }
    return t->headers != NULL &&
           curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
}

/* Most calls go where the one before went: then it is read once. */
static bool set_url(struct transfer *t, const char *address)
{
    if (t->address != NULL && strcmp(t->address, address) == 0)
        return true;
    xfree(t->address);
    t->address = NULL;
    if (t->url == NULL && (t->url = curl_url()) == NULL)
        return false;
    bool read = curl_url_set(t->url, CURLUPART_URL, address, 0) == CURLUE_OK;
    if (curl_easy_setopt(t->easy, CURLOPT_CURLU, read ? t->url : NULL) != CURLE_OK ||
        curl_easy_setopt(t->easy, CURLOPT_URL, read ? NULL : address) != CURLE_OK)
        return false; /* what can't be read fails as a call */
    t->address = xstrndup(address, strlen(address));
    return true;
}

static bool set_timeout(struct transfer *t, int64_t timeout_ms)
{
    if (t->timeout_ms == timeout_ms)
        return true;
    t->timeout_ms = timeout_ms;
    return curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK;
}

/* method NULL: POST, which most calls are, and for which most transfers are set already. */
static bool set_method(struct transfer *t, const char *method, bool with_body)
{
    if (method == NULL && t->posts)
        return true;
    t->posts = method == NULL;
    return curl_easy_setopt(t->easy, t->posts || with_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L) ==
               CURLE_OK &&
           curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
}

static bool set_body(struct transfer *t, const char *method)
{
    if (method != NULL && t->body.n == 0)
        return true; /* to name one, even an empty one, would make a POST of it again */
    return curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, t->body.p != NULL ? t->body.p : "") ==
               CURLE_OK &&
           curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n) ==
               CURLE_OK;
}

static enum err begin(struct httpc *httpc, const char *method, const struct httpc_call *call)
{
    struct transfer *t = httpc->idle;
    if (httpc->closing)
        return ERR_IO;
    if (t == NULL)
        return ERR_FULL;
    buf_clear(&t->answer);
    buf_clear(&t->body);
    buf_str(&t->body, call->body);
    t->lease_mono_ms = call->lease_mono_ms;
    t->sent = t->head_whole = false;
    t->done = call->done;
    t->arg = call->arg;
    if (!set_headers(t, call->headers) || !set_method(t, method, t->body.n > 0) ||
        !set_body(t, method) || !set_url(t, call->url) || !set_timeout(t, call->timeout_ms) ||
        curl_multi_add_handle(httpc->multi, t->easy) != CURLM_OK)
        return ERR_IO;
    httpc->idle = t->next_idle;
    httpc->active++;
    t->active = true;
    return ERR_OK;
}

enum err httpc_post(struct httpc *httpc, const struct httpc_call *call)
{
    return begin(httpc, NULL, call);
}

enum err httpc_request(struct httpc *httpc, const char *method, const struct httpc_call *call)
{
    return begin(httpc, method, call);
}

unsigned httpc_active(const struct httpc *httpc)
{
    return httpc->active;
}
