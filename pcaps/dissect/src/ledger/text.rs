//! The ledger in a screenful: tables of exchanges and SAs.

use core::fmt;

use crypto::auth::Profile;
use wire::mobility::BindingStatus;

use super::columns::{Align, Columns};
use super::exchange::Exchange;
use super::sa::{Registrations, Sa, Way};
use super::{Ledger, Moment};
use crate::association::Origin;
use crate::sequence::Sender;

/// Exchanges and SAs that are shown; those with trouble first.
const EXCHANGES_SHOWN: usize = 24;
const ASSOCIATIONS_SHOWN: usize = 16;

/// Where there is nothing to say.
const NOTHING: &str = "-";

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = choose(&self.exchanges, EXCHANGES_SHOWN, |exchange| exchange.findings > 0);
        if !shown.is_empty() {
            writeln!(f, "\nExchanges between MN and HAC")?;
            exchanges(&shown).fmt(f)?;
            let left_out = (self.exchanges.len() - shown.len()) as u64 + self.more_exchanges;
            more(f, left_out, "exchanges")?;
        }
        let shown = choose(&self.associations, ASSOCIATIONS_SHOWN, Sa::is_troubled);
        shown.iter().try_for_each(|sa| sa.fmt(f))?;
        more(f, (self.associations.len() - shown.len()) as u64, "SAs")?;
        more(f, self.more_packets, "packets under other SPIs")
    }
}

/// At most so many of them, in their order; those with trouble before those without.
fn choose<T>(all: &[T], at_most: usize, is_troubled: impl Fn(&T) -> bool) -> Vec<&T> {
    let mut places: Vec<usize> = (0..all.len()).collect();
    if all.len() > at_most {
        places.sort_by_key(|&place| all.get(place).is_some_and(|one| !is_troubled(one)));
        places.truncate(at_most);
        places.sort_unstable();
    }
    places.into_iter().filter_map(|place| all.get(place)).collect()
}

fn more(f: &mut fmt::Formatter<'_>, left_out: u64, what: &str) -> fmt::Result {
    if left_out == 0 { Ok(()) } else { writeln!(f, "  and {left_out} more {what}") }
}

fn exchanges(shown: &[&Exchange]) -> Columns<9> {
    let mut columns = Columns::new([
        ("mn-id", Align::Left),
        ("exchange", Align::Right),
        ("frames", Align::Right),
        ("seconds", Align::Right),
        ("method", Align::Left),
        ("profile", Align::Left),
        ("outcome", Align::Left),
        ("SPI", Align::Right),
        ("findings", Align::Right),
    ]);
    for exchange in shown {
        columns.row([
            exchange.mn_id.as_deref().unwrap_or(NOTHING).to_owned(),
            exchange.conversation.to_string(),
            frames(exchange.first, exchange.last),
            seconds(exchange.first, exchange.last),
            exchange.method.map_or_else(|| NOTHING.to_owned(), |method| method.to_string()),
            match exchange.profile {
                Some(Profile::Rfc6618) => "rfc6618",
                Some(Profile::Draft01) => "draft-01",
                None => NOTHING,
            }
            .to_owned(),
            exchange.outcome.to_string(),
            exchange.spi.map_or_else(|| NOTHING.to_owned(), |spi| spi.to_string()),
            exchange.findings.to_string(),
        ]);
    }
    columns
}

impl fmt::Display for Sa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\nSA {}", self.spi)?;
        match &self.association {
            None => f.write_str(", no keys")?,
            Some(known) => {
                if let Some(mn_id) = &known.mn_id {
                    write!(f, " of {mn_id}")?;
                }
                write!(f, ", {}", known.suite.name())?;
                if let Some(scope) = known.scope {
                    write!(f, ", sas {scope}")?;
                }
                if let Some(end) = known.validity_end {
                    write!(f, ", until {end}")?;
                }
            }
        }
        match (self.granted, self.association.as_ref().map(|known| known.origin)) {
            (Some(moment), Some(Origin::Learnt)) => write!(f, ", handed out in frame {}", moment.frame)?,
            (_, Some(Origin::Given)) => f.write_str(", keys given")?,
            _ => {}
        }
        writeln!(f)?;
        if self.registrations != Registrations::default() {
            writeln!(f, "  {}", self.registrations)?;
        }
        if self.in_the_clear > 0 {
            writeln!(f, "  user data in the clear, which sas 1 forbids: {} packets", self.in_the_clear)?;
        }
        if self.after_end > 0 {
            writeln!(f, "  after its end, by the clock of the capture: {} packets", self.after_end)?;
        }
        if self.ways.is_empty() {
            return writeln!(f, "  no packet");
        }
        ways(&self.ways).fmt(f)?;
        more(f, self.more_packets, "packets of other senders")
    }
}

fn ways(ways: &[Way]) -> Columns<11> {
    let mut columns = Columns::new([
        ("by", Align::Left),
        ("PType 8", Align::Right),
        ("PType 1", Align::Right),
        ("frames", Align::Right),
        ("seconds", Align::Right),
        ("sequence", Align::Right),
        ("missing", Align::Right),
        ("repeated", Align::Right),
        ("ICV good", Align::Right),
        ("wrong", Align::Right),
        ("not checked", Align::Right),
    ]);
    for way in ways {
        let number = |number: Option<u64>| number.map_or_else(|| NOTHING.to_owned(), |n| n.to_string());
        let range = way.numbers.map(|flow| format!("{}-{}", flow.lowest, flow.highest));
        columns.row([
            way.sender.to_string(),
            way.signalling.to_string(),
            way.data.to_string(),
            frames(way.first, way.last),
            seconds(way.first, way.last),
            range.unwrap_or_else(|| NOTHING.to_owned()),
            number(way.numbers.map(|flow| flow.missing())),
            number(way.numbers.map(|flow| flow.repeats)),
            way.icvs.good.to_string(),
            way.icvs.wrong.to_string(),
            way.icvs.unchecked.to_string(),
        ]);
    }
    columns
}

impl fmt::Display for Registrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binding Updates: {}; accepted: {}", self.updates, self.accepted)?;
        for (status, count) in &self.refused {
            let name = BindingStatus(*status).name().unwrap_or("unknown");
            write!(f, "; refused with {status} ({name}): {count}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mn => f.write_str("MN"),
            Self::Ha => f.write_str("HA"),
            Self::At(address) => address.fmt(f),
        }
    }
}

fn frames(first: Moment, last: Moment) -> String {
    if first.frame == last.frame {
        first.frame.to_string()
    } else {
        format!("{}-{}", first.frame, last.frame)
    }
}

fn seconds(first: Moment, last: Moment) -> String {
    match (first.at, last.at) {
        (Some(one), Some(other)) if one == other => one.to_string(),
        (Some(one), Some(other)) => format!("{one}-{other}"),
        _ => NOTHING.to_owned(),
    }
}
