//! The wrappers around the honest machines.

pub mod incoming;
pub mod overheard;
pub mod packet;
pub mod session;

mod ha;
mod hac;
mod inbox;
mod mn;

use proto::{ha as ha_role, hac as hac_role, mn as mn_role};

use crate::mutant::Mutant;
use crate::seat::{HaMachine, HacMachine, MnMachine};
use crate::subject::{Cast, Secrets};

/// The HAC of a mutant. One that lies elsewhere leaves it honest.
#[must_use]
pub fn hac_liar(mutant: &Mutant, honest: HacMachine, secrets: Secrets) -> HacMachine {
    Box::new(hac::HacLiar::new(mutant.lie, honest, secrets))
}

/// The HA of a mutant. One that lies elsewhere leaves it honest.
#[must_use]
pub fn ha_liar(mutant: &Mutant, honest: HaMachine) -> HaMachine {
    Box::new(ha::HaLiar::new(mutant.lie, honest))
}

/// The MN of a mutant. One that lies elsewhere leaves it honest.
#[must_use]
pub fn mn_liar(mutant: &Mutant, honest: MnMachine, secrets: Secrets) -> MnMachine {
    Box::new(mn::MnLiar::new(mutant.lie, honest, secrets))
}

impl Cast for &'static Mutant {
    fn hac(&self, honest: hac_role::Hac, secrets: Secrets) -> HacMachine {
        hac_liar(self, Box::new(honest), secrets)
    }

    fn ha(&self, honest: ha_role::Ha) -> HaMachine {
        ha_liar(self, Box::new(honest))
    }

    fn mn(&self, honest: mn_role::Mn, secrets: Secrets) -> MnMachine {
        mn_liar(self, Box::new(honest), secrets)
    }
}
