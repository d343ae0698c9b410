//! The allocator of the binary.
//!
//! Opening a stream takes buffers of some kilobytes for a moment, and leaves some hundred bytes for as long as the stream is
//! open. An allocator that mixes both holds on to whole pages for the sake of the few bytes, and a crowd that has gone
//! leaves its peak behind. This one keeps sizes apart, and returns pages that are not used any more: in the background, since
//! a server whose crowd has gone is idle.

use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;
