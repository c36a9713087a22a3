//! RFC 6275 sections 9.5.1 and 10.3: what an HA owes for a Binding Update, by what it has accepted before.

use wire::mobility::Lifetime;

use super::{BindingUpdate, Carried, Packet};

/// The Sequence #s of an MN's Binding Updates, whatever SA they came under.
#[derive(Debug, Clone, Default)]
pub(super) struct Bindings {
    /// Those of the trace are counted from it: the HA has seen this one.
    pub(super) base: u16,
    /// Whether there is no telling if there is a binding.
    pub(super) is_unclear: bool,
    /// That of the binding; nothing while there is none.
    bound: Option<u16>,
    /// The last one that was accepted: an HA may remember it beyond the binding.
    taken: Option<u16>,
    /// The newest that was sent, good or not.
    newest: Option<u16>,
}

/// What must be the answer to a Binding Update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// It is accepted.
    Acceptance,
    /// Status 135: its number is old.
    OldNumber,
    /// One of these two: there is no binding, but an HA may remember one.
    AcceptanceOrOldNumber,
    /// A refusal: there is no binding to be given up.
    NoBinding,
}

/// Whether an MN has a binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    There,
    Missing,
    Unclear,
}

impl Bindings {
    /// What an honest update is owed.
    pub(super) fn expected(&self, update: &BindingUpdate) -> Expected {
        let is_old = |last: Option<u16>| last.is_some_and(|last| !is_newer(update.sequence, last));
        match (self.bound, update.lifetime) {
            (None, 0) if !self.is_unclear => Expected::NoBinding,
            (None, _) if self.is_unclear || is_old(self.taken) => Expected::AcceptanceOrOldNumber,
            (Some(_), _) if is_old(self.bound) => Expected::OldNumber,
            _ => Expected::Acceptance,
        }
    }

    pub(super) const fn state(&self) -> Binding {
        match (self.is_unclear, self.bound) {
            (true, _) => Binding::Unclear,
            (false, Some(_)) => Binding::There,
            (false, None) => Binding::Missing,
        }
    }

    /// The newest Sequence # that was sent.
    pub(super) fn newest(&self) -> u16 {
        self.newest.unwrap_or(self.base)
    }

    /// A packet is sent, good or not.
    pub(super) fn note(&mut self, packet: &Packet) {
        if let Carried::BindingUpdate(update) = &packet.carries
            && self.newest.is_none_or(|newest| is_newer(update.sequence, newest))
        {
            self.newest = Some(update.sequence);
        }
    }

    /// The HA has accepted an update with this number and lifetime.
    pub(super) fn accepted(&mut self, sequence: u16, lifetime: Lifetime) {
        self.bound = (lifetime != Lifetime::ZERO).then_some(sequence);
        self.taken = Some(sequence);
        self.is_unclear = false;
    }

    /// So many good updates were sent that the trace does not have.
    pub(super) fn skip(&mut self, updates: u16) {
        let sequence = self.newest().wrapping_add(updates);
        self.newest = Some(sequence);
        self.bound = self.newest;
        self.taken = self.newest;
        self.is_unclear = false;
        self.base = self.base.wrapping_add(updates);
    }
}

/// Modulo 2^16 (RFC 6275 section 9.5.1).
fn is_newer(sequence: u16, than: u16) -> bool {
    (1..0x8000).contains(&sequence.wrapping_sub(than))
}

#[cfg(test)]
mod tests {
    use super::super::{Fit, registration};
    use super::*;

    fn update(sequence: u16, lifetime: u16) -> BindingUpdate {
        BindingUpdate { sequence, lifetime, flags: registration(), home: None, checksum: Fit::Right }
    }

    #[test]
    fn what_is_owed_depends_on_what_was_accepted_and_not_on_what_was_sent() {
        let mut bindings = Bindings::default();
        assert_eq!(bindings.expected(&update(1, 0)), Expected::NoBinding);
        assert_eq!(bindings.expected(&update(9, 150)), Expected::Acceptance);
        bindings.accepted(5, Lifetime(150));
        assert_eq!(bindings.expected(&update(5, 150)), Expected::OldNumber);
        assert_eq!(bindings.expected(&update(6, 0)), Expected::Acceptance);
        bindings.accepted(6, Lifetime::ZERO);
        assert_eq!(bindings.state(), Binding::Missing);
        assert_eq!(bindings.expected(&update(5, 150)), Expected::AcceptanceOrOldNumber);
        assert_eq!(bindings.expected(&update(7, 150)), Expected::Acceptance);
        assert_eq!(bindings.expected(&update(7, 0)), Expected::NoBinding);
    }

    #[test]
    fn updates_between_two_flows_move_all_that_follow() {
        let mut bindings = Bindings { base: 100, ..Bindings::default() };
        bindings.accepted(101, Lifetime(150));
        bindings.skip(2);
        assert_eq!((bindings.base, bindings.newest(), bindings.state()), (102, 102, Binding::There));
    }
}
