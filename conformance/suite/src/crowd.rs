//! Many sessions with one HAC at the same time: what one after the other would take too long, above all on a slow link.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::bench::Bench;
use crate::finding::Finding;
use crate::identity::Identity;
use crate::player::MnPlayer;

/// How many are on their way at the same time.
const AT_ONCE: usize = 16;

/// Lets `count` MNs visit, each on a session of its own, as one of `identities` in turn. Gives what each visit came to,
/// beside the place of its identity; in no particular order.
///
/// # Errors
/// The finding of the first visit that failed; no further one begins.
pub fn visit<T: Send>(
    bench: &mut Bench<'_>,
    identities: &[&Identity],
    count: usize,
    visit: impl Fn(MnPlayer) -> Result<T, Finding> + Sync,
) -> Result<Vec<(usize, T)>, Finding> {
    let nonces: Vec<[u8; 32]> = (0..count).map(|_| bench.random()).collect();
    let setup = bench.setup();
    let next = AtomicUsize::new(0);
    let came = Mutex::new(Ok(Vec::with_capacity(count)));
    let one = |identity: &Identity, nonce| {
        let session = setup.dial()?;
        visit(MnPlayer::new(session, identity.clone(), setup.profile, nonce, setup.wait))
    };
    let work = || loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let (Some(nonce), Some(whose)) = (nonces.get(at), at.checked_rem(identities.len())) else { return };
        let outcome = one(identities[whose], *nonce);
        let mut came = came.lock().unwrap_or_else(PoisonError::into_inner);
        match (outcome, came.as_mut()) {
            (Ok(visit), Ok(all)) => all.push((whose, visit)),
            (Err(finding), Ok(_)) => *came = Err(finding),
            (_, Err(_)) => return,
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(count) {
            scope.spawn(work);
        }
    });
    came.into_inner().unwrap_or_else(PoisonError::into_inner)
}
