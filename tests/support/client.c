#include "tests/support/client.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CAP_BYTES = 4 << 20 };

bool client_try(struct client *c, uint16_t port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
    } to = {.in = {.sin_family = AF_INET,
                   .sin_port = htons(port),
                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    *c = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    buf_init(&c->in, CAP_BYTES);
    cr_assert_geq(c->fd, 0);
    bool connected = connect(c->fd, &to.any, sizeof(to.in)) == 0;
    cr_assert_eq(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
    if (!connected)
        client_close(c);
    return connected;
}

void client_open(struct client *c, uint16_t port)
{
    cr_assert(client_try(c, port), "connecting to port %u", port);
}

void client_close(struct client *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
    buf_done(&c->in);
}

void client_send(struct client *c, const char *text)
{
    client_send_bytes(c, str_of(text));
}

/* A server that has closed already is fine: the test sees that by reading. */
void client_send_bytes(struct client *c, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n < 0)
            break;
        bytes = (struct str){bytes.p + n, bytes.n - (size_t)n};
    }
    cr_assert(bytes.n == 0 || errno == EPIPE || errno == ECONNRESET,
              "the socket takes no more bytes");
}

/* The bytes of the answer at the head of text, 0 while it is not whole. */
static size_t answer_size(struct str text, int *ret_status, size_t *ret_head)
{
    const char *end = text.n > 0 ? memmem(text.p, text.n, "\r\n\r\n", 4) : NULL;
    unsigned long long status = 0, length = 0;
    if (end == NULL || text.n < 12)
        return 0;
    size_t head = (size_t)(end - text.p) + 4;
    const char *at = memmem(text.p, head, "Content-Length: ", 16);
    if (at != NULL) {
        struct str rest = {at + 16, (size_t)(end - at) - 12};
        cr_assert(str_to_uint(str_cut(&rest, '\r'), SIZE_MAX, &length));
    }
    cr_assert(str_to_uint((struct str){text.p + 9, 3}, 999, &status), "no status line");
    *ret_status = (int)status;
    *ret_head = head;
    return text.n >= head + length ? head + length : 0;
}

void client_read(struct client *c)
{
    char bytes[16384];
    ssize_t n = 0;
    while (!c->closed && (n = read(c->fd, bytes, sizeof(bytes))) > 0)
        buf_add(&c->in, bytes, (size_t)n);
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        c->closed = true;
    for (;;) {
        int status = 0;
        size_t head = 0, rest = c->in.n - c->parsed;
        if (rest == 0)
            return;
        size_t size = answer_size((struct str){c->in.p + c->parsed, rest}, &status, &head);
        if (size == 0)
            return;
        c->body = c->parsed + head;
        c->parsed += size;
        c->status = status;
        if (status >= 200) /* not 100 Continue */
            c->answers++;
    }
}

struct str client_body(const struct client *c)
{
    return (struct str){c->in.p + c->body, c->parsed - c->body};
}
