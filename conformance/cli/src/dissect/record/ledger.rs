//! What a capture amounts to, as records: exchanges, SAs and their directions.

use crypto::auth::{Direction, Profile};
use dissect::{Exchange, Ledger, Origin, Outcome, Sa, Sender, Way};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Record, time};

/// An exchange between MN and HAC.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ExchangeSum {
    /// Which conversation, from 1 in the order of the capture.
    pub(crate) conversation: u64,
    /// NAI of the MN, escaped, if it was said.
    pub(crate) mn_id: Option<String>,
    /// `auth-method`, if one was agreed: `psk` or `eap`.
    pub(crate) method: Option<String>,
    /// The text under which an `auth` was right: `rfc6618` or `draft-01`.
    pub(crate) profile: Option<&'static str>,
    /// Frame of the first message.
    pub(crate) first_frame: u64,
    /// Frame of the last message.
    pub(crate) last_frame: u64,
    /// Seconds since the first frame of the capture, of the first message.
    pub(crate) first_time: Option<f64>,
    /// The same of the last message.
    pub(crate) last_time: Option<f64>,
    /// Messages.
    pub(crate) messages: u64,
    /// Whether a final response came.
    pub(crate) ended: bool,
    /// Who closed without one: `mn` or `hac`.
    pub(crate) closed_by: Option<&'static str>,
    /// Its status, if that is legal.
    pub(crate) status: Option<u16>,
    /// The SPI that was granted.
    pub(crate) spi: Option<u32>,
    /// Findings in its messages.
    pub(crate) findings: u64,
}

/// A security association.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SaSum {
    /// Its SPI.
    pub(crate) spi: u32,
    /// The MN, if that is known.
    pub(crate) mn_id: Option<String>,
    /// The suite, if the SA is known.
    pub(crate) suite: Option<&'static str>,
    /// Where its keys are from: `given` or `learnt`.
    pub(crate) origin: Option<&'static str>,
    /// `mip6-sas`: 0 or 1.
    pub(crate) sas: Option<u8>,
    /// When it ends: seconds since 1970.
    pub(crate) validity_end: Option<u64>,
    /// The frame in which it was handed out.
    pub(crate) granted_frame: Option<u64>,
    /// User data in the clear under `mip6-sas` 1.
    pub(crate) in_the_clear: u64,
    /// Packets with a right ICV after its end, by the clock of the capture.
    pub(crate) after_end: u64,
    /// Binding Updates.
    pub(crate) updates: u64,
    /// Binding Acknowledgements that accept.
    pub(crate) accepted: u64,
    /// Binding Acknowledgements that refuse.
    pub(crate) refused: u64,
    /// Their statuses, each once.
    pub(crate) refusals: Vec<u8>,
}

/// One direction of an SA.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FlowSum {
    /// The SA.
    pub(crate) spi: u32,
    /// The MN, if that is known.
    pub(crate) mn_id: Option<String>,
    /// Who sends: `mn`, `ha`, or an address.
    pub(crate) sender: String,
    /// Packets of PType 8.
    pub(crate) signalling: u64,
    /// Packets of PType 1.
    pub(crate) data: u64,
    /// Frame of the first packet.
    pub(crate) first_frame: u64,
    /// Frame of the last packet.
    pub(crate) last_frame: u64,
    /// Seconds since the first frame of the capture, of the first packet.
    pub(crate) first_time: Option<f64>,
    /// The same of the last packet.
    pub(crate) last_time: Option<f64>,
    /// Packets with a right ICV.
    pub(crate) icv_good: u64,
    /// Packets with a wrong one.
    pub(crate) icv_wrong: u64,
    /// Packets whose ICV could not be checked.
    pub(crate) icv_unchecked: u64,
    /// The lowest Sequence Number, wrong ICVs left out.
    pub(crate) lowest: Option<u32>,
    /// The highest.
    pub(crate) highest: Option<u32>,
    /// Numbers between them that did not come.
    pub(crate) missing: Option<u64>,
    /// Packets whose number had come before.
    pub(crate) repeats: Option<u64>,
}

/// The records of the end, but for the summary.
pub(crate) fn of_ledger(ledger: &Ledger) -> Vec<Record> {
    let exchanges = ledger.exchanges.iter().map(|exchange| Record::Exchange(ExchangeSum::of(exchange)));
    let associations = ledger.associations.iter().flat_map(|sa| {
        let flows = sa.ways.iter().map(|way| Record::Flow(FlowSum::of(sa, way)));
        core::iter::once(Record::Sa(SaSum::of(sa))).chain(flows)
    });
    exchanges.chain(associations).collect()
}

impl ExchangeSum {
    fn of(exchange: &Exchange) -> Self {
        Self {
            conversation: exchange.conversation,
            mn_id: exchange.mn_id.as_deref().map(str::to_owned),
            method: exchange.method.map(|method| method.to_string()),
            profile: exchange.profile.map(|profile| match profile {
                Profile::Rfc6618 => "rfc6618",
                Profile::Draft01 => "draft-01",
            }),
            first_frame: exchange.first.frame,
            last_frame: exchange.last.frame,
            first_time: time(exchange.first),
            last_time: time(exchange.last),
            messages: exchange.messages,
            ended: matches!(exchange.outcome, Outcome::Final(_)),
            closed_by: match exchange.outcome {
                Outcome::Closed(Direction::MnToHac) => Some("mn"),
                Outcome::Closed(Direction::HacToMn) => Some("hac"),
                Outcome::Open | Outcome::Final(_) => None,
            },
            status: match exchange.outcome {
                Outcome::Final(status) => status.map(|status| status.code()),
                Outcome::Open | Outcome::Closed(_) => None,
            },
            spi: exchange.spi,
            findings: exchange.findings,
        }
    }
}

impl SaSum {
    fn of(sa: &Sa) -> Self {
        let known = sa.association.as_ref();
        let registrations = &sa.registrations;
        Self {
            spi: sa.spi,
            mn_id: mn_id(sa),
            suite: known.map(|known| known.suite.name()),
            origin: known.map(|known| match known.origin {
                Origin::Given => "given",
                Origin::Learnt => "learnt",
            }),
            sas: known.and_then(|known| known.scope).and_then(|scope| scope.to_string().parse().ok()),
            validity_end: known.and_then(|known| known.validity_end).map(|end| end.unix_seconds()),
            granted_frame: sa.granted.map(|moment| moment.frame),
            in_the_clear: sa.in_the_clear,
            after_end: sa.after_end,
            updates: registrations.updates,
            accepted: registrations.accepted,
            refused: registrations.refused.values().sum(),
            refusals: registrations.refused.keys().copied().collect(),
        }
    }
}

impl FlowSum {
    fn of(sa: &Sa, way: &Way) -> Self {
        Self {
            spi: sa.spi,
            mn_id: mn_id(sa),
            sender: match way.sender {
                Sender::Mn => "mn".to_owned(),
                Sender::Ha => "ha".to_owned(),
                Sender::At(address) => address.to_string(),
            },
            signalling: way.signalling,
            data: way.data,
            first_frame: way.first.frame,
            last_frame: way.last.frame,
            first_time: time(way.first),
            last_time: time(way.last),
            icv_good: way.icvs.good,
            icv_wrong: way.icvs.wrong,
            icv_unchecked: way.icvs.unchecked,
            lowest: way.numbers.map(|flow| flow.lowest),
            highest: way.numbers.map(|flow| flow.highest),
            missing: way.numbers.map(|flow| flow.missing()),
            repeats: way.numbers.map(|flow| flow.repeats),
        }
    }
}

fn mn_id(sa: &Sa) -> Option<String> {
    sa.association.as_ref()?.mn_id.as_deref().map(str::to_owned)
}
