/*
 * settings_file.h - reads a configuration file into a struct conf.
 *
 * Lines of NAME = value, with the names of the environment variables. A line that begins with # or
 * ; is a comment, and so is what follows a space and a ; on a line.
 *
 * Units    lines count from 1.
 * Owns     nothing.
 * Errors   all go to the conf, with file and line.
 * Threads  one.
 * Source   inih's INI syntax, without sections and without continued lines.
 */
#ifndef COMMON_WORKER_SETTINGS_FILE_H
#define COMMON_WORKER_SETTINGS_FILE_H

#include "common/base/conf.h"

void settings_file_read(struct conf *conf, const char *path);

#endif
