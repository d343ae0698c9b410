/**
 * The arena of one hook call. It holds everything from the arguments, which the host allocates through `cabi_realloc`, to the
 * results. So it cannot be freed when the hook returns: it is freed at the next allocation after that.
 */
#include "internal.h"

/** Memory kept between calls. Nearly every call fits. */
enum { KEPT = 16 * 1024 };
/** Allocations of this size or more get their own chunk, and so can grow in place. */
enum { LARGE = 4 * 1024 };
enum { CHUNK = 32 * 1024 };
enum { ALIGN = 8 };

typedef struct chunk {
    struct chunk *next;
    size_t used;
    size_t size;
    _Alignas(ALIGN) char memory[];
} chunk;

static struct {
    _Alignas(ALIGN) char kept[KEPT];
    size_t kept_used;
    chunk *chunks; /* the current one for small allocations, then the full ones */
    chunk *large;  /* newest first */
    bool ended;
} arena;

static void give_back(chunk *list) {
    while (list != NULL) {
        chunk *next = list->next;
        free(list);
        list = next;
    }
}

static void start_again_if_ended(void) {
    if (!arena.ended) return;
    arena.ended = false;
    arena.kept_used = 0;
    give_back(arena.chunks);
    give_back(arena.large);
    arena.chunks = NULL;
    arena.large = NULL;
}

static chunk *new_chunk(chunk *old, size_t size) {
    chunk *made = size <= PTRDIFF_MAX - sizeof(chunk) ? realloc(old, sizeof(chunk) + size) : NULL;
    if (made == NULL) rc_panic("out of memory: %zu bytes were asked for", size);
    made->size = size;
    return made;
}

static size_t rounded_up(size_t size) { return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1); }

void *rc_arena_allocate(size_t size, size_t align) {
    (void)align; /* at most 8, in the contract as in C */
    start_again_if_ended();
    size_t rounded = rounded_up(size);
    if (size >= LARGE) {
        chunk *made = new_chunk(NULL, size);
        made->next = arena.large;
        arena.large = made;
        return made->memory;
    }
    if (rounded <= KEPT - arena.kept_used) {
        void *memory = arena.kept + arena.kept_used;
        arena.kept_used += rounded;
        return memory;
    }
    if (arena.chunks == NULL || rounded > arena.chunks->size - arena.chunks->used) {
        chunk *made = new_chunk(NULL, CHUNK);
        made->next = arena.chunks;
        made->used = 0;
        arena.chunks = made;
    }
    void *memory = arena.chunks->memory + arena.chunks->used;
    arena.chunks->used += rounded;
    return memory;
}

void *rc_arena_grow(void *memory, size_t old_size, size_t new_size) {
    if (arena.large != NULL && memory == arena.large->memory) {
        arena.large = new_chunk(arena.large, new_size);
        return arena.large->memory;
    }
    /* The newest allocation of a chunk grows in place, if there is space. */
    char *piece = memory, *end = arena.kept + arena.kept_used;
    if (piece >= arena.kept && piece < end && rounded_up(old_size) == (size_t)(end - piece) &&
        rounded_up(new_size) <= (size_t)(arena.kept + KEPT - piece)) {
        arena.kept_used = (size_t)(piece - arena.kept) + rounded_up(new_size);
        return memory;
    }
    void *grown = rc_arena_allocate(new_size, ALIGN);
    if (old_size > 0) memcpy(grown, memory, old_size);
    return grown;
}

void rc_hook_end(void) { arena.ended = true; }

void *rc_allocate(size_t size) { return memset(rc_arena_allocate(size, ALIGN), 0, size); }

/* The host allocates arguments and results here. One extra byte terminates each text with NUL. */
__attribute__((export_name("cabi_realloc"))) void *
cabi_realloc(void *memory, size_t old_size, size_t align, size_t new_size);

void *cabi_realloc(void *memory, size_t old_size, size_t align, size_t new_size) {
    if (new_size == 0) return (void *)align;
    char *moved = rc_arena_allocate(new_size + 1, align);
    if (old_size > 0) memcpy(moved, memory, old_size < new_size ? old_size : new_size);
    moved[new_size] = '\0';
    return moved;
}
