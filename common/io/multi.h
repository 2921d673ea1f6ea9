/*
 * multi.h - libcurl's transfers, driven by the loop.
 *
 * Units    ms.
 * Owns     libcurl's sockets, as far as the loop watches them; never a transfer.
 * Errors   none: what fails is told to done.
 * Threads  the loop's.
 */
#ifndef COMMON_IO_MULTI_H
#define COMMON_IO_MULTI_H

#include "common/io/loop.h"

#include <curl/curl.h>
#include <stdbool.h>

struct multi;

/* A transfer came to its end. It may be removed, and others added. */
typedef void (*multi_fn)(CURL *easy, CURLcode code);

/* NULL: libcurl can't. max_connections are kept open. */
struct multi *multi_new(struct loop *loop, unsigned max_connections, multi_fn done);
void multi_free(struct multi *own_multi);
/* What libcurl must be told of each transfer, once. */
bool multi_prepare(struct multi *multi, CURL *easy);
bool multi_add(struct multi *multi, CURL *easy);
void multi_remove(struct multi *multi, CURL *easy); /* fine when it wasn't added */

#endif
