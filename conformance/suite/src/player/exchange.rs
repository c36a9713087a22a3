//! One exchange as both sides saw it: the material that honest-exchange cases judge.

use core::time::Duration;

use crypto::auth::{Direction, Profile};
use crypto::channel_binding::ChannelBinding;
use wire::message::{Grant, Response};
use wire::value::{Ciphersuite, Scope};

use super::answer::Reply;
use super::message_forge::Signer;
use crate::finding::Finding;
use crate::identity::Identity;
use crate::link::Ending;

/// A PSK exchange that ran to its end.
#[derive(Clone)]
pub struct Exchange {
    /// Whose.
    pub identity: Identity,
    /// Under which profile `auth` was made and is judged.
    pub profile: Profile,
    /// Of the TLS session.
    pub binding: ChannelBinding,
    /// The certificate of the HAC in DER, where the link has one.
    pub certificate: Option<Vec<u8>>,
    /// Sent in both requests.
    pub mn_rand: [u8; 32],
    /// The scope we proposed.
    pub scope: Scope,
    /// The suites we offered.
    pub suites: Vec<Ciphersuite>,
    /// Request Init as sent, container header included.
    pub init_request: Vec<u8>,
    /// Request Done as sent, container header included.
    pub done_request: Vec<u8>,
    /// What answered Init.
    pub init: Reply,
    /// What answered Done.
    pub done: Reply,
    /// How the HAC closed after its final response; `None` if it did not in time.
    pub ending: Option<Ending>,
    /// Our clock when the final response came, since the Unix epoch.
    pub at: Duration,
}

impl Exchange {
    /// The signer whose `auth` the responses must carry.
    #[must_use]
    pub fn hac_signer(&self) -> Signer {
        Signer {
            profile: self.profile,
            direction: Direction::HacToMn,
            key: self.identity.psk.clone(),
            binding: self.binding.clone(),
            certificate: self.certificate.clone(),
            eap: None,
        }
    }

    /// The signer of our own requests.
    #[must_use]
    pub fn mn_signer(&self) -> Signer {
        Signer { direction: Direction::MnToHac, ..self.hac_signer() }
    }

    /// What the HAC granted, parsed as a careful MN would that forgives a wrong weekday.
    ///
    /// # Errors
    /// A failure that names the header at fault.
    pub fn grant(&self) -> Result<Grant, Finding> {
        match Response::parse(&self.done.content_with_true_weekday()) {
            Ok(Response::Final(response)) => response.grant.ok_or_else(|| {
                Finding::fails("a final response with SA data (section 5.3)", self.done.describe())
            }),
            Ok(_) => Err(Finding::fails("a final response (section 5.3)", self.done.describe())),
            Err(error) => {
                Err(Finding::malformed("a final response with complete SA data (sections 5.3, 5.6)", &error)
                    .with_octets("Content received", self.done.content()))
            }
        }
    }
}
