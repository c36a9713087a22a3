//! RFC 6618 section 4.3, reading PK-31: an MN that is told to renew its SA contacts the HAC, and does not just register on.
//!
//! Judged where the capture shows what MN and HAC say: the SA was learnt there.

use core::time::Duration;
use std::collections::BTreeMap;

use wire::mobility::{BindingStatus, Lifetime};

use crate::association::{Association, Associations, Origin};
use crate::finding::Fault;
use crate::line::Since;
use crate::mobility::Message;
use crate::sequence::Sender;

/// What the MN sends before it can have the answer is no breach: so long it waits before it asks again
/// (RFC 6275 section 12, INITIAL_BINDACK_TIMEOUT).
const GRACE: Duration = Duration::from_secs(1);

/// SAs whose HA asked for others, by SPI. There are no more of them than SAs.
#[derive(Default)]
pub(crate) struct Reinits(BTreeMap<u32, Asked>);

struct Asked {
    frame: u64,
    at: Since,
    /// The update that was answered.
    sequence: u16,
}

/// A Mobility Header under an SA.
pub(crate) struct Sent<'a> {
    pub(crate) frame: u64,
    pub(crate) at: Option<Since>,
    pub(crate) sender: Sender,
    pub(crate) spi: u32,
    pub(crate) association: &'a Association,
    pub(crate) message: &'a Message,
}

impl Reinits {
    /// What is wrong with it.
    pub(crate) fn take(&mut self, sent: &Sent<'_>) -> Option<Fault> {
        let at = sent.at?;
        match (sent.sender, sent.message) {
            (Sender::Ha, Message::Ack(ack)) if ack.status == BindingStatus::REINIT_SA_WITH_HAC => {
                let asked = Asked { frame: sent.frame, at, sequence: ack.sequence };
                self.0.entry(sent.spi).or_insert(asked);
                None
            }
            (Sender::Mn, Message::Update(update))
                if update.lifetime != Lifetime::ZERO && sent.association.origin == Origin::Learnt =>
            {
                let asked = self.0.get(&sent.spi)?;
                let is_late = at.later_than(asked.at).is_some_and(|later| later >= GRACE);
                let is_new = update.sequence != asked.sequence;
                (is_late && is_new).then_some(Fault::RegistersOn { asked: asked.frame })
            }
            _ => None,
        }
    }

    /// An MN contacts the HAC, as it was told.
    pub(crate) fn contacted(&mut self, mn_id: &str, associations: &Associations) {
        let is_of = |spi| associations.find(spi).is_some_and(|known| known.mn_id.as_deref() == Some(mn_id));
        self.0.retain(|spi, _| !is_of(*spi));
    }

    /// Another SA has this SPI now.
    pub(crate) fn forget(&mut self, spi: u32) {
        self.0.remove(&spi);
    }
}

#[cfg(test)]
mod tests {
    use crypto::keys::{DirectionKeys, SaKeys};
    use wire::mobility::{BindingAck, BindingUpdate, Flags};
    use wire::value::{Ciphersuite, Spi};

    use super::*;

    const SPI: u32 = 7;

    fn association(origin: Origin) -> Association {
        let keys = || DirectionKeys::new(Ciphersuite::NullSha, &[1; 20], None).expect("legal keys");
        let keys = SaKeys { mn_to_ha: keys(), ha_to_mn: keys() };
        Association { origin, mn_id: Some("mn".into()), ..Association::from_keys(keys) }
    }

    fn asked(origin: Origin) -> (Reinits, Association) {
        let (mut reinits, association) = (Reinits::default(), association(origin));
        let status = BindingStatus::REINIT_SA_WITH_HAC;
        let lifetime = Lifetime(0);
        let ack = BindingAck { status, key_management: false, sequence: 5, lifetime, refresh_advice: None };
        let message = &Message::Ack(ack);
        let at = Some(Since::After(Duration::from_secs(10)));
        let (sender, association_of) = (Sender::Ha, &association);
        let sent = Sent { frame: 3, at, sender, spi: SPI, association: association_of, message };
        assert_eq!(reinits.take(&sent), None);
        (reinits, association)
    }

    fn update(
        state: &mut (Reinits, Association),
        millis: u64,
        sequence: u16,
        lifetime: u16,
    ) -> Option<Fault> {
        let (reinits, association) = state;
        let (flags, lifetime) = (Flags::REGISTRATION, Lifetime(lifetime));
        let message = &Message::Update(BindingUpdate { sequence, flags, lifetime, alternate_coa: None });
        let at = Some(Since::After(Duration::from_millis(millis)));
        reinits.take(&Sent { frame: 4, at, sender: Sender::Mn, spi: SPI, association, message })
    }

    #[test]
    fn who_registers_on_is_told_by_which_frame_it_was_asked() {
        let mut state = asked(Origin::Learnt);
        assert_eq!(update(&mut state, 10_500, 6, 150), None, "it may not have the answer yet");
        assert_eq!(update(&mut state, 12_000, 5, 150), None, "a late copy of what was answered");
        assert_eq!(update(&mut state, 12_000, 6, 0), None, "it takes its leave");
        assert_eq!(update(&mut state, 12_000, 6, 150), Some(Fault::RegistersOn { asked: 3 }));
    }

    #[test]
    fn who_contacts_the_hac_does_as_it_was_told() {
        let mut state = asked(Origin::Learnt);
        let mut known = Associations::default();
        known.learn(Spi::new(SPI).expect("legal"), state.1.clone());
        state.0.contacted("another", &known);
        assert!(update(&mut state, 12_000, 6, 150).is_some());
        state.0.contacted("mn", &known);
        assert_eq!(update(&mut state, 12_000, 6, 150), None);
    }

    #[test]
    fn where_the_hac_is_out_of_sight_nothing_is_said() {
        assert_eq!(update(&mut asked(Origin::Given), 12_000, 6, 150), None);
    }
}
