/*
 * ctl.h - the operator's command line: what it can do is in command.c.
 *
 * Units    none.
 * Owns     nothing.
 * Errors   the exit status: 0 done (or nothing to do), 1 it was refused, 2 a wrong command line, 3
 *          the other side can't be reached or didn't answer, 78 a wrong setting. What went wrong and
 *          what to do is on standard error.
 * Threads  one.
 */
#ifndef WORKERS_CTL_CTL_H
#define WORKERS_CTL_CTL_H

int ctl_main(int argc, char **argv);

#endif
