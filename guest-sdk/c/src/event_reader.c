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

/** How many bytes end the line here. */
static size_t end_size(const char *data, size_t left) {
    return left == 0 ? 0 : left > 1 && data[0] == '\r' && data[1] == '\n' ? 2 : 1;
}

/** Take off the byte order mark that may begin the stream. False until it is known whether there is one. */
static bool begin(rc_event_reader *reader) {
    static const char mark[] = "\xEF\xBB\xBF";
    size_t size = reader->rest.size < 3 ? reader->rest.size : 3;
    bool is_mark = memcmp(reader->rest.data, mark, size) == 0;
    if (is_mark && size < 3) return false;
    reader->begun = true;
    if (is_mark) {
        reader->rest.size -= 3;
        memmove((char *)reader->rest.data, reader->rest.data + 3, reader->rest.size + 1);
    }
    return true;
}

/** The lines of an event, each with its end. False when they have no data. */
static bool parse(const char *data, size_t left, rc_event *event) {
    char *joined = rc_arena_allocate(left + 1, 1);
    size_t size = 0;
    bool has_data = false;
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
        } else if ((rc_equal)(name, RC("id")) && memchr(value.data, 0, value.size) == NULL) {
            event->id = rc_copy(value.data, value.size);
        }
        whole += end_size(data + whole, left - whole);
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
    if (!reader->begun && !begin(reader)) return (rc_events){NULL, 0};
    size_t total = reader->rest.size, first = 0, count = 0, capacity = 0;
    rc_event *events = NULL;
    for (;;) {
        if (reader->after_cr && reader->seen < total) {
            reader->after_cr = false;
            if (data[reader->seen] == '\n') reader->line = ++reader->seen;
        }
        size_t end = reader->seen + line_size(data + reader->seen, total - reader->seen);
        reader->seen = end < total ? end + 1 : total;
        if (end == total) break;
        reader->after_cr = data[end] == '\r';
        bool is_empty = end == reader->line;
        size_t lines = reader->line - first;
        reader->line = reader->seen;
        if (!is_empty) continue;
        rc_event event = {0};
        if (parse(data + first, lines, &event)) {
            if (count == capacity) {
                size_t more = capacity == 0 ? 8 : 2 * capacity;
                events = rc_arena_grow(events, capacity * sizeof(rc_event), more * sizeof(rc_event));
                capacity = more;
            }
            events[count++] = event;
        }
        first = reader->seen;
    }
    memmove((char *)data, data + first, total - first + 1);
    reader->rest.size -= first;
    reader->line -= first;
    reader->seen -= first;
    return (rc_events){events, count};
}

void rc_event_reader_free(rc_event_reader *reader) {
    free((char *)reader->rest.data);
    *reader = (rc_event_reader){0};
}
