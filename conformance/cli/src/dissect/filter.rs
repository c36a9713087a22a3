//! `--filter KEY=VALUE`: which records are told. Keys of one name widen the choice, other keys narrow it.

use std::collections::HashMap;

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
    if key == Key::Spi && value.parse::<u32>().is_err() {
        return Err(format!("{value} is no SPI"));
    }
    Ok(Criterion { key, value: value.to_owned() })
}

/// Conditions, and what earlier records told of the names in them.
#[derive(Default)]
pub(crate) struct Filter {
    criteria: Vec<Criterion>,
    /// Who talks in a conversation.
    talks: HashMap<u64, String>,
    /// To whom an SPI was given.
    owners: HashMap<u32, String>,
}

impl Filter {
    pub(crate) fn new(criteria: Vec<Criterion>) -> Self {
        Self { criteria, ..Self::default() }
    }

    /// Whether a record is told. Every record has to be shown to the filter, in order.
    pub(crate) fn keeps(&mut self, record: &Record) -> bool {
        self.learn(record);
        let keys = KEYS.into_iter().map(|(_, key)| key);
        matches!(record, Record::Summary(_)) || keys.into_iter().all(|key| self.passes(key, record))
    }

    fn learn(&mut self, record: &Record) {
        let Record::Message(said) = record else { return };
        if let Some(mn_id) = &said.mn_id {
            self.talks.insert(said.conversation, mn_id.clone());
        }
        if let (Some(spi), Some(mn_id)) = (said.spi, self.talks.get(&said.conversation)) {
            self.owners.insert(spi, mn_id.clone());
        }
    }

    fn passes(&self, key: Key, record: &Record) -> bool {
        let mut wanted = self.criteria.iter().filter(|criterion| criterion.key == key).peekable();
        wanted.peek().is_none() || wanted.any(|criterion| self.has(key, record, &criterion.value))
    }

    fn has(&self, key: Key, record: &Record, value: &str) -> bool {
        let is = |have: Option<&str>| have == Some(value);
        match (key, record) {
            (Key::By, Record::Message(said)) => said.by == value,
            (Key::By, Record::Packet(sent)) => is(sent.by),
            (Key::Spi, record) => spi(record).is_some_and(|spi| spi.to_string() == value),
            (Key::MnId, Record::Message(said)) => is(self.talks.get(&said.conversation).map(String::as_str)),
            (Key::MnId, Record::Packet(_)) => {
                is(spi(record).and_then(|spi| self.owners.get(&spi)).map(String::as_str))
            }
            (Key::Finding, record) => {
                record.findings().iter().any(|found| suite::select::matches(value, &found.requirement))
            }
            (Key::Kind, Record::Message(said)) => said.kind == value,
            (Key::Kind, Record::Packet(sent)) => sent.kind == value,
            _ => false,
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
