#include "tests/support/tls_server.h"

#include "common/base/buf.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 2048 };

struct tls_server {
    SSL_CTX *tls;
    const char *answer;
    int fd;
    uint16_t port;
    char ca_file[32];
    pthread_t thread, threads[MAX_CONNECTIONS];
    int fds[MAX_CONNECTIONS];
    atomic_uint requests, connections;
    pthread_mutex_t lock; /* of seen */
    struct buf seen;
};

struct connection {
    struct tls_server *server;
    int fd;
};

/* --- the certificate --- */

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
                            "DNS:public.test,DNS:inside1.test,DNS:*.host.test,IP:127.0.0.1");
    cr_assert(X509_set_version(cert, 2) && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1));
    cr_assert_not_null(X509_gmtime_adj(X509_getm_notBefore(cert), -3600));
    cr_assert_not_null(X509_gmtime_adj(X509_getm_notAfter(cert), 86400));
    cr_assert(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                         (const unsigned char *)"the tests' server", -1, -1, 0));
    cr_assert(X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key));
    cr_assert(names != NULL && X509_add_ext(cert, names, -1));
    X509_EXTENSION_free(names);
    cr_assert_gt(X509_sign(cert, key, EVP_sha256()), 0);
    return cert;
}

static void make_tls(struct tls_server *s)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    cr_assert_not_null(key);
    X509 *cert = make_certificate(key);
    (void)snprintf(s->ca_file, sizeof(s->ca_file), "/tmp/tls_server.XXXXXX");
    int fd = mkstemp(s->ca_file);
    cr_assert_geq(fd, 0);
    FILE *file = fdopen(fd, "w");
    cr_assert(file != NULL && PEM_write_X509(file, cert));
    (void)fclose(file);
    s->tls = SSL_CTX_new(TLS_server_method());
    cr_assert(s->tls != NULL && SSL_CTX_use_certificate(s->tls, cert) &&
              SSL_CTX_use_PrivateKey(s->tls, key));
    X509_free(cert);
    EVP_PKEY_free(key);
}

/* --- connections --- */

/* One request after the other; they have small bodies, which come with the head or are left. */
static void serve(struct tls_server *s, SSL *tls)
{
    struct buf in = {.cap = 65536};
    char bytes[4096];
    int n;
    while ((n = SSL_read(tls, bytes, sizeof(bytes))) > 0) {
        buf_add(&in, bytes, (size_t)n);
        if (memmem(in.p, in.n, "\r\n\r\n", 4) == NULL)
            continue;
        atomic_fetch_add(&s->requests, 1);
        (void)pthread_mutex_lock(&s->lock);
        buf_str(&s->seen, buf_view(&in));
        (void)pthread_mutex_unlock(&s->lock);
        buf_clear(&in);
        if (SSL_write(tls, s->answer, (int)strlen(s->answer)) <= 0)
            break;
    }
    buf_done(&in);
}

static void *run_connection(void *own_arg)
{
    struct connection *c = own_arg;
    SSL *tls = SSL_new(c->server->tls);
    if (tls != NULL && SSL_set_fd(tls, c->fd) && SSL_accept(tls) > 0)
        serve(c->server, tls);
    SSL_free(tls);
    (void)shutdown(c->fd, SHUT_RDWR); /* closed at the end: its number must stay its own */
    xfree(c);
    return NULL;
}

static void *run(void *arg)
{
    struct tls_server *s = arg;
    for (;;) {
        int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);
        unsigned at = atomic_load(&s->connections);
        if (fd < 0 || at >= MAX_CONNECTIONS)
            return NULL;
        struct connection *c = xalloc(sizeof(*c));
        *c = (struct connection){s, fd};
        s->fds[at] = fd;
        if (pthread_create(&s->threads[at], NULL, run_connection, c) != 0)
            abort();
        atomic_store(&s->connections, at + 1);
    }
}

struct tls_server *tls_server_new(const char *answer)
{
    struct tls_server *s = xalloc(sizeof(*s));
    union {
        struct sockaddr any;
        struct sockaddr_in in;
    } at = {.in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof(at.in);
    s->answer = answer;
    (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    buf_init(&s->seen, 1 << 24);
    cr_assert_eq(pthread_mutex_init(&s->lock, NULL), 0);
    make_tls(s);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(s->fd, 0);
    cr_assert_eq(bind(s->fd, &at.any, n), 0);
    cr_assert_eq(listen(s->fd, 128), 0);
    cr_assert_eq(getsockname(s->fd, &at.any, &n), 0);
    s->port = ntohs(at.in.sin_port);
    cr_assert_eq(pthread_create(&s->thread, NULL, run, s), 0);
    return s;
}

void tls_server_free(struct tls_server *own_server)
{
    struct tls_server *s = own_server;
    (void)shutdown(s->fd, SHUT_RDWR);
    (void)pthread_join(s->thread, NULL);
    for (unsigned i = 0; i < atomic_load(&s->connections); i++) {
        (void)shutdown(s->fds[i], SHUT_RDWR);
        (void)pthread_join(s->threads[i], NULL);
        (void)close(s->fds[i]);
    }
    (void)close(s->fd);
    (void)unlink(s->ca_file);
    SSL_CTX_free(s->tls);
    (void)pthread_mutex_destroy(&s->lock);
    buf_done(&s->seen);
    xfree(s);
}

uint16_t tls_server_port(const struct tls_server *server)
{
    return server->port;
}

const char *tls_server_ca_file(const struct tls_server *server)
{
    return server->ca_file;
}

unsigned tls_server_requests(const struct tls_server *server)
{
    return atomic_load(&server->requests);
}

unsigned tls_server_connections(const struct tls_server *server)
{
    return atomic_load(&server->connections);
}

bool tls_server_saw(struct tls_server *server, const char *text)
{
    (void)pthread_mutex_lock(&server->lock);
    bool saw = server->seen.n > 0 && strstr(server->seen.p, text) != NULL;
    (void)pthread_mutex_unlock(&server->lock);
    return saw;
}
