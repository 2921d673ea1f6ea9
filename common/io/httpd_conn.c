#include "common/io/httpd_conn.h"

#include "common/base/buf.h"
#include "common/io/httpd_head.h"

#include <sys/socket.h>

void httpd_conns_init(struct httpd_conns *conns, struct loop *loop)
{
    *conns = (struct httpd_conns){.loop = loop};
    for (size_t i = 0; i < HTTPD_CONN_STATES; i++)
        conns->rings[i].next = conns->rings[i].prev = &conns->rings[i];
}

static void enter(struct httpd_conns *conns, struct httpd_conn *conn, enum httpd_conn_state state)
{
    struct httpd_conn *ring = &conns->rings[state];
    conn->state = state;
    conn->since_mono_ms = loop_now_ms(conns->loop);
    conn->next = ring;
    conn->prev = ring->prev;
    conn->prev->next = conn->next->prev = conn;
    conns->cut_count += state == HTTPD_CONN_CUT;
}

static void leave(struct httpd_conns *conns, struct httpd_conn *conn)
{
    conn->prev->next = conn->next;
    conn->next->prev = conn->prev;
    conns->cut_count -= conn->state == HTTPD_CONN_CUT;
}

void httpd_conns_notify(void *arg, struct MHD_Connection *connection, void **state,
                        enum MHD_ConnectionNotificationCode what)
{
    struct httpd_conns *conns = arg;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct httpd_conn *conn = xalloc(sizeof(*conn));
        conn->fd = info != NULL ? info->connect_fd : -1;
        enter(conns, conn, HTTPD_CONN_IDLE);
        conns->count++;
        *state = conn;
        return;
    }
    struct httpd_conn *conn = *state;
    if (conn == NULL)
        return;
    leave(conns, conn);
    conns->count--;
    *state = NULL;
    xfree(conn);
}

static struct httpd_conn *conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

void *httpd_conns_request_line(void *arg, const char *uri, struct MHD_Connection *connection)
{
    struct httpd_conn *conn = conn_of(connection);
    httpd_conns_enter(arg, connection, HTTPD_CONN_READING);
    if (conn != NULL)
        conn->line_bytes = httpd_head_line(uri);
    return NULL; /* what the request's state begins as */
}

size_t httpd_conns_line_bytes(struct MHD_Connection *connection)
{
    const struct httpd_conn *conn = conn_of(connection);
    return conn != NULL ? conn->line_bytes : 0;
}

void httpd_conns_enter(struct httpd_conns *conns, struct MHD_Connection *connection,
                       enum httpd_conn_state state)
{
    struct httpd_conn *conn = conn_of(connection);
    if (conn == NULL)
        return;
    leave(conns, conn);
    enter(conns, conn, state);
}

/* The first of the ring, if it has been there for longer; it is shut down. */
static bool cut_first(struct httpd_conns *conns, enum httpd_conn_state state, int64_t most_ms)
{
    struct httpd_conn *conn = conns->rings[state].next;
    if (conn == &conns->rings[state] || loop_now_ms(conns->loop) - conn->since_mono_ms <= most_ms)
        return false;
    (void)shutdown(conn->fd, SHUT_RDWR);
    leave(conns, conn);
    enter(conns, conn, HTTPD_CONN_CUT);
    return true;
}

void httpd_conns_cut(struct httpd_conns *conns, enum httpd_conn_state state, int64_t most_ms)
{
    while (cut_first(conns, state, most_ms))
        ;
}

void httpd_conns_make_room(struct httpd_conns *conns, unsigned most, int64_t least_ms)
{
    while (conns->count - conns->cut_count > most && cut_first(conns, HTTPD_CONN_IDLE, least_ms))
        ;
}
