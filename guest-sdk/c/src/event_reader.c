#include "internal.h"

static void append(rc_event_reader *reader, rc_text piece) {
    size_t size = reader->rest.size + piece.size;
    char *data = (char *)reader->rest.data;
    if (size + 1 > reader->capacity) {
        size_t capacity = size + 1 > 2 * reader->capacity ? size + 1 : 2 * reader->capacity;
        data = realloc(data, capacity);
        if (data == NULL) rc_panic("out of memory: %zu bytes were asked for", capacity);
        reader->capacity = capacity;
    }
    if (piece.size > 0) memcpy(data + reader->rest.size, piece.data, piece.size);
    data[size] = '\0';
    reader->rest = (rc_text){data, size};
}

/** How many bytes before the end of this line. */
static size_t line_size(const char *data, size_t left) {
    size_t size = 0;
    while (size < left && data[size] != '\r' && data[size] != '\n') size++;
    return size;
}

/** How many bytes end the line here: 0 when that is not there yet, or not to be told from the half of a CRLF. */
static size_t end_size(const char *data, size_t left) {
    if (left == 0) return 0;
    if (*data == '\n') return 1;
    if (left == 1) return 0;
    return data[1] == '\n' ? 2 : 1;
}

/** The lines of an event, each with its end. False when they have no data. */
static bool parse(const char *data, size_t left, rc_event *event) {
    char *joined = rc_arena_allocate(left + 1, 1);
    size_t size = 0;
    bool has_data = false;
    if (left >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) data += 3, left -= 3;
    while (left > 0) {
        size_t whole = line_size(data, left), field = 0;
        while (field < whole && data[field] != ':') field++;
        size_t start = field < whole ? field + 1 : whole;
        if (start < whole && data[start] == ' ') start++;
        rc_text name = {data, field}, value = {data + start, whole - start};
        if ((rc_equal)(name, RC("data"))) {
            if (has_data) joined[size++] = '\n';
            has_data = true;
            memcpy(joined + size, value.data, value.size);
            size += value.size;
        } else if ((rc_equal)(name, RC("event"))) {
            event->event = rc_copy(value.data, value.size);
        } else if ((rc_equal)(name, RC("id"))) {
            event->id = rc_copy(value.data, value.size);
        }
        size_t end = end_size(data + whole, left - whole);
        whole = end > 0 ? whole + end : left; /* a CR that is the last, whose line is known to end */
        data += whole;
        left -= whole;
    }
    joined[size] = '\0';
    event->data = (rc_text){joined, size};
    return has_data;
}

rc_events (rc_event_reader_feed)(rc_event_reader *reader, rc_text piece) {
    append(reader, piece);
    const char *data = reader->rest.data;
    size_t total = reader->rest.size, begin = 0, count = 0, capacity = 0;
    rc_event *events = NULL;
    for (;;) {
        size_t size = line_size(data + reader->line, total - reader->line);
        size_t end = end_size(data + reader->line + size, total - reader->line - size);
        if (end == 0) break;
        if (size > 0) {
            reader->line += size + end;
            continue;
        }
        rc_event event = {0};
        if (parse(data + begin, reader->line - begin, &event)) {
            if (count == capacity) {
                size_t more = capacity == 0 ? 8 : 2 * capacity;
                events = rc_arena_grow(events, capacity * sizeof(rc_event), more * sizeof(rc_event));
                capacity = more;
            }
            events[count++] = event;
        }
        begin = reader->line += end;
    }
    memmove((char *)data, data + begin, total - begin + 1);
    reader->rest.size -= begin;
    reader->line -= begin;
    return (rc_events){events, count};
}

void rc_event_reader_free(rc_event_reader *reader) {
    free((char *)reader->rest.data);
    *reader = (rc_event_reader){0};
}
