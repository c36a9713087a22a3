//! RFC 6618 sections 5.8 and 5.9: the shared key of `auth`.

use crypto::auth;
use crypto::keys::{Msk, Psk};

/// What a message is signed with.
#[derive(Clone)]
pub(crate) enum SharedKey {
    /// Authentication by PSK, all messages.
    Psk(Psk),
    /// EAP before there is an MSK, and methods that derive none: the character "1" (EA-01), which proves nothing.
    One,
    /// Done messages once a method has derived an MSK (C12).
    Msk(Msk),
}

impl SharedKey {
    /// The key of Done messages after an EAP method has ended well.
    pub(crate) fn after_eap(msk: Option<Msk>) -> Self {
        msk.map_or(Self::One, Self::Msk)
    }

    pub(crate) fn as_octets(&self) -> &[u8] {
        match self {
            Self::Psk(psk) => psk.as_octets(),
            Self::One => auth::ONE,
            Self::Msk(msk) => msk.as_octets(),
        }
    }
}
