//! `--filter KEY=VALUE`: which records are told. Keys of one name widen the choice, other keys narrow it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use dissect::Ledger;

use super::record::Record;

/// What a filter can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// Who speaks: `mn`, `hac` or `ha`.
    By,
    /// An SPI.
    Spi,
    /// A NAI; its messages, and the packets under the SAs that it was given.
    MnId,
    /// A requirement that is broken, with `*`.
    Finding,
    /// A kind of packet or message.
    Kind,
}

const KEYS: [(&str, Key); 5] = [
    ("by", Key::By),
    ("spi", Key::Spi),
    ("mn-id", Key::MnId),
    ("finding", Key::Finding),
    ("kind", Key::Kind),
];

/// Who speaks.
const SENDERS: [&str; 3] = ["mn", "hac", "ha"];

/// Values of a key that are told where the filter keeps nothing.
const TOLD_AT_MOST: usize = 12;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Criterion {
    key: Key,
    value: String,
}

/// Reads KEY=VALUE.
pub(crate) fn criterion(text: &str) -> Result<Criterion, String> {
    let known = || KEYS.map(|(word, _)| word).join(", ");
    let (word, value) =
        text.split_once('=').ok_or_else(|| format!("need KEY=VALUE, with one of {}", known()))?;
    let key = KEYS.into_iter().find(|(key, _)| *key == word);
    let (_, key) = key.ok_or_else(|| format!("no record has {word}; try {}", known()))?;
    match key {
        Key::Spi if value.parse::<u32>().is_err() => Err(format!("{value} is no SPI")),
        Key::By if !SENDERS.contains(&value) => Err(format!("{value} is nobody; try {}", SENDERS.join(", "))),
        _ => Ok(Criterion { key, value: value.to_owned() }),
    }
}

/// Conditions, and what earlier records told of the names in them.
#[derive(Default)]
pub(crate) struct Filter {
    criteria: Vec<Criterion>,
    /// To whom an SPI was given.
    owners: HashMap<u32, String>,
    kept: u64,
    passed_over: u64,
    /// What the keys of the filter could have been.
    met: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Filter {
    pub(crate) fn new(criteria: Vec<Criterion>) -> Self {
        Self { criteria, ..Self::default() }
    }

    /// Whether the records of an event are told: the first of them tells. Every event has to be shown to the filter,
    /// in order.
    pub(crate) fn keeps(&mut self, event: &[Record]) -> bool {
        let Some(record) = event.first() else { return false };
        self.learn(record);
        let is_kept = KEYS.into_iter().all(|(_, key)| self.passes(key, |value| self.has(key, record, value)));
        if is_kept {
            self.kept += 1;
        } else {
            self.passed_over += 1;
            if self.kept == 0 {
                self.meet(record);
            }
        }
        is_kept
    }

    /// What to tell whoever asked for what is not there.
    pub(crate) fn nothing_kept(&self) -> Option<String> {
        if self.kept > 0 || self.passed_over == 0 {
            return None;
        }
        let mut text = format!("--filter keeps none of {} messages, packets and remarks", self.passed_over);
        for (word, values) in &self.met {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            text += &format!("; {word} here: {}", values.join(", "));
        }
        Some(text)
    }

    fn meet(&mut self, record: &Record) {
        for (word, key) in KEYS {
            if !self.criteria.iter().any(|criterion| criterion.key == key) {
                continue;
            }
            let values: Vec<String> = self.values(key, record).into_iter().map(Cow::into_owned).collect();
            let met = self.met.entry(word).or_default();
            met.extend(values.into_iter().take(TOLD_AT_MOST.saturating_sub(met.len())));
        }
    }

    /// Keeps the exchanges and SAs that have the MNs and SPIs of the filter.
    pub(crate) fn narrow(&self, ledger: &mut Ledger) {
        let fits = |spi: Option<u32>, mn_id: Option<&str>| {
            self.passes(Key::Spi, |value| spi.is_some_and(|spi| spi.to_string() == value))
                && self.passes(Key::MnId, |value| mn_id == Some(value))
        };
        ledger.exchanges.retain(|exchange| fits(exchange.spi, exchange.mn_id.as_deref()));
        ledger.associations.retain(|sa| {
            let known = sa.association.as_ref().and_then(|known| known.mn_id.as_deref());
            fits(Some(sa.spi), known.or_else(|| self.owners.get(&sa.spi).map(String::as_str)))
        });
    }

    fn learn(&mut self, record: &Record) {
        if let Record::Message(said) = record
            && let (Some(spi), Some(mn_id)) = (said.spi, &said.mn_id)
        {
            self.owners.insert(spi, mn_id.clone());
        }
    }

    fn passes(&self, key: Key, has: impl Fn(&str) -> bool) -> bool {
        let mut wanted = self.criteria.iter().filter(|criterion| criterion.key == key).peekable();
        wanted.peek().is_none() || wanted.any(|criterion| has(&criterion.value))
    }

    fn has(&self, key: Key, record: &Record, value: &str) -> bool {
        let values = self.values(key, record);
        match key {
            Key::Finding => values.iter().any(|requirement| suite::select::matches(value, requirement)),
            _ => values.iter().any(|have| have == value),
        }
    }

    /// What a record has of a key.
    fn values<'r>(&'r self, key: Key, record: &'r Record) -> Vec<Cow<'r, str>> {
        let one = |value: Option<&'r str>| value.map(Cow::Borrowed).into_iter().collect();
        match (key, record) {
            (Key::By, Record::Message(said)) => one(Some(said.sender)),
            (Key::By, Record::Packet(sent)) => one(sent.sender),
            (Key::Spi, record) => spi(record).map(|spi| Cow::Owned(spi.to_string())).into_iter().collect(),
            (Key::MnId, Record::Message(said)) => one(said.mn_id.as_deref()),
            (Key::MnId, Record::Packet(sent)) => {
                let owner = || sent.spi.and_then(|spi| self.owners.get(&spi)).map(String::as_str);
                one(sent.mn_id.as_deref().or_else(owner))
            }
            (Key::Finding, record) => {
                record.broken().iter().map(|broken| Cow::Borrowed(broken.as_str())).collect()
            }
            (Key::Kind, Record::Message(said)) => one(Some(said.kind)),
            (Key::Kind, Record::Packet(sent)) => one(Some(sent.kind)),
            _ => Vec::new(),
        }
    }
}

fn spi(record: &Record) -> Option<u32> {
    match record {
        Record::Message(said) => said.spi,
        Record::Packet(sent) => sent.spi,
        _ => None,
    }
}
