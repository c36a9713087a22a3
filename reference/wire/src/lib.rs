//! RFC 6618 on the wire: octets and their meanings, in the order of the RFC.
//!
//! Everything has two levels. A *view* ([`container::Container`], [`header::Draft`], [`packet::Packet`],
//! [`mobility::MobilityHeader`]) shows and forges anything. A *meaning* ([`container::Repr`], [`Request`], [`Response`],
//! [`mobility::BindingUpdate`], the types of [`value`]) can only be legal. Whatever octets come in, nothing here panics:
//! a refusal is a [`DecodeError`] that names field, offset, need and have.

pub mod container;
pub mod eap;
pub mod error;
pub mod escape;
pub mod ext_header;
pub mod header;
pub mod message;
pub mod mobility;
pub mod packet;
pub mod param;
pub mod trailer;
pub mod value;

pub use error::{DecodeError, Have, Need};
pub use escape::Escaped;
pub use header::{Draft, EndOfMessage, Header, Lexed, Line, lex};
pub use message::{
    Bootstrap, DoneRequest, FinalResponse, Grant, InitRequest, InitResponse, KeyOctets, MidRequest,
    MidResponse, Request, Response, SaData, Signature,
};
pub use packet::{PType, Packet};
pub use param::{Name, Repeat, Value};
pub use value::{
    Ciphersuite, Date, Mac, Method, Methods, Nai, Port, Prefix4, Prefix6, Random, Scope, Spi, Status,
    SuiteCode, SuiteList,
};
