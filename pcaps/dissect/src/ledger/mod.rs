//! What a capture amounts to: the exchanges of each MN, and what was sent under each SA. Memory is bounded.

mod columns;
mod exchange;
mod sa;
mod text;

use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crypto::auth::Direction;
use foldhash::fast::RandomState;

pub use exchange::{Exchange, Outcome};
pub use sa::{Icvs, Registrations, Sa, Way};

use crate::association::Association;
use crate::conversation::Message;
use crate::line::{Line, Since};
use crate::packet::Packet;
use crate::sequence::{Flow, FlowId};

/// Exchanges that are kept; later ones are only counted.
const EXCHANGES_AT_MOST: usize = 1 << 14;
/// SAs that are kept; later ones are only counted.
const ASSOCIATIONS_AT_MOST: usize = 1 << 13;

/// What is known at the end.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Those of one MN together, in the order of the capture.
    pub exchanges: Vec<Exchange>,
    /// In the order of the capture.
    pub associations: Vec<Sa>,
    /// Exchanges beyond those.
    pub more_exchanges: u64,
    /// Packets under SAs beyond those.
    pub more_packets: u64,
}

/// A frame and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Number of the frame, from 1.
    pub frame: u64,
    /// Since the first frame that has a time.
    pub at: Option<Since>,
}

/// A ledger under way.
#[derive(Default)]
pub(crate) struct Books {
    /// By the number of the conversation.
    exchanges: BTreeMap<u64, Exchange>,
    more_exchanges: u64,
    associations: HashMap<u32, Sa, RandomState>,
    /// SAs whose SPI has other keys now.
    closed: Vec<Sa>,
    more_packets: u64,
}

impl Books {
    pub(crate) fn message(&mut self, message: &Message<'_>) {
        let has_room = self.exchanges.len() < EXCHANGES_AT_MOST;
        match self.exchanges.get_mut(&message.conversation) {
            Some(exchange) => exchange.take(message),
            None if has_room => {
                let mut exchange = Exchange::new(message);
                exchange.take(message);
                self.exchanges.insert(message.conversation, exchange);
            }
            // Numbers count up: what is not kept now never was.
            None => self.more_exchanges += u64::from(message.is_first()),
        }
    }

    /// An end closed a conversation.
    pub(crate) fn closed(&mut self, conversation: u64, by: Direction) {
        if let Some(exchange) = self.exchanges.get_mut(&conversation) {
            exchange.closed(by);
        }
    }

    /// Enters a packet, with its time since the Unix epoch; those without SPI belong to no SA.
    pub(crate) fn packet(&mut self, packet: &Packet<'_>, now: Option<Duration>) {
        let Line { frame, at, packet: shown, findings, .. } = &packet.line;
        let moment = Moment { frame: *frame, at: *at };
        if let Some(spi) = sa::in_the_clear(findings)
            && let Some(sa) = self.associations.get_mut(&spi)
        {
            sa.in_the_clear += 1;
        }
        let (Some(header), Some(sender)) = (shown.header, packet.sender) else { return };
        let Some(icv) = sa::Icv::of(shown, findings) else { return };
        let has_room = self.associations.len() + self.closed.len() < ASSOCIATIONS_AT_MOST;
        let sa = match self.associations.get_mut(&header.spi) {
            Some(sa) => sa,
            None if has_room => self.associations.entry(header.spi).or_insert_with(|| Sa::new(header.spi)),
            None => {
                self.more_packets += 1;
                return;
            }
        };
        if let (None, Some(association)) = (&sa.association, &packet.association) {
            sa.association = Some(Arc::clone(association));
        }
        sa.take(sa::Entry { header, sender, icv, moment, now, shown });
    }

    /// An SA was handed out.
    pub(crate) fn open(&mut self, spi: u32, association: &Arc<Association>, moment: Moment) {
        if self.associations.len() + self.closed.len() < ASSOCIATIONS_AT_MOST {
            let sa = self.associations.entry(spi).or_insert_with(|| Sa::new(spi));
            sa.association = Some(Arc::clone(association));
            sa.granted.get_or_insert(moment);
        }
    }

    /// An SA gave its SPI to another.
    pub(crate) fn close(&mut self, spi: u32, flows: &[(FlowId, Flow)]) {
        let Some(mut sa) = self.associations.remove(&spi) else { return };
        sa.number(flows);
        self.closed.push(sa);
    }

    /// What is known by now, with what the numbers of each flow tell.
    pub(crate) fn ledger(&self, flows: &[(FlowId, Flow)]) -> Ledger {
        let mut exchanges: Vec<Exchange> = self.exchanges.values().cloned().collect();
        let mut firsts: HashMap<Option<Arc<str>>, u64> = HashMap::new();
        for exchange in &exchanges {
            firsts.entry(exchange.mn_id.clone()).or_insert(exchange.conversation);
        }
        exchanges.sort_by_key(|exchange| (firsts.get(&exchange.mn_id).copied(), exchange.conversation));
        let mut associations: Vec<Sa> = self.associations.values().cloned().collect();
        // In order of SPI, as the flows are.
        for sa in &mut associations {
            let from = flows.partition_point(|(id, _)| id.spi < sa.spi);
            let to = flows.partition_point(|(id, _)| id.spi <= sa.spi);
            sa.number(flows.get(from..to).unwrap_or_default());
        }
        associations.extend(self.closed.iter().cloned());
        associations.sort_by_key(|sa| (sa.first_frame(), sa.spi));
        let (more_exchanges, more_packets) = (self.more_exchanges, self.more_packets);
        Ledger { exchanges, associations, more_exchanges, more_packets }
    }
}
