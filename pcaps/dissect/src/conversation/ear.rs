//! What a talk tells, turned into events of the capture.

use std::net::SocketAddr;

use crypto::auth::Direction;
use wire::param::Name;

use super::breach::Breach;
use super::exchange::{Kind, Verdict};
use super::memory::{Memory, Place};
use super::message::Message;
use super::talk::{Spoken, Talk, Told};
use super::{Context, Conversations, Event, Frame, Remark};
use crate::finding::{Fault, Finding};
use crate::tcp::{Arrival, Side};

pub(super) fn finding(frame: Frame, breach: Breach) -> Event<'static> {
    Event::Finding(Finding { frame: frame.number, fault: Fault::Exchange(breach) })
}

/// Turns what a talk tells into events.
pub(super) struct Ear<'a> {
    pub(super) this: &'a mut Conversations,
    pub(super) ends: (SocketAddr, SocketAddr),
    pub(super) number: &'a mut Option<u64>,
    pub(super) frame: Frame,
}

impl Ear<'_> {
    pub(super) fn arrival(
        &mut self,
        talk: &mut Talk,
        side: Side,
        arrival: Arrival<'_>,
        out: &mut dyn FnMut(Event<'_>),
    ) {
        let Conversations { watch, memory, tally, .. } = &mut *self.this;
        let context = Context { log: &watch.log, credentials: &watch.credentials, profile: watch.profile };
        let (mn, hac) = self.ends;
        // A message ends with the frame that completed it, which may be one that came earlier than a lost one.
        let mut frame = self.frame;
        if let Arrival::Octets { frame: number, .. } = arrival {
            frame.number = number;
        }
        let number = &mut *self.number;
        talk.take(side, arrival, &context, frame.at, &mut |told| match told {
            Told::Breach(breach) => out(finding(frame, breach)),
            Told::Unseen(unseen) => {
                out(Event::Unseen(Remark { frame: frame.number, mn, hac, unseen }));
            }
            Told::Message(spoken) => {
                let Spoken { by, octets, mut verdict, mn_id, method } = *spoken;
                tally.messages += 1;
                let conversation = *number.get_or_insert_with(|| {
                    tally.conversations += 1;
                    tally.conversations
                });
                let place = Place { frame: frame.number, conversation };
                remember(memory, &mut verdict, frame, place);
                let (from, to) = match by {
                    Direction::MnToHac => (mn, hac),
                    Direction::HacToMn => (hac, mn),
                };
                let findings = verdict
                    .breaches
                    .into_iter()
                    .map(|breach| Finding { frame: frame.number, fault: Fault::Exchange(breach) });
                out(Event::Message(Message {
                    frame: frame.number,
                    at: frame.since,
                    from,
                    to,
                    conversation,
                    mn_id,
                    method,
                    by,
                    kind: verdict.kind,
                    octets,
                    lexed: verdict.content.map(|content| content.lexed),
                    proof: verdict.proof,
                    findings: findings.collect(),
                    unseen: verdict.unseen,
                }));
                if let Some(granted) = verdict.granted {
                    out(Event::Granted(Box::new(granted)));
                }
            }
        });
    }
}

/// What no other session may have had.
fn remember(memory: &mut Memory, verdict: &mut Verdict<'_>, frame: Frame, place: Place) {
    let Some(content) = &verdict.content else { return };
    let random = match verdict.kind {
        Kind::InitRequest => memory.random(Name::MnRand, content, place),
        Kind::InitResponse => memory.random(Name::HacRand, content, place),
        _ => None,
    };
    verdict.breaches.extend(random);
    if let Some(granted) = &verdict.granted {
        let now = frame.at.map(|at| at.as_secs());
        let spi = (granted.spi.get(), granted.validity_end);
        verdict.breaches.extend(memory.grant(spi, now, content, place));
    }
}
