//! RFC 6618 sections 5.5 to 5.7: the values of TV-headers; one grammar rule, one file.
//!
//! Every `parse` takes a value without the white space around it, every `Display` writes the form that is sent.
//! Offsets in errors count from the start of the value.

mod basic_rules;
pub mod date;
pub mod eap;
pub mod hex;
pub mod ip4;
pub mod ip6;
pub mod method;
pub mod nai;
pub mod number;
pub mod octets32;
pub mod scope;
pub mod status;
pub mod suite;

pub(crate) use basic_rules::{is_token, trim_end, trim_start};
pub use date::Date;
pub use ip4::Prefix4;
pub use ip6::Prefix6;
pub use method::{Method, Methods};
pub use nai::Nai;
pub use number::{Port, Spi};
pub use octets32::{Mac, Random};
pub use scope::Scope;
pub use status::Status;
pub use suite::{Ciphersuite, SuiteCode, SuiteList};
