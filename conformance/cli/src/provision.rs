//! `mip6-conform provision`.

use suite::identity::Identities;
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ProvisionArgs;
use crate::usage::UsageError;

pub(crate) fn command(args: &ProvisionArgs) -> Ended {
    anstream::println!("{}", identities(usize::from(args.count))?.to_json());
    Ok(Exit::Conformant)
}

/// That many identities with keys from the system's random source.
pub(crate) fn identities(count: usize) -> Result<Identities, UsageError> {
    let mut failed = None;
    let made = Identities::provision(count, |octets| {
        if let Err(error) = getrandom::fill(octets) {
            failed = Some(error);
        }
    });
    match failed {
        Some(error) => Err(UsageError::Own(format!("no randomness: {error}"))),
        None => made.map_err(|error| UsageError::Own(error.to_string())),
    }
}
