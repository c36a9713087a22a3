//! RFC 6275 section 6.1.8 and RFC 6618 section 8.2: the Status of a Binding Acknowledgement.

use std::fmt;

/// A Status; numbers without a name are legal, too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BindingStatus(pub u8);

macro_rules! statuses {
    ($( $name:ident = $code:literal, $text:literal; )*) => {
        impl BindingStatus {
            $( #[doc = concat!($code, ": ", $text, ".")] pub const $name: Self = Self($code); )*

            /// What the number stands for, if it has a name.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $( $code => Some($text), )*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    ACCEPTED = 0, "accepted";
    ACCEPTED_PREFIX_DISCOVERY = 1, "accepted, prefix discovery necessary";
    REASON_UNSPECIFIED = 128, "reason unspecified";
    ADMINISTRATIVELY_PROHIBITED = 129, "administratively prohibited";
    INSUFFICIENT_RESOURCES = 130, "insufficient resources";
    HOME_REGISTRATION_NOT_SUPPORTED = 131, "home registration not supported";
    NOT_HOME_SUBNET = 132, "not home subnet";
    NOT_HOME_AGENT = 133, "not home agent for this mobile node";
    DAD_FAILED = 134, "duplicate address detection failed";
    SEQUENCE_OUT_OF_WINDOW = 135, "sequence number out of window";
    EXPIRED_HOME_NONCE = 136, "expired home nonce index";
    EXPIRED_CARE_OF_NONCE = 137, "expired care-of nonce index";
    EXPIRED_NONCES = 138, "expired nonces";
    REGISTRATION_TYPE_CHANGE = 139, "registration type change disallowed";
    INVALID_COA = 174, "invalid care-of address";
    REINIT_SA_WITH_HAC = 176, "REINIT_SA_WITH_HAC: the SA needs to be re-established";
}

impl BindingStatus {
    /// Whether the binding was accepted; from 128 on it was not, so [`Self::REINIT_SA_WITH_HAC`] refuses (PK-31).
    #[must_use]
    pub const fn accepted(self) -> bool {
        self.0 < 128
    }
}

impl fmt::Display for BindingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Debug for BindingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_from_128_on_refuses() {
        assert!(BindingStatus::ACCEPTED_PREFIX_DISCOVERY.accepted());
        assert!(BindingStatus(127).accepted());
        assert!(!BindingStatus::REASON_UNSPECIFIED.accepted());
        assert!(!BindingStatus::REINIT_SA_WITH_HAC.accepted());
    }

    #[test]
    fn a_number_without_a_name_is_shown_as_it_is() {
        assert_eq!(BindingStatus(200).to_string(), "200");
        assert_eq!(BindingStatus(135).to_string(), "135 (sequence number out of window)");
        assert_eq!(BindingStatus(176).name(), BindingStatus::REINIT_SA_WITH_HAC.name());
    }
}
