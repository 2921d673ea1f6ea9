/*
 * civil.h - a date and time as it stands on a clock, in no time zone yet.
 *
 * Units    as on the clock: month and day from 1, hour 0 to 23.
 * Owns     nothing; a value.
 * Errors   none.
 * Threads  safe everywhere. Plain enough for C++.
 */
#ifndef COMMON_SMS_CIVIL_H
#define COMMON_SMS_CIVIL_H

struct civil {
    int year, month, day, hour, minute, second, millisecond;
};

#endif
