# shellcheck shell=bash disable=SC2034
# What scripts/deps, scripts/run and scripts/stop share; sourced, never run.
#
# A run directory (.run unless --dir says otherwise), given as RUN, holds
#   ports         `name port` for each process, in the order of the start: the list of what belongs to the run
#   pids/         <name>.pid, and .<name> with pid and start time, so that a pid that was given away again is never killed
#   stopping      there while the whole run is being stopped
#   start/        <name>: a script that becomes the process, with its settings
#   logs/ data/   what the processes write
# All times are in milliseconds.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=$ROOT/.cache

# How long a process may take to stop, and to become ready.
STOP_MS=40000
READY_MS=60000

# --- Words to the reader -------------------------------------------------------------------------------------------

# A terminal shows a step while it lasts; anything else gets a plain line when it is done.
TERMINAL=
[[ -t 1 && ${TERM:-dumb} != dumb ]] && TERMINAL=1
STEP=
STEP_AT=0

now_ms() { # sets NOW
  NOW=$((${EPOCHREALTIME/[.,]/} / 1000))
}

seconds_since() { # sets TOOK: the seconds since $1, with one decimal
  now_ms
  local tenths=$(((NOW - $1 + 50) / 100))
  TOOK=$((tenths / 10)).$((tenths % 10))
}

step() { # text
  now_ms
  STEP=$1 STEP_AT=$NOW
  [[ -z $TERMINAL ]] || printf '  %s ...' "$STEP"
}

step_done() {
  seconds_since "$STEP_AT"
  [[ -z $TERMINAL ]] || printf '\r\033[K'
  printf '  %-56s %5s s\n' "$STEP" "$TOOK"
  STEP=
}

# Before any other line: leaves a step that is being shown as it stands.
step_break() {
  [[ -z $STEP || -z $TERMINAL ]] || printf '\n'
  STEP=
}

say() { printf '%s\n' "$@"; }

complain() {
  step_break
  printf '%s\n' "$@" >&2
}

die() {
  complain "scripts/${0##*/}: $1" "${@:2}"
  exit 1
}

misused() {
  complain "scripts/${0##*/}: $1 (--help says more)"
  exit 2
}

# --- Kafka's place -------------------------------------------------------------------------------------------------

KAFKA_POM=$ROOT/scripts/kafka/pom.xml
KAFKA_VERSION=$(sed -n 's|.*<kafka.version>\(.*\)</kafka.version>.*|\1|p' "$KAFKA_POM")
KAFKA_DIR=$CACHE/kafka-$KAFKA_VERSION
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java

java_version() { # sets JAVA_VERSION, empty without a Java; the release file saves starting one
  local path home
  JAVA_VERSION=
  path=$(command -v "$JAVA") || return 0
  home=$(readlink -f "$path")
  home=${home%/bin/java}
  if [[ -r $home/release ]]; then
    JAVA_VERSION=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$home/release")
  fi
  [[ -n $JAVA_VERSION ]] || JAVA_VERSION=$("$path" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p')
}

# The classes that a start loads, ready to be mapped; it halves the start. It fits one version of Java only.
kafka_archive() { # sets ARCHIVE
  java_version
  ARCHIVE=$KAFKA_DIR/broker-$JAVA_VERSION.jsa
}

# Measured on two cores: the serial collector costs the broker less per record than G1, and the full compiler
# (no TieredStopAtLevel) half of what the quick one does, once warm.
kafka_command() { # main class; sets KAFKA_COMMAND
  local jars=("$KAFKA_DIR"/lib/*.jar) IFS=:
  kafka_archive
  KAFKA_COMMAND=("$JAVA" -Xmx512m -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true
    "-Dlog4j2.configurationFile=$ROOT/scripts/kafka/log4j2.xml" -cp "${jars[*]}")
  [[ ! -s $ARCHIVE ]] || KAFKA_COMMAND+=("-XX:SharedArchiveFile=$ARCHIVE" -Xlog:cds=off -Xlog:cds+dynamic=off)
  KAFKA_COMMAND+=("$1")
}

kafka_configure() { # broker port, controller port, data directory; prints the settings
  local text
  text=$(<"$ROOT/config/kafka.properties")
  text=${text//@BROKER_PORT@/"$1"}
  text=${text//@CONTROLLER_PORT@/"$2"}
  printf '%s\n' "${text//@DATA_DIR@/"$3"}"
}

kafka_format() { # settings file, log
  local id
  id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_')
  id=${id/#-/A} # it must not look like an option
  kafka_command kafka.tools.StorageTool
  "${KAFKA_COMMAND[@]}" format --cluster-id "${id%==}" --config "$1" >>"$2" 2>&1 </dev/null
}

# --- Ports ---------------------------------------------------------------------------------------------------------

# The ports that something listens on, on an address that would be in our way.
ports_listening() { # sets LISTENING[port]
  local _ address state
  declare -gA LISTENING=()
  while read -r _ address _ state _; do
    [[ $state == 0A ]] || continue
    case ${address%:*} in
      *7F | 00000000 | 00000000000000000000000000000000 | 00000000000000000000000001000000)
        LISTENING[$((16#${address##*:}))]=1 ;;
    esac
  done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
}

port_answers() { # port
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# --- Processes -----------------------------------------------------------------------------------------------------

# When a process began, in clock ticks since boot: with the pid, its identity. Nothing for one that has ended; one whose
# threads are still on their way out holds its ports and counts as there.
born() { # pid; sets BORN
  local stat tasks
  BORN=
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
  # What follows the name (which may hold anything): the state, and 19 words on the start time.
  read -ra stat <<<"${stat##*) }"
  tasks=("/proc/$1/task/"*)
  [[ ${stat[0]} == [ZX] && ${#tasks[@]} -le 1 ]] || BORN=${stat[19]-}
}

# Is this process of the run alive? Sets PID.
alive() { # name
  local at
  [[ -r $RUN/pids/.$1 ]] || return 1
  read -r PID at <"$RUN/pids/.$1" || return 1
  born "$PID"
  [[ -n $BORN && $BORN == "$at" ]]
}

known() { # sets NAMES: the processes of the run, in the order of the start
  local name _
  NAMES=()
  [[ -r $RUN/ports ]] || return 0
  while read -r name _; do
    NAMES+=("$name")
  done <"$RUN/ports"
}

any_alive() {
  local name
  known
  for name in "${NAMES[@]}"; do
    ! alive "$name" || return 0
  done
  return 1
}

# Starts what start/<name> says, in a session of its own, and holding nothing of ours: who reads our output through a
# pipe must see its end when we end.
launch() { # name
  local log=$RUN/logs/$1.log fd
  : >>"$log"
  (
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      ((fd <= 2 || fd == 255)) || exec {fd}>&-
    done
    exec setsid "$RUN/start/$1"
  ) </dev/null >>"$log" 2>&1 &
  born $!
  printf '%s %s\n' $! "${BORN:-0}" >"$RUN/pids/.$1"
  printf '%s\n' $! >"$RUN/pids/$1.pid"
}

# Stops these together: SIGTERM, time to finish, SIGKILL.
stop_processes() { # names
  local name until
  local -a running=()
  for name in "$@"; do
    if alive "$name"; then
      kill -TERM "$PID" 2>/dev/null || true
      running+=("$name")
    fi
  done
  if ((${#running[@]})); then
    step "stop ${running[*]}"
    now_ms
    until=$((NOW + STOP_MS))
    while left_of "${running[@]}" && ((NOW < until)); do
      sleep 0.03
      now_ms
    done
    if left_of "${running[@]}"; then
      complain "${LEFT[*]}: still there $((STOP_MS / 1000)) s after SIGTERM, now killed; see $RUN/logs"
      for name in "${LEFT[@]}"; do
        ! alive "$name" || kill -KILL "$PID" 2>/dev/null || true
      done
      while left_of "${LEFT[@]}"; do sleep 0.03; done
    else
      step_done
    fi
  fi
  for name in "$@"; do
    rm -f "$RUN/pids/.$name" "$RUN/pids/$name.pid"
  done
}

left_of() { # names; sets LEFT to those still alive, and fails when there are none
  local name
  LEFT=()
  for name in "$@"; do
    ! alive "$name" || LEFT+=("$name")
  done
  ((${#LEFT[@]}))
}

# Stops the whole run, in the reverse order of its start, those of a kind together.
stop_run() {
  local i kind
  local -a group=()
  known
  : >"$RUN/stopping"
  for ((i = ${#NAMES[@]} - 1; i >= 0; i--)); do
    kind=${NAMES[i]%-*}
    group+=("${NAMES[i]}")
    if ((i == 0)) || [[ ${NAMES[i - 1]%-*} != "$kind" ]]; then
      stop_processes "${group[@]}"
      group=()
    fi
  done
  rm -rf "$RUN/ports" "$RUN/start" "$RUN/stopping"
}
