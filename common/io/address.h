/*
 * address.h - an IP address, and whether a call to a foreign URL may go there.
 *
 * Such calls may go to global unicast addresses only: never to one that is private, local to this
 * machine or link, shared, for documentation or tests, reserved, or a tunnel or translation to
 * whatever another address says. An IPv4 address inside an IPv6 one (mapped) is the IPv4 address.
 *
 * Units    bytes, in network order.
 * Owns     nothing.
 * Errors   none: what is no address is false.
 * Threads  pure.
 * Source   the IANA registries of special-purpose addresses (RFC 6890), and the RFC of each row of
 *          the table.
 */
#ifndef COMMON_IO_ADDRESS_H
#define COMMON_IO_ADDRESS_H

#include "common/base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct sockaddr;

enum { ADDRESS_TEXT_SIZE = 46 };

/* IPv4 as IPv4-mapped IPv6. */
struct address {
    uint8_t bytes[16];
};

/* Which addresses are allowed beside global unicast. */
enum address_policy {
    ADDRESS_GLOBAL,             /* none */
    ADDRESS_GLOBAL_OR_LOOPBACK, /* 127.0.0.0/8 and ::1, for development */
};

/* In their usual forms: four decimal numbers, or IPv6 without brackets and zone. */
bool address_read(struct address *ret_address, struct str text);
/* From a sockaddr of size bytes; false when it is neither IPv4 nor IPv6. */
bool address_read_socket(struct address *ret_address, const struct sockaddr *socket, size_t size);
struct address address_ipv4(uint32_t number); /* in host order */
bool address_is_ipv4(const struct address *address);
bool address_equal(const struct address *a, const struct address *b);
void address_write(char ret_text[ADDRESS_TEXT_SIZE], const struct address *address);

/* Why no call may go there, in words; NULL: it may. */
const char *address_refused(const struct address *address, enum address_policy policy);

#endif
