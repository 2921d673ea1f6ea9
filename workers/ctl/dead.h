/*
 * dead.h - sms-ctl dead: what could not be processed, straight from Kafka's topic sms.dead.
 *
 * A replay writes the record to its topic again, under its key: the original where Kafka still has it, else the copy
 * in the dead letter, if that is whole. A note in sms.dead says so; dying in between makes a second replay
 * possible, which its readers bear.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   the exit status, with words on standard error.
 * Threads  one; it waits.
 */
#ifndef WORKERS_CTL_DEAD_H
#define WORKERS_CTL_DEAD_H

struct settings;
struct line;

int dead_list(const struct settings *settings, const struct line *line);
int dead_show(const struct settings *settings, const struct line *line);
int dead_replay(const struct settings *settings, const struct line *line);

#endif
