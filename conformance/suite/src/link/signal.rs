//! System calls that a signal cut short are made again: the end of a child under test is no word of a peer.

use std::io;

/// Makes a call until no signal cuts it short.
///
/// # Errors
/// Those of the call, but for an interruption.
pub(super) fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_is_no_outcome() {
        let mut outcomes = [Ok(7), Err(io::ErrorKind::Interrupted), Err(io::ErrorKind::Interrupted)].to_vec();
        let mut call = || outcomes.pop().map_or(Ok(0), |outcome| outcome.map_err(io::Error::from));
        assert_eq!(uninterrupted(&mut call).ok(), Some(7));
    }

    #[test]
    fn other_errors_are() {
        let refused = || -> io::Result<()> { Err(io::ErrorKind::ConnectionReset.into()) };
        assert_eq!(uninterrupted(refused).map_err(|error| error.kind()), Err(io::ErrorKind::ConnectionReset));
    }
}
