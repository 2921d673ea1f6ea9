/*
 * turns.h - visits that wait to ask, in turns by account, so that a long queue of one delays nobody
 * else's.
 *
 * Deficit round robin: the account whose turn it is asks until it has spent TURNS_PARTS parts (more or
 * less, by its weight, which its visits learn with their first claim), then the next one does. An account that has nothing to ask leaves the round.
 *
 * Units    parts of messages.
 * Owns     what it needs for each account that waits; never a visit.
 * Errors   none.
 * Threads  the loop's.
 * Source   M. Shreedhar, G. Varghese: Efficient Fair Queueing using Deficit Round Robin, 1995.
 */
#ifndef WORKERS_SENDER_TURNS_H
#define WORKERS_SENDER_TURNS_H

#include <stddef.h>
#include <stdint.h>

struct visit;
struct turn;

enum { TURNS_PARTS = 32, TURNS_SLOTS = 256 }; /* parts of an account of the default weight */

struct turns {
    struct turn *slots[TURNS_SLOTS]; /* all, by a hash of the account's name */
    struct turn *now;                /* in the ring: whose turn it is; NULL = nobody waits */
    size_t accounts;                 /* in the ring */
};

void turns_done(struct turns *turns);
void turns_put_last(struct turns *turns, struct visit *visit); /* of its account's */
void turns_put_first(struct turns *turns, struct visit *visit);
/* The first visit of the account whose turn it is; NULL: none waits. */
struct visit *turns_first(const struct turns *turns);
/* How many parts that account may ask for before others have their turn; somebody must wait. */
int64_t turns_left(const struct turns *turns);
/* Takes that one out. It asks for so many parts. */
struct visit *turns_take(struct turns *turns, int64_t parts);

#endif
