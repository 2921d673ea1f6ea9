/*
 * plan.h - what the scripts make a chunk's lines from: their read_plan (lua/state.lua) reads it.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   none.
 * Threads  pure.
 */
#ifndef COMMON_STORE_PLAN_H
#define COMMON_STORE_PLAN_H

#include "common/sms/chunk.h"
#include "common/store/args.h"

/* Adds the arguments; the chunk must live until the command is given. */
void plan_add(struct args *args, const struct chunk *chunk);

/* Only that by which its send is found, one argument: its id, the length of the hash of its reference, the hash, and what
 * it is sent from. */
void plan_add_index(struct args *args, const struct chunk *chunk);

#endif
