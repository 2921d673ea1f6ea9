/*
 * views.h - the Redis views of sends that Kafka has acknowledged, made together for all of one turn
 * of the loop.
 *
 * A view makes a send visible at once; it is not what makes it last. If Redis is away the send is
 * accepted all the same, and the view is made by the sender that claims it.
 *
 * Units    none.
 * Owns     nothing; a view and its chunk must live until the callback.
 * Errors   none: the callback comes, whether the view was made or not.
 * Threads  the loop's.
 */
#ifndef WORKERS_API_VIEWS_H
#define WORKERS_API_VIEWS_H

#include "common/sms/chunk.h"
#include "common/store/messages.h"

struct views;

/* made: false when Redis did not say so. */
typedef void (*view_fn)(void *arg, bool made);

struct view {
    const struct chunk *chunk;
    view_fn fn;
    void *arg;
};

struct views *views_new(void);
void views_free(struct views *own_views); /* what waits is told that its view was not made */
/* The view must live until its callback, which never comes from inside. */
void views_make(struct views *views, struct view *view);
/* Gives Redis what has gathered. Called before each wait of the loop. */
void views_flush(struct views *views, struct redis *redis);
size_t views_waiting(const struct views *views);

#endif
