/*
 * dice.h - chance that can be repeated: the same seed rolls the same numbers.
 *
 * Units    none.
 * Owns     nothing; a struct dice is its seed and position in one number.
 * Errors   none. Nothing secret may come from it.
 * Threads  not safe; each stream of decisions has dice of its own.
 */
#ifndef WORKERS_SIMULATOR_DICE_H
#define WORKERS_SIMULATOR_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint32_t dice_u32(struct dice *dice)
{
    const uint64_t step = 0x9e3779b97f4a7c15, mix = 0xd6e8feb86659fd93;
    uint64_t x = dice->state += step;
    x = (x ^ (x >> 32)) * mix;
    x = (x ^ (x >> 32)) * mix;
    return (uint32_t)(x >> 32);
}

/* 0 <= roll < 1 */
static inline double dice_roll(struct dice *dice)
{
    return (double)dice_u32(dice) / 4294967296.0;
}

/* 0 <= number < n; n is at least 1. */
static inline uint32_t dice_below(struct dice *dice, uint32_t n)
{
    return (uint32_t)((uint64_t)dice_u32(dice) * n >> 32);
}

#endif
