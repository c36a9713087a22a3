//! What explains a wrong `auth` or ICV: misreadings of the text, by the dictionaries that the active suite has too.

use core::fmt;

use crypto::{icv_misreading, misreading};

/// A misreading, as the active suite explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clue {
    /// Its name in the dictionary.
    pub id: &'static str,
    /// What the sender seems to do.
    pub says: &'static str,
    /// What to change.
    pub fix: &'static str,
    /// The reading that it goes against.
    pub reading: Option<&'static str>,
}

impl Clue {
    pub(crate) const fn of_auth(misreading: &misreading::Misreading) -> Self {
        let misreading::Misreading { id, says, fix, reading, .. } = *misreading;
        Self { id, says, fix, reading }
    }

    pub(crate) const fn of_icv(misreading: &icv_misreading::Misreading) -> Self {
        let icv_misreading::Misreading { id, says, fix, reading, .. } = *misreading;
        Self { id, says, fix, reading: Some(reading) }
    }
}

impl fmt::Display for Clue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, says, fix, reading } = self;
        write!(f, "{id}: {says}; {fix}")?;
        reading.map_or(Ok(()), |reading| write!(f, " (reading {reading})"))
    }
}
