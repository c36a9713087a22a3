//! What a capture shows of MNs, as a trace: `dissect --trace FILE` writes it, `replay CAPTURE` plays it at once.

mod datagram;
mod teller;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use dissect::{Endpoint, Event, Packet, Sender};
use suite::trace::{Act, Carried, SCHEMA, Step, Trace, Whose};

use teller::Teller;

use crate::report::page::counted;

/// Collects what MNs say, each conversation with a HAC by itself, in the order in which they begin.
#[derive(Default)]
pub(crate) struct Writer {
    tellers: Vec<Teller>,
    known: Known,
    /// Acts of all conversations so far, by which they are put in order again.
    acts: usize,
    said: Said,
    /// Packets that belong to none of them.
    unowned: usize,
}

/// Values that ought to be said in one conversation only, and in which they were.
#[derive(Default)]
struct Said(BTreeMap<Vec<u8>, u64>);

impl Said {
    /// Whether it was said in another conversation before.
    fn elsewhere(&mut self, value: &[u8], conversation: u64) -> bool {
        *self.0.entry(value.to_vec()).or_insert(conversation) != conversation
    }
}

/// What came of a capture.
pub(crate) struct Written {
    pub(crate) trace: Trace,
    /// What a trace cannot hold, or had to guess.
    pub(crate) remarks: Vec<String>,
}

impl Writer {
    /// Takes what a capture tells, in its order.
    pub(crate) fn take(&mut self, event: &Event<'_>) {
        let order = self.acts;
        self.acts += 1;
        match event {
            Event::Message(message) => {
                let at = self.of_conversation(message.conversation);
                let teller = &mut self.tellers[at];
                let had = teller.spi;
                teller.message(order, message, &mut self.said);
                if let (None, Some(spi)) = (had, teller.spi) {
                    self.known.spis.insert(spi, at);
                    self.known.latest = Some(at);
                }
            }
            Event::Packet(packet) => match self.of_packet(packet) {
                Some(at) => {
                    let teller = &mut self.tellers[at];
                    teller.packet(order, packet);
                    if let Some(outside) = teller.outside {
                        self.known.outsides.insert(outside, at);
                    }
                }
                None => self.unowned += usize::from(packet.line.packet.header.is_some()),
            },
            Event::Finding(_) | Event::Unseen(_) | Event::Note(_) => {}
        }
    }

    /// The trace of all MNs that can be read, or of one of them; nothing if none says anything.
    pub(crate) fn finish(self, name: &str, source: &str, mn_id: Option<&str>) -> Option<Written> {
        let mut tellers = self.tellers;
        tellers.iter_mut().for_each(Teller::conclude);
        let is_wanted = |teller: &Teller| {
            mn_id.is_none_or(|wanted| teller.mn_id.as_deref() == Some(wanted.as_bytes()))
                && teller.says_something()
        };
        tellers.retain(is_wanted);
        let mut cast = Cast::of(&tellers);
        let mut remarks = Vec::new();
        let mut acts = Vec::new();
        let mut frames: Option<(u64, u64)> = None;
        for (teller, (mn, whose)) in tellers.into_iter().zip(cast.parts.clone()) {
            remarks.extend(teller.remarks);
            frames = match (frames, teller.frames) {
                (Some((first, last)), Some((a, b))) => Some((first.min(a), last.max(b))),
                (one, other) => one.or(other),
            };
            acts.extend(teller.acts.into_iter().map(|(order, act)| (order, mn, whose.clone(), act)));
        }
        let (first, last) = frames?;
        acts.sort_by_key(|(order, ..)| *order);
        let mut remarks: Vec<String> = cast.introductions().into_iter().chain(by_frames(remarks)).collect();
        if self.unowned > 0 && mn_id.is_none() {
            remarks.push(format!("{} packets that belong to no MN here are left out", self.unowned));
        }
        let steps = acts.into_iter().map(|(_, mn, whose, act)| Step { whose, act: cast.counted(mn, act) });
        let trace = Trace {
            schema: SCHEMA.to_owned(),
            name: name_of(name),
            steps: steps.collect(),
            story: format!("what {} said in {source}", cast.called()),
            source: Some(format!("{source}, frames {first} to {last}")),
        };
        Some(Written { trace, remarks })
    }

    fn of_conversation(&mut self, conversation: u64) -> usize {
        let next = self.tellers.len();
        let at = *self.known.conversations.entry(conversation).or_insert(next);
        if at == next {
            self.tellers.push(Teller::default());
        }
        at
    }

    /// Whose packet it is: by the SPI, else by where the MN is, else that of the latest SA if it has none.
    fn of_packet(&mut self, packet: &Packet<'_>) -> Option<usize> {
        let spi = packet.line.packet.header?.spi;
        if self.known.conversations.is_empty() {
            return Some(self.of_spi(spi));
        }
        let outside = match packet.sender {
            Some(Sender::Ha) => packet.line.to,
            _ => packet.line.from,
        };
        let Known { spis, outsides, latest, .. } = &self.known;
        let by_address = || outsides.get(&outside).copied();
        spis.get(&spi).copied().or_else(by_address).or_else(|| latest.filter(|_| spi == 0))
    }

    /// No HAC in sight: each SPI is an MN.
    fn of_spi(&mut self, spi: u32) -> usize {
        if spi == 0 && !self.tellers.is_empty() {
            return 0;
        }
        let next = self.tellers.len();
        let at = *self.known.spis.entry(spi).or_insert(next);
        if at == next {
            self.tellers.push(Teller::of_spi(spi));
        }
        at
    }
}

/// Where to find who speaks.
#[derive(Default)]
struct Known {
    conversations: BTreeMap<u64, usize>,
    /// The latest who was given each SPI.
    spis: BTreeMap<u32, usize>,
    /// The latest whose packets came from there.
    outsides: HashMap<Endpoint, usize>,
    /// The latest who was given an SA.
    latest: Option<usize>,
}

/// Who is who in a trace.
struct Cast {
    /// Each MN by its mn-id, where the capture tells one.
    mns: Vec<Option<Vec<u8>>>,
    /// Whose each conversation is: which of the MNs, and how a trace says it.
    parts: Vec<(usize, Whose)>,
    /// The first Sequence # of each MN's Binding Updates, which is 1 in the trace.
    first_updates: BTreeMap<usize, u16>,
}

impl Cast {
    fn of(tellers: &[Teller]) -> Self {
        let mut mns: Vec<Option<Vec<u8>>> = Vec::new();
        let mut of_each = Vec::new();
        let mut known: BTreeMap<&[u8], usize> = BTreeMap::new();
        for teller in tellers {
            let next = mns.len();
            let mn = teller.mn_id.as_deref().map_or(next, |mn_id| *known.entry(mn_id).or_insert(next));
            of_each.push(mn);
            if mn == next {
                mns.push(teller.mn_id.clone());
            }
        }
        let mut connections = vec![0; mns.len()];
        let mut part = |mn: usize| {
            connections[mn] += 1;
            let name = (mns.len() > 1).then(|| format!("mn-{}", mn + 1));
            (mn, Whose { mn: name, connection: connections[mn] })
        };
        let parts = of_each.into_iter().map(&mut part).collect();
        Self { mns, parts, first_updates: BTreeMap::new() }
    }

    /// A trace has no mn-id of its own; whoever reads the capture knows them.
    fn introductions(&self) -> Vec<String> {
        let named = self.mns.iter().enumerate().filter(|_| self.mns.len() > 1);
        let told = named.filter_map(|(at, mn_id)| {
            let mn_id = String::from_utf8_lossy(mn_id.as_ref()?);
            Some(format!("mn-{} is {mn_id}", at + 1))
        });
        told.take(TOLD_AT_MOST).collect()
    }

    fn called(&self) -> String {
        let mns = if self.mns.len() == 1 { "an MN".to_owned() } else { format!("{} MNs", self.mns.len()) };
        match self.parts.len() {
            connections if connections > self.mns.len() => format!("{mns} on {connections} connections"),
            _ => mns,
        }
    }

    /// With the Sequence # of a Binding Update counted from the first one of its MN.
    fn counted(&mut self, mn: usize, mut act: Act) -> Act {
        if let Act::Packet(packet) = &mut act
            && let Carried::BindingUpdate(update) = &mut packet.carries
        {
            let first = *self.first_updates.entry(mn).or_insert(update.sequence);
            update.sequence = update.sequence.wrapping_sub(first).wrapping_add(1);
        }
        act
    }
}

/// Of many things that are alike, so many are told one by one.
const TOLD_AT_MOST: usize = 16;

/// Each remark once, in the order of the capture, with the frames that it is about.
fn by_frames(mut remarks: Vec<(u64, String)>) -> Vec<String> {
    remarks.sort();
    let mut whats: Vec<(String, Vec<u64>)> = Vec::new();
    for (frame, what) in remarks {
        match whats.iter_mut().find(|(known, _)| *known == what) {
            Some((_, frames)) => frames.push(frame),
            None => whats.push((what, vec![frame])),
        }
    }
    let told = whats.into_iter().map(|(what, mut frames)| {
        frames.dedup();
        let noun = if frames.len() == 1 { "frame" } else { "frames" };
        let first: Vec<String> = frames.iter().take(TOLD_AT_MOST).map(u64::to_string).collect();
        let more = frames.len().saturating_sub(TOLD_AT_MOST);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{noun} {}{more}: {what}", first.join(", "))
    });
    told.collect()
}

/// How much is in a trace.
pub(crate) fn amount(trace: &Trace) -> String {
    let mut parts = vec![counted(trace.steps.len(), "step")];
    let (mns, connections) = (trace.mns().len(), trace.conversations().len());
    if mns > 1 {
        parts.push(counted(mns, "MN"));
    }
    if connections > mns {
        parts.push(counted(connections, "connection"));
    }
    parts.join(", ")
}

/// A file as people know it: its name, and that of its folder.
pub(crate) fn shown(file: &Path) -> String {
    let names: Vec<_> = file.iter().map(|name| name.to_string_lossy()).collect();
    let last_two = names.len().saturating_sub(2);
    names.get(last_two..).unwrap_or_default().join("/")
}

/// A name as the linter wants it.
fn name_of(file: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = file.chars().map(plain).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "trace".to_owned() } else { name.to_owned() }
}
