#!/usr/bin/env bash
# curl, over HTTP/1.0, HTTP/1.1 and HTTP/2 without TLS, against a running server with the lobby plugin.
# ROOMCAST_URL=http://127.0.0.1:8080 ROOMCAST_API=http://127.0.0.1:9090 ./curl.sh
set -euo pipefail

: "${ROOMCAST_URL:?set it to the address of the server, for example http://127.0.0.1:8080}"
: "${ROOMCAST_API:?set it to the address of the API, for example http://127.0.0.1:9090}"
readonly STREAM="${ROOMCAST_URL%/}/sse" API="${ROOMCAST_API%/}"
readonly PATIENCE=30 # seconds until something counts as not happening; no check depends on its value

ok() { echo "ok    $1"; }
fail() { echo "FAIL  $*" >&2; exit 1; }
same() { [[ "$2" == "$3" ]] || fail "$1"$'\n'"  got      $(printf %q "$2")"$'\n'"  expected $(printf %q "$3")"; ok "$1"; }

# The value of a header in $head; nothing when it is not there.
header() { sed -n "s/^$1: //Ip" <<<"$head"; }

# The head of the answer to a request that ends, in $head: request <curl's arguments>
request() { head=$(curl --silent --show-error --max-time $PATIENCE --dump-header - --output /dev/null "$@" | tr -d '\r') || fail "curl $*"; }
status() { sed -n '1s/^HTTP\/[0-9.]* \([0-9]*\).*/\1/p' <<<"$head"; }

# The next line of the stream, in $line.
next_line() {
  line=""
  IFS= read -r -t $PATIENCE line <&"$stream" || fail "waited in vain for $1; the last line was $(printf %q "$line")"
}

stream_headers() { # <version that was asked for>
  same "$1: status" "$(status)" 200
  same "$1: Content-Type" "$(header content-type)" "text/event-stream; charset=utf-8"
  same "$1: Cache-Control" "$(header cache-control)" "no-cache, no-store, no-transform"
  same "$1: X-Accel-Buffering" "$(header x-accel-buffering)" "no"
  same "$1: no Content-Length" "$(header content-length)" ""
  same "$1: not compressed" "$(header content-encoding)" ""
}

stream() { # <version> <curl's flag>
  exec {stream}< <(exec curl --silent --show-error --no-buffer --include "$2" --compressed "$STREAM?name=Ada&room=curl")
  local curl=$! connection="" data=""
  head=""
  while next_line "the end of the head" && line=${line%$'\r'} && [[ -n "$line" ]]; do head+="$line"$'\n'; done
  stream_headers "$1"
  case "$1" in
    HTTP/1.0) same "$1: not chunked" "$(header transfer-encoding)" "" ;;
    HTTP/1.1) same "$1: chunked" "$(header transfer-encoding)" "chunked" ;;
    HTTP/2)
      same "$1: the version" "${head%% *}" "HTTP/2"
      same "$1: no Connection" "$(header connection)" ""
      ;;
  esac

  next_line "the first bytes"; same "$1: a comment comes first" "$line" ": connected"
  next_line "when to come back"; same "$1: and when to come back" "$line" "retry: 3000"
  next_line "the first event"; same "$1: the first event" "$line" "event: welcome"
  next_line "its data"; data=$line
  next_line "its end"; same "$1: is one line of data" "$line" ""
  connection=$(sed -n 's/^data: {.*"connection": *"\([0-9a-f-]\{36\}\)".*}$/\1/p' <<<"$data")
  [[ -n "$connection" ]] || fail "$1: no connection id in $data"
  [[ "$data" =~ \"name\":\ *\"Ada\" && "$data" =~ \"room\":\ *\"curl\" && "$data" =~ \"people\":\ *\[\"Ada\"\] ]] || fail "$1: unexpected $data"
  ok "$1: with the connection's id, name, room and people"

  curl --silent --show-error --fail --max-time $PATIENCE --request POST --json \
    '{"data": "one\r\ntwo\r three", "event": "greeting", "id": "a.1", "retry_ms": 1500}' "$API/v1/rooms/curl/events" >/dev/null || fail "$1: cannot publish"
  while next_line "the published event" && [[ "$line" != id:* ]]; do :; done # the lobby's presence may come in between
  local frame=$line
  while next_line "the end of the published event" && [[ -n "$line" ]]; do frame+=$'\n'$line; done
  same "$1: the bytes of an event" "$frame" $'id: a.1\nevent: greeting\nretry: 1500\ndata: one\ndata: two\ndata:  three'

  curl --silent --show-error --fail --max-time $PATIENCE --request DELETE "$API/v1/connections/$connection" >/dev/null || fail "$1: cannot end the stream"
  local code=0
  while IFS= read -r -t $PATIENCE line <&"$stream" || code=$?; ((code == 0)); do :; done
  ((code < 128)) || fail "$1: waited in vain for the end of the stream"
  code=0
  wait "$curl" || code=$?
  same "$1: the stream ends in order, says curl's exit code" "$code" 0
  exec {stream}<&-
}

others() { # <version> <curl's flag>
  request "$2" "$STREAM/below"; same "$1: 404 below the path" "$(status)" 404
  request "$2" "$STREAM/"; same "$1: 404 with a slash at the end" "$(status)" 404
  request "$2" --request POST --data x "$STREAM"; same "$1: 405 for POST" "$(status)" 405
  same "$1: which says what is allowed" "$(header allow)" "GET, HEAD, OPTIONS"
  request "$2" --header "Accept: application/json" "$STREAM"; same "$1: 406 when the stream is not wanted" "$(status)" 406
  request "$2" --request OPTIONS "$STREAM"; same "$1: 204 for OPTIONS" "$(status)" 204
  same "$1: which says what is allowed, too" "$(header allow)" "GET, HEAD, OPTIONS"
  request "$2" --head "$STREAM"; stream_headers "$1 HEAD"
}

echo "curl: $(curl --version | head -n 1 | cut -d ' ' -f 2)"
for each in "HTTP/1.0 --http1.0" "HTTP/1.1 --http1.1" "HTTP/2 --http2-prior-knowledge"; do
  # shellcheck disable=SC2086 # a version and its flag
  stream $each
  # shellcheck disable=SC2086
  others $each
done
