//! `mip6-conform provision`: identities and keys to load into a target.

use suite::identity::Identities;
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ProvisionArgs;
use crate::output::print;
use crate::usage::UsageError;

pub(crate) fn command(args: &ProvisionArgs) -> Ended {
    print(&format!("{}\n", identities(usize::from(args.count))?.to_json()));
    Ok(Exit::Conformant)
}

/// That many identities with keys from the system's random source.
pub(crate) fn identities(count: usize) -> Result<Identities, UsageError> {
    let mut fault = None;
    let made = Identities::provision(count, |octets| fault = getrandom::fill(octets).err().or(fault));
    match fault {
        Some(error) => Err(UsageError::Own(format!("no randomness: {error}"))),
        None => made.map_err(UsageError::own),
    }
}
