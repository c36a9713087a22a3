//! What a program says while it runs, line by line, and never waited for longer than agreed.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::run::Trouble;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running program that is listened to. It ends with this value.
pub(crate) struct Voice {
    what: String,
    child: Child,
    lines: Receiver<String>,
    /// All that was heard.
    heard: Vec<String>,
}

impl Voice {
    /// Starts a program. What it says on standard error goes to ours.
    pub(crate) fn start(what: &str, mut command: Command) -> Result<Self, Trouble> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Trouble::new(what, "to start", error))?;
        let says = child.stdout.take();
        let (to_us, lines) = channel();
        thread::spawn(move || listen(says, |line| to_us.send(line).is_ok()));
        Ok(Self { what: what.into(), child, lines, heard: Vec::new() })
    }

    /// The rest of the next line that begins like this.
    pub(crate) fn hear(&mut self, beginning: &str) -> Result<String, Trouble> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = self.next(deadline).map_err(|why| {
                let so_far = self.heard.join("\n    ");
                Trouble::new(
                    &self.what,
                    &format!("to say {beginning:?}"),
                    format!("{why}, after:\n    {so_far}"),
                )
            })?;
            if let Some(rest) = line.strip_prefix(beginning) {
                return Ok(rest.trim().to_owned());
            }
        }
    }

    /// The next line.
    fn next(&mut self, deadline: Instant) -> Result<String, &'static str> {
        match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                self.heard.push(line.clone());
                Ok(line)
            }
            Err(RecvTimeoutError::Timeout) => Err("nothing more within a minute"),
            Err(RecvTimeoutError::Disconnected) => Err("its end"),
        }
    }

    /// Asks it to end (SIGTERM) and waits for that; its status must be 0.
    pub(crate) fn stop(&mut self) -> Result<(), Trouble> {
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        told.map_err(|error| Trouble::new(&self.what, "SIGTERM", error))?;
        self.end()
    }

    /// Waits for its end; its status must be 0.
    pub(crate) fn end(&mut self) -> Result<(), Trouble> {
        let deadline = Instant::now() + PATIENCE;
        // Its output ends when it does.
        while self.next(deadline).is_ok() {}
        if Instant::now() >= deadline {
            return Err(Trouble::new(&self.what, "its end", "nothing within a minute"));
        }
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => {
                let said = self.heard.join("\n    ");
                Err(Trouble::new(&self.what, "exit status 0", format!("{status}, after:\n    {said}")))
            }
            Err(error) => Err(Trouble::new(&self.what, "its end", error)),
        }
    }

    /// Whether it ever said a line that begins like this.
    pub(crate) fn said(&self, beginning: &str) -> bool {
        self.heard.iter().any(|line| line.starts_with(beginning))
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        // What has ended already cannot be ended again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(says: Option<ChildStdout>, mut tell: impl FnMut(String) -> bool) {
    let Some(says) = says else { return };
    for line in BufReader::new(says).lines().map_while(Result::ok) {
        if !tell(line) {
            return;
        }
    }
}
