//! The list of a capture on standard output, with nothing around it: `list FILE CORES [SA]`.

use std::env;
use std::error::Error;
use std::fs;
use std::io;

use dissect::{Associations, Options, Source, Text, print};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().ok_or("list FILE CORES [SA]")?;
    let cores = arguments.next().ok_or("list FILE CORES [SA]")?.parse()?;
    let mut options = Options::default();
    if let Some(sa) = arguments.next() {
        options.associations = Associations::from_json(&fs::read_to_string(sa)?)?;
    }
    let summary = print(Source::open(file.as_ref())?, options, cores, &Text::default(), io::stdout())?;
    print!("{summary}");
    Ok(())
}
