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
#define DEFINE_HEADERS_OUT(list_type, header_type, string_type)                                      \
    static inline list_type headers_out(const rc_answer *answer) {                                   \
        header_type *list = rc_allocate(answer->header_count * sizeof(header_type));                 \
        for (size_t index = 0; index < answer->header_count; index++) {                              \
            list[index] = (header_type){                                                             \
                TEXT_OUT(string_type, answer->headers[index].name),                                  \
                TEXT_OUT(string_type, answer->headers[index].value),                                 \
            };                                                                                       \
        }                                                                                            \
        return (list_type){list, answer->header_count};                                              \
    }

/** A refusal that goes to the host. `prefix` is that of the hook's generated names; it needs TEXT_OUT and headers_out. */
#define DEFINE_REJECTION_OUT(prefix)                                                                 \
    DEFINE_HEADERS_OUT(prefix##_types_list_header_t, prefix##_types_header_t, prefix##_string_t)     \
    static inline prefix##_types_rejection_t rejection_out(rc_answer given) {                        \
        rc_answer refusal = rc_refusal(given);                                                       \
        return (prefix##_types_rejection_t){                                                         \
            refusal.status, headers_out(&refusal), TEXT_OUT(prefix##_string_t, refusal.body)};       \
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

/** Whether a hook's answer is yes. `rc_accepted` is for messages, but its meaning is plain elsewhere, too. */
static inline bool is_yes(const rc_answer *answer) {
    return answer->kind == RC_ANSWER_OK || (answer->kind == RC_ANSWER_RESPONSE && answer->status == 202);
}

/** What a hook has answered whose refusals are for the operator: whether it is yes; otherwise the reason. */
#define ANSWER_OUT(string_type, answer, reason) \
    (is_yes(&(answer)) ? true : (*(reason) = TEXT_OUT(string_type, (answer).body), false))
