/*
 * hostile.h - tests/data/hostile_urls.txt: URLs that must not lead a request inside.
 *
 * Units    none.
 * Owns     its lines.
 * Errors   a file that can't be read fails the test.
 * Threads  one.
 */
#ifndef TESTS_SUPPORT_HOSTILE_H
#define TESTS_SUPPORT_HOSTILE_H

#include "tests/support/dns_server.h"

#include <stddef.h>

enum { HOSTILE_MAX = 1000 };

struct hostile_url {
    const char *url; /* with the port in its place */
    bool by_name;    /* only its name's addresses are hostile */
};

struct hostile {
    struct hostile_url urls[HOSTILE_MAX];
    size_t count;
    struct hostile_name {
        const char *name;
        char *answers[8][DNS_SERVER_ADDRESSES]; /* one after the other */
        size_t answer_count;
        unsigned asked[2]; /* so far, of each family */
    } names[HOSTILE_MAX];
    size_t name_count;
};

struct hostile *hostile_new(uint16_t port);
void hostile_free(struct hostile *own_hostile);
/* What the DNS server answers: a dns_server_fn, whose arg is the struct hostile. */
void hostile_answer(void *arg, const struct dns_question *question, struct dns_answer *answer);

#endif
