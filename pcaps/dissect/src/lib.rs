//! Reads a capture and tells what an MN and an HA said to each other over UDP, and where they broke a rule.
//!
//! [`run`] takes a [`Source`] and tells [`Event`]s as it goes, in memory that does not grow; [`report`] keeps them all.
//! Packets are opened when the [`Options`] hold their security associations.

mod annotate;
mod association;
mod clue;
pub mod conversation;
mod decimal;
mod dissector;
mod engine;
mod esp;
mod finding;
mod format;
mod ink;
mod inner;
mod ip;
mod iv;
mod learner;
mod ledger;
mod line;
mod link;
mod mobile_icmp;
mod mobility;
mod named;
mod note;
mod over;
mod packet;
mod pipeline;
mod reinit;
mod report;
mod requirement;
mod rest;
mod sequence;
mod shown;
mod sight;
mod source;
mod sums;
mod tcp;
mod text;
mod tls;
mod tree;
mod unseal;

pub use annotate::{Annotated, Annotations};
pub use association::{Association, AssociationError, Associations, Lesson, Origin};
pub use clue::Clue;
pub use engine::{Counts, Dissection, Event, Options, Reading, Summary, Tell, run};
pub use esp::{EspIcv, EspInner, EspTable, EspTableError, NotOpened, Unwrapped};
pub use finding::{Fault, Finding, Repeat, Rule};
pub use format::{Batch, CaptureFault, Comment, Frame, Reader, Record, Secrets};
pub use inner::{About, Inner};
pub use ledger::{Exchange, Icvs, Ledger, Moment, Outcome, Registrations, Sa, Way};
pub use line::{Endpoint, Line, Since};
pub use mobile_icmp::{MobileIcmp, MobileIcmpKind};
pub use mobility::{Checksum, Message, Mobility, MobilityOption, OptionValue};
pub use named::Named;
pub use note::{Note, Notice};
pub use over::Overdue;
pub use packet::Packet;
pub use pipeline::{Render, print};
pub use report::{Report, Said, report};
pub use requirement::ALL as REQUIREMENTS;
pub use sequence::{Flow, FlowId, Sender};
pub use shown::{Content, Header, Shown};
pub use source::{Copied, Live, Source};
pub use text::Text;
pub use tls::KeyLog;
