#include "workers/sender/turns.h"

#include "common/base/hash.h"
#include "common/store/shares.h"
#include "workers/sender/visit.h"

#include <stdio.h>

/* An account's visits that wait. */
struct turn {
    struct turn *prev, *next; /* in the ring */
    struct turn *in_slot;
    char account[CHUNK_ACCOUNT_MAX + 1];
    struct visit *first, **end;
    int64_t each; /* parts in a turn */
    int64_t left; /* parts it may still ask for in this turn */
};

static struct turn **place_of(struct turns *turns, const char *account)
{
    struct turn **at = &turns->slots[hash_text(str_of(account)) % TURNS_SLOTS];
    while (*at != NULL && strcmp((*at)->account, account) != 0)
        at = &(*at)->in_slot;
    return at;
}

/* The account's; one that is new comes last in the round. */
static struct turn *turn_of(struct turns *turns, const char *account)
{
    struct turn **place = place_of(turns, account), *turn = *place;
    if (turn != NULL)
        return turn;
    turn = xalloc(sizeof(*turn));
    (void)snprintf(turn->account, sizeof(turn->account), "%s", account);
    *place = turn;
    turn->end = &turn->first;
    turn->each = turn->left = TURNS_PARTS;
    struct turn *now = turns->now;
    turn->prev = now != NULL ? now->prev : turn;
    turn->next = now != NULL ? now : turn;
    turn->prev->next = turn->next->prev = turn;
    if (now == NULL)
        turns->now = turn;
    turns->accounts++;
    return turn;
}

/* The turn of the visit's account, with the weight that the visit knows. */
static struct turn *turn_for(struct turns *turns, const struct visit *visit)
{
    struct turn *turn = turn_of(turns, visit->chunk.account);
    int64_t weight = visit->claim.weight;
    if (weight > 0)
        turn->each = (TURNS_PARTS * weight + SHARES_WEIGHT_DEFAULT - 1) / SHARES_WEIGHT_DEFAULT;
    return turn;
}

static void leave(struct turns *turns, struct turn *own_turn)
{
    *place_of(turns, own_turn->account) = own_turn->in_slot;
    own_turn->prev->next = own_turn->next;
    own_turn->next->prev = own_turn->prev;
    if (turns->now == own_turn)
        turns->now = own_turn->next != own_turn ? own_turn->next : NULL;
    turns->accounts--;
    xfree(own_turn);
}

void turns_done(struct turns *turns)
{
    while (turns->now != NULL)
        leave(turns, turns->now);
}

void turns_put_last(struct turns *turns, struct visit *visit)
{
    struct turn *turn = turn_for(turns, visit);
    visit->next_waiting = NULL;
    *turn->end = visit;
    turn->end = &visit->next_waiting;
}

void turns_put_first(struct turns *turns, struct visit *visit)
{
    struct turn *turn = turn_for(turns, visit);
    visit->next_waiting = turn->first;
    if (turn->first == NULL)
        turn->end = &visit->next_waiting;
    turn->first = visit;
}

struct visit *turns_first(const struct turns *turns)
{
    return turns->now != NULL ? turns->now->first : NULL;
}

/* Who has asked for more than its turn's worth is passed over until it is even. */
static void next_turn(struct turns *turns)
{
    do {
        turns->now = turns->now->next;
        turns->now->left += turns->now->each;
    } while (turns->now->left <= 0);
}

int64_t turns_left(const struct turns *turns)
{
    return turns->accounts > 1 ? turns->now->left : INT64_MAX;
}

struct visit *turns_take(struct turns *turns, int64_t parts)
{
    struct turn *turn = turns->now;
    struct visit *visit = turn->first;
    turn->first = visit->next_waiting;
    turn->left -= turns->accounts > 1 ? parts : 0;
    if (turn->left <= 0)
        next_turn(turns);
    if (turn->first == NULL)
        leave(turns, turn);
    return visit;
}
