//! pcapng: blocks in sections, each section with its own byte order and interfaces.

use core::time::Duration;

use super::{Item, Kept, MAX_RECORD, Order, Span, Step, length, options};

/// First octets of a pcapng file, the same in both byte orders: the block type of a section header.
pub(super) const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

mod block {
    pub(super) const INTERFACE: u32 = 1;
    pub(super) const PACKET: u32 = 2;
    pub(super) const SIMPLE_PACKET: u32 = 3;
    pub(super) const ENHANCED_PACKET: u32 = 6;
    pub(super) const SECRETS: u32 = 10;
}

mod option {
    pub(super) const TIME_RESOLUTION: u16 = 9;
    pub(super) const TIME_OFFSET: u16 = 14;
}

/// Octets of a block before and behind its body.
const FRONT: usize = 8;
const END: usize = 4;
/// The shortest section header.
const SECTION_LEN: usize = 28;
/// A section with more interfaces than this is made to fill memory.
const MAX_INTERFACES: usize = 1 << 16;
const NANOSECONDS: u64 = 1_000_000_000;

/// A pcapng file, at the start of a block.
#[derive(Default)]
pub(super) struct PcapNg {
    /// None before the first section header.
    order: Option<Order>,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy)]
struct Interface {
    link: u16,
    snap_len: u32,
    clock: Clock,
}

/// How an interface counts time.
#[derive(Clone, Copy)]
struct Clock {
    /// 0 where a second is more units than can be counted.
    units_per_second: u64,
    offset: i64,
}

/// The body of a block.
#[derive(Clone, Copy)]
struct Body<'a> {
    octets: &'a [u8],
    order: Order,
}

impl PcapNg {
    /// That of the section; before the first there is nothing to read.
    pub(super) fn order(&self) -> Order {
        self.order.unwrap_or(Order::Little)
    }

    pub(super) fn step(&mut self, octets: &[u8]) -> Step {
        let order = if octets.starts_with(&SECTION) {
            match section_order(octets) {
                Ok(order) => order,
                Err(step) => return step,
            }
        } else if octets.len() < FRONT {
            return Step::Need(FRONT);
        } else {
            // The first block is a section header, or the format had not been recognised.
            self.order.unwrap_or(Order::Little)
        };
        // Writers that forget the padding to 4 octets leave it out of the length, not out of the file.
        let announced = length(order.word(octets, 4));
        let len = announced.div_ceil(4).saturating_mul(4);
        if announced < FRONT + END {
            return Step::Broken("a block shorter than its own length fields");
        }
        if len > MAX_RECORD {
            return Step::Broken("a block longer than any");
        }
        let Some(whole) = octets.get(..len) else {
            return Step::Need(len);
        };
        if length(order.word(whole, len - END)) != announced {
            return Step::Broken("the two lengths of a block differ");
        }
        let body = Body { octets: whole.get(FRONT..len - END).unwrap_or_default(), order };
        match self.block(octets, body) {
            Ok(item) => Step::Took(len, item),
            Err(what) => Step::Took(len, Item::Fault(what)),
        }
    }

    fn block(&mut self, octets: &[u8], body: Body<'_>) -> Result<Item, &'static str> {
        if octets.starts_with(&SECTION) {
            self.order = Some(body.order);
            self.interfaces.clear();
            return Ok(Item::Other(body.from(FRONT + 16)));
        }
        match body.order.word(octets, 0) {
            block::INTERFACE => self.interface(body),
            block::ENHANCED_PACKET => {
                let interface = body.word(0)?;
                self.packet(body, length(interface))
            }
            // The obsolete block differs from its successor in that the interface shares a word.
            block::PACKET => {
                let interface = body.half(0)?;
                self.packet(body, usize::from(interface))
            }
            block::SIMPLE_PACKET => self.simple_packet(body),
            block::SECRETS => body.secrets(),
            _ => Ok(Item::Nothing),
        }
    }

    fn interface(&mut self, body: Body<'_>) -> Result<Item, &'static str> {
        if self.interfaces.len() == MAX_INTERFACES {
            return Err("more interfaces than any section needs");
        }
        let (link, snap_len) = (body.half(0)?, body.word(4)?);
        self.interfaces.push(Interface { link, snap_len, clock: body.clock() });
        Ok(Item::Other(body.from(FRONT + 8)))
    }

    fn packet(&self, body: Body<'_>, interface: usize) -> Result<Item, &'static str> {
        let interface = self.interfaces.get(interface).ok_or("packet of an unknown interface")?;
        let units = u64::from(body.word(4)?) << 32 | u64::from(body.word(8)?);
        let (len, original) = (length(body.word(12)?), body.word(16)?);
        let at = Some(interface.clock.since_epoch(units));
        let room = body.octets.len() - 20;
        let (start, len_kept) = (FRONT + 20, len.min(room));
        let options = body.from(start + len_kept.div_ceil(4) * 4);
        let kept = Kept { at, link: u32::from(interface.link), start, len: len_kept, original, options };
        Ok(if len > room {
            Item::FaultyFrame(kept, "packet longer than its block")
        } else {
            Item::Frame(kept)
        })
    }

    fn simple_packet(&self, body: Body<'_>) -> Result<Item, &'static str> {
        let interface = self.interfaces.first().ok_or("packet of an unknown interface")?;
        let original = body.word(0)?;
        let limit = if interface.snap_len == 0 { u32::MAX } else { interface.snap_len };
        let len = length(original.min(limit)).min(body.octets.len() - 4);
        let link = u32::from(interface.link);
        Ok(Item::Frame(Kept { at: None, link, start: FRONT + 4, len, original, options: Span::default() }))
    }
}

/// A section header says itself which byte order it is in.
fn section_order(octets: &[u8]) -> Result<Order, Step> {
    if octets.len() < SECTION_LEN {
        return Err(Step::Need(SECTION_LEN));
    }
    let order = [Order::Little, Order::Big].into_iter().find(|order| order.word(octets, FRONT) == BYTE_ORDER);
    let order = order.ok_or(Step::Broken("a section header without byte order"))?;
    if length(order.word(octets, 4)) < SECTION_LEN {
        return Err(Step::Broken("a section header shorter than its fields"));
    }
    if order.half(octets, FRONT + 4) != 1 {
        return Err(Step::Broken("a version of pcapng other than 1"));
    }
    Ok(order)
}

impl<'a> Body<'a> {
    fn word(self, at: usize) -> Result<u32, &'static str> {
        self.has(at + 4).map(|()| self.order.word(self.octets, at))
    }

    fn half(self, at: usize) -> Result<u16, &'static str> {
        self.has(at + 2).map(|()| self.order.half(self.octets, at))
    }

    fn has(self, need: usize) -> Result<(), &'static str> {
        if self.octets.len() < need { Err("block shorter than its fields") } else { Ok(()) }
    }

    /// The rest of it: from so many octets behind the start of the block.
    fn from(self, start: usize) -> Span {
        let end = FRONT + self.octets.len();
        Span { start: start.min(end), end }
    }

    fn secrets(self) -> Result<Item, &'static str> {
        let (kind, len) = (self.word(0)?, length(self.word(4)?));
        if self.octets.len() - 8 < len {
            return Err("secrets longer than their block");
        }
        Ok(Item::Secrets { kind, start: FRONT + 8, len })
    }

    /// From the options of an interface. Options that do not fit end the list.
    fn clock(self) -> Clock {
        let mut clock = Clock { units_per_second: 1_000_000, offset: 0 };
        for (_, code, value) in options::options(self.octets.get(8..).unwrap_or_default(), self.order) {
            match (code, value) {
                (option::TIME_RESOLUTION, [resolution]) => clock.units_per_second = units(*resolution),
                (option::TIME_OFFSET, value) if value.len() == 8 => {
                    let (first, second) = (self.order.word(value, 0), self.order.word(value, 4));
                    let (high, low) = match self.order {
                        Order::Big => (first, second),
                        Order::Little => (second, first),
                    };
                    clock.offset = (u64::from(high) << 32 | u64::from(low)).cast_signed();
                }
                _ => {}
            }
        }
        clock
    }
}

/// With the high bit set the resolution is a power of 2, otherwise of 10.
const fn units(resolution: u8) -> u64 {
    let exponent = (resolution & 0x7f) as u32;
    let base: u64 = if resolution & 0x80 == 0 { 10 } else { 2 };
    match base.checked_pow(exponent) {
        Some(units) => units,
        None => 0,
    }
}

impl Clock {
    fn since_epoch(self, units: u64) -> Duration {
        let (seconds, nanoseconds) = match self.units_per_second {
            0 => (0, 0),
            1_000_000 => (units / 1_000_000, units % 1_000_000 * 1000),
            NANOSECONDS => (units / NANOSECONDS, units % NANOSECONDS),
            a_second => {
                let part = u128::from(units % a_second) * u128::from(NANOSECONDS) / u128::from(a_second);
                (units / a_second, u64::try_from(part).unwrap_or_default())
            }
        };
        let seconds = seconds.saturating_add_signed(self.offset);
        Duration::new(seconds, u32::try_from(nanoseconds).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since_epoch(count: u64, resolution: u8) -> Duration {
        Clock { units_per_second: units(resolution), offset: 0 }.since_epoch(count)
    }

    #[test]
    fn time_stamps_have_the_resolution_of_their_interface() {
        assert_eq!(since_epoch(1_500_000, 6), Duration::from_millis(1500));
        assert_eq!(since_epoch(1_500_000_000, 9), Duration::from_millis(1500));
        assert_eq!(since_epoch(15, 1), Duration::from_millis(1500));
        assert_eq!(since_epoch(3, 0x81), Duration::from_millis(1500));
        assert_eq!(since_epoch(u64::MAX, 0).as_secs(), u64::MAX);
        for resolution in 0..=u8::MAX {
            since_epoch(u64::MAX, resolution);
        }
    }

    #[test]
    fn an_interface_shifts_its_clock() {
        let later = Clock { units_per_second: 10, offset: 5 }.since_epoch(15);
        assert_eq!(later, Duration::from_millis(6500));
        assert_eq!(Clock { units_per_second: 1, offset: i64::MIN }.since_epoch(7), Duration::ZERO);
    }
}
