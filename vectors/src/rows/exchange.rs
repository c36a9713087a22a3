//! Rows about the exchange between MN and HAC: sections 5.3, 5.6.2, 5.6.5, 5.8 and 5.9.

use serde::Deserialize;

use super::Auth;
use crate::Octets;

/// `ciphersuite.json`: section 5.6.5.
#[derive(Clone, Debug, Deserialize)]
pub struct CodePoint {
    /// As it stands in the header.
    pub csuite: String,
    /// The two octets.
    pub code: Octets,
    /// What it stands for, unless it is reserved.
    pub value: Option<Suite>,
}

/// A ciphersuite; lengths in octets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// As section 5.6.5 names it.
    pub name: String,
    /// `HMAC-SHA1-96` or `AES-XCBC-MAC-96`.
    pub integrity: String,
    /// Of the integrity key.
    pub ikey_len: usize,
    /// Of the ICV.
    pub icv_len: usize,
    /// `NULL`, `TripleDES-CBC` or `AES-CBC`.
    pub cipher: String,
    /// Of the encryption key.
    pub ekey_len: usize,
    /// Of a block.
    pub block_len: usize,
    /// Of the IV.
    pub iv_len: usize,
    /// What payload, padding and two octets of trailer fill up.
    pub align: usize,
}

/// `key_length.json`: section 5.6.2, the keys of one direction.
#[derive(Clone, Debug, Deserialize)]
pub struct KeyPair {
    /// The suite as section 5.6.5 names it.
    pub suite: String,
    /// The integrity key.
    pub ikey: Octets,
    /// The encryption key; none if there is no such header.
    pub ekey: Option<Octets>,
}

/// `message.json`: sections 5.3, 5.8 and 5.9.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// The method of the exchange.
    pub method: Method,
    /// The place of the message in the exchange.
    pub kind: Kind,
    /// The Identifier of the container.
    pub identifier: u8,
    /// The key of `auth`, if there is one.
    pub key: Option<Octets>,
    /// CB-octets, if there is `auth`.
    pub certificate_hash: Option<Octets>,
    /// The whole Content.
    pub content: Octets,
}

/// How the MN proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// With a pre-shared key.
    Psk,
    /// With an EAP method.
    Eap,
}

/// The place of a message in an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The first request.
    RequestInit,
    /// The first response, unless it refuses.
    ResponseInit,
    /// A request in the middle of EAP.
    RequestMid,
    /// A response in the middle of EAP.
    ResponseMid,
    /// The request for an SA.
    RequestDone,
    /// The response that ends the exchange.
    ResponseFinal,
}

/// `auth_eap.json`: section 5.9.
#[derive(Clone, Debug, Deserialize)]
pub struct EapAuth {
    /// The message and its MAC.
    #[serde(flatten)]
    pub signed: Auth,
    /// `one` or `msk`: where the key comes from.
    pub shared_key: String,
}

/// `exchange.json`: sections 5.8 and 5.9, container by container.
#[derive(Clone, Debug, Deserialize)]
pub struct Exchange {
    /// `rfc6618` or `draft-01`.
    pub profile: String,
    /// The method that is selected.
    pub method: Method,
    /// The pre-shared key, unless the HAC has none for this identity.
    pub psk: Option<Octets>,
    /// `gpsk` or `md5-challenge`.
    pub eap_method: Option<String>,
    /// What the EAP server knows, and the peer too unless EAP fails.
    pub eap_secret: Option<Octets>,
    /// What the EAP method makes, if it makes one.
    pub msk: Option<Octets>,
    /// CB-octets; empty where nothing is signed.
    #[serde(default)]
    pub certificate_hash: Octets,
    /// All messages in order.
    pub messages: Vec<Sent>,
    /// The status that ends the exchange, unless a message is refused.
    pub outcome: Option<u16>,
    /// Which message has to be refused, counted from 1.
    pub at: Option<usize>,
}

/// One message of an exchange.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Its name in the exchange.
    pub name: String,
    /// `mn-to-hac` or `hac-to-mn`.
    pub direction: String,
    /// `none`, `psk`, `one` or `msk`.
    pub key: String,
    /// How many octets of the Content are msg-octets.
    pub covered: usize,
    /// The Content as Latin-1 text.
    pub text: String,
    /// The whole container.
    pub octets: Octets,
}
