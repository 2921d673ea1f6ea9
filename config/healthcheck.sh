#!/bin/bash
# sms-healthcheck [PATH]: exit 0 if the worker of this container answers 200 at PATH (/readyz). It prints the answer: if
# the worker is not ready, what it waits for. No curl is needed in the image for this.
exec 3<>"/dev/tcp/localhost/${SMS_HEALTH_PORT:-9090}" || exit 1
printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "${1:-/readyz}" >&3
IFS= read -r -d '' -t 4 answer <&3
printf '%s\n' "${answer#*$'\r\n\r\n'}"
[[ $answer == 'HTTP/1.'?' 200 '* ]]
