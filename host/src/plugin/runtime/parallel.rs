//! Maps a function over several plugins in parallel, on a bounded number of threads.

use std::sync::{Mutex, PoisonError};
use std::{iter, thread};

/// The most threads.
const MAX_THREADS: usize = 4;
/// The fewest, if there is work for them: also on one core a file can be read while a compiler in another process runs.
const MIN_THREADS: usize = 2;

/// How many threads to use on this machine. The compilers' own processes are bounded by `compiler.processes`.
pub(in crate::plugin) fn threads() -> usize {
    thread::available_parallelism().map_or(MIN_THREADS, |cores| cores.get().clamp(MIN_THREADS, MAX_THREADS))
}

/// Map each item, on this thread and on up to `threads - 1` others; the results are in the order of the items. After an
/// error no further item is begun.
///
/// # Errors
/// That of the first item in the order that has failed.
pub(in crate::plugin) fn try_map_parallel<T: Send, R: Send, E: Send>(
    threads: usize,
    given: Vec<T>,
    work: impl Fn(T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let others = threads.min(given.len()).saturating_sub(1);
    // Items are taken in order, so all before one that fails are done, too.
    let queue = WorkQueue(Mutex::new(given.into_iter().enumerate().collect::<Vec<_>>().into_iter()));
    let work_off = || {
        let next = || {
            let (place, one) = queue.next()?;
            let outcome = work(one);
            if outcome.is_err() {
                queue.close();
            }
            Some((place, outcome))
        };
        iter::from_fn(next).collect::<Vec<_>>()
    };
    let mut outcomes = thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(work_off)).collect();
        let own = work_off();
        let others = others.into_iter().flat_map(|other| other.join().expect("the work does not panic"));
        own.into_iter().chain(others).collect::<Vec<_>>()
    });
    outcomes.sort_unstable_by_key(|(place, _)| *place);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// The items that are not begun.
struct WorkQueue<T>(Mutex<std::vec::IntoIter<T>>);

impl<T> WorkQueue<T> {
    fn next(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next()
    }

    fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new().into_iter();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::time::Duration;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn two_are_at_work_at_once() {
        let ((to_first, from_second), (to_second, from_first)) = (sync_channel(1), sync_channel(1));
        let meet = |(sender, receiver): (SyncSender<()>, Receiver<()>)| {
            sender.send(()).map_err(|_| "the other one has gone")?;
            receiver.recv_timeout(PATIENCE).map_err(|_| "the other one was not begun meanwhile")
        };
        let pair = vec![(to_first, from_first), (to_second, from_second)];
        assert_eq!(try_map_parallel(2, pair, meet), Ok(vec![(), ()]));
    }

    #[test]
    fn no_more_than_so_many_are_at_work_and_all_come_in_order() {
        let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |number: usize| {
            most.fetch_max(working.fetch_add(1, SeqCst) + 1, SeqCst);
            thread::yield_now();
            working.fetch_sub(1, SeqCst);
            Ok::<_, Infallible>(number)
        };
        let Ok(done) = try_map_parallel(3, (0..200).collect(), work);
        assert_eq!(done, (0..200).collect::<Vec<_>>());
        assert!(most.into_inner() <= 3);
    }

    #[test]
    fn one_is_done_on_the_thread_of_who_asks() {
        let done = try_map_parallel(4, vec![()], |()| Ok::<_, Infallible>(thread::current().id()));
        assert_eq!(done, Ok(vec![thread::current().id()]));
        let one_thread = try_map_parallel(1, vec![(); 5], |()| Ok::<_, Infallible>(thread::current().id()));
        let Ok(ids) = one_thread;
        assert_eq!(ids.into_iter().collect::<HashSet<_>>().len(), 1);
        assert_eq!(try_map_parallel(4, Vec::new(), |()| Err::<(), _>("nobody asks")), Ok(Vec::new()));
    }

    #[test]
    fn the_error_is_that_of_the_earliest_also_when_a_later_one_fails_first() {
        let (told, later) = sync_channel(16);
        let (told, later) = (Mutex::new(told), Mutex::new(later));
        let work = |number: usize| -> Result<(), usize> {
            match number {
                0 => later.lock().expect("one waits").recv_timeout(PATIENCE).expect("the later one has failed"),
                _ => told.lock().expect("one tells").send(()).expect("somebody waits"),
            }
            Err(number)
        };
        assert_eq!(try_map_parallel(2, vec![0, 1], work), Err(0));
    }

    #[test]
    fn after_a_failure_nothing_new_is_begun() {
        let begun = AtomicUsize::new(0);
        let work = |_| {
            begun.fetch_add(1, SeqCst);
            Err::<(), _>("no")
        };
        assert_eq!(try_map_parallel(1, vec![(); 10], work), Err("no"));
        assert_eq!(begun.into_inner(), 1);
    }
}
