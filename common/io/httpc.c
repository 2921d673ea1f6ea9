#include "common/io/httpc.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/io/multi.h"
#include "common/io/route.h"

#include <curl/curl.h>

enum {
    IDLE_CONNECTION_S = 20,
    OLDEST_CONNECTION_S = 300, /* then the host's present addresses are used */
    HEAD_CAP_BYTES = 65536,
    MORE_SITES = 1024, /* that are remembered, than there are calls */
};

struct transfer {
    struct httpc *httpc;
    struct transfer *next_idle; /* undefined while active */
    CURL *easy;
    struct curl_slist *headers; /* kept for the next call, which mostly has the same */
    char *address;              /* the present URL, likewise, and what libcurl made of it */
    CURLU *url;
    int64_t timeout_ms; /* what libcurl was last told */
    struct route route;
    struct site_wait wait; /* until the site is ready, or until over */
    struct loop_timer over;
    struct buf answer, body;
    int64_t lease_mono_ms;
    bool sent;       /* the request was about to go out, and allowed to */
    bool head_whole; /* the answer's head came to its end */
    size_t head_n;
    httpc_fn done;
    void *arg;
    bool active;
    bool posts; /* what libcurl was last told */
};

struct httpc {
    struct loop *loop;
    struct httpc_conf conf;
    struct sites *sites; /* NULL: libcurl resolves */
    struct multi *multi;
    struct transfer *transfers; /* max_calls of them */
    struct transfer *idle;
    unsigned active;
    bool closing;
};

/* The guard that the header describes: called right before the request would be written. */
static int before_send(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct transfer *t = arg;
    (void)local;
    (void)peer_port;
    (void)local_port;
    if (t->sent)
        return CURL_PREREQFUNC_ABORT;
    if (t->lease_mono_ms != 0 && clock_mono_ms() >= t->lease_mono_ms)
        return CURL_PREREQFUNC_ABORT;
    if (t->httpc->conf.guard != NULL && !route_allows(&t->route, peer))
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
    t->head_n += n;
    return t->head_n > HEAD_CAP_BYTES ? 0 : n;
}

static void release(struct transfer *t)
{
    t->active = false;
    t->next_idle = t->httpc->idle;
    t->httpc->idle = t;
    t->httpc->active--;
}

static void end(struct transfer *t, const struct httpc_answer *answer)
{
    site_cancel(&t->wait);
    loop_timer_stop(t->httpc->loop, &t->over);
    t->done(t->arg, answer);
    release(t);
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
    multi_remove(t->httpc->multi, t->easy);
    end(t, &answer);
}

static void on_end(CURL *easy, CURLcode code)
{
    struct transfer *t = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK)
        finish(t, code);
}

static bool set_timeout(struct transfer *t, int64_t timeout_ms)
{
    if (t->timeout_ms == timeout_ms)
        return true;
    t->timeout_ms = timeout_ms;
    return curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK;
}

static enum err start(struct transfer *t, int64_t timeout_ms)
{
    struct httpc *c = t->httpc;
    if (!set_timeout(t, timeout_ms) ||
        (c->sites != NULL && !route_apply(&t->route, t->easy, c->sites)) ||
        !multi_add(c->multi, t->easy))
        return ERR_IO;
    return ERR_OK;
}

static void give_up(struct transfer *t, const char *why)
{
    end(t, &(struct httpc_answer){.result = HTTPC_NOT_SENT, .retry_after_ms = -1, .reason = why});
}

/* What it waited for has come. */
static void on_addresses(void *arg, enum err err, const char *why)
{
    struct transfer *t = arg;
    int64_t left_ms = t->over.due_mono_ms - loop_now_ms(t->httpc->loop);
    loop_timer_stop(t->httpc->loop, &t->over);
    if (err == ERR_OK && left_ms > 0)
        err = start(t, left_ms);
    if (err != ERR_OK)
        give_up(t, why[0] != '\0' ? why : err_text(err));
    else if (left_ms <= 0)
        give_up(t, err_text(ERR_TIMEOUT));
}

static void on_over(void *arg)
{
    give_up(arg, "its host's address was not found in time");
}

static enum err start_when_ready(struct transfer *t, int64_t timeout_ms)
{
    struct httpc *c = t->httpc;
    if (c->sites == NULL || site_ready(t->route.site))
        return start(t, timeout_ms);
    enum err err = site_wait(t->route.site, &t->wait);
    if (err == ERR_OK)
        loop_timer_set(c->loop, &t->over, loop_now_ms(c->loop) + timeout_ms);
    return err;
}

/* Of URLs that others chose. */
static bool prepare_guarded(CURL *e, const struct httpc_conf *conf)
{
    return conf->guard == NULL ||
           (curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
            curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
            curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
            curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK);
}

static bool prepare_route(struct transfer *t, const struct httpc_conf *conf)
{
    if (conf->resolver == NULL)
        return conf->guard == NULL;
    return route_prepare(&t->route, t->easy, conf->guard) &&
           curl_easy_setopt(t->easy, CURLOPT_MAXLIFETIME_CONN, (long)OLDEST_CONNECTION_S) ==
               CURLE_OK;
}

/* What is the same for every call that this transfer will carry. */
static bool prepare(struct transfer *t, const struct httpc_conf *conf)
{
    CURL *e = t->easy = curl_easy_init();
    if (e == NULL)
        return false;
    return prepare_route(t, conf) && multi_prepare(t->httpc->multi, e) &&
           curl_easy_setopt(e, CURLOPT_PRIVATE, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, before_send) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PREREQDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_head_line) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HEADERDATA, t) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)conf->connect_timeout_ms) ==
               CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, (long)IDLE_CONNECTION_S) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) ==
               CURLE_OK && /* never wait for a stuck resolver */
           curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(e, CURLOPT_POST, 1L) == CURLE_OK &&
           (conf->ca_file == NULL ||
            curl_easy_setopt(e, CURLOPT_CAINFO, conf->ca_file) == CURLE_OK) &&
           prepare_guarded(e, conf);
}

enum err httpc_new(struct httpc **ret_httpc, struct loop *loop, const struct httpc_conf *conf)
{
    struct httpc *c = xalloc(sizeof(*c));
    c->loop = loop;
    c->conf = *conf;
    if (conf->resolver != NULL)
        c->sites = sites_new(loop, conf->resolver, conf->guard, conf->max_calls + MORE_SITES);
    c->transfers = xalloc_array(conf->max_calls, sizeof(c->transfers[0]));
    c->multi = multi_new(loop, conf->max_calls, on_end);
    if (c->multi == NULL)
        goto fail;
    for (unsigned i = 0; i < conf->max_calls; i++) {
        struct transfer *t = &c->transfers[i];
        t->httpc = c;
        t->wait = (struct site_wait){.fn = on_addresses, .arg = t};
        t->over = (struct loop_timer){.fn = on_over, .arg = t};
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
        route_done(&t->route);
        curl_slist_free_all(t->headers);
        curl_url_cleanup(t->url);
        xfree(t->address);
        buf_done(&t->answer);
        buf_done(&t->body);
    }
    multi_free(c->multi);
    sites_free(c->sites);
    xfree(c->transfers);
    xfree(c);
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

static bool read_url(struct transfer *t, const char *address)
{
    if (t->url == NULL && (t->url = curl_url()) == NULL)
        return false;
    bool read = curl_url_set(t->url, CURLUPART_URL, address, 0) == CURLUE_OK;
    return curl_easy_setopt(t->easy, CURLOPT_CURLU, read ? t->url : NULL) == CURLE_OK &&
           curl_easy_setopt(t->easy, CURLOPT_URL, read ? NULL : address) == CURLE_OK;
    /* what can't be read fails as a call */
}

/* Most calls go where the one before went: then it is read once. */
static enum err set_url(struct transfer *t, const char *address)
{
    const char *ignored;
    if (t->address != NULL && strcmp(t->address, address) == 0)
        return ERR_OK;
    xfree(t->address);
    t->address = NULL;
    enum err err =
        t->httpc->sites != NULL ? route_set(&t->route, t->httpc->sites, address, &ignored) : ERR_OK;
    if (err == ERR_OK && !read_url(t, address))
        err = ERR_IO;
    if (err == ERR_OK)
        t->address = xstrndup(address, strlen(address));
    return err;
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
    t->head_n = 0;
    t->done = call->done;
    t->arg = call->arg;
    if (!set_headers(t, call->headers) || !set_method(t, method, t->body.n > 0) ||
        !set_body(t, method))
        return ERR_IO;
    enum err err = set_url(t, call->url);
    if (err == ERR_OK)
        err = start_when_ready(t, call->timeout_ms);
    if (err != ERR_OK)
        return err;
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
