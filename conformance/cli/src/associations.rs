//! `mip6-conform associations`: security associations to load into an HA that is judged without a HAC.

use std::time::{SystemTime, UNIX_EPOCH};

use suite::sa_file::{self, Ends, Place};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::AssociationsArgs;
use crate::output::print;
use crate::usage::UsageError;

/// How long ago those ended that have ended.
const AGO: u64 = 3600;

pub(crate) fn command(args: &AssociationsArgs) -> Ended {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(UsageError::own)?.as_secs();
    let place = Place { ha: args.ha, home: args.home, home_ip4: args.home_ip4 };
    let ends =
        Ends { lasting: now + u64::from(args.valid), soon: now + u64::from(args.soon), ended: now - AGO };
    let mut fault = None;
    let made = sa_file::provision(place, ends, |octets| fault = getrandom::fill(octets).err().or(fault));
    match fault {
        Some(error) => Err(UsageError::Own(format!("no randomness: {error}"))),
        None => {
            print(&format!("{}\n", made.to_json()));
            Ok(Exit::Conformant)
        }
    }
}
