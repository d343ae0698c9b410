/**
 * What goes before the bindings of a hook. Each file beside this takes in the generated code of one hook (its export,
 * its types) and leads from there to the plugin's function. The linker takes such a file in if the plugin names the hook,
 * and with it the description of the component's type; so a component exports what is named, and no more.
 */
#include "../internal.h"

/* Results lie in the arena, which goes as a whole. The generated code would give them back one by one. */
static inline void rc_keep_in_arena(void *memory) { (void)memory; }
#define free rc_keep_in_arena

/** A text that goes to the host. */
#define TEXT_OUT(type, text) text_out_##type(text)
#define DEFINE_TEXT_OUT(type)                     \
    static inline type text_out_##type(rc_text text) { \
        text = rc_utf8(text);                     \
        return RC_LOWER(type, text);              \
    }

/** Headers that go to the host; both types are two texts. */
#define HEADERS_OUT(list_type, header_type, string_type, answer)                                     \
    headers_out_##header_type(answer)
#define DEFINE_HEADERS_OUT(list_type, header_type, string_type)                                      \
    static inline list_type headers_out_##header_type(const rc_answer *answer) {                     \
        header_type *list = rc_allocate(answer->header_count * sizeof(header_type));                 \
        for (size_t index = 0; index < answer->header_count; index++) {                              \
            list[index] = (header_type){                                                             \
                TEXT_OUT(string_type, answer->headers[index].name),                                  \
                TEXT_OUT(string_type, answer->headers[index].value),                                 \
            };                                                                                       \
        }                                                                                            \
        return (list_type){list, answer->header_count};                                              \
    }

/** Headers that come from the host. */
#define DEFINE_HEADERS_IN(list_type)                                                                 \
    static inline const rc_header *headers_in(const list_type *given) {                              \
        rc_header *headers = rc_allocate(given->len * sizeof(rc_header));                            \
        for (size_t index = 0; index < given->len; index++) {                                        \
            headers[index] = (rc_header){RC_LIFT(given->ptr[index].f0), RC_LIFT(given->ptr[index].f1)}; \
        }                                                                                            \
        return headers;                                                                              \
    }

/** A request that comes from the host. */
#define DEFINE_REQUEST_IN(type, list_type)                                                           \
    DEFINE_HEADERS_IN(list_type)                                                                     \
    static inline rc_request request_in(const type *given) {                                         \
        return (rc_request){                                                                         \
            .method = RC_LIFT(given->method),                                                        \
            .path = RC_LIFT(given->path),                                                            \
            .query = RC_LIFT_OPTION(given->query),                                                   \
            .headers = headers_in(&given->headers),                                                  \
            .header_count = given->headers.len,                                                      \
            .peer = RC_LIFT(given->peer),                                                            \
            .last_event_id = RC_LIFT_OPTION(given->last_event_id),                                   \
        };                                                                                           \
    }

/** What a hook without other answers than yes and no has answered: whether it is yes; otherwise the reason. */
#define ANSWER_OUT(string_type, answer, reason)                                                      \
    ((answer).status == 0 || (answer).status == 202 ? true                                           \
                                                    : (*(reason) = TEXT_OUT(string_type, (answer).body.bytes), false))
