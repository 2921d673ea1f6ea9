#include "common/io/multi.h"

#include "common/base/buf.h"
#include "common/base/clock.h"

#include <unistd.h>

/* What the loop watches a socket of libcurl for. Between two requests libcurl loses interest in a
 * connection; to tell the kernel so each time would cost two system calls a request. */
struct watch {
    int events; /* 0: it is not watched */
    bool parked;
};

struct multi {
    struct loop *loop;
    multi_fn done;
    CURLM *curl;
    struct loop_timer timer;
    struct watch *watches; /* by descriptor */
    size_t watch_count;
};

static void collect(struct multi *m)
{
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(m->curl, &left)) != NULL) {
        if (msg->msg == CURLMSG_DONE)
            m->done(msg->easy_handle, msg->data.result);
    }
}

static struct watch *watch_of(struct multi *m, int fd)
{
    size_t at = (size_t)fd, count = m->watch_count > 0 ? m->watch_count : 64;
    if (at < m->watch_count)
        return &m->watches[at];
    while (count <= at)
        count *= 2;
    m->watches = xrealloc(m->watches, count * sizeof(m->watches[0]));
    memset(m->watches + m->watch_count, 0, (count - m->watch_count) * sizeof(m->watches[0]));
    m->watch_count = count;
    return &m->watches[at];
}

static void unwatch(struct multi *m, int fd)
{
    struct watch *watch = watch_of(m, fd);
    if (watch->events != 0)
        loop_unwatch(m->loop, fd);
    *watch = (struct watch){0};
}

static int on_close(void *arg, curl_socket_t fd)
{
    unwatch(arg, fd);
    return close(fd);
}

static void on_fd(void *arg, int fd, int events)
{
    struct multi *m = arg;
    int running, what = 0;
    if (watch_of(m, fd)
            ->parked) { /* its end, most likely: libcurl will find out when it needs it */
        unwatch(m, fd);
        return;
    }
    if (events & LOOP_READ)
        what |= CURL_CSELECT_IN;
    if (events & LOOP_WRITE)
        what |= CURL_CSELECT_OUT;
    (void)curl_multi_socket_action(m->curl, fd, what, &running);
    collect(m);
}

static void on_due(void *arg)
{
    struct multi *m = arg;
    int running;
    (void)curl_multi_socket_action(m->curl, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(m);
}

static int on_interest(CURL *easy, curl_socket_t fd, int what, void *arg, void *ignored)
{
    struct multi *m = arg;
    int events = 0;
    (void)easy;
    (void)ignored;
    struct watch *watch = watch_of(m, fd);
    if (what == CURL_POLL_REMOVE) {
        watch->parked = watch->events == LOOP_READ;
        if (!watch->parked)
            unwatch(m, fd);
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
    return loop_watch(m->loop, fd, events, on_fd, m) == ERR_OK ? 0 : -1;
}

static int on_timer_change(CURLM *curl, long wait_ms, void *arg)
{
    struct multi *m = arg;
    (void)curl;
    if (wait_ms < 0)
        loop_timer_stop(m->loop, &m->timer);
    else
        loop_timer_set(m->loop, &m->timer,
                       wait_ms == 0 ? loop_now_ms(m->loop) : clock_mono_ms() + wait_ms);
    return 0;
}

struct multi *multi_new(struct loop *loop, unsigned max_connections, multi_fn done)
{
    struct multi *m = xalloc(sizeof(*m));
    m->loop = loop;
    m->done = done;
    m->timer = (struct loop_timer){.fn = on_due, .arg = m};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (m->curl = curl_multi_init()) == NULL) {
        multi_free(m);
        return NULL;
    }
    (void)curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, on_interest);
    (void)curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
    (void)curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, on_timer_change);
    (void)curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
    (void)curl_multi_setopt(m->curl, CURLMOPT_MAXCONNECTS, (long)max_connections);
    return m;
}

void multi_free(struct multi *own_multi)
{
    if (own_multi == NULL)
        return;
    if (own_multi->curl != NULL)
        (void)curl_multi_cleanup(own_multi->curl);
    loop_timer_stop(own_multi->loop, &own_multi->timer);
    xfree(own_multi->watches);
    xfree(own_multi);
    curl_global_cleanup();
}

bool multi_prepare(struct multi *multi, CURL *easy)
{
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, multi) == CURLE_OK;
}

bool multi_add(struct multi *multi, CURL *easy)
{
    return curl_multi_add_handle(multi->curl, easy) == CURLM_OK;
}

void multi_remove(struct multi *multi, CURL *easy)
{
    (void)curl_multi_remove_handle(multi->curl, easy);
}
