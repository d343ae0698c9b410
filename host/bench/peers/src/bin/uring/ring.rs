//! The ring, and the one place with unsafe code.

#![expect(unsafe_code, reason = "the kernel reads memory by its address after the call that names it")]

use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd as _;
use std::ptr;

use io_uring::{IoUring, opcode, types};

/// Sends that one system call carries, at most: of 64 to 16,384 the cheapest at 1,000 and at 10,000 clients.
const BATCH: u32 = 512;
/// Do not wait for a reader: then the send fails.
const FLAGS: i32 = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;

/// Sends one frame to each of a fixed set of clients, as often as wanted.
pub(super) struct Ring {
    ring: IoUring,
    clients: u32,
    /// Never freed: a ring that is closed may read it for some time yet.
    frame: *mut u8,
    length: u32,
    /// Sends that were handed to the kernel and are not complete.
    in_flight: usize,
}

impl Ring {
    /// Registers the clients, who are known by their places from then on; frames of one length only.
    ///
    /// # Errors
    /// When the kernel has no io_uring, or does not allow it.
    pub(super) fn new(clients: &[TcpStream], length: usize) -> io::Result<Self> {
        // The flags that were measured: the first two are from Linux 6.0 and 6.6. IORING_SETUP_DEFER_TASKRUN and
        // IORING_SETUP_COOP_TASKRUN change nothing here, since a send on loopback is complete when it is submitted.
        let newest = IoUring::builder().setup_single_issuer().setup_no_sqarray().build(BATCH);
        let ring = newest.or_else(|_| IoUring::new(BATCH))?;
        let files: Vec<i32> = clients.iter().map(|client| client.as_raw_fd()).collect();
        ring.submitter().register_files(&files)?;
        let frame = Box::leak(vec![0; length].into_boxed_slice()).as_mut_ptr();
        let number = |count: usize| u32::try_from(count).map_err(io::Error::other);
        Ok(Self { ring, clients: number(files.len())?, frame, length: number(length)?, in_flight: 0 })
    }

    /// Sends a frame to everybody, and returns when all are sent.
    ///
    /// # Errors
    /// When somebody's socket did not take all of it. The ring is of no use after that.
    pub(super) fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        if frame.len() != self.length as usize || self.in_flight != 0 {
            return Err(io::Error::other("the frame has another length, or the last one was not sent"));
        }
        // SAFETY: `self.frame` points to `self.length` bytes that are never freed, and `frame` is as long (checked
        // above). They do not overlap, since no reference to the former leaves this struct. No other reads them
        // meanwhile: this thread is the only one, and the kernel has no send in flight (checked above).
        unsafe { ptr::copy_nonoverlapping(frame.as_ptr(), self.frame, frame.len()) };
        for first in (0..self.clients).step_by(BATCH as usize) {
            let places = first..self.clients.min(first + BATCH);
            self.in_flight = places.len();
            let mut submission = self.ring.submission();
            for place in places {
                let send = opcode::Send::new(types::Fixed(place), self.frame, self.length).flags(FLAGS).build();
                // SAFETY: what an entry names must be valid until it is complete. The memory is never freed, and
                // written above only while nothing is in flight. The files are registered, so the kernel keeps them.
                unsafe { submission.push(&send) }.map_err(io::Error::other)?;
            }
            drop(submission);
            self.ring.submit_and_wait(self.in_flight)?;
            for done in self.ring.completion() {
                self.in_flight -= 1;
                match u32::try_from(done.result()) {
                    Ok(sent) if sent == self.length => {}
                    Ok(_) => return Err(io::Error::other("a client's socket is full")),
                    Err(_) => return Err(io::Error::from_raw_os_error(-done.result())),
                }
            }
        }
        Ok(())
    }
}
