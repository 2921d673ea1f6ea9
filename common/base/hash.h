/*
 * hash.h - a fast hash of short texts that nobody hostile chooses to collide, or where a collision
 * costs little.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 * Source   FNV-1a, 32 bits.
 */
#ifndef COMMON_BASE_HASH_H
#define COMMON_BASE_HASH_H

#include "common/base/str.h"

#include <stdint.h>

static inline uint32_t hash_text(struct str text)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 16777619u;
    return hash;
}

#endif
