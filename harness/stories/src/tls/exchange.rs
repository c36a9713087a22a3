//! X25519 (RFC 7748) with private keys from a seed; rustls's own draws them where no seed reaches.

use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};

use super::seeded::Seeded;

#[derive(Debug)]
pub(super) struct SeededX25519(pub(super) &'static Seeded);

struct Active {
    private: PrivateKey,
    public: Vec<u8>,
}

impl SupportedKxGroup for SeededX25519 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let refused = |what| Error::General(format!("X25519: {what}"));
        let private =
            PrivateKey::from_private_key(&X25519, &self.0.octets()).map_err(|_| refused("the key"))?;
        let public = private.compute_public_key().map_err(|_| refused("its public key"))?.as_ref().to_vec();
        Ok(Box::new(Active { private, public }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl ActiveKeyExchange for Active {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let peer = UnparsedPublicKey::new(&X25519, peer);
        let invalid = Error::from(PeerMisbehaved::InvalidKeyShare);
        agree(&self.private, peer, invalid, |secret| Ok(SharedSecret::from(secret)))
    }

    fn pub_key(&self) -> &[u8] {
        &self.public
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}
