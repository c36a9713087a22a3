//! `mip6-stories`: makes the captures of `pcaps/captures` from their `story.toml`, or checks that they are the ones that
//! would be made.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use stories::{Folder, Plan, make};

/// Makes the captures of pcaps/captures from their story.toml.
#[derive(Parser)]
#[command(name = "mip6-stories")]
struct Arguments {
    /// Names of stories; all of them when none is named
    stories: Vec<String>,
    /// Write nothing; fail when a file is not the one that would be written
    #[arg(long)]
    check: bool,
    /// Where the stories are
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../pcaps/captures"))]
    folder: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let names = match names(&arguments) {
        Ok(names) => names,
        Err(error) => {
            eprintln!("mip6-stories: {}: {error}", arguments.folder.display());
            return ExitCode::from(2);
        }
    };
    let mut failed = false;
    for name in names {
        match one(&arguments.folder.join(&name), arguments.check) {
            Ok(said) => println!("{name}: {said}"),
            Err(error) => {
                failed = true;
                eprintln!("{name}: {error}");
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn names(arguments: &Arguments) -> std::io::Result<Vec<String>> {
    if !arguments.stories.is_empty() {
        return Ok(arguments.stories.clone());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&arguments.folder)? {
        let entry = entry?;
        if entry.path().join("story.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn one(folder: &Path, check: bool) -> Result<String, Box<dyn std::error::Error>> {
    let plan = Plan::of(folder)?;
    let made = Folder::of(&plan, &make(&plan)?)?;
    let differing = made.differing(folder);
    match (differing.is_empty(), check) {
        (true, _) => Ok("as it is".to_owned()),
        (false, true) => Err(format!("{} would be written otherwise", differing.join(", ")).into()),
        (false, false) => {
            made.write(folder)?;
            Ok(format!("wrote {}", differing.join(", ")))
        }
    }
}
