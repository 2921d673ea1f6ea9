/*
 * ctl.h - the operator's command line: sms-ctl <command> [options].
 *
 * Units    none.
 * Owns     nothing.
 * Errors   the exit status: 0 done (or nothing to do), 1 it failed, 64 a wrong command line, 78 a
 *          wrong setting. What went wrong and what to do is on standard error.
 * Threads  one.
 */
#ifndef WORKERS_CTL_CTL_H
#define WORKERS_CTL_CTL_H

int ctl_main(int argc, char **argv);

#endif
