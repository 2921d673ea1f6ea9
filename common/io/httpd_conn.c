#include "common/io/httpd_conn.h"

#include "common/base/buf.h"

#include <sys/socket.h>

void httpd_conns_init(struct httpd_conns *conns, struct loop *loop)
{
    *conns = (struct httpd_conns){.loop = loop};
    conns->open.next = conns->open.prev = &conns->open;
}

static struct httpd_conn *conn_new(struct httpd_conns *conns, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct httpd_conn *conn = xalloc(sizeof(*conn));
    conn->fd = info != NULL ? info->connect_fd : -1;
    conn->since_mono_ms = loop_now_ms(conns->loop);
    conn->next = &conns->open;
    conn->prev = conns->open.prev;
    conn->prev->next = conn->next->prev = conn;
    conns->count++;
    return conn;
}

void httpd_conns_notify(void *arg, struct MHD_Connection *connection, void **state,
                        enum MHD_ConnectionNotificationCode what)
{
    struct httpd_conns *conns = arg;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *state = conn_new(conns, connection);
        return;
    }
    struct httpd_conn *conn = *state;
    if (conn == NULL)
        return;
    conn->prev->next = conn->next;
    conn->next->prev = conn->prev;
    conns->count--;
    *state = NULL;
    xfree(conn);
}

void *httpd_conns_request_line(void *arg, const char *uri, struct MHD_Connection *connection)
{
    (void)uri;
    httpd_conns_enter(arg, connection, HTTPD_CONN_READING);
    return NULL; /* what the request's state begins as */
}

void httpd_conns_enter(const struct httpd_conns *conns, struct MHD_Connection *connection,
                       enum httpd_conn_state state)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct httpd_conn *conn = info != NULL ? info->socket_context : NULL;
    if (conn == NULL)
        return;
    conn->state = state;
    conn->since_mono_ms = loop_now_ms(conns->loop);
}

void httpd_conns_cut(const struct httpd_conns *conns, int64_t reading_ms, int64_t idle_ms)
{
    int64_t now_ms = loop_now_ms(conns->loop);
    for (const struct httpd_conn *c = conns->open.next; c != &conns->open; c = c->next) {
        int64_t most_ms = c->state == HTTPD_CONN_READING ? reading_ms : idle_ms;
        if (c->state != HTTPD_CONN_ANSWERING && now_ms - c->since_mono_ms > most_ms)
            (void)shutdown(c->fd, SHUT_RDWR);
    }
}
