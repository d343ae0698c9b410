//! Waiting for what cannot be waited for otherwise: a file of another process, or what it has open.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

const PAUSE: Duration = Duration::from_millis(10);

/// Looks again and again until there is something, for so long at most; nothing if there was nothing in time.
///
/// # Errors
/// Those of `look`, at once.
pub(crate) fn until<T>(most: Duration, mut look: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
    let start = Instant::now();
    loop {
        let found = look()?;
        if found.is_some() || start.elapsed() > most {
            return Ok(found);
        }
        #[expect(clippy::disallowed_methods, reason = "this thread has nothing else to do, and /proc tells no events")]
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_the_first_find_or_the_time() {
        let mut looks = 0;
        let found = until(Duration::MAX, || {
            looks += 1;
            Ok((looks == 3).then_some("there"))
        });
        assert_eq!(found.expect("no error"), Some("there"));
        assert_eq!(until::<()>(Duration::ZERO, || Ok(None)).expect("no error"), None);
    }
}
