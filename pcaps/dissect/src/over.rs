//! What is over: an SA at its end (RFC 6618 section 9.3, reading SA-10), an SA that gave way to a newer one (section
//! 4.3, reading SA-11), a binding that was given up (RFC 6275 section 10.3.2).
//!
//! The clock of a capture is not that of MN and HA, and packets are on their way for a while, or are held back by
//! somebody: what hangs on time alone is a warning. A home agent that has acknowledged a de-registration counts on, and
//! its own numbers tell what it sent behind that.

use core::fmt;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;
use std::sync::Arc;

use wire::mobility::Lifetime;
use wire::value::Date;

use crate::association::{Association, Associations};
use crate::finding::Fault;
use crate::inner::Inner;
use crate::line::Since;
use crate::mobility::Message;
use crate::requirement as id;
use crate::sequence::{FlowId, Sender};

/// So long clocks may differ, and so long an old SA may be used beside a new one.
const GRACE: Duration = Duration::from_secs(30);

/// What a home agent had under way when it acknowledged.
const UNDER_WAY: Duration = Duration::from_secs(1);

/// What is known of ends. There is no more of it than SAs.
#[derive(Default)]
pub(crate) struct Over {
    /// The SAs of each MN with each HA.
    by_ends: BTreeMap<Ends, Vec<Known>>,
    /// SAs whose ends have others, too.
    several: BTreeMap<u32, (Ends, Date)>,
    /// The newest SA that an end has used.
    newest: BTreeMap<(Ends, Sender), Newest>,
    farewells: BTreeMap<u32, Farewell>,
    /// What was told. Once is enough, since who does it once does it in every packet.
    told: BTreeSet<(FlowId, What)>,
}

/// An MN, and its HA where that is known: whoever has SAs with two HAs uses both.
type Ends = (Arc<str>, Option<Ipv6Addr>);

struct Known {
    spi: u32,
    end: Date,
}

#[derive(Clone, Copy)]
struct Newest {
    spi: u32,
    end: Date,
    frame: u64,
    at: Since,
}

/// A de-registration that was acknowledged, and nothing else since.
struct Farewell {
    mn_id: Option<Arc<str>>,
    frame: u64,
    at: Since,
    /// The number that the home agent uses next, if the capture has lost none.
    next: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    End,
    Renewal,
    Farewell,
}

/// How something is used that is over. Told of the first packet of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// An SA that has ended, by the clock of the capture.
    Sa {
        /// When it ended.
        end: Date,
        /// Seconds since.
        late: u64,
    },
    /// An SA whose sender has changed to a newer one.
    Renewed {
        /// SPI of the newer one.
        newer: u32,
        /// The frame with which its sender began to use that.
        since: u64,
    },
    /// The tunnel of a binding that was given up, for user data.
    Farewell {
        /// The frame that acknowledged the de-registration.
        acknowledged: u64,
    },
}

/// A packet that keys opened and that is no copy.
pub(crate) struct Used<'a> {
    pub(crate) flow: &'a FlowId,
    pub(crate) sequence: u32,
    pub(crate) frame: u64,
    pub(crate) at: Option<Since>,
    /// Since the Unix epoch.
    pub(crate) time: Option<Duration>,
    pub(crate) association: &'a Association,
    pub(crate) inner: &'a Inner,
}

impl Over {
    pub(crate) fn new(associations: &Associations) -> Self {
        let mut over = Self::default();
        associations.iter().for_each(|(spi, association)| over.learn(spi, association));
        over
    }

    /// An SA is known now, or known better.
    pub(crate) fn learn(&mut self, spi: u32, association: &Association) {
        self.farewells.remove(&spi);
        self.told.retain(|(flow, _)| flow.spi != spi);
        let (Some(mn_id), Some(end)) = (&association.mn_id, association.validity_end) else { return };
        let ends = (Arc::clone(mn_id), association.ha);
        let all = self.by_ends.entry(ends.clone()).or_default();
        all.retain(|known| known.spi != spi);
        all.push(Known { spi, end });
        if all.len() > 1 {
            self.several.extend(all.iter().map(|known| (known.spi, (ends.clone(), known.end))));
        }
    }

    /// What is wrong with its coming now.
    pub(crate) fn take(&mut self, used: &Used<'_>, faults: &mut Vec<Fault>) {
        if let Some(fault) = after_end(used) {
            self.tell(used.flow, What::End, fault, faults);
        }
        if !self.several.is_empty()
            && let Some(fault) = self.after_renewal(used)
        {
            self.tell(used.flow, What::Renewal, fault, faults);
        }
        if used.flow.sender != Sender::Mn
            && let Some(fault) = self.after_farewell(used)
        {
            self.tell(used.flow, What::Farewell, fault, faults);
        }
    }

    fn tell(&mut self, flow: &FlowId, what: What, overdue: Overdue, faults: &mut Vec<Fault>) {
        if self.told.insert((*flow, what)) {
            faults.push(Fault::Over(overdue));
        }
    }

    fn after_renewal(&mut self, used: &Used<'_>) -> Option<Overdue> {
        let at = used.at?;
        let FlowId { spi, sender } = *used.flow;
        let (ends, end) = self.several.get(&spi)?;
        let this = Newest { spi, end: *end, frame: used.frame, at };
        let newest = *self.newest.entry((ends.clone(), sender)).or_insert(this);
        if newest.end < this.end {
            self.newest.insert((ends.clone(), sender), this);
            return None;
        }
        let is_late = at.later_than(newest.at).is_some_and(|later| later >= GRACE);
        let is_older = this.end < newest.end;
        (is_older && is_late).then_some(Overdue::Renewed { newer: newest.spi, since: newest.frame })
    }

    /// Under what numbers the home agent tunnels on.
    fn after_farewell(&mut self, used: &Used<'_>) -> Option<Overdue> {
        let FlowId { spi, .. } = *used.flow;
        if let Inner::Mobility(mobility) = used.inner
            && let Message::Ack(ack) = &mobility.message
        {
            match used.at.filter(|_| ack.status.accepted() && ack.lifetime == Lifetime::ZERO) {
                Some(at) => {
                    let next = used.sequence.wrapping_add(1);
                    let mn_id = used.association.mn_id.clone();
                    self.farewells.insert(spi, Farewell { mn_id, frame: used.frame, at, next });
                }
                // It may be the same MN that is back, under another SA.
                None => self.farewells.retain(|_, farewell| farewell.mn_id != used.association.mn_id),
            }
            return None;
        }
        let farewell = self.farewells.get_mut(&spi)?;
        if used.sequence != farewell.next {
            // Among what was lost may be another acknowledgement.
            self.farewells.remove(&spi);
            return None;
        }
        farewell.next = used.sequence.wrapping_add(1);
        let is_late = used.at?.later_than(farewell.at).is_some_and(|later| later >= UNDER_WAY);
        let acknowledged = farewell.frame;
        (is_late && is_tunnelled(used)).then_some(Overdue::Farewell { acknowledged })
    }
}

fn after_end(used: &Used<'_>) -> Option<Overdue> {
    let (end, now) = used.association.validity_end.zip(used.time)?;
    let late = now.checked_sub(Duration::from_secs(end.unix_seconds()))?;
    (late >= GRACE).then_some(Overdue::Sa { end, late: late.as_secs() })
}

/// Whether it carries what somebody else sent to the MN.
fn is_tunnelled(used: &Used<'_>) -> bool {
    match used.inner {
        Inner::Ip { from, .. } => used.association.ha.is_none_or(|ha| *from != ha),
        Inner::Mobility(_) | Inner::Dummy | Inner::Unknown(_) => false,
    }
}

impl Overdue {
    pub(crate) const fn requirement(self) -> &'static str {
        match self {
            Self::Sa { .. } => id::LIFETIME_FROM_VALIDITY_END,
            Self::Renewed { .. } => id::ONE_SPI,
            Self::Farewell { .. } => id::BINDING_DELETED,
        }
    }
}

impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sa { end, late } => {
                write!(f, "by the clock of the capture the SA ended {late} s before, at {end}")
            }
            Self::Renewed { newer, since } => {
                write!(f, "still under the old SA, though its sender uses SA {newer} since frame {since}")
            }
            Self::Farewell { acknowledged } => {
                write!(
                    f,
                    "user data for an MN whose de-registration was acknowledged in frame {acknowledged}"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crypto::keys::{DirectionKeys, SaKeys};
    use wire::mobility::{BindingAck, BindingStatus};
    use wire::value::Ciphersuite;

    use super::*;
    use crate::mobility::{Checksum, Mobility};

    const OLD: u32 = 7;
    const NEW: u32 = 8;
    const BEGIN: u64 = 1_700_000_000;

    fn association(spi: u32) -> Association {
        let keys = || DirectionKeys::new(Ciphersuite::NullSha, &[1; 20], None).expect("legal keys");
        let keys = SaKeys { mn_to_ha: keys(), ha_to_mn: keys() };
        let end = BEGIN + if spi == OLD { 1000 } else { 3000 };
        let validity_end = Some(Date::from_unix_seconds(end));
        Association { validity_end, mn_id: Some("mn".into()), ..Association::from_keys(keys) }
    }

    /// Packets to be told of.
    #[derive(Default)]
    struct Stage {
        over: Over,
        frame: u64,
    }

    impl Stage {
        fn packet(
            &mut self,
            (spi, sender): (u32, Sender),
            at: u64,
            sequence: u32,
            inner: &Inner,
        ) -> Vec<Overdue> {
            self.frame += 1;
            let association = &association(spi);
            let mut faults = Vec::new();
            let used = Used {
                flow: &FlowId { spi, sender },
                sequence,
                frame: self.frame,
                at: Some(Since::After(Duration::from_secs(at))),
                time: Some(Duration::from_secs(BEGIN + at)),
                association,
                inner,
            };
            self.over.take(&used, &mut faults);
            let overdue = |fault| if let Fault::Over(overdue) = fault { Some(overdue) } else { None };
            faults.into_iter().filter_map(overdue).collect()
        }

        fn data(&mut self, spi: u32, sender: Sender, at: u64) -> Vec<Overdue> {
            let sequence = u32::try_from(self.frame).expect("few");
            self.packet((spi, sender), at, sequence, &data())
        }

        fn by_ha(&mut self, at: u64, sequence: u32, inner: &Inner) -> Vec<Overdue> {
            self.packet((OLD, Sender::Ha), at, sequence, inner)
        }
    }

    fn data() -> Inner {
        let from = "2001:db8:c0::1".parse().expect("an address");
        Inner::Ip { from, to: from, protocol: 17, octets: 60, about: None }
    }

    fn ack(lifetime: u16) -> Inner {
        let (status, lifetime) = (BindingStatus::ACCEPTED, Lifetime(lifetime));
        let ack = BindingAck { status, key_management: false, sequence: 5, lifetime, refresh_advice: None };
        let (message, checksum) = (Message::Ack(ack), Checksum::Good);
        Inner::Mobility(Box::new(Mobility { home: None, message, options: Vec::new(), checksum }))
    }

    #[test]
    fn who_sends_on_under_an_ended_sa_is_told_once_and_clocks_may_differ_a_little() {
        let mut stage = Stage::default();
        assert_eq!(stage.data(OLD, Sender::Mn, 1029), []);
        let end = Date::from_unix_seconds(BEGIN + 1000);
        assert_eq!(stage.data(OLD, Sender::Mn, 1031), [Overdue::Sa { end, late: 31 }]);
        assert_eq!(stage.data(OLD, Sender::Mn, 1032), []);
        assert_eq!(stage.data(OLD, Sender::Ha, 1040), [Overdue::Sa { end, late: 40 }]);
    }

    #[test]
    fn who_has_used_the_newer_sa_leaves_the_old_one() {
        let mut stage = Stage::default();
        stage.over.learn(OLD, &association(OLD));
        assert_eq!(stage.data(OLD, Sender::Mn, 0), []);
        stage.over.learn(NEW, &association(NEW));
        assert_eq!(stage.data(OLD, Sender::Mn, 100), [], "the new one was not used yet");
        assert_eq!(stage.data(NEW, Sender::Mn, 200), []);
        assert_eq!(stage.data(OLD, Sender::Mn, 229), []);
        assert_eq!(stage.data(OLD, Sender::Ha, 300), [], "the HA has not used it yet");
        let fault = Overdue::Renewed { newer: NEW, since: 3 };
        assert_eq!(stage.data(OLD, Sender::Mn, 230), [fault]);
        assert_eq!(stage.data(OLD, Sender::Mn, 231), [], "once is enough");
        assert_eq!(stage.data(NEW, Sender::Mn, 232), []);
    }

    #[test]
    fn another_mn_has_an_sa_of_its_own() {
        let mut stage = Stage::default();
        stage.over.learn(OLD, &association(OLD));
        stage.over.learn(NEW, &Association { mn_id: Some("other".into()), ..association(NEW) });
        assert_eq!(stage.data(NEW, Sender::Mn, 0), []);
        assert_eq!(stage.data(OLD, Sender::Mn, 300), []);
    }

    #[test]
    fn an_mn_may_have_an_sa_with_each_of_two_has() {
        let mut stage = Stage::default();
        stage.over.learn(OLD, &association(OLD));
        let ha = Some(Ipv6Addr::LOCALHOST);
        stage.over.learn(NEW, &Association { ha, ..association(NEW) });
        assert_eq!(stage.data(NEW, Sender::Mn, 0), []);
        assert_eq!(stage.data(OLD, Sender::Mn, 300), []);
    }

    #[test]
    fn after_a_farewell_nothing_is_tunnelled() {
        let fault = || [Overdue::Farewell { acknowledged: 2 }];
        let mut stage = Stage::default();
        assert_eq!(stage.by_ha(0, 0, &data()), []);
        assert_eq!(stage.by_ha(1, 1, &ack(0)), []);
        assert_eq!(stage.by_ha(1, 2, &data()), [], "it was under way");
        assert_eq!(stage.by_ha(3, 3, &Inner::Dummy), []);
        assert_eq!(stage.by_ha(4, 4, &data()), fault());
        assert_eq!(stage.data(OLD, Sender::Mn, 5), [], "what the MN sends is not judged");
    }

    #[test]
    fn what_the_capture_lost_may_have_been_another_registration() {
        let mut stage = Stage::default();
        assert_eq!(stage.by_ha(1, 1, &ack(0)), []);
        assert_eq!(stage.by_ha(4, 3, &data()), []);
        assert_eq!(stage.by_ha(5, 4, &data()), []);
    }

    #[test]
    fn who_is_back_is_tunnelled_to_under_whichever_sa() {
        for spi in [OLD, NEW] {
            let mut stage = Stage::default();
            assert_eq!(stage.by_ha(1, 1, &ack(0)), []);
            assert_eq!(stage.packet((spi, Sender::Ha), 2, 2, &ack(150)), []);
            assert_eq!(stage.by_ha(5, if spi == OLD { 3 } else { 2 }, &data()), []);
        }
    }
}
